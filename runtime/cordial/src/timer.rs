//! What is due when: one ordered set of deadlines per node, and the task that fires them.
//!
//! Entries fire in the order of their deadlines, whatever the order they were armed in (TMR-9),
//! and never early. The driver sleeps until the earliest one, so an idle node has no ticking.
use crate::rt::sync::{Lock, Notify};
use crate::rt::time::{Instant, sleep_until};
use crate::rt::{self, dispatch};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

type Fire = Box<dyn FnOnce() + Send>;

/// Which entry; ordered by deadline.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct TimerKey {
    due: Instant,
    serial: u64,
}

impl TimerKey {
    pub(crate) fn serial(self) -> u64 {
        self.serial
    }

    /// The time until it is due.
    pub(crate) fn left(self) -> Duration {
        self.due.saturating_duration_since(Instant::now())
    }
}

#[derive(Default)]
pub(crate) struct Timers {
    armed: Lock<Armed>,
    serial: AtomicU64,
    earlier: Notify,
}

#[derive(Default)]
struct Armed {
    entries: BTreeMap<TimerKey, Fire>,
    /// When the driver wakes by itself; `None` while it waits to be told. A call that is answered
    /// takes its entry away but leaves this, so that the next call need not wake the driver.
    wakes: Option<Instant>,
}

impl Timers {
    pub(crate) fn arm(&self, due: Instant, fire: impl FnOnce() + Send + 'static) -> TimerKey {
        let key = self.reserve(due);
        self.arm_as(key, fire);
        key
    }

    /// The key of a timer that is not armed yet, for one whose message tells its key.
    pub(crate) fn reserve(&self, due: Instant) -> TimerKey {
        TimerKey { due, serial: self.serial.fetch_add(1, Relaxed) }
    }

    pub(crate) fn arm_as(&self, key: TimerKey, fire: impl FnOnce() + Send + 'static) {
        let fire = Box::new(fire);
        let mut armed = self.armed.lock();
        armed.entries.insert(key, fire);
        let too_late = armed.wakes.is_none_or(|wakes| key.due < wakes);
        if too_late {
            armed.wakes = Some(key.due);
        }
        drop(armed);
        if too_late {
            self.earlier.notify_one();
            dispatch::let_others_take();
        }
    }

    /// The time that was left, unless it fired or was cancelled.
    pub(crate) fn cancel(&self, key: TimerKey) -> Option<Duration> {
        let fire = self.armed.lock().entries.remove(&key)?;
        drop(fire); // What it holds is dropped without the lock.
        Some(key.left())
    }

    pub(crate) fn is_armed(&self, key: TimerKey) -> bool {
        self.armed.lock().entries.contains_key(&key)
    }

    pub(crate) fn len(&self) -> usize {
        self.armed.lock().entries.len()
    }

    pub(crate) fn clear(&self) {
        let entries = std::mem::take(&mut self.armed.lock().entries);
        entries.into_values().for_each(|fire| rt::contain(|| drop(fire)));
    }

    /// The node's own task; ends with its runtime.
    pub(crate) async fn drive(self: Arc<Self>) {
        loop {
            for fire in self.take_due(Instant::now()) {
                rt::contain(fire);
            }
            match self.next() {
                None => self.earlier.notified().await,
                Some(due) => self.wait_until(due).await,
            }
        }
    }

    fn next(&self) -> Option<Instant> {
        let mut armed = self.armed.lock();
        armed.wakes = armed.entries.first_key_value().map(|(key, _)| key.due);
        armed.wakes
    }

    /// Until `due`, or until something earlier is armed.
    async fn wait_until(&self, due: Instant) {
        let mut sleep = std::pin::pin!(sleep_until(due));
        let mut earlier = std::pin::pin!(self.earlier.notified());
        std::future::poll_fn(|cx| {
            if earlier.as_mut().poll(cx).is_ready() {
                return std::task::Poll::Ready(());
            }
            sleep.as_mut().poll(cx)
        })
        .await;
    }

    fn take_due(&self, now: Instant) -> Vec<Fire> {
        let mut armed = self.armed.lock();
        let mut due = Vec::new();
        while let Some(entry) = armed.entries.first_entry() {
            if entry.key().due > now {
                break;
            }
            due.push(entry.remove());
        }
        due
    }
}

/// What a repeating tick and its process share.
#[derive(Debug)]
pub(crate) struct Tick {
    pub(crate) index: usize,
    /// One is in the mailbox: the next is merged into it.
    pub(crate) queued: AtomicBool,
    /// Merged since the handler last asked.
    pub(crate) missed: AtomicU32,
}

impl Tick {
    pub(crate) fn new(index: usize) -> Arc<Self> {
        let (queued, missed) = (AtomicBool::new(false), AtomicU32::new(0));
        Arc::new(Self { index, queued, missed })
    }

    /// True: put it into the mailbox.
    pub(crate) fn is_due(&self) -> bool {
        if self.queued.swap(true, Relaxed) {
            self.missed.fetch_add(1, Relaxed);
            return false;
        }
        true
    }
}
