//! What every actor holds and does, whoever runs it.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::Poll;

use crate::latch::Latch;
use crate::payload::Payload;

/// 24 bytes: a sum, who comes next in the ring, and whom to tell of the end.
pub(crate) struct State<A> {
    sum: u64,
    next: Option<A>,
    latch: Option<Latch>,
}

impl<A> Default for State<A> {
    fn default() -> Self {
        Self { sum: 0, next: None, latch: None }
    }
}

/// A child of a supervisor begins anew, so a copy knows nobody.
impl<A> Clone for State<A> {
    fn clone(&self) -> Self {
        Self { sum: self.sum, next: None, latch: None }
    }
}

impl<A> State<A> {
    pub(crate) fn add<const WORDS: usize>(&mut self, payload: Payload<WORDS>) {
        self.sum = self.sum.wrapping_add(payload.number());
    }

    pub(crate) fn total<const WORDS: usize>(&self, payload: Payload<WORDS>) -> u64 {
        self.sum.wrapping_add(payload.number())
    }

    pub(crate) fn meet(&mut self, next: A, latch: Latch) {
        self.next = Some(next);
        self.latch = Some(latch);
    }

    pub(crate) fn next(&self) -> &A {
        self.next.as_ref().expect("a ring is closed before a token goes round")
    }

    /// The token has no hops left.
    pub(crate) fn end(&self) {
        self.latch.as_ref().expect("a ring is closed before a token goes round").hit();
    }
}

/// Handlers that wait are woken when the executor has nothing else to run.
static WAITS_FOR_THE_EXECUTOR: AtomicBool = AtomicBool::new(false);

/// From now on, for the whole of this program.
pub(crate) fn wait_for_the_executor() {
    WAITS_FOR_THE_EXECUTOR.store(true, Relaxed);
}

/// Waits once, as a handler does that has to wait for something, and is woken at once, or by the
/// executor.
pub(crate) async fn yield_once() {
    if WAITS_FOR_THE_EXECUTOR.load(Relaxed) {
        return tokio::task::yield_now().await;
    }
    let mut has_waited = false;
    poll_fn(|cx| {
        if has_waited {
            return Poll::Ready(());
        }
        has_waited = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
