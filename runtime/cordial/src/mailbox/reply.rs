//! The one-shot cell that carries the answer of a call back, and the handle that fills it.
//!
//! # Rules (cited as R1 to R4)
//! - R1 The first one to fill a cell wins; everything later is dropped (GS-18).
//! - R2 Who gives up closes the cell: an answer that comes later is dropped (GS-17).
//! - R3 A handle that is dropped unanswered says so at once; if that happens because its process
//!   ends, it says why instead, and only when the process is really gone (GS-20). Inside a process
//!   "at once" is when the callback is over: only then is it known whether it stops (GS-24).
//! - R4 Whom a callback answers when it is over, or a task when it has ended, is woken when the
//!   process has been left, or before that does anything else. Woken earlier, he would ask again
//!   while it is still run. A process waits for its turn, and is woken at once.
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::rt::dispatch;
#[cfg(feature = "chaos")]
use crate::rt::sim;
#[cfg(all(test, any(loom, shuttle)))]
use crate::rt::sync::{CellKey as _, RefKey as _};
use crate::rt::sync::{Lock, atomic::AtomicU64, thread_local};
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    Down(ExitReason),
    Dropped,
}

pub(crate) struct Slot<T> {
    state: Lock<State<T>>,
    /// Who waits; the node's pid for who is no process.
    caller: Pid,
    /// Whose handler was given the handle to keep, so that anybody may answer; 0: nobody's.
    handed_out_by: AtomicU64,
    /// What happens when the handle is dropped. Kept here, so that a handle asks nothing of `T` and
    /// can stand in a struct whose parameters are unbounded.
    unanswered: fn(Arc<Self>),
}

/// Instead of a pid: the handle went with its message.
const GIVEN_AWAY: u64 = u64::MAX;

enum State<T> {
    Empty,
    Waiting(Waker),
    Full(Result<T, Lost>),
    Gone,
}

impl<T: Send + 'static> Slot<T> {
    pub(crate) fn new(caller: Pid) -> Arc<Self> {
        Arc::new(Self {
            state: Lock::new(State::Empty),
            caller,
            handed_out_by: AtomicU64::new(0),
            unanswered,
        })
    }
}

impl<T> Slot<T> {
    /// Who waits; the node's pid for who is no process.
    pub(crate) fn caller(&self) -> Pid {
        self.caller
    }

    /// Answers, and wakes who waits.
    pub(crate) fn fill(&self, answer: Result<T, Lost>) {
        if let Some(waker) = self.put(answer) {
            waker.wake();
        }
    }

    /// R1, R2. Who waits is to be woken.
    #[must_use]
    fn put(&self, answer: Result<T, Lost>) -> Option<Waker> {
        let mut state = self.state.lock();
        #[cfg(feature = "chaos")]
        if matches!(*state, State::Empty | State::Waiting(_)) {
            sim::note(|| sim::Event::Filled(self.place()));
        }
        if matches!(*state, State::Full(_) | State::Gone) {
            drop(state);
            drop(answer);
            return None;
        }
        match std::mem::replace(&mut *state, State::Full(answer)) {
            State::Waiting(waker) => Some(waker),
            _ => None,
        }
    }

    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<Result<T, Lost>> {
        let mut state = self.state.lock();
        match &*state {
            State::Waiting(waker) if waker.will_wake(cx.waker()) => return Poll::Pending,
            State::Empty | State::Waiting(_) => {}
            State::Full(_) | State::Gone => match std::mem::replace(&mut *state, State::Gone) {
                State::Full(answer) => {
                    #[cfg(feature = "chaos")]
                    sim::note(|| sim::Event::Resolved(self.place()));
                    return Poll::Ready(answer);
                }
                _ => return Poll::Ready(Err(Lost::Dropped)),
            },
        }
        let before = std::mem::replace(&mut *state, State::Waiting(cx.waker().clone()));
        drop(state);
        drop(before);
        Poll::Pending
    }

    /// [`poll`](Self::poll), without the lock where nobody else has it any more: whoever answered
    /// on this stack has let go of it.
    #[inline]
    pub(crate) fn poll_mut(this: &mut Arc<Self>, cx: &Context<'_>) -> Poll<Result<T, Lost>> {
        if let Some(slot) = Arc::get_mut(this)
            && let state @ State::Full(_) = slot.state.get_mut()
            && let State::Full(answer) = std::mem::replace(state, State::Gone)
        {
            #[cfg(feature = "chaos")]
            sim::note(|| sim::Event::Resolved(this.place()));
            return Poll::Ready(answer);
        }
        this.poll(cx)
    }

    /// The answer is not there, and will come from the handler that has begun with the call.
    pub(crate) fn is_open_here(&self) -> bool {
        let is_here = self.handed_out_by.load(Relaxed) == 0;
        is_here && matches!(*self.state.lock(), State::Empty | State::Waiting(_))
    }

    /// Nobody waits any more.
    fn is_gone(&self) -> bool {
        matches!(*self.state.lock(), State::Gone)
    }

    /// R2.
    pub(crate) fn give_up(&self) {
        #[cfg(feature = "chaos")]
        sim::note(|| sim::Event::GivenUp(self.place()));
        let before = std::mem::replace(&mut *self.state.lock(), State::Gone);
        drop(before);
    }

    /// Wakes who waits, so that it looks at the time.
    pub(crate) fn nudge(&self) {
        let before = match &mut *self.state.lock() {
            state @ State::Waiting(_) => std::mem::replace(state, State::Empty),
            _ => return,
        };
        if let State::Waiting(waker) = before {
            waker.wake();
        }
    }
}

#[cfg(feature = "chaos")]
impl<T> Slot<T> {
    /// What tells it from all others that are in use.
    pub(crate) fn place(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

#[cfg(feature = "chaos")]
impl<T> Drop for Slot<T> {
    fn drop(&mut self) {
        sim::note(|| sim::Event::Freed(self.place()));
    }
}

/// A slot without its type: somebody is owed an answer.
pub(crate) trait Owed: Send + Sync {
    fn close(&self, why: Lost);
    fn caller(&self) -> Pid;
    /// A process that had the handle has ended: the server itself, or whoever it was passed on to.
    fn close_at_end_of(&self, pid: Pid, reason: &ExitReason);
    /// Wakes who waits, so that it looks at the time.
    fn nudge(&self);
    /// What takes whole messages has it: nobody knows who will answer.
    fn give_away(&self);
    fn is_handed_out(&self) -> bool;
    /// Somebody waits, and the answer is not there.
    fn is_awaited(&self) -> bool;
}

impl<T: Send> Owed for Slot<T> {
    fn close(&self, why: Lost) {
        self.fill(Err(why));
    }
    fn caller(&self) -> Pid {
        self.caller
    }
    fn close_at_end_of(&self, pid: Pid, reason: &ExitReason) {
        let server = self.handed_out_by.load(Relaxed);
        let is_server = matches!(server, 0 | GIVEN_AWAY) || server == pid.bits();
        self.close(if is_server { Lost::Down(reason.clone()) } else { Lost::Dropped });
    }
    fn nudge(&self) {
        Self::nudge(self);
    }
    fn give_away(&self) {
        self.handed_out_by.store(GIVEN_AWAY, Relaxed);
    }
    fn is_handed_out(&self) -> bool {
        self.handed_out_by.load(Relaxed) != 0
    }
    fn is_awaited(&self) -> bool {
        matches!(*self.state.lock(), State::Waiting(_))
    }
}

/// Where the answer of a call goes; OTP's `from`.
///
/// A `#[call]` handler that takes one answers later, from wherever the handle is then.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::ReplyTo;
/// let (from, answer) = ReplyTo::pair();
/// from.reply(7);
/// assert_eq!(answer.await, Some(7));
/// # }
/// ```
///
/// # Differences from OTP
/// It can be answered once, which the compiler sees to. Dropped unanswered, the caller gets
/// [`CallError::ReplyDropped`](crate::CallError::ReplyDropped) at once; OTP lets it wait.
#[must_use = "the caller waits until this is answered; `from.reply(value)` answers it"]
pub struct ReplyTo<T>(Option<Arc<Slot<T>>>);

impl<T: Send + 'static> ReplyTo<T> {
    pub(crate) fn new(slot: Arc<Slot<T>>) -> Self {
        Self(Some(slot))
    }

    /// Answers. If nobody waits any more, the value is dropped.
    #[inline]
    pub fn reply(mut self, value: T) {
        #[cfg(feature = "chaos")]
        sim::point();
        if let Some(slot) = self.0.take() {
            slot.fill(Ok(value));
        }
    }

    /// [`reply`](Self::reply), of what is over (R4).
    #[inline]
    pub(crate) fn answer(mut self, value: T) {
        #[cfg(feature = "chaos")]
        sim::point();
        if let Some(slot) = self.0.take()
            && let Some(waker) = slot.put(Ok(value))
        {
            if slot.caller.is_of_node() { dispatch::hold(waker) } else { waker.wake() }
        }
    }

    /// Who waits. For a caller that is no process, a pid that never goes down.
    pub fn caller(&self) -> Pid {
        self.slot().caller
    }

    /// The caller does not wait any more: he has given up, or has ended. What is answered is
    /// dropped, so whoever has much to do for it may leave it; `#[call(shed)]` does so.
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)] async fn main() {
    /// use cordial::prelude::*;
    /// #[gen_server]
    /// #[derive(Default)]
    /// struct Desk(Option<ReplyTo<u8>>);
    /// #[gen_server]
    /// impl Desk {
    ///     #[call]
    ///     fn ask(&mut self, from: ReplyTo<u8>) {
    ///         self.0 = Some(from);
    ///     }
    ///     #[call]
    ///     fn is_left(&self) -> bool {
    ///         self.0.as_ref().is_some_and(|from| from.is_abandoned())
    ///     }
    /// }
    /// let desk = Desk::start(Desk::default()).await.unwrap();
    /// let answer = desk.ask();
    /// assert_eq!(desk.is_left().await, Ok(false));
    /// drop(answer);
    /// assert_eq!(desk.is_left().await, Ok(true));
    /// # }
    /// ```
    pub fn is_abandoned(&self) -> bool {
        self.slot().is_gone()
    }

    /// A handle and the future of its answer (`None` when it is dropped unanswered), for tests of
    /// handlers as plain methods.
    pub fn pair() -> (Self, Answer<T>) {
        let slot = Slot::new(Pid::of_node(0));
        (Self::new(slot.clone()), Answer(slot))
    }

    /// Who answers is not the server that was asked: it waits for nobody else's sake.
    pub(crate) fn give_away(&self) {
        self.slot().give_away();
    }

    /// A handler of this server may keep it.
    pub(crate) fn hand_out(&self, server: Pid) -> Weak<dyn Owed> {
        note_client(self.caller());
        self.slot().handed_out_by.store(server.bits(), Relaxed);
        let slot: Arc<dyn Owed> = self.slot().clone();
        Arc::downgrade(&slot)
    }

    fn slot(&self) -> &Arc<Slot<T>> {
        self.0.as_ref().expect("a handle has its slot until it is answered")
    }
}

impl<T> Drop for ReplyTo<T> {
    #[inline]
    fn drop(&mut self) {
        if let Some(slot) = self.0.take() {
            (slot.unanswered)(slot);
        }
    }
}

impl<T: Send + 'static> std::fmt::Debug for ReplyTo<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReplyTo({})", self.caller())
    }
}

/// R3.
#[cold]
fn unanswered<T: Send + 'static>(slot: Arc<Slot<T>>) {
    let_go(slot);
}

/// Somebody is let down: told at once outside of processes, and inside of one when its callback is
/// over, or its life is if it ends (R3).
pub(crate) fn let_go(owed: Arc<dyn Owed>) {
    match hold_if_dying(owed) {
        Some(slot) if dispatch::running().is_some() => {
            DROPPED.with(|dropped| dropped.borrow_mut().push(slot));
            ANY_NOTED.set(true);
        }
        Some(slot) => slot.close(Lost::Dropped),
        None => {}
    }
}

/// It comes back unless a process ends here, which tells them all when it is gone.
fn hold_if_dying(owed: Arc<dyn Owed>) -> Option<Arc<dyn Owed>> {
    DYING.with(|dying| match &mut *dying.borrow_mut() {
        Some(callers) => {
            callers.push(owed);
            None
        }
        None => Some(owed),
    })
}

/// The process goes on: callers whose handles its callback dropped are told.
#[inline]
pub(crate) fn tell_dropped() {
    if ANY_NOTED.get() {
        tell_noted();
    }
}

#[cold]
fn tell_noted() {
    ANY_NOTED.set(false);
    CLIENT.set(None);
    for caller in DROPPED.take() {
        caller.close(Lost::Dropped);
    }
}

/// The process will end, after its `terminate`: they are told then.
pub(crate) fn take_dropped() -> Vec<Arc<dyn Owed>> {
    if !ANY_NOTED.replace(false) {
        return Vec::new();
    }
    CLIENT.set(None);
    DROPPED.take()
}

/// The callback that runs here answers this caller.
pub(crate) fn note_client(caller: Pid) {
    CLIENT.set(Some(caller));
    ANY_NOTED.set(true);
}

/// Runs another process on the stack of a callback that waits for it: what the callback itself was
/// given, or has let go of, is not mixed up with what the other one is.
#[inline]
pub(crate) fn aside<T>(f: impl FnOnce() -> T) -> T {
    let own = client();
    tell_dropped();
    let out = f();
    if let Some(client) = own {
        note_client(client);
    }
    out
}

/// Runs another process in the middle of whatever this thread does: nothing that either is given,
/// or lets go of, is mixed up with what the other one is.
#[cfg(feature = "chaos")]
pub(crate) fn apart<T>(f: impl FnOnce() -> T) -> T {
    let own = (DYING.take(), DROPPED.take(), CLIENT.take(), ANY_NOTED.take());
    let out = f();
    DYING.set(own.0);
    DROPPED.set(own.1);
    CLIENT.set(own.2);
    ANY_NOTED.set(own.3);
    out
}

/// Whose call the callback that runs here was given, or has just let go of: a handle that was
/// handed out before is another callback's.
#[inline]
pub(crate) fn client() -> Option<Pid> {
    if ANY_NOTED.get() { noted_client() } else { None }
}

#[cold]
fn noted_client() -> Option<Pid> {
    CLIENT.get().or_else(|| {
        DROPPED.with_borrow(|dropped| {
            dropped.iter().find(|slot| !slot.is_handed_out()).map(|slot| slot.caller())
        })
    })
}

/// The process ends: they are told with the others. Called inside [`with_dying`].
pub(crate) fn hold_dropped() {
    let held = take_dropped();
    if !held.is_empty() {
        DYING.with(|dying| dying.borrow_mut().get_or_insert_default().extend(held));
    }
}

/// Somebody is told with the callers of the process that ends here; at once, where none does.
pub(crate) fn tell_at_end(owed: Arc<dyn Owed>) {
    if let Some(owed) = hold_if_dying(owed) {
        owed.close(Lost::Dropped);
    }
}

thread_local! {
    /// While a process ends: callers found in its state and mail, to be told when it is gone.
    static DYING: RefCell<Option<Vec<Arc<dyn Owed>>>> = const { RefCell::new(None) };
    /// Callers whose handles the callback that runs here has dropped.
    static DROPPED: RefCell<Vec<Arc<dyn Owed>>> = const { RefCell::new(Vec::new()) };
    /// Whose call that callback was given to keep, or answers when it has ended.
    static CLIENT: Cell<Option<Pid>> = const { Cell::new(None) };
    static ANY_NOTED: Cell<bool> = const { Cell::new(false) };
}

/// Collects the callers whose handles `f` drops (R3).
pub(crate) fn with_dying<T>(f: impl FnOnce() -> T) -> (T, Vec<Arc<dyn Owed>>) {
    let outer = DYING.with(|dying| dying.replace(Some(Vec::new())));
    let out = f();
    (out, DYING.with(|dying| dying.replace(outer)).unwrap_or_default())
}

/// The answer of [`ReplyTo::pair`].
#[derive(Clone)]
pub struct Answer<T>(Arc<Slot<T>>);

impl<T> Future for Answer<T> {
    type Output = Option<T>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.0.poll(cx).map(Result::ok)
    }
}
