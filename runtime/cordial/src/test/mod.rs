//! The test kit: a node of one's own, a clock that stands still, probes, and bounded waits.
//!
//! `#[cordial::test]` runs an async test on a runtime of its own: by default on one thread with a
//! paused clock (time jumps when nobody has anything to do, so a wait of an hour is over at once),
//! with `workers = n` on real threads and real time. When the test is over its node is shut down
//! in order, and it fails if a process, a name or a timer is left.
//!
//! ```
//! use cordial::prelude::*;
//! use cordial::test::{expect_down, sync};
//!
//! #[gen_server]
//! #[derive(Default, Clone)]
//! struct Counter(i64);
//! #[gen_server]
//! impl Counter {
//!     #[cast]
//!     fn inc(&mut self) {
//!         self.0 += 1
//!     }
//! }
//!
//! #[cordial::test]
//! async fn counter_stops() -> Result<(), StartError> {
//!     let counter = Counter::start(Counter(0)).await?;
//!     counter.inc();
//!     sync(&counter).await;
//!     let down = cordial::process::monitor(&counter);
//!     cordial::gen_server::stop(&counter).await.unwrap();
//!     expect_down(down, ExitReason::Normal).await;
//!     Ok(())
//! }
//! ```
use crate::exit::ExitReason;
use crate::gen_server::{self, Client, GenServer, Ref};
use crate::process::{self, Mailbox, Monitor, Node, Received, Target};
use crate::rt::{self, Workers, time};
use crate::signal::Down;
use line::Line;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// How long anything of the test kit waits before it fails the test.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs one test; `#[cordial::test]` calls it.
pub(crate) fn run<F: Future>(workers: Option<usize>, test: F) -> F::Output {
    let workers = workers.map_or(Workers::Paused, Workers::Many);
    let outcome = rt::run(workers, async {
        let node = Node::current().expect("a test runs inside its runtime");
        let output = test.await;
        check_for_leaks(&node).await;
        output
    });
    outcome.expect("the operating system gives a test its threads")
}

/// Everything of the test ends in order, and leaves nothing.
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
        let _ = time::timeout(Duration::from_millis(1), std::future::pending::<()>()).await;
    }
    (node.processes(), node.names(), node.timers())
}

async fn bounded<F: Future>(what: &str, fut: F) -> F::Output {
    match time::timeout(PATIENCE, fut).await {
        Ok(output) => output,
        Err(_) => panic!("{what}: nothing within {PATIENCE:?}"),
    }
}

/// Waits until everything that was sent to `target` before is handled.
///
/// # Panics
/// If the process ends before, or does not get there within 20 s.
#[track_caller]
pub fn sync(target: &(impl Target + ?Sized)) -> impl Future<Output = ()> {
    let found = target.find();
    async move {
        let found = found.expect("`sync` needs a living process");
        let synced = bounded("sync", gen_server::sync(&found.pid)).await;
        synced.expect("the process ended before it had handled its mail");
    }
}

/// Waits for the end of a monitored process, and checks its reason.
///
/// # Panics
/// If the reason is another, or the process does not end within 20 s.
pub async fn expect_down(monitor: Monitor, reason: ExitReason) -> Down {
    let down = bounded("expect_down", monitor).await;
    assert_eq!(down.reason, reason, "{} ended for another reason", down.pid);
    down
}

/// A fake server: the real handle of `S`, and the messages that come to it.
///
/// # Examples
/// ```
/// use cordial::prelude::*;
/// #[gen_server]
/// #[derive(Clone)]
/// struct Board;
/// #[gen_server]
/// impl Board {
///     #[call]
///     fn score(&self) -> u32 {
///         0
///     }
/// }
/// # #[cordial::main(current_thread)] async fn main() {
/// let (board, mut probe) = cordial::probe::<Board>();
/// let score = board.score();
/// match probe.next().await {
///     Some(BoardMsg::Score { from }) => from.reply(99),
///     None => unreachable!(),
/// }
/// assert_eq!(score.await.unwrap(), 99);
/// # }
/// ```
pub fn probe<S: GenServer>() -> (Ref<S>, Probe<S>) {
    let line = Arc::new(Line::default());
    let sink = line.clone();
    let address = process::spawn(async move |mut mail: Mailbox<S::Msg>| {
        process::trap_exit(true);
        loop {
            match mail.receive().await {
                Received::Message(message) => sink.push(message),
                Received::Exit(exit) if exit.reason == ExitReason::Shutdown => return exit.reason,
                Received::Exit(_) | Received::Down(_) => {}
            }
        }
    });
    (Ref::from_client(S::Client::from_raw(address)), Probe { line })
}

/// The messages of a fake server, in the order in which they came.
pub struct Probe<S: GenServer> {
    line: Arc<Line<S::Msg>>,
}

impl<S: GenServer> Probe<S> {
    /// The next message; `None` if there is none within 20 s.
    pub async fn next(&mut self) -> Option<S::Msg> {
        time::timeout(PATIENCE, self.line.pop()).await.ok()
    }

    /// A message that has come already.
    pub fn try_next(&mut self) -> Option<S::Msg> {
        self.line.try_pop()
    }
}

impl<S: GenServer> std::fmt::Debug for Probe<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Probe")
    }
}

/// A line between a process and the test.
mod line {
    use crate::rt::sync::{Lock, Notify};
    use std::collections::VecDeque;

    pub(super) struct Line<T> {
        items: Lock<VecDeque<T>>,
        pushed: Notify,
    }

    impl<T> Default for Line<T> {
        fn default() -> Self {
            Self { items: Lock::default(), pushed: Notify::new() }
        }
    }

    impl<T> Line<T> {
        pub(super) fn push(&self, item: T) {
            self.items.lock().push_back(item);
            self.pushed.notify_one();
        }

        pub(super) fn try_pop(&self) -> Option<T> {
            self.items.lock().pop_front()
        }

        pub(super) async fn pop(&self) -> T {
            loop {
                if let Some(item) = self.try_pop() {
                    return item;
                }
                self.pushed.notified().await;
            }
        }
    }
}
