//! Histories that are lists of steps: each runs on the runtime and on its model, and one that
//! differs is told with its seed, and with as few steps as make it differ.
use crate::{seeds, times};
use std::fmt::Debug;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

/// How long the runtime may take for one history, whose own times pass at once.
const PATIENCE: Duration = Duration::from_secs(30);

/// What happened, line by line.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn line(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// A kind of history.
pub(crate) trait Histories {
    type Step: Clone + Debug + Send + 'static;
    /// What is checked, in a word or two.
    const NAME: &'static str;

    fn make(seed: u64) -> Vec<Self::Step>;

    /// `None`: it is not certain what comes of it.
    fn model(history: &[Self::Step]) -> Option<Vec<String>>;

    fn live(history: Vec<Self::Step>, log: Log) -> impl Future<Output = ()>;
}

/// Whatever happens in any order, the runtime does what the model does.
pub(crate) fn agree<H: Histories>(count: u64) {
    let certain = seeds().filter_map(|seed| {
        let history = H::make(seed);
        H::model(&history).map(|expected| (seed, history, expected))
    });
    for (seed, history, expected) in certain.take(times(count)) {
        if on_cordial::<H>(&history) != expected {
            let small = shrunk(history, |history| {
                H::model(history).is_some_and(|expected| on_cordial::<H>(history) != expected)
            });
            panic!("{}", told::<H>(seed, &small));
        }
    }
}

/// What the runtime makes of it, watched from outside of it.
#[expect(clippy::disallowed_methods, reason = "who hangs is watched from outside of its runtime")]
fn on_cordial<H: Histories>(history: &[H::Step]) -> Vec<String> {
    // What is told of crashes goes nowhere: they are meant.
    let _ = tracing::subscriber::set_global_default(tracing::subscriber::NoSubscriber::new());
    let ((send, over), log, history) = (mpsc::channel(), Log::default(), history.to_vec());
    let its_log = log.clone();
    std::thread::spawn(move || {
        let run = || cordial::__private::run_test(None, H::live(history, its_log.clone()));
        if let Err(panic) = catch_unwind(AssertUnwindSafe(run)) {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            its_log.line(format!("!! panicked: {}", text.unwrap_or("?")));
        }
        send.send(())
    });
    if over.recv_timeout(PATIENCE).is_err() {
        log.line("!! stuck");
    }
    log.take()
}

/// With as few steps as `fails` allows.
fn shrunk<S: Clone>(mut history: Vec<S>, fails: impl Fn(&[S]) -> bool) -> Vec<S> {
    for length in [16, 8, 4, 2, 1, 1] {
        let mut at = history.len();
        while at > 0 {
            at = at.saturating_sub(length);
            let mut smaller = history.clone();
            smaller.drain(at..(at + length).min(history.len()));
            if fails(&smaller) {
                history = smaller;
                at = at.min(history.len());
            }
        }
    }
    history
}

fn told<H: Histories>(seed: u64, history: &[H::Step]) -> String {
    let (model, log) = (H::model(history).unwrap_or_default(), on_cordial::<H>(history));
    let mut text = format!("{} differ from the model, seed {seed} came to this:\n", H::NAME);
    for step in history {
        writeln!(text, "   {step:?}").unwrap();
    }
    writeln!(text, "\n   {:<56} | cordial", "the model").unwrap();
    for at in 0..model.len().max(log.len()) {
        let line = |log: &[String]| log.get(at).cloned().unwrap_or_default();
        let (one, other) = (line(&model), line(&log));
        let sign = if one == other { ' ' } else { '|' };
        writeln!(text, "   {one:<56} {sign} {other}").unwrap();
    }
    text
}

#[test]
fn history_shrinks_to_the_steps_that_fail() {
    let fails = |history: &[u32]| history.contains(&7) && history.contains(&40);
    assert_eq!(shrunk((0..50).collect(), fails), [7, 40]);
}
