//! Timers that send messages: to an address, whose process they go with, or to a name, which is
//! looked up when they fire.
//!
//! A timer's message lies in a [`Post`] until it is delivered or taken back. Both happen under the
//! post's lock, so there is no time at which it is neither here nor in the mailbox (TMR-4).
use super::cell::Message;
use super::{Found, RawRef, Target};
use crate::mailbox::Mail;
use crate::rt::sync::Lock;
use crate::rt::time::{self, Instant};
use crate::timer::{TimerKey, Timers};
use std::fmt;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

/// A message that will be sent; what [`send_after`] and its like give.
///
/// Copies of it, and the one in a [`TimedOut`] or [`CancelResult`], are equal.
#[derive(Clone)]
pub struct TimerRef {
    serial: u64,
    due: Instant,
    timers: Arc<Timers>,
    /// Whom it goes with; a timer that is aimed at a name goes with nobody.
    owner: Option<Found>,
    /// Gone when the message is.
    post: Weak<dyn Posted>,
}

impl TimerRef {
    fn left(&self) -> Duration {
        self.due.saturating_duration_since(Instant::now())
    }
}

impl PartialEq for TimerRef {
    fn eq(&self, other: &Self) -> bool {
        self.serial == other.serial && Arc::ptr_eq(&self.timers, &other.timers)
    }
}
impl Eq for TimerRef {}

impl fmt::Debug for TimerRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TimerRef({})", self.serial)
    }
}

/// What a timer of [`start_timer`] sends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TimedOut<T> {
    /// Which timer fired.
    pub timer: TimerRef,
    /// What it was started with.
    pub message: T,
}

/// What [`cancel_timer_async`] sends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CancelResult {
    /// Which timer was to be cancelled.
    pub timer: TimerRef,
    /// The time that was left; `None` if it had fired, was cancelled before, or its process is
    /// gone.
    pub left: Option<Duration>,
}

/// Where a timer's message can go: an address ([`RawRef`]), or a name (`str`).
pub trait Destination<M: Message> {
    /// `None`: nobody lives there.
    #[doc(hidden)]
    fn aim(&self) -> Option<Aim<M>>;
}

/// A destination as of now.
#[doc(hidden)]
pub struct Aim<M: Message>(At<M>);

enum At<M: Message> {
    Process(RawRef<M>, Found),
    /// An address that stands for a name.
    Name(RawRef<M>),
}

impl<M: Message> fmt::Debug for Aim<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.address().fmt(f)
    }
}

impl<M: Message> Destination<M> for RawRef<M> {
    fn aim(&self) -> Option<Aim<M>> {
        if self.0.stands_for().is_some() {
            return Some(Aim(At::Name(self.clone())));
        }
        Some(Aim(At::Process(self.clone(), self.find()?)))
    }
}

impl<M: Message> Destination<M> for str {
    fn aim(&self) -> Option<Aim<M>> {
        let address = RawRef::named(self);
        (!address.node().is_absent()).then(|| Aim(At::Name(address)))
    }
}

impl<M: Message> At<M> {
    fn address(&self) -> &RawRef<M> {
        match self {
            Self::Process(address, _) | Self::Name(address) => address,
        }
    }

    /// What nobody takes comes back.
    fn deliver(&self, message: M) -> Option<Mail<M>> {
        let mail = Mail::Own(Box::new(message));
        match self {
            Self::Process(address, found) => address.0.deliver(found.pid, mail),
            Self::Name(name) => {
                let address = name.resolved();
                match address.pid() {
                    Some(pid) => address.0.deliver(pid, mail),
                    None => Some(mail),
                }
            }
        }
    }
}

/// A message on its way.
struct Post<M: Message> {
    message: Lock<Option<M>>,
    to: At<M>,
    /// Set once it is armed.
    key: OnceLock<TimerKey>,
}

/// A post without its type.
trait Posted: Send + Sync {
    /// Whether it is on its way still.
    fn is_due(&self) -> bool;
    /// False: it was delivered or taken back before.
    fn take_back(&self) -> bool;
    fn key(&self) -> Option<TimerKey>;
}

impl<M: Message> Post<M> {
    fn deliver(&self) {
        let refused = {
            let mut message = self.message.lock();
            message.take().and_then(|message| self.to.deliver(message))
        };
        drop(refused); // It is the user's.
    }
}

impl<M: Message> Posted for Post<M> {
    fn is_due(&self) -> bool {
        self.message.lock().is_some()
    }

    fn take_back(&self) -> bool {
        let message = self.message.lock().take();
        message.is_some()
    }

    fn key(&self) -> Option<TimerKey> {
        self.key.get().copied()
    }
}

/// The time that timers go by: that of the test kit's paused clock where there is one.
pub fn now() -> std::time::Instant {
    Instant::now().into_std()
}

/// Sends a message after some time, once, behind what waits in the mailbox then.
///
/// A timer that is aimed at an address goes with the process that lives there now: its successor
/// never sees the message. One that is aimed at a name finds out who has the name when it fires;
/// nobody gets the message if nobody has it then, or its mailbox takes other messages.
/// `None`: nobody lives there, and outside of a runtime.
///
/// It holds neither the caller nor the other alive. A duration beyond the clock's end is thirty
/// years.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::prelude::*;
/// use cordial::process::{self, Mailbox};
/// let (waiter, down) = process::spawn_monitor(async |mut mail: Mailbox<()>| mail.next().await);
/// process::send_after(&waiter, millis(5), ());
/// assert_eq!(down.await.reason, ExitReason::Normal);
/// // Who is called `later` is asked in 5 ms.
/// process::send_after("later", millis(5), ());
/// # }
/// ```
pub fn send_after<M: Message>(
    to: &(impl Destination<M> + ?Sized),
    after: Duration,
    message: M,
) -> Option<TimerRef> {
    post(to, time::after(Instant::now(), after), |_| message)
}

/// [`send_after`] with the time at which it is due, by the clock of [`now`]; a time that is over is
/// now. OTP's `{abs, true}`.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::prelude::*;
/// use cordial::process::{self, Mailbox};
/// let (waiter, down) = process::spawn_monitor(async |mut mail: Mailbox<()>| mail.next().await);
/// let due = process::now() + millis(5);
/// process::send_at(&waiter, due, ());
/// assert_eq!(down.await.reason, ExitReason::Normal);
/// assert!(process::now() >= due);
/// # }
/// ```
pub fn send_at<M: Message>(
    to: &(impl Destination<M> + ?Sized),
    due: std::time::Instant,
    message: M,
) -> Option<TimerRef> {
    post(to, Instant::from_std(due), |_| message)
}

/// [`send_after`] of a message that tells which timer it comes from.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::prelude::*;
/// use cordial::process::{self, Mailbox, TimedOut};
///
/// struct Late(TimedOut<&'static str>);
/// impl cordial::Message for Late {
///     fn kind(&self) -> &'static str {
///         "late"
///     }
/// }
/// impl From<TimedOut<&'static str>> for Late {
///     fn from(timed_out: TimedOut<&'static str>) -> Self {
///         Self(timed_out)
///     }
/// }
/// let (_, down) = process::spawn_monitor(async |mut mail: Mailbox<Late>| {
///     let timer = process::start_timer(&mail.address(), millis(5), "tea").unwrap();
///     let Late(timed_out) = mail.next().await;
///     assert_eq!(timed_out, TimedOut { timer, message: "tea" });
/// });
/// assert_eq!(down.await.reason, ExitReason::Normal);
/// # }
/// ```
pub fn start_timer<M, T>(
    to: &(impl Destination<M> + ?Sized),
    after: Duration,
    message: T,
) -> Option<TimerRef>
where
    M: Message + From<TimedOut<T>>,
{
    let due = time::after(Instant::now(), after);
    post(to, due, |timer| TimedOut { timer, message }.into())
}

/// Cancels a timer: the time that was left, or `None` if it fired, was cancelled, or its process is
/// gone. After `Some` the message never comes; after `None` because it fired, the message is in the
/// mailbox (TMR-4).
pub fn cancel_timer(timer: &TimerRef) -> Option<Duration> {
    #[cfg(feature = "chaos")]
    crate::rt::sim::point();
    let left = timer.left();
    let post = timer.post.upgrade().filter(|post| post.take_back())?;
    if let Some(key) = post.key() {
        if let Some(owner) = &timer.owner {
            owner.process.disown_timer(owner.pid, key);
        }
        timer.timers.cancel(key);
    }
    Some(left)
}

/// Cancels a timer, and sends what [`cancel_timer`] would have answered as a message. OTP's
/// `[{async, true}]`; with `{info, false}` it is `cancel_timer`, whose answer may be ignored.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::prelude::*;
/// use cordial::process::{self, CancelResult, Mailbox};
///
/// enum Event {
///     Tick,
///     Cancelled(CancelResult),
/// }
/// impl cordial::Message for Event {
///     fn kind(&self) -> &'static str {
///         "event"
///     }
/// }
/// impl From<CancelResult> for Event {
///     fn from(cancelled: CancelResult) -> Self {
///         Self::Cancelled(cancelled)
///     }
/// }
/// let (_, down) = process::spawn_monitor(async |mut mail: Mailbox<Event>| {
///     let timer = process::send_after(&mail.address(), mins(1), Event::Tick).unwrap();
///     process::cancel_timer_async(&timer, &mail.address());
///     let Event::Cancelled(result) = mail.next().await else { panic!("it was cancelled") };
///     assert!(result.timer == timer && result.left.is_some());
/// });
/// assert_eq!(down.await.reason, ExitReason::Normal);
/// # }
/// ```
pub fn cancel_timer_async<M: Message + From<CancelResult>>(timer: &TimerRef, to: &RawRef<M>) {
    let result = CancelResult { timer: timer.clone(), left: cancel_timer(timer) };
    to.deliver(Mail::Own(Box::new(result.into())));
}

/// The time that is left, or `None` where [`cancel_timer`] would answer it; the timer goes on.
pub fn read_timer(timer: &TimerRef) -> Option<Duration> {
    let left = timer.left();
    timer.post.upgrade().is_some_and(|post| post.is_due()).then_some(left)
}

/// Waits for some time: nothing for 0, and for ever from the clock's end on (TMR-11, PROC-11).
///
/// In a server nothing else is handled meanwhile; [`Ctx::send_after`](crate::Ctx::send_after) lets
/// it go on.
///
/// # Cancel safety
/// Dropping it loses nothing.
///
/// # Panics
/// Outside of a runtime.
pub async fn sleep(time: Duration) {
    if !time.is_zero() {
        time::sleep_until(time::after(Instant::now(), time)).await;
    }
}

/// The message may be made of the reference of its own timer.
fn post<M: Message>(
    to: &(impl Destination<M> + ?Sized),
    due: Instant,
    message: impl FnOnce(TimerRef) -> M,
) -> Option<TimerRef> {
    let Aim(to) = to.aim()?;
    let timers = to.address().node().timers.clone();
    let owner = match &to {
        At::Process(_, found) => Some(found.clone()),
        At::Name(..) => None,
    };
    let serial = timers.next_serial();
    let mut timer = None;
    let post = Arc::new_cyclic(|post: &Weak<Post<M>>| {
        let (timers, owner, post) = (timers.clone(), owner.clone(), post.clone());
        let this = timer.insert(TimerRef { serial, due, timers, owner, post });
        Post { message: Lock::new(Some(message(this.clone()))), to, key: OnceLock::new() }
    });
    let posted = post.clone();
    let deliver = move || posted.deliver();
    let key = match &owner {
        Some(owner) => arm(owner, due, deliver)?,
        None => timers.arm(due, deliver),
    };
    let _ = post.key.set(key);
    timer
}

/// Arms a timer that dies with its process (TMR-7). `None`: the process is gone.
pub(crate) fn arm(
    target: &Found,
    due: Instant,
    fire: impl FnOnce() + Send + 'static,
) -> Option<TimerKey> {
    let Found { pid, process } = target.clone();
    let timers = process.node().timers.clone();
    let owner = process.clone();
    let key = timers.arm_with(due, |key| {
        move || {
            owner.disown_timer(pid, key);
            fire();
        }
    });
    if !process.own_timer(pid, key) {
        timers.cancel(key);
        return None;
    }
    if !timers.is_armed(key) {
        process.disown_timer(pid, key); // It fired before it was known.
    }
    Some(key)
}
