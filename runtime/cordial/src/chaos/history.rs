//! One history: a runtime of its own, simulated from its first task to its last drop.
use super::Chaos;
use super::engine::{Engine, Failure};
use super::plan::Plan;
use crate::exit::ExitReason;
use crate::process::{Node, panics};
use crate::rt::sim::Simulation;
use crate::rt::{self, Workers, time};
use crate::test::run_in_kit;
use std::fmt::Debug;
use std::rc::Rc;
use std::time::Duration;

/// A test that waits longer than this on the clock of the simulation waits for what never comes.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// What a test answers: nothing, or a `Result` whose error fails it.
pub trait Verdict {
    /// Why it failed.
    fn failure(self) -> Option<String>;
}

impl Verdict for () {
    fn failure(self) -> Option<String> {
        None
    }
}

impl<T, E: Debug> Verdict for Result<T, E> {
    fn failure(self) -> Option<String> {
        self.err().map(|error| format!("{error:?}"))
    }
}

/// What came of one history.
#[derive(Clone, Debug)]
pub struct History {
    pub(super) plan: Plan,
    trace: String,
    pub(super) failure: Option<Failure>,
}

impl History {
    /// Every choice, message, signal, timer and fault, one per line.
    pub fn trace(&self) -> &str {
        &self.trace
    }

    /// What went wrong, if anything did.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_ref().map(|failure| failure.text.as_str())
    }

    /// Whether the same went wrong.
    pub(super) fn fails_as(&self, other: &Failure) -> bool {
        self.failure.as_ref().is_some_and(|failure| failure.key == other.key)
    }
}

/// Runs one history of a test, which the seed decides for so many steps.
///
/// `#[cordial::chaos_test]` runs many and makes those that fail smaller; this is for who wants to
/// look at one.
///
/// # Examples
/// ```
/// use cordial::chaos;
/// use cordial::process::{self, Mailbox};
/// let history = chaos::history(7, 100, async |_chaos: chaos::Chaos| {
///     let (_, down) = process::spawn_monitor(async |_: Mailbox<()>| {});
///     down.await;
/// });
/// assert_eq!(history.failure(), None);
/// assert!(history.trace().contains("dead #1 normal"));
/// ```
///
/// # Panics
/// Inside a runtime, and inside of another history.
pub fn history<F, Fut>(seed: u64, steps: u32, test: F) -> History
where
    F: Fn(Chaos) -> Fut,
    Fut: Future<Output: Verdict>,
{
    run(Plan::new(seed, steps), false, &test)
}

/// Runs a plan, or what its seed makes of it.
pub(super) fn run<F, Fut>(plan: Plan, is_replay: bool, test: &F) -> History
where
    F: Fn(Chaos) -> Fut,
    Fut: Future<Output: Verdict>,
{
    let seed = plan.seed;
    let engine = Rc::new(Engine::new(plan, is_replay));
    let simulation = Simulation::begin(engine.clone());
    let ended = panics::contain(|| rt::run(Workers::Simulated, live(&engine, seed, test)));
    let ended = ended.map(|ran| ran.expect("a runtime without sockets needs nothing"));
    if let Err(reason) = ended {
        let (key, text) = told(&reason);
        engine.fail(&key, text);
    }
    engine.check_end();
    drop(simulation);
    let engine = Rc::into_inner(engine).expect("nobody holds it when its runtime is gone");
    let (plan, trace, failure) = engine.into_parts();
    History { plan, trace, failure }
}

async fn live<F, Fut>(engine: &Rc<Engine>, seed: u64, test: &F)
where
    F: Fn(Chaos) -> Fut,
    Fut: Future<Output: Verdict>,
{
    engine.enter(&Node::current().expect("it runs inside its runtime"));
    run_in_kit(seed, async {
        let mut test = std::pin::pin!(test(Chaos::new(engine.clone())));
        let contained = std::future::poll_fn(|cx| panics::poll(test.as_mut(), cx));
        let failed = match time::timeout(LONGEST, contained).await {
            Ok(Ok(verdict)) => verdict.failure().map(|why| ("the test's error".to_owned(), why)),
            Ok(Err(reason)) => Some(told(&reason)),
            Err(_) => {
                let why = format!("the test waits for what does not come in {LONGEST:?}");
                Some(("no end".to_owned(), why))
            }
        };
        if let Some((key, why)) = failed {
            engine.fail(&key, why);
        }
        !engine.has_failed()
    })
    .await;
    engine.close();
}

/// The place tells a panic from others, its message what it says.
fn told(reason: &ExitReason) -> (String, String) {
    match reason.panic() {
        Some(panic) => {
            let place = panic.location().unwrap_or("somewhere").to_owned();
            let text = format!("the test panicked at {place}: {}", panic.message());
            (place, text)
        }
        None => ("an exit".to_owned(), reason.to_string()),
    }
}
