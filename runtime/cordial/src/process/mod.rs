//! Processes: spawn, link, monitor, exit, names.
//!
//! A process is a thing with a mailbox that runs by itself: it shares nothing, it ends alone, and
//! others can learn that it ended. Servers, supervisors and plain processes are all of this kind;
//! what is here works on each of them.
//!
//! ```text
//! link      both ways: if one ends, and not `Normal`, so does the other, unless it traps exits
//! monitor   one way: the watcher is told, once
//! exit      a signal: ends the other unless it traps exits; `Kill` always does
//! ```
//!
//! | to | there is |
//! |---|---|
//! | begin | [`spawn`], [`spawn_link`], [`spawn_monitor`] |
//! | receive | [`Mailbox::next`], [`Mailbox::receive`]; by patterns [`receive!`](crate::receive!) |
//! | be answered once, or not any more | [`Mailbox::alias_reply`], [`Mailbox::monitor_alias`] |
//! | send later | [`send_after`], [`send_at`], [`start_timer`]; [`cancel_timer`], [`read_timer`] |
//! | send again and again | [`send_interval`] |
//! | be tied to others | [`link`](link()), [`monitor`], [`trap_exit`], [`exit`] |
//! | have a name | [`register`], [`whereis`], [`send`] |
//! | do what blocks its thread | [`blocking`] |
//! | keep something of one's own | `local!`, see [`Local`] |
//! | look at a process | [`info`](info()), [`ancestors`](ancestors()), [`set_label`] |
//!
//! # Differences from OTP
//! There is no pre-emption: a kill takes effect at the next `.await` of the process (TYP-7). Code
//! that never awaits cannot be killed.
//! A panic while another unwinds (in a `drop`) ends the whole program, as anywhere in Rust.
mod address;
mod alias;
mod ancestors;
pub(crate) mod arms;
pub(crate) mod birth;
mod blocking;
mod bound;
pub(crate) mod cell;
pub(crate) mod counts;
pub(crate) mod crash_report;
mod ending;
mod halt;
pub(crate) mod held;
mod info;
mod interval;
pub(crate) mod key_hash;
pub(crate) mod lane;
mod links;
mod local;
mod monitors;
mod named;
mod names;
pub(crate) mod node;
pub(crate) mod panics;
mod part;
mod plain;
pub(crate) mod run;
mod selective;
mod services;
mod signals;
#[cfg(feature = "chaos")]
mod simulated;
mod slow;
pub(crate) mod spans;
mod table;
mod target;
mod ties;
mod timers;
pub(crate) mod wait;
pub(crate) mod watch;

use crate::error::{NoProc, RegisterError};
use crate::exit::ExitReason;
use crate::mailbox::{Owed, Slot, System};
use crate::pid::{MonitorRef, Pid};
use crate::rt::dispatch::{self, Runnable};
use crate::rt::watch::Lasting;
use crate::signal::{Down, Exit};
use crate::telemetry;
use crate::timer::TimerKey;
use ancestors::Lineage;
use held::Held;
use lane::Request;
use monitors::Watched;
use std::any::{Any, TypeId};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use wait::Edge;
use watch::Watching;

pub use address::{Cast, CastWait, RawRef};
pub use alias::{Alias, Unalias};
pub use ancestors::{Ancestor, ancestors};
pub use blocking::blocking;
pub(crate) use bound::{Bound, DEFAULT_LIMIT, Late};
pub use cell::{Message, OnFull};
pub(crate) use ending::{Ask, EndsOn};
pub use info::{Info, Status, info, label, set_label};
pub(crate) use interval::repeat;
pub use interval::{Interval, MissedTick, send_interval};
pub use local::{Local, local};
pub(crate) use monitors::Who;
pub(crate) use named::Resolve;
#[cfg(feature = "application")]
pub(crate) use node::Above;
pub use node::{Node, keep_panic_hook};
#[doc(hidden)]
pub use part::Part;
pub use part::{Behaviour, BehaviourClient, Carries};
pub use plain::{
    IntoExit, Mailbox, Received, Spawned, spawn, spawn_link, spawn_monitor, try_spawn,
};
pub use selective::{Receive, ReceiveAfter};
#[doc(hidden)]
pub use target::Found;
pub use target::Target;
pub(crate) use ties::{IdMap, Ties};
pub(crate) use timers::arm;
pub use timers::{
    Aim, CancelResult, Destination, TimedOut, TimerRef, cancel_timer, cancel_timer_async, now,
    read_timer, send_after, send_at, sleep, start_timer,
};

/// How an exit signal came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ExitVia {
    /// Over a link: the other end has ended.
    Link,
    /// Somebody sent it.
    Explicit,
    /// Over the link to the starter, whose start failed: it has been told already (GS-8).
    FailedStart,
}

/// What becomes of a DOWN that is in the mailbox already (PROC-32).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fired {
    Stays,
    Goes,
}

/// A process without the type of its mailbox.
pub(crate) trait Process: Runnable {
    fn pid(&self) -> Option<Pid>;
    fn born(&self) -> u64;
    fn node(&self) -> &Arc<Node>;
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
    /// Its address stands for a name, and who has that takes other messages (TYP-11).
    fn is_of_others(&self) -> bool;
    fn exit_signal(self: Arc<Self>, to: Pid, from: Pid, reason: ExitReason, via: ExitVia);
    /// False: it is gone.
    fn ask_to_end(
        self: Arc<Self>,
        pid: Pid,
        ask: Ask,
        watcher: (MonitorRef, Who),
        on: EndsOn,
    ) -> bool;
    fn deliver_down(self: Arc<Self>, to: Pid, down: Down);
    /// `Err`: it is gone; here is who wanted to know.
    fn watch(&self, pid: Pid, monitor: MonitorRef, who: Who) -> Result<(), Who>;
    fn forget_watcher(&self, monitor: MonitorRef);
    fn add_watching(&self, me: Pid, monitor: MonitorRef, watched: Watched);
    fn remove_watching(
        &self,
        me: Pid,
        monitor: MonitorRef,
        fired: Fired,
    ) -> Option<Arc<dyn Process>>;
    /// False: `me` is gone.
    fn add_link(&self, me: Pid, peer: Pid, process: Arc<dyn Process>) -> bool;
    fn remove_link(&self, me: Pid, peer: Pid);
    fn set_trap(&self, me: Pid, trap: bool) -> bool;
    fn traps(&self, me: Pid) -> bool;
    /// `None`: it is gone. `Err`: it has this name already.
    fn set_name(&self, pid: Pid, name: Option<Arc<str>>) -> Option<Result<(), Arc<str>>>;
    fn name(&self) -> Option<Arc<str>>;
    /// The registered name, or the type's.
    fn server(&self) -> Arc<str>;
    fn parent(&self, pid: Pid) -> Option<Pid>;
    /// What the children of this process hold; `None`: it is gone.
    fn lineage(&self, pid: Pid) -> Option<Arc<Lineage>>;
    fn ancestors(&self, pid: Pid) -> Vec<Ancestor>;
    /// It has something to do now.
    #[cfg(feature = "test-util")]
    fn is_busy(&self) -> bool;
    /// It waits for the answer of a call.
    fn waits(&self) -> bool;
    /// The edge that stands, sure or not.
    fn edge(&self) -> Option<Edge>;
    /// Polls it once more, if it waits for that answer still, to make sure of its edge (W3).
    fn make_sure(self: Arc<Self>, owed: &Arc<dyn Owed>);
    fn monitor_name(&self, me: Pid, monitor: MonitorRef) -> Option<Arc<str>>;
    /// Puts a value in the place of another; `None` takes it away.
    fn swap_local(
        &self,
        me: Pid,
        key: TypeId,
        value: Option<Box<dyn Any + Send>>,
    ) -> Option<Box<dyn Any + Send>>;
    fn set_label(&self, me: Pid, label: Arc<str>);
    /// `f` with what it holds, under its lock: nothing of the user's may run there. False: it is
    /// gone, and so is all that it held.
    fn held(&self, pid: Pid, f: &mut dyn FnMut(&mut Held)) -> bool;
    /// `None`: it is gone, or as good as that.
    fn info(&self, pid: Pid) -> Option<Info>;
    /// `None`: it is gone. `Some(true)`: an exit signal was accepted.
    fn is_doomed(&self, pid: Pid) -> Option<bool>;
    /// False: it is gone, so the timer has nobody to fire for.
    fn own_timer(&self, pid: Pid, key: TimerKey) -> bool;
    fn disown_timer(&self, pid: Pid, key: TimerKey);
    /// Asks something of the process itself (L1). False: it is gone.
    fn request(self: Arc<Self>, pid: Pid, request: Request) -> bool;
    /// `set` says what is to be kept of what it handles. False: it is gone.
    fn watch_messages(self: Arc<Self>, pid: Pid, set: &mut dyn FnMut(&Watching)) -> bool;
    fn watching(&self, pid: Pid) -> Option<Arc<Watching>>;
    /// Its turn stands still. False: it does so no more.
    fn lasts(&self, pid: Pid, lasting: Lasting) -> bool;
    fn send_system(self: Arc<Self>, pid: Pid, system: System) -> Result<(), System>;
}

/// The process that runs here.
pub(crate) fn current() -> Option<Found> {
    dispatch::running()?.find()
}

/// The process that runs here has accepted an exit signal: it does not go on behind an await.
pub(crate) fn is_over() -> bool {
    current().is_some_and(|me| me.process.is_doomed(me.pid) != Some(false))
}

/// Somebody else's turn was run here, at an await: where that has ended the process that runs here,
/// the await does not return.
pub(crate) async fn go_on() {
    if is_over() {
        std::future::pending::<()>().await;
    }
}

/// The pid of the process that runs here; outside of processes, the node's, which never ends.
pub fn self_pid() -> Pid {
    dispatch::running().unwrap_or_else(|| Node::current().map_or(Pid::of_node(0), |n| n.own_pid()))
}

/// Sends an exit signal, as OTP's `exit/2`.
///
/// `Kill` ends the other in any case, with reason `Killed`. Any other reason ends it unless it
/// traps exits, and becomes a message if it does; `Normal` does nothing to others that do not trap.
/// Nothing happens if it is gone.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::{ExitReason, process};
/// let (sleeper, down) = process::spawn_monitor(async |mut mail: process::Mailbox<()>| {
///     mail.next().await;
/// });
/// process::exit(&sleeper, ExitReason::Kill);
/// assert_eq!(down.await.reason, ExitReason::Killed);
/// # }
/// ```
pub fn exit(target: &(impl Target + ?Sized), reason: ExitReason) {
    if let Some(found) = target.find() {
        let from = self_pid();
        found.process.exit_signal(found.pid, from, reason, ExitVia::Explicit);
    }
}

/// Links the process that calls to another; linking twice is linking once.
///
/// # Errors
/// [`NoProc`] when the other is gone and the caller does not trap exits; a caller that traps exits
/// receives an `Exit` with `NoProc` instead, as in OTP. Where there never was anybody (a name that
/// nobody has) it is [`NoProc`] in any case.
///
/// # Panics
/// Outside a process.
pub fn link(target: &(impl Target + ?Sized)) -> Result<(), NoProc> {
    let me = current().expect("only a process can be linked: `link` was called outside of one");
    let Some(other) = target.find() else { return link_to_the_dead(&me, target.last_pid()) };
    if other.pid == me.pid {
        return Ok(());
    }
    // The own side first: from here on the other's exit is accepted, whenever it comes.
    me.process.add_link(me.pid, other.pid, other.process.clone());
    if other.process.add_link(other.pid, me.pid, me.process.clone()) {
        return Ok(());
    }
    me.process.remove_link(me.pid, other.pid);
    link_to_the_dead(&me, Some(other.pid))
}

/// PROC-23.
fn link_to_the_dead(me: &Found, dead: Option<Pid>) -> Result<(), NoProc> {
    let from = dead.filter(|_| me.process.traps(me.pid)).ok_or(NoProc)?;
    let exit = Exit { from, reason: ExitReason::NoProc };
    let _ = me.process.clone().send_system(me.pid, System::Exit(exit));
    Ok(())
}

/// Takes a link away: after it returns no new `Exit` comes from that link; one that is in the
/// mailbox already stays.
///
/// # Panics
/// Outside a process.
pub fn unlink(target: &(impl Target + ?Sized)) {
    let me = current().expect("only a process has links: `unlink` was called outside of one");
    let other = target.find();
    // Also of one that is gone: its exit may still be on its way.
    if let Some(pid) = other.as_ref().map(|other| other.pid).or_else(|| target.last_pid()) {
        me.process.remove_link(me.pid, pid);
    }
    if let Some(other) = other {
        other.process.remove_link(other.pid, me.pid);
    }
}

/// Sets whether exit signals become messages to the process that calls, and tells what it was.
///
/// # Panics
/// Outside a process.
pub fn trap_exit(trap: bool) -> bool {
    let me = current().expect("only a process can trap exits: called outside of one");
    me.process.set_trap(me.pid, trap)
}

/// Whether the process lives, as of all signals that the caller has sent it before.
///
/// It waits for a process that has accepted an exit signal until that is really gone (PROC-8).
///
/// # Cancel safety
/// Dropping it loses nothing.
pub async fn is_alive(target: &(impl Target + ?Sized)) -> bool {
    let Some(found) = target.find() else { return never_ends(target) };
    match found.process.is_doomed(found.pid) {
        None => false,
        Some(false) => true,
        Some(true) => {
            Monitor::of(Some(found)).await;
            false
        }
    }
}

/// The future of a process's end. The monitor is active when this returns; a process that is gone
/// already gives `NoProc` at once.
///
/// Inside a server use [`Ctx::monitor`](crate::Ctx::monitor), which gives a message.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::{ExitReason, process};
/// let short = process::spawn(async |_: process::Mailbox<()>| ExitReason::custom("done"));
/// let down = process::monitor(&short).await;
/// assert_eq!(down.reason, ExitReason::custom("done"));
/// assert_eq!(process::monitor(&short).await.reason, ExitReason::NoProc);
/// # }
/// ```
pub fn monitor(target: &(impl Target + ?Sized)) -> Monitor {
    match target.find() {
        None if never_ends(target) => Monitor { slot: Slot::new(self_pid()), watched: None },
        None => Monitor::of_the_dead(target.last_pid()),
        found => Monitor::of(found),
    }
}

/// A monitor as a future; dropping it takes the monitor away.
#[must_use = "await it to learn that the process ended"]
pub struct Monitor {
    slot: Arc<Slot<Down>>,
    watched: Option<(MonitorRef, Arc<dyn Process>)>,
}

impl Monitor {
    pub(crate) fn of(found: Option<Found>) -> Self {
        let Some(Found { pid, process }) = found else { return Self::of_the_dead(None) };
        let node = process.node();
        let slot = Slot::new(node.caller());
        let who = Who::Future(slot.clone());
        let monitor = node.next_ref();
        if let Err(who) = process.watch(pid, monitor, who) {
            who.tell(noproc(monitor, pid));
        }
        Self { slot, watched: Some((monitor, process)) }
    }

    /// PROC-29.
    fn of_the_dead(pid: Option<Pid>) -> Self {
        let (slot, node) = (Slot::new(self_pid()), Node::current_or_absent());
        let down = noproc(node.next_ref(), pid.unwrap_or_else(|| node.own_pid()));
        slot.fill(Ok(down));
        Self { slot, watched: None }
    }
}

/// Who waits for an answer outside of every process has a pid too, and it never goes down.
fn never_ends(target: &(impl Target + ?Sized)) -> bool {
    target.last_pid().is_some_and(Pid::is_of_node)
}

fn noproc(monitor: MonitorRef, pid: Pid) -> Down {
    Down { monitor, pid, reason: ExitReason::NoProc }
}

impl Future for Monitor {
    type Output = Down;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Down> {
        self.slot.poll(cx).map(|down| {
            self.watched = None; // It fires once.
            down.expect("a watcher is told, never closed")
        })
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        if let Some((monitor, process)) = self.watched.take() {
            process.forget_watcher(monitor);
        }
    }
}

impl std::fmt::Debug for Monitor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Monitor({:?})", self.watched.as_ref().map(|watched| watched.0))
    }
}

/// Monitors on behalf of the process that calls: the end comes to it as a message.
pub(crate) fn monitor_by_message(me: &Found, target: &(impl Target + ?Sized)) -> MonitorRef {
    let monitor = me.process.node().next_ref();
    monitor_as(me, target, monitor);
    monitor
}

/// [`monitor_by_message`] with a reference that exists.
fn monitor_as(me: &Found, target: &(impl Target + ?Sized), monitor: MonitorRef) {
    let found = target.find();
    let is_me = found.as_ref().is_some_and(|other| other.pid == me.pid);
    if is_me || found.is_none() && never_ends(target) {
        return; // Nobody learns of it.
    }
    let pid = found.as_ref().map(|other| other.pid).or_else(|| target.last_pid());
    let pid = pid.unwrap_or_else(|| me.process.node().own_pid());
    let process = found.map(|other| other.process);
    let watched = Watched { pid, process: process.clone(), name: target.name() };
    me.process.add_watching(me.pid, monitor, watched);
    let who = Who::Process(me.pid, me.process.clone());
    let refused = match process {
        Some(process) => process.watch(pid, monitor, who).err(),
        None => Some(who),
    };
    if let Some(who) = refused {
        who.tell(noproc(monitor, pid));
    }
}

/// The name that a monitor of the process that calls was aimed at, as OTP's DOWN tells it: known
/// until the [`Down`] is received and while it is looked at, that is, until the next monitor of a
/// name has fired. `None` for a monitor of a pid or a handle.
///
/// [`Down::pid`] is who had the name when the monitor was made.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::process::{self, Mailbox, Received};
/// let (_, down) = process::spawn_monitor(async |mut mail: Mailbox<()>| {
///     let monitor = process::monitor_message("nobody");
///     let Received::Down(down) = mail.receive().await else { panic!("nobody lives there") };
///     assert_eq!(down.monitor, monitor);
///     assert_eq!(process::monitor_name(monitor).as_deref(), Some("nobody"));
/// });
/// assert_eq!(down.await.reason, cordial::ExitReason::Normal);
/// # }
/// ```
pub fn monitor_name(monitor: MonitorRef) -> Option<Arc<str>> {
    let me = current()?;
    me.process.monitor_name(me.pid, monitor)
}

/// Monitors another process from the plain process that calls: its end comes as
/// [`Received::Down`].
///
/// # Panics
/// Outside a process.
pub fn monitor_message(target: &(impl Target + ?Sized)) -> MonitorRef {
    let me = current().expect("only a process has a mailbox to be told in: called outside of one");
    monitor_by_message(&me, target)
}

/// Takes a monitor of [`monitor_message`] away; a `Down` that is in the mailbox already stays.
/// True: it was active.
///
/// # Panics
/// Outside a process.
pub fn demonitor(monitor: MonitorRef) -> bool {
    let me = current().expect("only a process has monitors: `demonitor` was called outside of one");
    let watched = me.process.remove_watching(me.pid, monitor, Fired::Stays);
    watched.map(|process| process.forget_watcher(monitor)).is_some()
}

/// [`demonitor`], with a `Down` that is in the mailbox already: after this none of it is received.
/// OTP's `demonitor(Ref, [flush, info])`.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::process::{self, Mailbox};
/// let watcher = process::spawn_monitor(async |mut mail: Mailbox<()>| {
///     let ended = process::spawn_monitor(async |_: Mailbox<()>| {}).1.await.pid;
///     let monitor = process::monitor_message(&ended);
///     assert!(!process::demonitor_flush(monitor)); // It has fired, and nobody will know.
///     mail.send_self(());
///     mail.next().await;
/// });
/// assert_eq!(watcher.1.await.reason, cordial::ExitReason::Normal);
/// # }
/// ```
///
/// # Panics
/// Outside a process.
pub fn demonitor_flush(monitor: MonitorRef) -> bool {
    let me = current().expect("only a process has monitors: called outside of one");
    let watched = me.process.remove_watching(me.pid, monitor, Fired::Goes);
    watched.map(|process| process.forget_watcher(monitor)).is_some()
}

// ===== Names =====

/// Gives a living process a name. A process has one name at most, a name one process.
///
/// # Errors
/// [`RegisterError::Taken`], [`RegisterError::AlreadyNamed`], [`RegisterError::NoProc`].
pub fn register(name: &str, target: &(impl Target + ?Sized)) -> Result<(), RegisterError> {
    #[cfg(feature = "chaos")]
    crate::rt::sim::point();
    let Some(Found { pid, process }) = target.find() else { return Err(RegisterError::NoProc) };
    let node = process.node();
    let name: Arc<str> = name.into();
    node.names.take(name.clone(), pid, process.clone()).map_err(|holder| {
        node.tell_name_taken(&name, pid, &holder);
        RegisterError::Taken(holder)
    })?;
    #[cfg(feature = "chaos")]
    crate::rt::sim::point();
    let refused = match process.set_name(pid, Some(name.clone())) {
        Some(Ok(())) => {
            node.tell_named(&name, pid);
            return Ok(());
        }
        Some(Err(old)) => RegisterError::AlreadyNamed(old),
        None => RegisterError::NoProc,
    };
    let _ = node.names.free(&name, pid); // Nobody was told that it had it.
    Err(refused)
}

/// Takes a name away. It goes by itself when its process ends.
///
/// # Errors
/// [`RegisterError::Unknown`] when nobody has it.
pub fn unregister(name: &str) -> Result<(), RegisterError> {
    #[cfg(feature = "chaos")]
    crate::rt::sim::point();
    let node = Node::current().ok_or(RegisterError::Unknown)?;
    let (pid, process) = node.names.find(name).ok_or(RegisterError::Unknown)?;
    if !node.free_name(name, pid, false) {
        return Err(RegisterError::Unknown);
    }
    let _ = process.set_name(pid, None);
    Ok(())
}

/// Who has this name.
pub fn whereis(name: &str) -> Option<Pid> {
    #[cfg(feature = "chaos")]
    crate::rt::sim::point();
    Some(Node::current()?.names.find(name)?.0)
}

/// The address behind a name, if its mailbox takes `M`.
pub(crate) fn address_of<M: Message>(name: &str) -> Option<RawRef<M>> {
    find_address(name).ok()
}

fn find_address<M: Message>(name: &str) -> Result<RawRef<M>, RegisterError> {
    let found = Node::current().and_then(|node| node.names.find(name));
    let (pid, process) = found.ok_or(RegisterError::Unknown)?;
    let cell = process.into_any().downcast::<cell::Cell<M>>();
    cell.map(RawRef).map_err(|_| RegisterError::OtherMessages(pid))
}

/// Sends a message to whoever has the name, as `send/2` of Elixir.
///
/// # Errors
/// [`RegisterError::Unknown`] when nobody has it, [`RegisterError::OtherMessages`] when its mailbox
/// takes others.
pub fn send<M: Message>(name: &str, message: M) -> Result<(), RegisterError> {
    let _ = find_address(name)?.send(message);
    Ok(())
}

/// [`send`] for who does not want to know: that nobody has the name is no error (PROC-4).
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// cordial::process::cast("nobody", ());
/// # }
/// ```
pub fn cast<M: Message>(name: &str, message: M) {
    let _ = send(name, message);
}

/// GS-28: what nobody has a handler for.
pub(crate) fn log_unexpected(what: &'static str, value: &dyn std::fmt::Debug) {
    #[cfg(feature = "tracing")]
    tracing::debug!(target: "cordial::unexpected", pid = %self_pid(), "{what} ignored: {value:?}");
    #[cfg(not(feature = "tracing"))]
    let _ = value;
    telemetry::emit(|| {
        let (pid, message) = (self_pid(), format!("{value:?}"));
        telemetry::events::Unexpected { pid, kind: what, message }
    });
}

/// An exit that a process that traps them but has no handler received.
pub(crate) fn log_exit(exit: &Exit) {
    log_unexpected("Exit", exit);
}
