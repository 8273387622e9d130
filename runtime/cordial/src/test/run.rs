//! How a test runs: its runtime, its seed, and the check that it leaves nothing.
use super::{PATIENCE, supervised};
use crate::process::Node;
use crate::rt::sync::Lock;
use crate::rt::{self, Workers, time};
use crate::supervisor::SupervisorRef;
use std::fmt::Display;
use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

/// The variable that gives the tests of one run their seed.
const SEED: &str = "CORDIAL_SEED";

/// Looks at a node that is never quiet before it is left alone.
const MOST_LOOKS: u32 = 1_000;

/// What the kit keeps of one test.
pub(super) struct Kit {
    /// The clock stands still.
    pub(super) is_paused: bool,
    seed: u64,
    random: Lock<u64>,
    /// The supervisor of what the test has started with `start_supervised!`.
    pub(super) tree: Lock<Option<SupervisorRef>>,
}

impl Kit {
    /// That of the test that runs here; `None` outside of `#[cordial::test]`.
    pub(super) fn current() -> Option<Arc<Self>> {
        Node::current()?.kit.get()?.clone().downcast().ok()
    }

    fn new(is_paused: bool, seed: u64) -> Arc<Self> {
        Arc::new(Self { is_paused, seed, random: Lock::new(seed), tree: Lock::default() })
    }
}

/// The seed of the test that runs here: `#[cordial::test(seed = 7)]`, else the variable
/// `CORDIAL_SEED`, else another one in each run. A test that fails prints it.
///
/// # Examples
/// ```rust,test_harness
/// #[cordial::test(seed = 7)]
/// async fn seed_is_the_one_that_was_asked_for() {
///     assert_eq!(cordial::test::seed(), 7);
/// }
/// ```
///
/// # Panics
/// Outside of `#[cordial::test]`.
pub fn seed() -> u64 {
    Kit::current().expect("`seed()` is that of a `#[cordial::test]`, and none runs here").seed
}

/// The next number of the test's own sequence, which its [`seed`] decides.
///
/// # Examples
/// ```rust,test_harness
/// #[cordial::test(seed = 7)]
/// async fn dice_fall_as_the_seed_says() {
///     let rolls: Vec<u64> = (0..3).map(|_| cordial::test::random() % 6 + 1).collect();
///     assert_eq!(rolls, [4, 1, 1]);
/// }
/// ```
///
/// # Panics
/// Outside of `#[cordial::test]`.
pub fn random() -> u64 {
    let kit = Kit::current().expect("`random()` has the seed of a `#[cordial::test]`");
    let mut state = kit.random.lock();
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mix(*state)
}

/// The output function of `SplitMix64`.
fn mix(state: u64) -> u64 {
    let mixed = (state ^ state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ mixed >> 31
}

/// Runs one test, on so many threads or on one whose clock stands still.
pub fn run_test<F: Future>(workers: Option<usize>, test: F) -> F::Output {
    run_test_as(workers, None, test)
}

/// `#[cordial::test]`.
pub fn run_test_as<F: Future>(workers: Option<usize>, seed: Option<u64>, test: F) -> F::Output {
    let told = TellSeed(choose_seed(seed));
    run(workers, told.0, test)
}

/// `#[cordial::test]` on a function that returns a `Result`.
pub fn run_try_test_as<F, T, E>(workers: Option<usize>, seed: Option<u64>, test: F) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
{
    let told = TellSeed(choose_seed(seed));
    let output = run(workers, told.0, test);
    if output.is_err() {
        told.tell();
    }
    output
}

fn choose_seed(given: Option<u64>) -> u64 {
    let from_outside = || std::env::var(SEED).ok();
    let read = |text: String| match text.parse() {
        Ok(seed) => seed,
        Err(_) => panic!("{SEED} is a whole number, and not `{text}`"),
    };
    let any = || mix(RandomState::new().hash_one(SEED)) & u64::from(u32::MAX);
    given.or_else(|| from_outside().map(read)).unwrap_or_else(any)
}

/// Tells the seed of a test that fails.
struct TellSeed(u64);

impl TellSeed {
    #[expect(clippy::print_stderr, reason = "the harness shows it beside the failure")]
    fn tell(&self) {
        eprintln!("the seed of this test was {0}; {SEED}={0} runs it with the same one", self.0);
    }
}

impl Drop for TellSeed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.tell();
        }
    }
}

fn run<F: Future>(workers: Option<usize>, seed: u64, test: F) -> F::Output {
    let kit = Kit::new(workers.is_none(), seed);
    let workers = workers.map_or(Workers::Paused, Workers::Many);
    let outcome = rt::run(workers, async {
        let node = Node::current().expect("a test runs inside its runtime");
        let _ = node.kit.set(kit.clone());
        let output = test.await;
        finish(&kit, &node).await;
        output
    });
    outcome.expect("the operating system gives a test its threads")
}

/// A test in a simulation, on the runtime that it made. False: it has failed already, and nothing
/// is looked at.
#[cfg(feature = "chaos")]
pub(crate) async fn run_in_kit(seed: u64, test: impl Future<Output = bool>) {
    let (kit, node) = (Kit::new(true, seed), Node::current());
    let node = node.expect("a test runs inside its runtime");
    let _ = node.kit.set(kit.clone());
    if test.await {
        finish(&kit, &node).await;
    }
}

async fn finish(kit: &Kit, node: &Arc<Node>) {
    if let Err(leaked) = supervised::stop_all(kit).await {
        panic!("at the end of the test: {leaked}");
    }
    check_for_leaks(node).await;
}

/// Everything else of the test ends in order, and leaves nothing.
async fn check_for_leaks(node: &Arc<Node>) {
    let ended = time::timeout(10 * PATIENCE, node.shutdown()).await.is_ok();
    let left = left_over(node).await;
    assert!(
        ended && left == (0, 0, 0),
        "the test leaked: {} processes, {} names, {} timers are left after its node was shut down",
        left.0,
        left.1,
        left.2,
    );
}

/// Processes, names and timers. A task that has only just been told the end of a server may still
/// have to let go of its call.
async fn left_over(node: &Arc<Node>) -> (usize, usize, usize) {
    for _ in 0..100 {
        if (node.processes(), node.names(), node.timers()) == (0, 0, 0) {
            break;
        }
        pause().await;
    }
    (node.processes(), node.names(), node.timers())
}

/// A millisecond of the test's clock.
pub(super) async fn pause() {
    let _ = time::timeout(Duration::from_millis(1), std::future::pending::<()>()).await;
}

/// Whether no process of the current node has anything to do. What one of them begins while the
/// others are looked at is seen at a second look.
pub fn is_quiet() -> bool {
    Node::current().is_none_or(|node| !node.table.all().iter().any(|process| process.is_busy()))
}

/// Waits until nobody has anything to do now; no time of a paused clock passes. False: somebody
/// always has.
pub(super) async fn settle() -> bool {
    let is_real = Kit::current().is_some_and(|kit| !kit.is_paused);
    let mut quiet = 0;
    for _ in 0..MOST_LOOKS {
        rt::yield_now().await;
        if is_real {
            pause().await;
        }
        quiet = if is_quiet() { quiet + 1 } else { 0 };
        if quiet == 2 {
            return true;
        }
    }
    false
}

/// Fails the test with a sentence that says where it was asked for.
pub(super) fn fail(what: &str, place: &std::panic::Location<'_>, why: impl Display) -> ! {
    panic!("{what} at {place}: {why}")
}
