//! A message every period, to an address, until it is cancelled or its process is gone.
//!
//! Each message lies in a parcel until it is handled, so that who cancels takes those back that
//! wait in the mailbox, and a tick that finds the one before it there still can be merged into it.
use super::cell::Message;
use super::timers::arm;
use super::{Found, RawRef, Target};
use crate::mailbox::{Mail, Parcel};
use crate::rt::sync::Lock;
use crate::rt::time::{self, Instant};
use crate::timer::TimerKey;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What becomes of a tick that is due while its receiver, or the clock's driver, is behind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MissedTick {
    /// While one tick waits in the mailbox, further ones are merged into it and counted: who is
    /// slow gets fewer. What comes keeps to the beat.
    #[default]
    Merge,
    /// Each tick is a message: who is slow has them all to handle.
    Burst,
    /// Each tick is a message, and the next one is due a whole period after this one was sent: the
    /// beat shifts.
    Delay,
}

/// A message that is sent every period; what [`send_interval`] gives. Dropping it does nothing.
#[derive(Clone)]
pub struct Interval(Arc<dyn Repeats>);

impl Interval {
    /// Ends it: no tick is handled after this, also if it stood in the mailbox.
    ///
    /// The time that was left until the next one; `None` if it was cancelled before, or the process
    /// is gone.
    pub fn cancel(&self) -> Option<Duration> {
        self.0.cancel()
    }

    /// The time until the next tick; `None` if it was cancelled, or the process is gone.
    pub fn left(&self) -> Option<Duration> {
        self.0.left()
    }

    /// Ticks that were merged since this was asked last.
    pub fn missed(&self) -> u64 {
        self.0.missed()
    }
}

impl fmt::Debug for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Interval")
    }
}

/// Sends a copy of a message every period, the first time after one period, without drift; OTP's
/// `timer:send_interval`.
///
/// It goes with the process that lives at the address now. A period of zero is taken as one
/// millisecond. `None`: nobody lives there.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::prelude::*;
/// use cordial::process::{self, Mailbox, MissedTick};
/// let (_, down) = process::spawn_monitor(async |mut mail: Mailbox<()>| {
///     let beat = process::send_interval(&mail.address(), millis(2), (), MissedTick::Merge);
///     mail.next().await;
///     mail.next().await;
///     assert!(beat.unwrap().cancel().is_some());
/// });
/// assert_eq!(down.await.reason, ExitReason::Normal);
/// # }
/// ```
pub fn send_interval<M: Message + Clone + Sync>(
    to: &RawRef<M>,
    period: Duration,
    message: M,
    missed: MissedTick,
) -> Option<Interval> {
    repeat(to, period, missed, move || message.clone())
}

/// [`send_interval`], of messages that are made for each tick.
pub(crate) fn repeat<M: Message>(
    to: &RawRef<M>,
    period: Duration,
    missed: MissedTick,
    make: impl Fn() -> M + Send + Sync + 'static,
) -> Option<Interval> {
    let (target, address) = (to.find()?, to.resolved().into_owned());
    let period = period.max(Duration::from_millis(1));
    let due = time::after(Instant::now(), period);
    let state =
        Lock::new(State { key: None, due, is_over: false, missed: 0, waiting: VecDeque::new() });
    let repeat = Arc::new(Repeat { target, address, make, period, policy: missed, state });
    repeat.arm_next(due).then(|| Interval(repeat))
}

struct Repeat<M: Message, F> {
    target: Found,
    address: RawRef<M>,
    make: F,
    period: Duration,
    policy: MissedTick,
    state: Lock<State<M>>,
}

struct State<M> {
    key: Option<TimerKey>,
    /// When the next tick is.
    due: Instant,
    is_over: bool,
    missed: u64,
    /// Sent, and perhaps not handled.
    waiting: VecDeque<Arc<Parcel<M>>>,
}

trait Repeats: Send + Sync {
    fn cancel(&self) -> Option<Duration>;
    fn left(&self) -> Option<Duration>;
    fn missed(&self) -> u64;
}

impl<M: Message, F: Fn() -> M + Send + Sync + 'static> Repeat<M, F> {
    /// False: the process is gone.
    fn arm_next(self: &Arc<Self>, due: Instant) -> bool {
        let this = self.clone();
        let key = arm(&self.target, due, move || this.fire());
        let mut state = self.state.lock();
        let is_over = state.is_over || key.is_none();
        (state.key, state.due, state.is_over) = (key, due, is_over);
        drop(state);
        if is_over && let Some(key) = key {
            self.target.process.node().timers.cancel(key); // Cancelled meanwhile.
        }
        !is_over
    }

    fn fire(self: &Arc<Self>) {
        let tick = Arc::new(Lock::new(Some((self.make)())));
        let (is_sent, next) = self.note(&tick);
        if is_sent {
            self.address.0.deliver(self.target.pid, Mail::Timed(tick));
        }
        if let Some(next) = next {
            self.arm_next(next);
        }
    }

    /// Whether the tick is sent, and when the next one is.
    fn note(&self, tick: &Arc<Parcel<M>>) -> (bool, Option<Instant>) {
        let mut state = self.state.lock();
        if state.is_over {
            return (false, None);
        }
        while state.waiting.front().is_some_and(|sent| sent.lock().is_none()) {
            state.waiting.pop_front();
        }
        let is_merged = self.policy == MissedTick::Merge && !state.waiting.is_empty();
        match is_merged {
            true => state.missed += 1,
            false => state.waiting.push_back(tick.clone()),
        }
        let from = if self.policy == MissedTick::Delay { Instant::now() } else { state.due };
        (!is_merged, Some(time::after(from, self.period)))
    }
}

impl<M: Message, F: Fn() -> M + Send + Sync + 'static> Repeats for Repeat<M, F> {
    fn cancel(&self) -> Option<Duration> {
        let mut state = self.state.lock();
        let left = (!state.is_over).then(|| state.due.saturating_duration_since(Instant::now()));
        state.is_over = true;
        let (key, waiting) = (state.key.take(), std::mem::take(&mut state.waiting));
        drop(state);
        if let Some(key) = key {
            self.target.process.disown_timer(self.target.pid, key);
            self.target.process.node().timers.cancel(key);
        }
        let taken: Vec<_> = waiting.iter().map(|sent| sent.lock().take()).collect();
        drop(taken);
        left.filter(|_| self.target.process.pid() == Some(self.target.pid))
    }

    fn left(&self) -> Option<Duration> {
        let state = self.state.lock();
        let is_alive = !state.is_over && self.target.process.pid() == Some(self.target.pid);
        is_alive.then(|| state.due.saturating_duration_since(Instant::now()))
    }

    fn missed(&self) -> u64 {
        std::mem::take(&mut self.state.lock().missed)
    }
}
