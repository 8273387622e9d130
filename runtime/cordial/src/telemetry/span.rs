//! What takes time: told of when it begins, and when it is over or has panicked.
use super::{Event, FieldInfo, Value};
use crate::exit::ExitReason;
use crate::process::{Node, panics};
use crate::rt::time::Instant;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

/// What takes time; `telemetry::span!` declares one.
pub trait Span: Event {
    /// The name of the event of its beginning.
    const START: &'static str;
    /// The name of the event of its end.
    const STOP: &'static str;
    /// The name of the event of its end by a panic.
    const EXCEPTION: &'static str;
}

/// A span has begun.
#[derive(Clone, PartialEq, Debug)]
pub struct Started<S: Span> {
    /// What begins.
    pub span: S,
}

/// A span is over.
#[derive(Clone, PartialEq, Debug)]
pub struct Stopped<S: Span> {
    /// What is over.
    pub span: S,
    /// How long it took.
    pub took: Duration,
}

/// A span has panicked; the panic goes on.
#[derive(Clone, PartialEq, Debug)]
pub struct Failed<S: Span> {
    /// What panicked.
    pub span: S,
    /// How long it took.
    pub took: Duration,
    /// The panic.
    pub reason: ExitReason,
}

impl<S: Span> Event for Started<S> {
    const NAME: &'static str = S::START;
    const ABOUT: &'static str = S::ABOUT;
    const FIELDS: &'static [FieldInfo] = S::FIELDS;
    fn visit(&self, see: &mut dyn FnMut(&'static str, Value<'_>)) {
        self.span.visit(see);
    }
}

impl<S: Span> Event for Stopped<S> {
    const NAME: &'static str = S::STOP;
    const ABOUT: &'static str = S::ABOUT;
    const FIELDS: &'static [FieldInfo] = S::FIELDS;
    fn visit(&self, see: &mut dyn FnMut(&'static str, Value<'_>)) {
        self.span.visit(see);
        see("took", Value::Duration(self.took));
    }
}

impl<S: Span> Event for Failed<S> {
    const NAME: &'static str = S::EXCEPTION;
    const ABOUT: &'static str = S::ABOUT;
    const FIELDS: &'static [FieldInfo] = S::FIELDS;
    fn visit(&self, see: &mut dyn FnMut(&'static str, Value<'_>)) {
        self.span.visit(see);
        see("took", Value::Duration(self.took));
        see("reason", Value::Text(self.reason.to_string().into()));
    }
}

/// Runs `work`, told of by [`Started`] before and [`Stopped`] after it, or [`Failed`] if it
/// panics. While nobody listens to any of them it only runs.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::telemetry::{self, Stopped};
/// telemetry::span! {
///     /// A page is drawn.
///     pub Draw as "site.draw" {
///         /// Which one.
///         page: u32,
///     }
/// }
/// telemetry::attach(|drawn: &Stopped<Draw>| assert_eq!(drawn.span.page, 7));
/// assert_eq!(telemetry::measure(Draw { page: 7 }, || "page"), "page");
/// # }
/// ```
///
/// # Panics
/// As `work` does.
pub fn measure<S: Span, T>(span: S, work: impl FnOnce() -> T) -> T {
    let Some(running) = Running::begin(span) else { return work() };
    match panics::contain(work) {
        Ok(out) => {
            running.stop();
            out
        }
        Err(reason) => running.fail(reason),
    }
}

/// [`measure`] of a future, with all that it waits for.
///
/// # Cancel safety
/// Dropped, `work` is dropped, and neither [`Stopped`] nor [`Failed`] is told.
///
/// # Panics
/// As `work` does.
pub async fn measure_async<S: Span, F: Future>(span: S, work: F) -> F::Output {
    let Some(running) = Running::begin(span) else { return work.await };
    let mut work = pin!(work);
    match std::future::poll_fn(|cx| panics::poll(work.as_mut(), cx)).await {
        Ok(out) => {
            running.stop();
            out
        }
        Err(reason) => running.fail(reason),
    }
}

struct Running<S> {
    span: S,
    began: Instant,
    node: Arc<Node>,
}

impl<S: Span> Running<S> {
    /// `None`: nobody listens.
    fn begin(span: S) -> Option<Self> {
        let node = Node::current()?;
        let hub = &node.telemetry;
        if !(hub.wants::<Started<S>>() || hub.wants::<Stopped<S>>() || hub.wants::<Failed<S>>()) {
            return None;
        }
        hub.emit(|| Started { span: span.clone() });
        Some(Self { span, began: Instant::now(), node })
    }

    fn stop(self) {
        let Self { span, began, node } = self;
        node.telemetry.emit(|| Stopped { span, took: began.elapsed() });
    }

    fn fail(self, reason: ExitReason) -> ! {
        let Self { span, began, node } = self;
        let told = reason.clone();
        node.telemetry.emit(|| Failed { span, took: began.elapsed(), reason: told });
        panics::go_on(reason)
    }
}
