//! What is logged while a future runs: a `tracing` subscriber that keeps lines.
//!
//! On the clock that stands still the whole test runs on one thread, and the subscriber is that
//! thread's. With `workers = n` it is the program's, and keeps what the node of the test logs.
use super::run::{Kit, settle};
use crate::process::Node;
use crate::rt::sync::Lock;
use std::fmt::{self, Write};
use std::future::Future;
use std::sync::{Arc, OnceLock, Weak};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// What is logged while `run` runs and until nobody has anything to do any more: crash reports,
/// warnings, everything that goes to `tracing`, of every level; one line each.
///
/// `[error] cordial: `till` <0.4.2> crashed` and so on: the level, the message, and fields of other
/// events than cordial's, whose message says it all.
///
/// # Examples
/// ```rust,test_harness
/// use cordial::prelude::*;
/// use cordial::test::{capture_log, start_supervised};
/// #[gen_server]
/// #[derive(Clone)]
/// struct Till;
/// #[gen_server]
/// impl Till {
///     #[cast]
///     fn pay(&self) {
///         panic!("no money");
///     }
/// }
///
/// #[cordial::test]
/// async fn till_tells_why_it_crashed() {
///     let till = start_supervised!(Till::child_spec(Till));
///     let log = capture_log(async { till.pay() }).await;
///     assert!(log.contains("panicked: no money"), "{log}");
/// }
/// ```
///
/// # Panics
/// In a test with `workers`, if the program has a global subscriber of its own.
///
/// # Cancel safety
/// Dropped, nothing more is captured.
pub async fn capture_log<F: Future>(run: F) -> String {
    with_log(run).await.1
}

/// [`capture_log`], with the output of `run`.
///
/// # Panics
/// As [`capture_log`].
///
/// # Cancel safety
/// As [`capture_log`].
pub async fn with_log<F: Future>(run: F) -> (F::Output, String) {
    let lines: Arc<Lines> = Arc::default();
    let is_threaded = Kit::current().is_some_and(|kit| !kit.is_paused);
    let thread =
        (!is_threaded).then(|| tracing::subscriber::set_default(Sink::OfThread(lines.clone())));
    if is_threaded {
        of_program().attach(&lines);
    }
    let output = run.await;
    settle().await;
    drop(thread);
    let text = std::mem::take(&mut *lines.0.lock());
    (output, text)
}

/// What was logged.
#[derive(Default)]
struct Lines(Lock<String>);

/// Captures of tests with workers, by their nodes.
#[derive(Default)]
struct Captures(Lock<Vec<(u32, Weak<Lines>)>>);

impl Captures {
    fn attach(&self, lines: &Arc<Lines>) {
        let node = Node::current().map_or(0, |node| node.number());
        let mut all = self.0.lock();
        all.retain(|(_, lines)| lines.strong_count() > 0);
        all.push((node, Arc::downgrade(lines)));
    }

    fn of_node(&self) -> Vec<Arc<Lines>> {
        let Some(node) = Node::current().map(|node| node.number()) else { return Vec::new() };
        let all = self.0.lock();
        all.iter().filter(|(of, _)| *of == node).filter_map(|(_, lines)| lines.upgrade()).collect()
    }
}

/// The program's subscriber, from the first capture on.
fn of_program() -> Arc<Captures> {
    static INSTALLED: OnceLock<Option<Arc<Captures>>> = OnceLock::new();
    let installed = INSTALLED.get_or_init(|| {
        let captures: Arc<Captures> = Arc::default();
        let sink = Sink::OfProgram(captures.clone());
        tracing::subscriber::set_global_default(sink).ok().map(|()| captures)
    });
    installed.clone().expect(
        "with `workers` the log is captured by the program's global subscriber, and this program \
         has one of its own; without `workers` any number can be captured",
    )
}

enum Sink {
    OfThread(Arc<Lines>),
    OfProgram(Arc<Captures>),
}

impl Subscriber for Sink {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let line = line_of(event);
        match self {
            Self::OfThread(lines) => lines.0.lock().push_str(&line),
            Self::OfProgram(captures) => {
                let lines = captures.of_node();
                if lines.is_empty() && event.metadata().target() == "cordial::crash" {
                    tell(&line);
                }
                for one in lines {
                    one.0.lock().push_str(&line);
                }
            }
        }
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Nobody captures it, so it goes where crashes go that nobody subscribed to.
#[expect(clippy::print_stderr, reason = "a crash nobody subscribed to is told on stderr")]
fn tell(line: &str) {
    eprint!("{line}");
}

fn line_of(event: &Event<'_>) -> String {
    let is_ours = event.metadata().target().starts_with("cordial::");
    let mut read = Read { with_fields: !is_ours, ..Read::default() };
    event.record(&mut read);
    let level = event.metadata().level().as_str().to_lowercase();
    format!("[{level}] {}{}\n", read.message, read.fields)
}

#[derive(Default)]
struct Read {
    with_fields: bool,
    message: String,
    fields: String,
}

impl Visit for Read {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            let _ = write!(self.message, "{value:?}");
        } else if self.with_fields {
            let _ = write!(self.fields, " {}={value:?}", field.name());
        }
    }
}
