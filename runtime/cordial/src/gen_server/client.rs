//! The calling side: handles, casts, calls, stop.
pub(crate) mod part;

use super::requests::Alarm;
use super::{Accepts, GenServer};
use crate::error::{CallError, Callee, SendError, StopError, TryCallError, WaitPath};
use crate::exit::ExitReason;
use crate::mailbox::{self, Lost, Owed, ReplyTo, Slot, System};
use crate::pid::Pid;
use crate::process::cell::Pushed;
use crate::process::spans;
use crate::process::wait::{self, Edge};
use crate::process::{
    self, Ask, Bound, Cast, DEFAULT_LIMIT, EndsOn, Found, Late, Message, Node, Process, RawRef,
    Target,
};
use crate::rt;
use crate::rt::dispatch::{self, Runnable};
use crate::rt::time::{self, Instant, timeout};
use std::fmt;
use std::future::{Future, poll_fn};
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// What a handle derefs to: the methods of the server's protocol.
pub trait Client: Sized {
    /// What the mailbox takes.
    type Msg;
    /// A client of this address.
    fn from_raw(raw: RawRef<Self::Msg>) -> Self;
    /// The address.
    fn raw(&self) -> &RawRef<Self::Msg>;
}

/// A client without methods of its own, for servers by hand: messages are built by the caller.
#[derive(Debug)]
pub struct PlainClient<M: Message>(PlainCasts<M>);

/// What a [`PlainClient`] does without waiting: all that a [`Late`](super::Late) handle has.
#[derive(Debug)]
pub struct PlainCasts<M: Message>(RawRef<M>);

impl<M: Message> PlainCasts<M> {
    /// Sends a message that nobody waits for.
    pub fn cast(&self, msg: M) -> Cast {
        self.0.send(msg)
    }
}

impl<M: Message> PlainClient<M> {
    /// Sends the message that `make` builds around the reply handle, and waits for the answer.
    pub fn call<T: Send + 'static>(
        &self,
        kind: &'static str,
        make: impl FnOnce(ReplyTo<T>) -> M,
    ) -> Call<T> {
        call(&self.0.0, kind, Some(DEFAULT_LIMIT), Runner::ByHand, make)
    }
}

impl<M: Message> Clone for PlainClient<M> {
    fn clone(&self) -> Self {
        Self::from_raw(self.raw().clone())
    }
}

impl<M: Message> Deref for PlainClient<M> {
    type Target = PlainCasts<M>;
    fn deref(&self) -> &PlainCasts<M> {
        &self.0
    }
}

impl<M: Message> Client for PlainClient<M> {
    type Msg = M;
    fn from_raw(raw: RawRef<M>) -> Self {
        Self(PlainCasts(raw))
    }
    fn raw(&self) -> &RawRef<M> {
        &self.0.0
    }
}

/// A server's handle: a typed, stable address.
///
/// It is cheap to clone and survives restarts of a supervised server: what it names is the place,
/// not the incarnation. It has no methods of its own; after the dot stands the server's protocol.
/// What can be done with any process is in [`process`], what can be done with
/// any server in [`gen_server`](mod@crate::gen_server).
///
/// The last handle dropped ends nothing: a server lives until it is stopped, its supervisor or its
/// node ends.
pub struct Ref<S: GenServer>(S::Client);

impl<S: GenServer> Ref<S> {
    /// Associated, not a method: `Ref` has none.
    pub(crate) fn from_client(client: S::Client) -> Self {
        Self(client)
    }

    pub(crate) fn raw_of(this: &Self) -> &RawRef<S::Msg> {
        this.0.raw()
    }
}

impl<S: GenServer> Deref for Ref<S> {
    type Target = S::Client;
    #[inline]
    fn deref(&self) -> &S::Client {
        &self.0
    }
}

impl<S: GenServer> Clone for Ref<S> {
    fn clone(&self) -> Self {
        Self(S::Client::from_raw(self.0.raw().clone()))
    }
}

impl<S: GenServer> PartialEq for Ref<S> {
    fn eq(&self, other: &Self) -> bool {
        self.0.raw() == other.0.raw()
    }
}
impl<S: GenServer> Eq for Ref<S> {}

impl<S: GenServer> Hash for Ref<S> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.raw().hash(state);
    }
}

impl<S: GenServer> fmt::Debug for Ref<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.raw().fmt(f)
    }
}

impl<S: GenServer> Target for Ref<S> {
    fn find(&self) -> Option<Found> {
        self.0.raw().find()
    }
    fn last_pid(&self) -> Option<Pid> {
        self.0.raw().last_pid()
    }
    fn name(&self) -> Option<Arc<str>> {
        self.0.raw().name()
    }
}

/// Sends a server a message that one of its `#[info]` handlers takes.
///
/// At a full mailbox it is dropped and counted by the server, see
/// [`Ctx::dropped`](super::Ctx::dropped).
pub fn send<S: Accepts<T>, T>(server: &Ref<S>, msg: T) -> Cast {
    Cast(Ref::raw_of(server).0.inform(S::accept(msg)).map(drop))
}

/// The pid of the incarnation that lives behind a handle or a name; `None` while there is none.
/// A pid is its own answer, whether it lives or not, as in OTP.
pub fn whereis(target: &(impl Target + ?Sized)) -> Option<Pid> {
    target.whereis()
}

/// A handle of whoever is registered under this name: OTP's call to a name.
///
/// The name is looked up at each send, call, stop or monitor, on the node where this handle was
/// made. While nobody has it, calls answer [`CallError::NoProc`] at once; where who has it takes
/// other messages than `S`, they answer [`CallError::Unsupported`]. Casts are dropped then. The
/// handle may be made before the server is started. Each one is an address of its own: it equals
/// its clones and no other handle.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::gen_server;
/// use cordial::prelude::*;
/// #[gen_server]
/// #[derive(Clone, Default)]
/// struct Counter(u64);
/// #[gen_server]
/// impl Counter {
///     #[cast]
///     fn inc(&mut self) {
///         self.0 += 1;
///     }
///     #[call]
///     fn value(&self) -> u64 {
///         self.0
///     }
/// }
/// let hits = gen_server::named::<Counter>("hits");
/// assert!(matches!(hits.value().await, Err(CallError::NoProc(_))));
/// Counter::start(Counter::default()).name("hits").await.unwrap();
/// hits.inc();
/// assert_eq!(hits.value().await, Ok(1));
/// # }
/// ```
pub fn named<S: GenServer>(name: &str) -> Ref<S> {
    Ref::from_client(S::Client::from_raw(RawRef::named(name)))
}

// ===== Calls =====

/// The answer of a call, on its way.
///
/// The message is sent when the client method is called, so it keeps its place behind earlier
/// casts; awaiting waits. It waits 5 s unless the handler or [`timeout`](Self::timeout) says
/// otherwise. A server cannot call itself: such a call is not sent, and fails at once.
///
/// # Who runs the handler
/// If nobody runs the server, whoever awaits does, on his own stack, up to this call's message:
/// there is nobody to wait for, and no other thread to wake. It is the server that runs all the
/// same: with its pid, its state, its crash, and in no `tracing` span of the caller's.
/// - Order: it never passes mail that waits. A plain task runs up to 31 messages before its own; a
///   process runs its own only, and leaves it to the server where there are others.
/// - `async` handlers: a plain task runs one until it has to wait; then it goes on by itself. What
///   was woken meanwhile does not wait, up to four times. A process leaves them to the server.
/// - Panics end the server, and the caller gets the error that he would get otherwise.
/// - Depth: 16 such calls may stand on one stack; a deeper one is left to its server.
/// - Fairness: who only makes such calls gives his turn away from time to time, as at any `.await`.
/// - Only who runs on the server's own node does it, and never with a limit of zero.
///
/// No other worker is woken before the first poll. A call that a plain task holds without awaiting
/// it is handled by a worker that is awake, or by the task's own as soon as that has nothing else
/// to run.
///
/// What the caller feels is that a handler that blocks its thread blocks him, and that no bound of
/// his ends it early. `#[call(inline = never)]` leaves a handler to its server.
///
/// # Errors
/// Awaiting gives a [`CallError`]: a caller never hangs.
///
/// # Cancel safety
/// Dropping it neither takes the message back nor stops the handler; the answer is dropped when it
/// comes, and nothing is left behind.
#[must_use = "the message is already sent; `.await` it for the reply"]
pub struct Call<T> {
    sent: Result<Arc<Slot<T>>, Unsent>,
    callee: Arc<dyn Process>,
    pid: Option<Pid>,
    kind: &'static str,
    bound: Bound,
    /// The limit is the caller's own: it ends a circle of waits by itself.
    is_own_limit: bool,
    /// How much mail whoever polls first may handle for the callee, its own the last (D8).
    may_run: u8,
    /// Nobody was woken to run the callee: who waits for it does that, or lets go of it (D8).
    is_left_to_us: bool,
    /// The answer was taken.
    is_over: bool,
}

/// Who runs the handler of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Runner {
    /// The caller, in its first poll, if nobody else does then.
    Either,
    /// As `Either`, unless the caller is a process: the handler may wait for others, and among
    /// processes the wait that closes a circle is to be the last that is begun.
    EitherIfNoProcess,
    /// The callee itself.
    Callee,
    /// The callee itself, written by hand: with the message it has the handle.
    ByHand,
}

/// Why a call was not sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unsent {
    NoProc,
    Full,
    /// A process calls itself.
    ToSelf,
}

impl From<SendError> for Unsent {
    fn from(error: SendError) -> Self {
        match error {
            SendError::NoProc => Self::NoProc,
            SendError::Full => Self::Full,
        }
    }
}

/// Sends a call; its kind is the message's unless another is given.
#[inline]
pub(crate) fn call<M: Message, T: Send + 'static>(
    raw: &RawRef<M>,
    kind: impl Into<Option<&'static str>>,
    limit: Option<Duration>,
    runner: Runner,
    make: impl FnOnce(ReplyTo<T>) -> M,
) -> Call<T> {
    let raw = raw.resolved();
    let Caller { pid: caller, is_process, slot } = Caller::of(raw.node());
    let pid = raw.0.head.pid();
    let message = make(ReplyTo::new(slot.clone()));
    let kind = kind.into().unwrap_or_else(|| message.kind());
    let pushed = match (pid, runner) {
        // Also where mail is kept for whoever comes first: nobody waits for that.
        (None, _) => Err(Unsent::NoProc),
        // GS-14: what a process asks itself it cannot answer, so it is not asked.
        (Some(pid), _) if pid == caller => Err(Unsent::ToSelf),
        (Some(_), Runner::ByHand) => raw.0.give(message, slot.clone()).map_err(Unsent::from),
        (Some(_), _) => raw.0.ask(message).map_err(Unsent::from),
    };
    let asked = Asked { callee: raw.process(), node: raw.node(), pid, is_process, runner, pushed };
    Call::new(asked, kind, limit, slot)
}

/// A question to the process itself: it is asked in its place in the line, and by no handler.
pub(crate) fn call_system<M: Message, T: Send + 'static>(
    raw: &RawRef<M>,
    kind: &'static str,
    make: impl FnOnce(ReplyTo<T>) -> System,
) -> Call<T> {
    let raw = raw.resolved();
    let Caller { pid: caller, slot, .. } = Caller::of(raw.node());
    let pid = raw.0.head.pid();
    let pushed = match pid {
        None => Err(Unsent::NoProc),
        Some(pid) if pid == caller => Err(Unsent::ToSelf),
        Some(pid) => {
            let system = make(ReplyTo::new(slot.clone()));
            raw.0.put_look(pid, system).map_err(Unsent::from)
        }
    };
    let pid_bits = pid.map_or(0, Pid::bits);
    let pushed = pushed.map(|()| Pushed { pid: pid_bits, ahead: 0 });
    let (callee, node) = (raw.process(), raw.node());
    let asked = Asked { callee, node, pid, is_process: false, runner: Runner::ByHand, pushed };
    Call::new(asked, kind, Some(DEFAULT_LIMIT), slot)
}

/// Who calls, and where his answer will lie.
pub(super) struct Caller<T> {
    /// Outside of processes the node's.
    pid: Pid,
    is_process: bool,
    slot: Arc<Slot<T>>,
}

impl<T: Send + 'static> Caller<T> {
    #[inline]
    fn of(node: &Node) -> Self {
        let running = dispatch::running();
        let pid = running.unwrap_or(node.own_pid());
        let slot = Slot::new(pid);
        #[cfg(feature = "chaos")]
        rt::sim::note(|| rt::sim::Event::Called(slot.place()));
        Self { pid, is_process: running.is_some(), slot }
    }
}

/// What became of sending a call.
pub(super) struct Asked<'a> {
    callee: Arc<dyn Process>,
    node: &'a Node,
    /// Who was there before it was sent.
    pid: Option<Pid>,
    /// A process calls.
    is_process: bool,
    runner: Runner,
    pushed: Result<Pushed, Unsent>,
}

impl<T: Send + 'static> Call<T> {
    #[inline(always)]
    fn new(
        Asked { callee, node, pid, is_process, runner, pushed }: Asked<'_>,
        kind: &'static str,
        limit: Option<Duration>,
        slot: Arc<Slot<T>>,
    ) -> Self {
        Self {
            callee,
            pid: pushed.ok().map_or(pid, |to| Pid::from_bits(node.number(), to.pid)),
            kind,
            bound: Bound::new(node, limit),
            is_own_limit: false,
            may_run: pushed.map_or(0, |to| match (runner, is_process) {
                // A process runs its own message only: what waits before it may await others.
                (Runner::Either, true) if to.ahead > 1 => 0,
                (Runner::Either, _) | (Runner::EitherIfNoProcess, false) => to.ahead,
                _ => 0,
            }),
            is_left_to_us: runner != Runner::ByHand && !node.dispatch.is_inside(),
            is_over: false,
            sent: pushed.map(|_| slot),
        }
    }

    /// Waits this long at most, counted from the call.
    pub fn timeout(mut self, limit: Duration) -> Self {
        (self.bound.limit, self.is_own_limit) = (Some(limit), true);
        self
    }

    /// Waits as long as it takes.
    pub fn no_timeout(mut self) -> Self {
        (self.bound.limit, self.is_own_limit) = (None, false);
        self
    }

    /// The answer if it comes within this time. `None`: not yet; the call stays valid and can be
    /// waited for again, or awaited. OTP's `wait_response`.
    ///
    /// Nothing else bounds the wait: the call's own limit counts when the call is awaited. Once
    /// the answer was given, the call is over.
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)] async fn main() {
    /// use cordial::prelude::*;
    /// #[gen_server]
    /// #[derive(Clone)]
    /// struct Slow;
    /// #[gen_server]
    /// impl Slow {
    ///     #[call]
    ///     async fn think(&self) -> u8 {
    ///         tokio::time::sleep(millis(20)).await;
    ///         42
    ///     }
    /// }
    /// let slow = Slow::start(Slow).await.unwrap();
    /// let mut answer = slow.think();
    /// assert_eq!(answer.wait(millis(1)).await, None);
    /// assert_eq!(answer.wait(secs(5)).await, Some(Ok(42)));
    /// # }
    /// ```
    ///
    /// # Cancel safety
    /// Dropping it keeps the call.
    pub async fn wait(&mut self, limit: Duration) -> Option<Result<T, CallError>> {
        let due = time::after(Instant::now(), limit);
        let mut alarm = None;
        poll_fn(|cx| match self.poll_awaited(cx) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending if Instant::now() >= due => Poll::Ready(None),
            Poll::Pending => {
                wait::note_bounded(cx, None);
                alarm.get_or_insert_with(|| self.alarm(due));
                Poll::Pending
            }
        })
        .await
    }

    /// Wakes who waits for this call when it is time.
    fn alarm(&self, due: Instant) -> Option<Alarm> {
        let slot = self.sent.as_ref().ok()?.clone();
        Some(Alarm::arm(self.callee.node(), due, move || slot.nudge()))
    }

    /// Waits on this thread.
    ///
    /// # Errors
    /// As awaiting it.
    ///
    /// # Panics
    /// Inside a tokio runtime, whose worker it would block.
    pub fn blocking(self) -> Result<T, CallError> {
        rt::block_on(None, self)
    }

    /// The answer, if it is there, asked for at an `.await`; who asks sees to the time.
    fn poll_awaited(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, CallError>> {
        if self.may_run > 0 {
            self.run_callee(cx);
        }
        self.poll_answer(cx)
    }

    /// The answer, if it is there; the callee is left to itself.
    pub(super) fn poll_answer(&mut self, cx: &Context<'_>) -> Poll<Result<T, CallError>> {
        let polled = match &self.sent {
            Ok(slot) => slot.poll(cx).map(|answer| answer.map_err(|lost| self.lost(lost))),
            Err(why) => Poll::Ready(Err(self.unsent(*why))),
        };
        if polled.is_pending() {
            self.leave_callee();
        }
        polled
    }

    /// When its own limit is over.
    pub(super) fn due(&mut self) -> Option<Instant> {
        self.bound.due(self.callee.node())
    }

    pub(super) fn timed_out(&self) -> CallError {
        CallError::Timeout(self.bound.limit.unwrap_or_default(), self.callee())
    }

    pub(super) fn node(&self) -> &Arc<Node> {
        self.callee.node()
    }

    #[cold]
    fn lost(&self, lost: Lost) -> CallError {
        match lost {
            Lost::Down(reason) => CallError::Down(reason, self.callee()),
            Lost::Dropped => CallError::ReplyDropped(self.callee()),
        }
    }

    #[cold]
    fn unsent(&self, why: Unsent) -> CallError {
        match why {
            Unsent::NoProc if self.callee.is_of_others() => CallError::Unsupported(self.callee()),
            Unsent::NoProc => CallError::NoProc(self.callee()),
            Unsent::Full => CallError::Full(self.callee()),
            Unsent::ToSelf => self.deadlock(self.pid.as_slice()),
        }
    }

    #[cold]
    fn deadlock(&self, path: &[Pid]) -> CallError {
        CallError::Deadlock(WaitPath::new(path), self.callee())
    }

    /// Nobody ran the callee and there was little mail before the message: the caller, who would
    /// only wait, runs it on its own stack. It has let go of what a callback of its own dropped, as
    /// at any other await.
    #[inline]
    fn run_callee(&mut self, cx: &mut Context<'_>) {
        let most = u32::from(std::mem::take(&mut self.may_run));
        let dispatch = &self.callee.node().dispatch;
        let may_wait = self.bound.limit != Some(Duration::ZERO); // GS-19
        let entry = || -> Arc<dyn Runnable> { self.callee.clone() };
        let waits = || self.sent.as_ref().is_ok_and(|slot| slot.is_open_here());
        let run_here = || dispatch.run_here(&*self.callee, most, waits, entry);
        let run = || spans::outside(|| mailbox::aside(run_here));
        if may_wait && rt::spend(cx) && run() {
            self.is_left_to_us = false;
        }
    }

    /// There is no answer yet: sees to the bound, and tells the process that is polled whom it
    /// waits for.
    fn expect(&mut self, cx: &Context<'_>) -> Result<(), CallError> {
        let me = dispatch::running();
        if me.is_some() && self.pid == me {
            return Err(self.deadlock(me.as_slice())); // Made elsewhere, awaited here.
        }
        let Ok(slot) = &self.sent else { return Ok(()) };
        let waits = || -> Arc<dyn Owed> { slot.clone() };
        let bell = match self.bound.see_to(self.callee.node(), cx, waits) {
            Ok(bell) => bell,
            Err(Late(limit)) => return Err(CallError::Timeout(limit, self.callee())),
        };
        match me {
            Some(_) => self.expect_as_process(slot, bell, cx),
            None => Ok(()),
        }
    }

    fn expect_as_process(
        &self,
        slot: &Arc<Slot<T>>,
        bell: Option<Instant>,
        cx: &Context<'_>,
    ) -> Result<(), CallError> {
        if self.is_own_limit {
            wait::note_bounded(cx, bell);
            return Ok(());
        }
        let (callee, owed) = (self.callee.clone(), slot.clone());
        match wait::note(cx, Edge { callee, owed, is_sure: false }, bell) {
            Some(circle) => Err(self.deadlock(&circle)),
            None => Ok(()),
        }
    }
}

impl<T: Send + 'static> Future for Call<T> {
    type Output = Result<T, CallError>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.may_run > 0 {
            self.run_callee(cx);
        }
        let polled = match &mut self.sent {
            Ok(slot) => Slot::poll_mut(slot, cx),
            Err(why) => {
                let why = *why;
                return Poll::Ready(Err(self.unsent(why)));
            }
        };
        if let Poll::Ready(answer) = polled {
            self.is_over = true;
            return Poll::Ready(answer.map_err(|lost| self.lost(lost)));
        }
        match self.expect(cx) {
            Ok(()) => {
                self.leave_callee();
                Poll::Pending
            }
            Err(error) => {
                if let Ok(slot) = &self.sent {
                    slot.give_up();
                }
                Poll::Ready(Err(error))
            }
        }
    }
}

/// What also the drop of one does, which asks nothing of `T`.
impl<T> Call<T> {
    #[cold]
    fn callee(&self) -> Callee {
        Callee::new(self.callee.server(), self.pid, self.kind)
    }

    /// The caller will not run it: a dispatcher has to (D8).
    #[inline]
    fn leave_callee(&mut self) {
        self.may_run = 0;
        if std::mem::take(&mut self.is_left_to_us) {
            self.callee.node().dispatch.wake_unless_coming();
        }
    }
}

impl<T> Drop for Call<T> {
    fn drop(&mut self) {
        self.leave_callee();
        self.bound.release(|| self.callee.node());
        if let Ok(slot) = &self.sent
            && !self.is_over
        {
            slot.give_up();
        }
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({})", self.callee())
    }
}

/// The answer of a call whose handler answers with a `Result`: the handler's error and the call's
/// come as one [`TryCallError`].
#[must_use = "the message is already sent; `.await` it for the reply"]
#[derive(Debug)]
pub struct TryCall<T, E>(pub(crate) Call<Result<T, E>>);

pub(crate) fn try_call<M: Message, T: Send + 'static, E: Send + 'static>(
    raw: &RawRef<M>,
    kind: impl Into<Option<&'static str>>,
    limit: Option<Duration>,
    runner: Runner,
    make: impl FnOnce(ReplyTo<Result<T, E>>) -> M,
) -> TryCall<T, E> {
    TryCall(call(raw, kind, limit, runner, make))
}

impl<T: Send + 'static, E: Send + 'static> TryCall<T, E> {
    /// Waits this long at most, counted from the call.
    pub fn timeout(self, limit: Duration) -> Self {
        Self(self.0.timeout(limit))
    }

    /// Waits as long as it takes.
    pub fn no_timeout(self) -> Self {
        Self(self.0.no_timeout())
    }

    /// As [`Call::wait`].
    ///
    /// # Cancel safety
    /// Dropping it keeps the call.
    pub async fn wait(&mut self, limit: Duration) -> Option<Result<T, TryCallError<E>>> {
        self.0.wait(limit).await.map(flatten)
    }

    /// Waits on this thread.
    ///
    /// # Errors
    /// As awaiting it.
    ///
    /// # Panics
    /// Inside a tokio runtime, whose worker it would block.
    pub fn blocking(self) -> Result<T, TryCallError<E>> {
        rt::block_on(None, self)
    }
}

impl<T: Send + 'static, E: Send + 'static> Future for TryCall<T, E> {
    type Output = Result<T, TryCallError<E>>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map(flatten)
    }
}

pub(super) fn flatten<T, E>(answer: Result<Result<T, E>, CallError>) -> Result<T, TryCallError<E>> {
    match answer {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(TryCallError::Handler(error)),
        Err(error) => Err(TryCallError::Call(error)),
    }
}

// ===== Stop =====

/// Stops a server with reason `Normal`, behind the mail that waits: everything sent before is
/// handled. Returns when it is gone and its name free.
///
/// If the server is idle, whoever awaits runs its end on his own stack, as he does with a
/// [call](Call#who-runs-the-handler).
///
/// # Errors
/// [`StopError::NoProc`] when it is gone already, [`StopError::CallingSelf`] from within itself,
/// [`StopError::Down`] when it ends for another reason meanwhile.
///
/// # Cancel safety
/// The request is made at the first poll and stays.
pub async fn stop(target: &(impl Target + ?Sized)) -> Result<(), StopError> {
    stop_and_wait(target, ExitReason::Normal, None).await
}

/// [`stop`], with a reason and a bound. The server's end is left to itself.
///
/// # Errors
/// As [`stop`]; [`StopError::Timeout`] when it is not gone by then. The request stays (GS-40).
pub async fn stop_with(
    target: &(impl Target + ?Sized),
    reason: ExitReason,
    limit: Duration,
) -> Result<(), StopError> {
    stop_and_wait(target, reason, Some(limit)).await
}

async fn stop_and_wait(
    target: &(impl Target + ?Sized),
    reason: ExitReason,
    limit: Option<Duration>,
) -> Result<(), StopError> {
    let found = target.find().ok_or(StopError::NoProc)?;
    if dispatch::running() == Some(found.pid) {
        return Err(StopError::CallingSelf);
    }
    // One that has a time to go by does not do the work itself.
    let on = if limit.is_none() { EndsOn::AskersStack } else { EndsOn::ARunQueue };
    let stop = Ask::Stop(reason.clone());
    let down = process::Monitor::of_ending(found, stop, on).ok_or(StopError::NoProc)?;
    process::go_on().await;
    let down = match limit {
        None => down.await,
        Some(limit) => timeout(limit, down).await.map_err(|_| StopError::Timeout(limit))?,
    };
    match down.reason {
        its if its == reason => Ok(()),
        ExitReason::NoProc => Err(StopError::NoProc),
        other => Err(StopError::Down(other)),
    }
}

/// Waits until everything that was sent before is handled.
///
/// # Errors
/// [`StopError::NoProc`] when it is gone, or goes before.
#[cfg(feature = "test-util")]
pub(crate) async fn sync(target: &(impl Target + ?Sized)) -> Result<(), StopError> {
    let found = target.find().ok_or(StopError::NoProc)?;
    let slot = Slot::new(process::self_pid());
    let request = System::Sync(ReplyTo::new(slot.clone()));
    if found.process.send_system(found.pid, request).is_err() {
        return Err(StopError::NoProc);
    }
    poll_fn(|cx| slot.poll(cx)).await.map_err(|lost| match lost {
        Lost::Down(reason) => StopError::Down(reason),
        Lost::Dropped => StopError::NoProc,
    })
}
