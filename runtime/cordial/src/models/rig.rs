//! How a model runs: its threads, its node, its dispatchers.
use crate::process::Node;
use crate::rt::dispatch::Dispatch;
use crate::rt::sync::atomic::AtomicBool;
#[cfg(loom)]
use crate::rt::sync::counts;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::task::Poll;

#[cfg(loom)]
pub(super) use loom::{future::block_on, thread};
#[cfg(shuttle)]
pub(super) use shuttle::{future::block_on, thread};

/// Frames without optimisation are large.
const STACK: usize = 512 * 1024;

/// So many with loom, which tries every order, and so many with shuttle.
pub(super) const fn so_many(loom: usize, shuttle: usize) -> usize {
    if cfg!(loom) { loom } else { shuttle }
}

/// Every order of the steps from [`begin`] to [`end`] in which threads are interrupted so often at
/// most; what they read of each other is not bounded.
#[cfg(loom)]
pub(super) fn explore(interruptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut tool = loom::model::Builder::new();
    (tool.max_branches, tool.expect_explicit_explore) = (50_000, true);
    let more = number("MORE_INTERRUPTIONS").unwrap_or(0);
    tool.preemption_bound = Some(interruptions.saturating_add_signed(more).max(1));
    let model = Arc::new(model);
    let orders = Arc::new(counts::AtomicU64::new(0));
    let count = orders.clone();
    tool.check(move || {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let model = model.clone();
        spawn(move || model()).join().expect("a model that fails ends its OS process");
    });
    print_orders(orders.load(std::sync::atomic::Ordering::Relaxed));
}

/// So many orders of the steps, drawn at random: half of them evenly, half with few interruptions.
#[cfg(shuttle)]
pub(super) fn explore(_: usize, model: impl Fn() + Send + Sync + 'static) {
    use shuttle::scheduler::{PctScheduler, RandomScheduler};
    let orders = number("ORDERS").unwrap_or(2_000);
    let mut config = shuttle::Config::new();
    (config.stack_size, config.silence_warnings) = (STACK, true);
    let model = Arc::new(model);
    let half = model.clone();
    shuttle::Runner::new(RandomScheduler::new(orders / 2), config.clone()).run(move || half());
    shuttle::Runner::new(PctScheduler::new(3, orders / 2), config).run(move || model());
    print_orders(orders as u64);
}

/// What `cargo xtask soak` asks for.
fn number<T: std::str::FromStr>(variable: &str) -> Option<T> {
    std::env::var(variable).ok()?.parse().ok()
}

#[expect(clippy::print_stdout, reason = "the figure of the model")]
fn print_orders(orders: u64) {
    println!("{orders} orders");
}

/// What came before is the same in all orders.
pub(super) fn begin() {
    #[cfg(loom)]
    loom::explore();
}

/// What comes after is one order of each.
pub(super) fn end() {
    #[cfg(loom)]
    loom::stop_exploring();
}

pub(super) fn spawn<T: Send + 'static>(
    f: impl FnOnce() -> T + Send + 'static,
) -> thread::JoinHandle<T> {
    thread::Builder::new().stack_size(STACK).spawn(f).expect("a model has as many threads")
}

/// Dispatchers on threads of their own, until this is dropped.
pub(super) struct Dispatchers {
    dispatch: Arc<Dispatch>,
    is_over: Arc<AtomicBool>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Dispatchers {
    pub(super) fn of(dispatch: &Arc<Dispatch>, n: usize) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let start = |index| {
            let (dispatch, is_over) = (dispatch.clone(), is_over.clone());
            spawn(move || block_on(until(&is_over, dispatch, index)))
        };
        let threads = (0..n).map(start).collect();
        Self { dispatch: dispatch.clone(), is_over, threads }
    }
}

/// One dispatcher. It looks whether it is over again when it has left its waker.
async fn until(is_over: &AtomicBool, dispatch: Arc<Dispatch>, index: usize) {
    let mut runs = pin!(dispatch.run_modelled(index));
    std::future::poll_fn(|cx| {
        if !is_over.load(SeqCst) {
            assert!(runs.as_mut().poll(cx).is_pending(), "a dispatcher runs for ever");
        }
        if is_over.load(SeqCst) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

impl Drop for Dispatchers {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        self.is_over.store(true, SeqCst);
        self.dispatch.wake_all();
        for thread in self.threads.drain(..) {
            thread.join().expect("a dispatcher does not fail");
        }
    }
}

/// A node with so many dispatchers, for one run of a model.
pub(super) struct World {
    pub(super) node: Arc<Node>,
    dispatchers: Option<Dispatchers>,
}

impl World {
    pub(super) fn new(dispatchers: usize) -> Self {
        let node = Node::modelled(dispatchers);
        let dispatchers = Some(Dispatchers::of(&node.dispatch, dispatchers));
        Self { node, dispatchers }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        end();
        drop(self.dispatchers.take());
        self.node.end_model();
        let left = (self.node.processes(), self.node.names(), self.node.timers());
        assert_eq!(left, (0, 0, 0), "what is left");
    }
}
