//! What a callback may do beside its work: stop, continue, set timers, watch others.
use super::outcome::BoxFlow;
use super::server::OwnPump;
use super::stream::{PollStream, Streams};
use super::{Accepts, Client, Continues, GenServer, Ref};
use crate::error::NoProc;
use crate::exit::ExitReason;
use crate::inspect::Inspected;
use crate::mailbox::{Mail, Owed, Parcel, System};
use crate::pid::{MonitorRef, Pid};
use crate::process::cell::{Cell, Message};
use crate::process::counts::{Counting, Joined};
use crate::process::watch::{Outcome, Watching};
use crate::process::{self, Fired, Found, Interval, MissedTick, Node, Process, RawRef, Target};
use crate::rt::sync::Lock;
use crate::rt::time::{self, Instant};
use crate::signal::Down;
use crate::timer::{Tick, TimerKey};
use std::any::Any;
use std::collections::VecDeque;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// What a running server can do and knows of itself; every callback may take `ctx: &mut Ctx<Self>`.
///
/// | | |
/// |---|---|
/// | [`me`], [`pid`], [`address`] | who I am |
/// | [`stop`], [`continue_with`] | what happens next |
/// | [`timeout`], [`send_after`], [`send_interval`], [`every`] | what happens later |
/// | [`spawn`], [`spawn_link`] | what happens beside it |
/// | [`monitor`], [`demonitor`], [`link`], [`unlink`], [`trap_exit`] | who I am tied to |
/// | [`poisoned`], [`missed`], [`dropped`] | what went by |
///
/// There is no `hibernate`: an idle process is small already.
///
/// [`me`]: Self::me
/// [`pid`]: Self::pid
/// [`address`]: Self::address
/// [`stop`]: Self::stop
/// [`continue_with`]: Self::continue_with
/// [`timeout`]: Self::timeout
/// [`send_after`]: Self::send_after
/// [`send_interval`]: Self::send_interval
/// [`every`]: Self::every
/// [`spawn`]: Self::spawn
/// [`spawn_link`]: Self::spawn_link
/// [`monitor`]: Self::monitor
/// [`demonitor`]: Self::demonitor
/// [`link`]: Self::link
/// [`unlink`]: Self::unlink
/// [`trap_exit`]: Self::trap_exit
/// [`poisoned`]: Self::poisoned
/// [`missed`]: Self::missed
/// [`dropped`]: Self::dropped
pub struct Ctx<S: GenServer> {
    me: Arc<Cell<S::Msg>>,
    aside: Option<Box<Aside<S>>>,
}

/// What not every server has. Under locks only so that `&Ctx` may be held over an await; nobody
/// ever waits for them.
struct Aside<S: GenServer> {
    more: Option<Box<Lock<More<S>>>>,
    /// Between two jobs that await.
    pump: Lock<Option<OwnPump<S>>>,
}

impl<S: GenServer> Default for Aside<S> {
    fn default() -> Self {
        Self { more: None, pump: Lock::default() }
    }
}

/// What few servers need.
struct More<S: GenServer> {
    stop: Option<ExitReason>,
    /// The answer of a call that asked to stop.
    held: Option<Box<dyn FnOnce() + Send>>,
    next: VecDeque<Continuation<S>>,
    tickers: Vec<Option<Ticker<S>>>,
    ticks: Vec<Arc<Tick>>,
    missed: u32,
    poisoned: bool,
    /// Whose call ends it.
    client: Option<Pid>,
    /// What of the state may be shown, as it was before `terminate`.
    status: Option<Inspected>,
    /// Asked for with `timeout`, for once.
    once: Option<Duration>,
    deadline: Option<Instant>,
    idle_timer: Option<(Instant, TimerKey)>,
    /// Who watches what it handles.
    watching: Option<Arc<Watching>>,
    /// Of the message that its handler is about to await something for.
    #[cfg(feature = "spans")]
    span: Option<tracing::Span>,
    /// It counts what it handles, with the others of its type.
    counting: Option<Counting>,
    streams: Streams<S>,
    /// What a behaviour on top of a server keeps beside the state.
    beside: Option<Box<dyn Beside>>,
}

/// What a behaviour on top of a server keeps beside the state.
pub(crate) trait Beside: Any + Send {
    /// What it says of itself where the state is shown.
    fn shown(&self) -> String;
}

pub(crate) type Continuation<S> =
    Box<dyn for<'a> FnOnce(&'a mut S, &'a mut Ctx<S>) -> BoxFlow<'a> + Send>;
pub(crate) type Ticker<S> = Box<dyn for<'a> FnMut(&'a mut S, &'a mut Ctx<S>) -> BoxFlow<'a> + Send>;

/// How mail is called where it is handled.
pub(super) fn kind_of<M: Message>(mail: &Mail<M>) -> Option<&'static str> {
    match (mail.message(), mail) {
        (Some(message), _) => Some(message.kind()),
        (None, Mail::Timed(parcel)) => parcel.lock().as_ref().map(Message::kind),
        (None, Mail::System(system)) => system.kind(),
        _ => None,
    }
}

impl<S: GenServer> Default for More<S> {
    fn default() -> Self {
        Self {
            stop: None,
            held: None,
            next: VecDeque::new(),
            tickers: Vec::new(),
            ticks: Vec::new(),
            missed: 0,
            poisoned: false,
            client: None,
            status: None,
            once: None,
            deadline: None,
            idle_timer: None,
            watching: None,
            #[cfg(feature = "spans")]
            span: None,
            counting: None,
            streams: Streams::default(),
            beside: None,
        }
    }
}

impl<S: GenServer> Ctx<S> {
    pub(crate) fn new(me: Arc<Cell<S::Msg>>) -> Self {
        Self { me, aside: None }
    }

    /// A context for whoever does the work of this process, with all that was asked for.
    pub(super) fn lend(&mut self) -> Self {
        Self { me: self.me.clone(), aside: self.aside.take() }
    }

    /// The work is done.
    pub(super) fn take_back(&mut self, lent: Self) {
        self.aside = lent.aside;
    }

    fn more(&mut self) -> &mut More<S> {
        self.aside.get_or_insert_default().more.get_or_insert_default().get_mut()
    }

    fn known(&mut self) -> Option<&mut More<S>> {
        self.aside.as_mut()?.more.as_mut().map(|more| more.get_mut())
    }

    #[inline]
    fn seen(&self) -> Option<&Lock<More<S>>> {
        self.aside.as_ref()?.more.as_deref()
    }

    /// This server's own handle.
    pub fn me(&self) -> Ref<S> {
        Ref::from_client(S::Client::from_raw(self.address()))
    }

    /// This server's address, without its client.
    pub fn address(&self) -> RawRef<S::Msg> {
        RawRef(self.me.clone())
    }

    /// This server's pid.
    pub fn pid(&self) -> Pid {
        self.me.head.pid().expect("a process that runs a callback lives")
    }

    /// `init` is over.
    pub(crate) fn started(&mut self) {
        self.me.started();
        self.join_type();
    }

    /// If its type is counted or traced, it is from now on.
    pub(crate) fn join_type(&mut self) {
        let more = self.aside.as_mut().and_then(|aside| aside.more.as_mut());
        let already = more.and_then(|more| more.get_mut().counting.as_ref());
        if let Some(joined) = self.me.head.node.types.join::<S>(already) {
            self.join_asked(joined);
        }
    }

    #[cold]
    fn join_asked(&mut self, Joined { counting, traces }: Joined) {
        let watching = (!traces.is_empty()).then(|| self.me.trace(self.pid(), &traces)).flatten();
        let more = self.more();
        more.counting = counting.or(more.counting.take());
        more.watching = watching.or(more.watching.take());
    }

    pub(crate) fn node(&self) -> &Arc<Node> {
        &self.me.head.node
    }

    pub(crate) fn found(&self) -> Found {
        Found { pid: self.pid(), process: self.me.as_process() }
    }

    // ----- what happens next -----

    /// Ends the server when this callback returns: `terminate` runs, then a call's answer is given,
    /// then the process ends with `reason`.
    pub fn stop(&mut self, reason: ExitReason) {
        self.more().stop.get_or_insert(reason);
    }

    /// Runs the `#[handle_continue]` handler before the next message.
    pub fn continue_with<A: Send + 'static>(&mut self, arg: A)
    where
        S: Continues<A>,
    {
        self.more().next.push_back(Box::new(move |state: &mut S, ctx: &mut Self| {
            Box::pin(S::handle_continue(state, arg, ctx))
        }));
    }

    /// What the macro does after `init` for a `#[handle_continue]` handler without an argument.
    #[doc(hidden)]
    pub fn continue_unless_asked<A: Send + 'static>(&mut self, arg: A)
    where
        S: Continues<A>,
    {
        if self.known().is_none_or(|more| more.next.is_empty()) {
            self.continue_with(arg);
        }
    }

    // ----- what happens later -----

    /// If no message comes within `after`, the `#[idle]` handler (or the `#[info]` handler for
    /// `Timeout`) runs, once. Any message takes it back (GS-32); with 0 a message that waits
    /// already does (GS-33).
    pub fn timeout(&mut self, after: Duration) {
        self.more().once = Some(after);
    }

    /// Sends this server a message after some time.
    ///
    /// The timer dies with this incarnation of the server.
    pub fn send_after<T>(&mut self, after: Duration, msg: T) -> Timer
    where
        S: Accepts<T>,
    {
        let armed = Later::<S::Msg>::arm(self.found(), self.address(), after, S::accept(msg));
        Timer(Box::new(armed))
    }

    /// Sends this server a copy of a message every period, the first time after one period; it is
    /// the message's `#[info]` handler that takes it.
    ///
    /// It dies with this incarnation of the server. `#[every]` is the same for what is known when
    /// the server is written.
    pub fn send_interval<T>(&mut self, period: Duration, msg: T, missed: MissedTick) -> Interval
    where
        S: Accepts<T>,
        T: Clone + Send + Sync + 'static,
    {
        process::repeat(&self.address(), period, missed, move || S::accept(msg.clone()))
            .expect("a server that runs a callback lives")
    }

    /// Runs `tick` every `period`, the first time after one period, without drift. A tick that is
    /// due while one still waits is merged into it and counted by [`missed`](Self::missed).
    ///
    /// `#[every(period)]` is this. A period of zero is taken as one millisecond.
    pub fn every(
        &mut self,
        period: Duration,
        tick: impl for<'a> FnMut(&'a mut S, &'a mut Self) -> BoxFlow<'a> + Send + 'static,
    ) {
        let period = period.max(Duration::from_millis(1));
        let (found, address) = (self.found(), self.address());
        let shared = self.add_ticker(Box::new(tick));
        self.more().ticks.push(shared.clone());
        arm_tick(&found, address, shared, time::after(Instant::now(), period), period);
    }

    /// What the macro does after `init` for `#[info(stream = ..)]`.
    #[doc(hidden)]
    pub fn stream(&mut self, poll: PollStream<S>) {
        let (me, pid) = (self.me.clone(), self.pid());
        self.more().streams.add(&me, pid, poll);
    }

    // ----- whom I am tied to -----

    /// Watches another process: when it ends, the `#[info]` handler for `Down` runs, once.
    pub fn monitor(&mut self, target: &(impl Target + ?Sized)) -> MonitorRef
    where
        S: Accepts<Down>,
    {
        process::monitor_by_message(&self.found(), target)
    }

    /// Takes a monitor away, with a `Down` of it that is in the mailbox already: after this none
    /// of it is handled. True: it was active.
    pub fn demonitor(&mut self, monitor: MonitorRef) -> bool {
        let watched = self.me.remove_watching(self.pid(), monitor, Fired::Goes);
        watched.map(|process| process.forget_watcher(monitor)).is_some()
    }

    /// Links this server to another process.
    ///
    /// # Errors
    /// As [`process::link`].
    pub fn link(&mut self, target: &(impl Target + ?Sized)) -> Result<(), NoProc> {
        process::link(target)
    }

    /// Takes a link away.
    pub fn unlink(&mut self, target: &(impl Target + ?Sized)) {
        process::unlink(target);
    }

    /// Sets whether exit signals become messages, and tells what it was.
    ///
    /// An `#[info]` handler for `Exit` sets it from the beginning.
    pub fn trap_exit(&mut self, trap: bool) -> bool {
        self.me.set_trap(self.pid(), trap)
    }

    // ----- what went by -----

    /// In `terminate`: a handler panicked, and the state is as it left it.
    pub fn poisoned(&self) -> bool {
        self.seen().is_some_and(|more| more.lock().poisoned)
    }

    /// Ticks that were merged since this was asked last.
    pub fn missed(&mut self) -> u32 {
        self.known().map_or(0, |more| std::mem::take(&mut more.missed))
    }

    /// How many messages a full mailbox has lost since this was asked last: those that were dropped
    /// for younger ones (`on_full = drop_oldest`), and infos that were refused.
    pub fn dropped(&mut self) -> u64 {
        let mut inner = self.me.inner.lock();
        inner.rare().map_or(0, |rare| std::mem::take(&mut rare.dropped))
    }
}

// ----- for the server's own loop -----

impl<S: GenServer> Ctx<S> {
    /// Whether the monitor of a DOWN has not been taken away meanwhile.
    pub(crate) fn wants(&self, down: &Down) -> bool {
        self.me.claim(down.monitor)
    }

    #[inline]
    pub(crate) fn wants_to_stop(&self) -> bool {
        self.seen().is_some_and(|more| more.lock().stop.is_some())
    }

    #[inline]
    pub(crate) fn take_stop(&mut self) -> Option<ExitReason> {
        self.known().and_then(|more| more.stop.take())
    }

    pub(crate) fn hold(&mut self, reply: Box<dyn FnOnce() + Send>) {
        self.more().held = Some(reply);
    }

    pub(crate) fn take_held(&mut self) -> Option<Box<dyn FnOnce() + Send>> {
        self.known().and_then(|more| more.held.take())
    }

    /// Something was asked for, now or earlier: a timer, a stop, a continue.
    #[inline]
    pub(crate) fn has_more(&self) -> bool {
        self.seen().is_some()
    }

    /// The future of a job that awaits, with nothing in it.
    #[inline]
    pub(super) fn take_pump(&mut self) -> Option<OwnPump<S>> {
        self.aside.as_mut()?.pump.get_mut().take()
    }

    #[inline]
    pub(super) fn keep_pump(&mut self, pump: OwnPump<S>) {
        *self.aside.get_or_insert_default().pump.get_mut() = Some(pump);
    }

    #[inline]
    pub(crate) fn take_continuation(&mut self) -> Option<Continuation<S>> {
        self.known().and_then(|more| more.next.pop_front())
    }

    pub(crate) fn poison(&mut self) {
        self.more().poisoned = true;
    }

    pub(crate) fn note_client(&mut self, client: Pid) {
        self.more().client = Some(client);
    }

    pub(crate) fn client(&self) -> Option<Pid> {
        self.seen().and_then(|more| more.lock().client)
    }

    pub(crate) fn keep_status(&mut self, status: Inspected) {
        self.more().status = Some(status);
    }

    pub(crate) fn take_status(&mut self) -> Option<Inspected> {
        self.known().and_then(|more| more.status.take())
    }

    pub(crate) fn watch(&mut self, watching: Arc<Watching>) {
        self.more().watching = Some(watching);
    }

    pub(crate) fn is_watched(&self) -> bool {
        let is_seen = |more: &More<S>| more.watching.is_some() || more.counting.is_some();
        self.seen().is_some_and(|more| is_seen(&more.lock()))
    }

    /// A message is about to be handled.
    #[cold]
    pub(crate) fn begin_watched(&mut self, mail: &Mail<S::Msg>) {
        let kind = kind_of(mail);
        let message: &dyn Any = mail.message().map_or(&(), |message| message as &dyn Any);
        self.note_begin(kind, message);
    }

    /// What is done next is done in this span.
    #[cfg(feature = "spans")]
    pub(crate) fn keep_span(&mut self, span: tracing::Span) {
        self.more().span = Some(span);
    }

    #[cfg(feature = "spans")]
    pub(crate) fn take_span(&mut self) -> Option<tracing::Span> {
        self.known().and_then(|more| more.span.take())
    }

    fn note_begin(&mut self, kind: Option<&'static str>, message: &dyn Any) {
        let more = self.more();
        if let (Some(counting), Some(kind)) = (&more.counting, kind)
            && !counting.add(kind)
        {
            more.counting = None;
        }
        let Some(watching) = self.more().watching.take() else { return };
        let is_wanted = kind.is_none_or(|kind| watching.begin(kind, message));
        self.more().watching = Some(watching).filter(|_| is_wanted);
    }

    /// The mail of stream `number` has come: its next item, if it has one.
    pub(crate) fn take_from_stream(&mut self, number: usize, state: &mut S) -> Option<S::Msg> {
        let message = self.more().streams.take(number, state)?;
        self.note_begin(Some(message.kind()), &message);
        Some(message)
    }

    pub(crate) fn has_streams(&mut self) -> bool {
        self.known().is_some_and(|more| !more.streams.is_empty())
    }

    /// It is the context of this process no more. Who watches what it handles goes on.
    pub(crate) fn retire(&mut self) -> Option<Arc<Watching>> {
        let more = self.known()?;
        more.ticks.iter().for_each(|tick| tick.stop());
        more.streams.stop();
        more.watching.take()
    }

    /// What a stream has whose mail is not on its way.
    pub(crate) fn look_at_streams(&mut self, state: &mut S) -> Option<S::Msg> {
        let message = self.known()?.streams.look(state)?;
        self.note_begin(Some(message.kind()), &message);
        Some(message)
    }

    /// The state was looked at by somebody who may have replaced it.
    pub(crate) fn look_at_streams_again(&mut self) {
        if let Some(more) = self.known() {
            more.streams.look_again();
        }
    }

    pub(crate) fn end_watched(&self, outcome: Outcome) {
        let watching = self.seen().and_then(|more| more.lock().watching.clone());
        if let Some(watching) = watching {
            watching.end(outcome);
        }
    }

    /// What a behaviour on top of a server keeps beside the state.
    pub(crate) fn beside(&mut self) -> Option<&mut (dyn Any + Send)> {
        let beside = self.known().and_then(|more| more.beside.as_deref_mut());
        beside.map(|beside| beside as &mut (dyn Any + Send))
    }

    /// The state in which a state machine is.
    pub(crate) fn machine(&self) -> Option<String> {
        self.seen().and_then(|more| more.lock().beside.as_deref().map(Beside::shown))
    }

    /// [`beside`](Self::beside), to look at.
    pub(crate) fn with_beside<R>(&self, look: impl FnOnce(&(dyn Any + Send)) -> R) -> Option<R> {
        self.seen().and_then(|more| more.lock().beside.as_deref().map(|it| look(it)))
    }

    pub(crate) fn keep_beside(&mut self, beside: Box<dyn Beside>) {
        self.more().beside = Some(beside);
    }

    /// Runs `next` before the next message.
    pub(crate) fn continue_by(&mut self, next: Continuation<S>) {
        self.more().next.push_back(next);
    }

    /// What [`timeout`](Self::timeout) was asked for since the last time.
    pub(crate) fn take_once(&mut self) -> Option<Duration> {
        self.known().and_then(|more| more.once.take())
    }

    /// What runs `ticker` when it is in the mailbox.
    pub(crate) fn add_ticker(&mut self, ticker: Ticker<S>) -> Arc<Tick> {
        let more = self.more();
        let tick = Tick::new(more.tickers.len());
        more.tickers.push(Some(ticker));
        tick
    }

    pub(crate) fn begin_tick(&mut self, tick: &Tick) -> Option<Ticker<S>> {
        if tick.is_stopped() {
            return None;
        }
        tick.queued.store(false, Relaxed);
        let missed = tick.missed.swap(0, Relaxed);
        let more = self.more();
        more.missed = more.missed.saturating_add(missed);
        more.tickers.get_mut(tick.index).and_then(Option::take)
    }

    pub(crate) fn end_tick(&mut self, index: usize, ticker: Ticker<S>) {
        if let Some(slot) = self.more().tickers.get_mut(index) {
            *slot = Some(ticker);
        }
    }

    pub(crate) fn owe(&self, debt: Weak<dyn Owed>) {
        let mut inner = self.me.inner.lock();
        let debts = &mut inner.ext().debts;
        if debts.len() == debts.capacity() {
            debts.retain(|debt| debt.strong_count() > 0);
        }
        debts.push(debt);
    }

    pub(crate) fn is_parent(&self, pid: Pid) -> bool {
        match self.me.parent(self.pid()) {
            Some(parent) => parent == pid,
            None => pid == self.node().own_pid(),
        }
    }

    /// A message was handled: the inactivity time begins anew.
    #[inline]
    pub(crate) fn touch(&mut self, idle_after: Option<Duration>) {
        if idle_after.is_none() && !self.has_more() {
            return;
        }
        self.arm_idle(idle_after);
    }

    fn arm_idle(&mut self, idle_after: Option<Duration>) {
        let more = self.more();
        let Some(after) = more.once.take().or(idle_after) else {
            more.deadline = None;
            return;
        };
        let deadline = time::after(Instant::now(), after);
        more.deadline = Some(deadline);
        if more.idle_timer.is_none_or(|(due, _)| due > deadline) {
            self.arm_idle_timer(deadline);
        }
    }

    fn arm_idle_timer(&mut self, deadline: Instant) {
        let (found, address) = (self.found(), self.address());
        if let Some((_, key)) = self.more().idle_timer.take() {
            found.process.disown_timer(found.pid, key);
            found.process.node().timers.cancel(key);
        }
        let pid = found.pid;
        let key = process::arm(&found, deadline, move || {
            address.0.deliver(pid, Mail::System(Box::new(System::Idle)));
        });
        self.more().idle_timer = key.map(|key| (deadline, key));
    }

    /// The timer fired. True: no message came in time.
    pub(crate) fn is_idle(&mut self) -> bool {
        let more = self.more();
        more.idle_timer = None;
        match more.deadline {
            Some(deadline) if deadline <= Instant::now() => {
                more.deadline = None;
                true
            }
            Some(deadline) => {
                self.arm_idle_timer(deadline);
                false
            }
            None => false,
        }
    }
}

impl<S: GenServer> std::fmt::Debug for Ctx<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ctx({:?})", self.address())
    }
}

fn arm_tick<M: Message>(
    found: &Found,
    address: RawRef<M>,
    tick: Arc<Tick>,
    due: Instant,
    period: Duration,
) {
    let (next, pid) = (found.clone(), found.pid);
    process::arm(found, due, move || {
        if tick.is_stopped() {
            return;
        }
        if tick.is_due() {
            address.0.deliver(pid, Mail::System(Box::new(System::Tick(tick.clone()))));
        }
        arm_tick(&next, address, tick, time::after(due, period), period);
    });
}

/// A message on its way to its own server; what [`Ctx::send_after`] gives. Dropping it does
/// nothing.
pub struct Timer(Box<dyn Rearm + Send + Sync>);

impl Timer {
    /// Takes the message back: it is never handled after this, also if it stood in the mailbox.
    ///
    /// The time that was left, or `None` if the timer had fired (or had been cancelled).
    pub fn cancel(&self) -> Option<Duration> {
        self.0.cancel()
    }

    /// Starts the time anew. False: the message was handled already, or cancelled.
    pub fn reset(&self, after: Duration) -> bool {
        self.0.reset(after)
    }
}

impl Timer {
    /// The time that is left, or `None` if it fired or was cancelled; the timer goes on.
    pub fn left(&self) -> Option<Duration> {
        self.0.left()
    }
}

impl std::fmt::Debug for Timer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Timer")
    }
}

trait Rearm {
    fn cancel(&self) -> Option<Duration>;
    fn left(&self) -> Option<Duration>;
    fn reset(&self, after: Duration) -> bool;
}

struct Later<M: Message> {
    found: Found,
    address: RawRef<M>,
    armed: Lock<(Arc<Parcel<M>>, Option<TimerKey>)>,
}

impl<M: Message> Later<M> {
    fn arm(found: Found, address: RawRef<M>, after: Duration, message: M) -> Self {
        let armed = Lock::new(Self::post(&found, &address, after, message));
        Self { found, address, armed }
    }

    fn post(
        found: &Found,
        address: &RawRef<M>,
        after: Duration,
        message: M,
    ) -> (Arc<Parcel<M>>, Option<TimerKey>) {
        let parcel = Arc::new(Lock::new(Some(message)));
        let (sent, address, pid) = (parcel.clone(), address.clone(), found.pid);
        let due = time::after(Instant::now(), after);
        let key = process::arm(found, due, move || {
            address.0.deliver(pid, Mail::Timed(sent));
        });
        (parcel, key)
    }

    fn take(&self) -> (Option<M>, Option<Duration>) {
        let (parcel, key) = self.armed.lock().clone();
        let message = parcel.lock().take();
        let left = key.and_then(|key| {
            self.found.process.disown_timer(self.found.pid, key);
            let due = self.found.process.node().timers.cancel(key)?;
            Some(due.saturating_duration_since(Instant::now()))
        });
        (message, left)
    }
}

impl<M: Message> Rearm for Later<M> {
    fn cancel(&self) -> Option<Duration> {
        self.take().1
    }

    fn left(&self) -> Option<Duration> {
        let key = self.armed.lock().1?;
        let due = self.found.process.node().timers.due(key)?;
        Some(due.saturating_duration_since(Instant::now()))
    }

    fn reset(&self, after: Duration) -> bool {
        let (Some(message), _) = self.take() else { return false };
        *self.armed.lock() = Self::post(&self.found, &self.address, after, message);
        true
    }
}
