//! The only door to tokio: under simulation and loom it leads elsewhere.
//!
//! What the rest of the crate needs of an executor is small: run queues with somebody who drains
//! them ([`dispatch`]), a clock and a sleep ([`time`]), locks ([`sync`]), and a place to run a few
//! tasks of the node's own.
pub(crate) mod dispatch;
pub(crate) mod host;
pub(crate) mod pulse;
#[cfg(feature = "application")]
pub(crate) mod signals;
#[cfg(feature = "chaos")]
pub(crate) mod sim;
pub(crate) mod sync;
pub(crate) mod time;
pub(crate) mod watch;

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

pub(crate) use tokio::runtime::{Handle, Id};
pub(crate) use tokio::sync::mpsc::{Receiver, UnboundedReceiver};
pub(crate) use tokio::sync::oneshot;

/// The runtime that this thread is in.
pub(crate) fn current() -> Option<Handle> {
    Handle::try_current().ok()
}

/// How `#[cordial::main]` lays out its runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workers {
    /// Everything on the thread that calls.
    Current,
    /// Everything on the thread that calls, with a clock that stands still while anybody works and
    /// jumps to the next timer when nobody does.
    #[cfg(feature = "test-util")]
    Paused,
    /// As `Paused`, and without sockets: what a simulation runs on.
    #[cfg(feature = "chaos")]
    Simulated,
    /// So many worker threads.
    Many(usize),
    /// One worker thread per core.
    PerCore,
}

/// Runs a future to its end on a runtime made for it.
///
/// # Errors
/// When the operating system gives no threads or no I/O driver.
pub(crate) fn run<F: Future>(workers: Workers, fut: F) -> std::io::Result<F::Output> {
    use tokio::runtime::Builder;
    let mut builder = match workers {
        Workers::Current => Builder::new_current_thread(),
        #[cfg(feature = "test-util")]
        Workers::Paused => {
            let mut builder = Builder::new_current_thread();
            builder.start_paused(true);
            builder
        }
        #[cfg(feature = "chaos")]
        Workers::Simulated => {
            let mut builder = Builder::new_current_thread();
            let runtime = builder.start_paused(true).enable_time().build()?;
            return Ok(runtime.block_on(fut));
        }
        Workers::Many(n) => {
            let mut builder = Builder::new_multi_thread();
            builder.worker_threads(n);
            builder
        }
        Workers::PerCore => Builder::new_multi_thread(),
    };
    let runtime = builder.enable_all().build()?;
    let output = runtime.block_on(fut);
    // A handler that blocks its thread is not waited for.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    Ok(output)
}

/// Work on a thread of the runtime's pool for what blocks.
pub(crate) fn beside<T: Send + 'static>(
    runtime: &Handle,
    work: impl FnOnce() -> T + Send + 'static,
) -> Beside<T> {
    #[cfg(feature = "chaos")]
    if sim::is_active() {
        return Beside(runtime.spawn(async move { work() }));
    }
    Beside(runtime.spawn_blocking(work))
}

/// Work that runs beside the workers. It gives nothing if the runtime goes away before it begins;
/// `work` contains its panics.
pub(crate) struct Beside<T>(tokio::task::JoinHandle<T>);

impl<T> Beside<T> {
    /// If it has not begun it never does.
    pub(crate) fn abort(&self) {
        self.0.abort();
    }

    pub(crate) fn is_over(&self) -> bool {
        self.0.is_finished()
    }
}

impl<T> Future for Beside<T> {
    type Output = Option<T>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        Pin::new(&mut self.0).poll(cx).map(Result::ok)
    }
}

/// Lets everybody else on this runtime run first.
#[cfg(feature = "test-util")]
pub(crate) async fn yield_now() {
    tokio::task::yield_now().await;
}

/// Which of two futures was done first, and with what.
pub(crate) enum Raced<A, B> {
    First(A),
    Second(B),
}

/// Waits for the first of two futures, and drops the other; the second one counts if both are done.
pub(crate) async fn race<A: Future, B: Future>(first: A, second: B) -> Raced<A::Output, B::Output> {
    let (mut first, mut second) = (std::pin::pin!(first), std::pin::pin!(second));
    std::future::poll_fn(|cx| {
        if let Poll::Ready(output) = second.as_mut().poll(cx) {
            return Poll::Ready(Raced::Second(output));
        }
        first.as_mut().poll(cx).map(Raced::First)
    })
    .await
}

/// Waits on this thread; what `blocking()` of calls and starts does.
///
/// # Panics
/// On a worker of the runtime, which would wait for itself.
pub(crate) fn block_on<F: Future>(runtime: Option<&Handle>, fut: F) -> F::Output {
    assert!(
        may_block(),
        "`blocking()` inside a tokio runtime would block the thread that has to do the work; \
         `.await` it instead, or call it from `spawn_blocking` or a plain thread"
    );
    match runtime {
        Some(handle) => handle.block_on(fut),
        None => park_on(fut),
    }
}

/// A thread of the blocking pool is inside a runtime too. Whether a thread drives one is known to
/// tokio alone, which tells by a panic.
fn may_block() -> bool {
    let Some(runtime) = current() else { return true };
    std::panic::catch_unwind(|| runtime.block_on(std::future::ready(()))).is_ok()
}

/// Work done in place counts as a fraction of one of the executor's operations. False: whoever is
/// polled has had its share, and will be polled again.
#[inline]
pub(crate) fn spend(cx: &mut Context<'_>) -> bool {
    const PER_OPERATION: u32 = 8;
    thread_local!(static SPENT: std::cell::Cell<u32> = const { std::cell::Cell::new(0) });
    let spent = SPENT.get().wrapping_add(1);
    SPENT.set(spent);
    if !spent.is_multiple_of(PER_OPERATION) {
        return true;
    }
    let proceeded = tokio::task::coop::poll_proceed(cx).map(|operation| operation.made_progress());
    proceeded.is_ready()
}

/// The executor that this thread is in wakes it when it has nothing else to run, or after some more
/// tasks; at once where there is none.
pub(crate) fn wake_when_idle(waker: &Waker) {
    let _ = std::pin::pin!(tokio::task::yield_now()).poll(&mut Context::from_waker(waker));
}

/// One of `1 << bits` groups of threads, which are told apart by where their locals lie.
#[inline]
pub(crate) fn group_of_thread(bits: u32) -> usize {
    #[cfg(feature = "chaos")]
    if sim::is_active() {
        return 0; // Where locals lie is another place in each run.
    }
    thread_local!(static PLACE: u8 = const { 0 });
    let place = PLACE.with(|place| std::ptr::from_ref(place).addr()) as u64;
    (place.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (u64::BITS - bits)) as usize
}

/// Lets whoever is ready run first, once; also where there is no runtime.
pub(crate) async fn give_way() {
    let mut gave_way = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut gave_way, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// [`spend`] for something as large as a whole operation, whoever it is that is polled here.
pub(crate) fn proceed() -> bool {
    let mut cx = Context::from_waker(Waker::noop());
    let proceeded = tokio::task::coop::poll_proceed(&mut cx);
    proceeded.map(|operation| operation.made_progress()).is_ready()
}

/// Runs something of the user's where a panic would end what others live on.
pub(crate) fn contain(f: impl FnOnce()) {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    let Err(payload) = catch_unwind(AssertUnwindSafe(f)) else { return };
    // A payload whose drop panics again is leaked rather than dropped a second time.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(payload))).map_err(Box::leak);
}

/// Without a runtime: park the thread between polls.
fn park_on<F: Future>(fut: F) -> F::Output {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = std::sync::Arc::new(Unpark(std::thread::current())).into();
    let mut cx = Context::from_waker(&waker);
    let mut fut = std::pin::pin!(fut);
    loop {
        if let Poll::Ready(output) = fut.as_mut().poll(&mut cx) {
            return output;
        }
        std::thread::park();
    }
}
