//! What is due when: a wheel of deadlines per node, and the task that fires them.
//!
//! Entries fire in the order of their deadlines, whatever the order they were armed in (TMR-9),
//! and never early. The driver sleeps until there is something to do, so an idle node has no
//! ticking. The limits of calls, of which there are many and whose order nobody sees, lie in wheels
//! of their own, one for each of a few groups of threads.
mod wheel;

use crate::mailbox::Owed;
use crate::rt::sync::atomic::{AtomicBool, AtomicU32};
use crate::rt::sync::{Apart, Lock, MutexGuard, Notify, counts};
use crate::rt::time::{Instant, sleep_until};
use crate::rt::{self, dispatch};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
pub(crate) use wheel::TimerKey;
use wheel::Wheel;

/// What is done when the time comes.
enum Fire {
    /// A caller looks whether its time is over: the timer that nearly every call has.
    Nudge(Arc<dyn Owed>),
    Run(Box<dyn FnOnce() + Send>),
}

/// Wheels for the limits of calls.
const GROUPS: usize = 1 << GROUP_BITS;
const GROUP_BITS: u32 = 3;
/// The wheel of everything else, which keeps its order.
const ORDERED: usize = GROUPS;

pub(crate) struct Timers {
    wheels: [Apart<Lock<Armed>>; GROUPS + 1],
    serial: counts::AtomicU64,
    earlier: Notify,
}

struct Armed {
    wheel: Wheel<Fire>,
    /// No later than this the driver wakes by itself; `None` while nothing here makes it. A call
    /// that is answered takes its entry away but leaves this, so that the next call need not wake
    /// the driver.
    wakes: Option<Instant>,
}

impl Default for Timers {
    fn default() -> Self {
        let origin = Instant::now();
        let armed = |number: usize| {
            let wheel = Wheel::new(number as u8, origin);
            Apart(Lock::new(Armed { wheel, wakes: None }))
        };
        let wheels = std::array::from_fn(armed);
        Self { wheels, serial: counts::AtomicU64::new(0), earlier: Notify::new() }
    }
}

impl Timers {
    /// What tells a timer from all others of the node, also before it is armed.
    pub(crate) fn next_serial(&self) -> u64 {
        self.serial.fetch_add(1, Relaxed)
    }

    pub(crate) fn arm(&self, due: Instant, fire: impl FnOnce() + Send + 'static) -> TimerKey {
        let fire = Fire::Run(Box::new(fire));
        self.insert(ORDERED, due, |wheel| wheel.insert(due, |_| fire))
    }

    /// [`arm`](Self::arm), of what knows its key. Nothing of the user's runs in `fire`.
    pub(crate) fn arm_with<F: FnOnce() + Send + 'static>(
        &self,
        due: Instant,
        fire: impl FnOnce(TimerKey) -> F,
    ) -> TimerKey {
        self.insert(ORDERED, due, |wheel| wheel.insert(due, |key| Fire::Run(Box::new(fire(key)))))
    }

    /// Wakes who waits for this answer: once, no later than `due`, but perhaps before.
    #[inline]
    pub(crate) fn arm_nudge(&self, due: Instant, waits: Arc<dyn Owed>) -> TimerKey {
        let group = rt::group_of_thread(GROUP_BITS);
        self.insert(group, due, |wheel| wheel.insert_early(due, Fire::Nudge(waits)))
    }

    /// What [`arm_nudge`](Self::arm_nudge) armed is not needed any more.
    #[inline]
    pub(crate) fn cancel_nudge(&self, key: TimerKey) {
        let waits = self.wheel_of(key).wheel.take_value(key);
        #[cfg(feature = "chaos")]
        if waits.is_some() {
            rt::sim::note(|| rt::sim::Event::Cancelled);
        }
        drop(waits); // Without the lock.
    }

    #[inline]
    fn insert(
        &self,
        wheel: usize,
        due: Instant,
        insert: impl FnOnce(&mut Wheel<Fire>) -> TimerKey,
    ) -> TimerKey {
        #[cfg(feature = "chaos")]
        rt::sim::note(|| {
            let wait = due.saturating_duration_since(Instant::now());
            rt::sim::Event::Armed { wait }
        });
        let mut armed = self.wheels[wheel].lock();
        let key = insert(&mut armed.wheel);
        let too_late = armed.wakes.is_none_or(|wakes| due < wakes);
        if too_late {
            armed.wakes = Some(due);
        }
        drop(armed);
        if too_late {
            self.earlier.notify_one();
            dispatch::let_others_take();
        }
        key
    }

    fn wheel_of(&self, key: TimerKey) -> MutexGuard<'_, Armed> {
        self.wheels[usize::from(key.wheel())].lock()
    }

    /// When it would have fired, unless it has or was cancelled.
    #[inline]
    pub(crate) fn cancel(&self, key: TimerKey) -> Option<Instant> {
        let removed = self.wheel_of(key).wheel.remove(key);
        #[cfg(feature = "chaos")]
        if removed.is_some() {
            rt::sim::note(|| rt::sim::Event::Cancelled);
        }
        removed.map(|(due, _)| due) // What it holds is dropped without the lock.
    }

    pub(crate) fn is_armed(&self, key: TimerKey) -> bool {
        self.wheel_of(key).wheel.has(key)
    }

    /// When it fires, unless it has or was cancelled.
    pub(crate) fn due(&self, key: TimerKey) -> Option<Instant> {
        self.wheel_of(key).wheel.due(key)
    }

    pub(crate) fn len(&self) -> usize {
        self.wheels.iter().map(|armed| armed.lock().wheel.len()).sum()
    }

    pub(crate) fn clear(&self) {
        for armed in &self.wheels {
            let entries = armed.lock().wheel.take_all();
            entries.into_iter().for_each(|fire| rt::contain(|| drop(fire)));
        }
    }

    /// The node's own task; ends with its runtime.
    pub(crate) async fn drive(self: Arc<Self>) {
        loop {
            self.fire_due();
            match self.next() {
                None => self.earlier.notified().await,
                Some(due) => self.wait_until(due).await,
            }
        }
    }

    pub(crate) fn fire_due(&self) {
        for armed in &self.wheels {
            let due = armed.lock().wheel.take_due(Instant::now());
            for fire in due {
                #[cfg(feature = "chaos")]
                rt::sim::note(|| rt::sim::Event::Fired);
                match fire {
                    Fire::Nudge(waits) => waits.nudge(),
                    Fire::Run(fire) => rt::contain(fire),
                }
            }
        }
    }

    fn next(&self) -> Option<Instant> {
        let now = Instant::now();
        let wakes = self.wheels.iter().filter_map(|armed| {
            let mut armed = armed.lock();
            // A wheel that is empty by chance, between two calls, keeps its time.
            let kept = armed.wakes.filter(|wakes| *wakes > now);
            armed.wakes = armed.wheel.next().or(kept);
            armed.wakes
        });
        wakes.min()
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
}

/// What a repeating tick and its process share.
#[derive(Debug)]
pub(crate) struct Tick {
    pub(crate) index: usize,
    /// One is in the mailbox: the next is merged into it.
    pub(crate) queued: AtomicBool,
    /// Merged since the handler last asked.
    pub(crate) missed: AtomicU32,
    /// Nobody handles it any more.
    stopped: AtomicBool,
}

impl Tick {
    pub(crate) fn new(index: usize) -> Arc<Self> {
        let (queued, missed) = (AtomicBool::new(false), AtomicU32::new(0));
        Arc::new(Self { index, queued, missed, stopped: AtomicBool::new(false) })
    }

    pub(crate) fn stop(&self) {
        self.stopped.store(true, Relaxed);
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Relaxed)
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
