//! One process: its status, standing still, and what is kept of what it handles.
use crate::exit::ExitReason;
use crate::inspect::Inspected;
use crate::mailbox::{Lost, ReplyTo, Slot};
use crate::pid::Pid;
use crate::process::lane::{Request, Shown};
use crate::process::watch::Watching;
pub use crate::process::watch::{Filter, Handled, Limit, Outcome, Statistics, Trace, TraceEnd};
use crate::process::{Found, Info, Node, Target, self_pid};
use crate::rt::dispatch;
use crate::rt::time::timeout;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A process that runs without a wait answers when that is over; nobody waits longer than this.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a process could not be asked.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum SysError {
    /// There is no such process.
    NoProc,
    /// It is no server, so there is no moment between two messages.
    NoServer,
    /// A process asked this of itself.
    CallingSelf,
    /// It ended before it answered.
    Down(ExitReason),
    /// It has not come to it within 5 s: its handler neither awaits nor ends.
    Timeout,
}

impl fmt::Display for SysError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoProc => f.write_str("there is no such process"),
            Self::NoServer => f.write_str("this process is no server, so it has no such moment"),
            Self::CallingSelf => f.write_str("a process cannot ask this of itself"),
            Self::Down(reason) => write!(f, "the process ended before it answered: {reason}"),
            Self::Timeout => write!(f, "the process did not come to it within {PATIENCE:?}"),
        }
    }
}

impl std::error::Error for SysError {}

/// What can be seen of a process and of what it does.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct ProcessStatus {
    /// Its name, or that of its type.
    pub server: Arc<str>,
    /// What is seen from outside.
    pub info: Info,
    /// It handles no mail, see [`suspend`].
    pub is_suspended: bool,
    /// The kind of what it handles, while that awaits.
    pub handling: Option<&'static str>,
    /// What may be [shown](crate::inspect) of its state. `None`: it is no server, or a handler that
    /// awaits has the state; [`inspect`] waits for it.
    pub state: Option<Inspected>,
    /// The state in which a state machine is.
    pub machine: Option<String>,
}

pub(super) fn ask<A: Send + 'static>(
    found: Option<Found>,
    request: impl FnOnce(ReplyTo<A>) -> Request,
) -> impl Future<Output = Result<A, SysError>> + Send + 'static {
    let asked = found.ok_or(SysError::NoProc).and_then(|Found { pid, process }| {
        if dispatch::running() == Some(pid) {
            return Err(SysError::CallingSelf);
        }
        let slot = Slot::new(self_pid());
        let request = request(ReplyTo::new(slot.clone()));
        if process.request(pid, request) { Ok(slot) } else { Err(SysError::NoProc) }
    });
    async move {
        let slot = asked?;
        match timeout(PATIENCE, std::future::poll_fn(|cx| slot.poll(cx))).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(Lost::Down(reason))) => Err(SysError::Down(reason)),
            Ok(Err(Lost::Dropped)) => Err(SysError::NoProc),
            Err(_) => {
                slot.give_up();
                Err(SysError::Timeout)
            }
        }
    }
}

/// What a process is and does. It is asked beside its mail: one that is flooded or suspended
/// answers before its next message, one whose handler awaits at once.
///
/// # Errors
/// [`SysError`]; never [`NoServer`](SysError::NoServer).
///
/// # Cancel safety
/// The question is asked when this is called. Dropped, the answer is.
pub fn get_status<T: Target + ?Sized>(
    target: &T,
) -> impl Future<Output = Result<ProcessStatus, SysError>> + Send + use<T> {
    let found = target.find();
    let shown = ask(found.clone(), Request::Show);
    async move {
        let Shown { state, machine, handling, is_suspended } = shown.await?;
        let Found { pid, process } = found.ok_or(SysError::NoProc)?;
        let info = process.info(pid).ok_or(SysError::NoProc)?;
        let server = process.server();
        Ok(ProcessStatus { server, info, is_suspended, handling, state, machine })
    }
}

/// What may be [shown](crate::inspect) of a server's state, whatever its type: nothing that is
/// redacted.
///
/// It comes beside the mail, also to a server that is flooded or suspended; one whose handler
/// awaits answers when that is done.
///
/// # Errors
/// [`SysError`].
///
/// # Cancel safety
/// As [`get_status`].
pub fn inspect<T: Target + ?Sized>(
    target: &T,
) -> impl Future<Output = Result<Inspected, SysError>> + Send + use<T> {
    let asked = ask(target.find(), Request::Inspect);
    async move { asked.await?.ok_or(SysError::NoServer) }
}

/// Lets a server stand still: it handles no message until it is [resumed](resume), and its mail
/// waits in order (GS-44). It comes before the mail that waits; a handler that awaits ends first.
///
/// The state of a suspended server can still be looked at and replaced. A stop, the end of its
/// parent and exit signals end it as ever, the first two before its mail. Suspended twice, it is
/// resumed by one [`resume`].
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::prelude::*;
/// use cordial::sys;
/// #[gen_server]
/// #[derive(Clone, PartialEq, Debug)]
/// struct Counter(i64);
/// #[gen_server]
/// impl Counter {
///     #[cast]
///     fn inc(&mut self) {
///         self.0 += 1;
///     }
/// }
/// let counter = Counter::start(Counter(1)).await.unwrap();
/// sys::suspend(&counter).await.unwrap();
/// counter.inc();
/// assert_eq!(sys::get_state(&counter).await, Ok(Counter(1)));
/// sys::resume(&counter).await.unwrap();
/// assert_eq!(sys::get_state(&counter).await, Ok(Counter(2)));
/// # }
/// ```
///
/// # Errors
/// [`SysError`]. One that was asked to stop before is [`SysError::Down`] or [`SysError::NoProc`].
///
/// # Cancel safety
/// The request is made when this is called, and stays.
pub fn suspend<T: Target + ?Sized>(
    target: &T,
) -> impl Future<Output = Result<(), SysError>> + Send + use<T> {
    let asked = ask(target.find(), Request::Suspend);
    async move { if asked.await? { Ok(()) } else { Err(SysError::NoServer) } }
}

/// Lets a server that was [suspended](suspend) go on; one that was not goes on as it was.
///
/// # Errors
/// [`SysError`].
///
/// # Cancel safety
/// As [`suspend`].
pub fn resume<T: Target + ?Sized>(
    target: &T,
) -> impl Future<Output = Result<(), SysError>> + Send + use<T> {
    let asked = ask(target.find(), Request::Resume);
    async move { if asked.await? { Ok(()) } else { Err(SysError::NoServer) } }
}

// ===== What is kept of what it handles =====

fn watch(target: &(impl Target + ?Sized), mut set: impl FnMut(&Watching)) -> Result<(), SysError> {
    let Found { pid, process } = target.find().ok_or(SysError::NoProc)?;
    if process.watch_messages(pid, &mut set) { Ok(()) } else { Err(SysError::NoProc) }
}

fn watching(target: &(impl Target + ?Sized)) -> Option<Arc<Watching>> {
    let Found { pid, process } = target.find()?;
    process.watching(pid)
}

/// From its next message on it is counted what this incarnation of a server handles; with `false`
/// no more. A server that nobody watches pays nothing for it, a plain process has no handlers.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::prelude::*;
/// use cordial::sys;
/// #[gen_server]
/// #[derive(Clone)]
/// struct Lamp;
/// #[gen_server]
/// impl Lamp {
///     #[call]
///     fn on(&mut self) {}
/// }
/// let lamp = Lamp::start(Lamp).await.unwrap();
/// sys::keep_statistics(&lamp, true).unwrap();
/// lamp.on().await.unwrap();
/// assert_eq!(sys::statistics(&lamp).unwrap().by_kind["on"], 1);
/// # }
/// ```
///
/// # Errors
/// [`SysError::NoProc`].
pub fn keep_statistics(target: &(impl Target + ?Sized), on: bool) -> Result<(), SysError> {
    watch(target, |watching| watching.count(on))
}

/// What was counted; `None`: nothing is, or the process is gone. The process is not asked.
pub fn statistics(target: &(impl Target + ?Sized)) -> Option<Statistics> {
    watching(target)?.statistics()
}

/// From its next message on the last `most` that a server has handled are kept; 0: none.
///
/// # Errors
/// [`SysError::NoProc`].
pub fn keep_log(target: &(impl Target + ?Sized), most: usize) -> Result<(), SysError> {
    watch(target, |watching| watching.keep_log(most))
}

/// The messages that were kept, the youngest last. The process is not asked.
pub fn log(target: &(impl Target + ?Sized)) -> Vec<Handled> {
    watching(target).map_or(Vec::new(), |watching| watching.log())
}

/// From its next message on a server emits `cordial.server.message` for each; with `false` no
/// more.
///
/// # Errors
/// [`SysError::NoProc`].
pub fn tell_messages(target: &(impl Target + ?Sized), on: bool) -> Result<(), SysError> {
    watch(target, |watching| watching.tell(on))
}

/// From its next message on what a server handles can be read as it happens, up to a limit: there
/// is no trace without. It ends when it is dropped, at its limit, when 60 s are over, when the
/// process ends, and when 10,000 messages are unread. [`trace_type`](super::trace_type) is one of
/// all servers of a type.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::prelude::*;
/// use cordial::sys::{self, Filter, Limit};
/// #[gen_server]
/// #[derive(Clone)]
/// struct Lamp;
/// #[gen_server]
/// impl Lamp {
///     #[cast]
///     fn dim(&mut self, percent: u8) {
///         let _ = percent;
///     }
///     #[call]
///     fn on(&mut self) {}
/// }
/// let lamp = Lamp::start(Lamp).await.unwrap();
/// let dark = Filter::by(|msg: &LampMsg| matches!(msg, LampMsg::Dim { percent: 0 }));
/// let mut trace = sys::trace(&lamp, dark, Limit::count(1)).unwrap();
/// lamp.dim(50);
/// lamp.dim(0);
/// assert_eq!(trace.next().await.unwrap().kind, "dim");
/// assert!(trace.next().await.is_none());
/// # }
/// ```
///
/// # Errors
/// [`SysError::NoProc`].
pub fn trace(
    target: &(impl Target + ?Sized),
    filter: Filter,
    limit: Limit,
) -> Result<Trace, SysError> {
    let (mut filter, mut trace) = (Some(filter), None);
    watch(target, |watching| {
        trace = filter.take().map(|filter| watching.trace(filter, limit));
    })?;
    trace.ok_or(SysError::NoProc)
}

// ===== Whom it knows =====

/// Whom a process is linked to; empty when it is gone. The process is not asked.
pub fn links(target: &(impl Target + ?Sized)) -> Vec<Pid> {
    crate::process::info(target).map_or(Vec::new(), |info| info.links)
}

/// Whom a process monitors by message; empty when it is gone. The process is not asked.
pub fn monitors(target: &(impl Target + ?Sized)) -> Vec<Pid> {
    crate::process::info(target).map_or(Vec::new(), |info| info.monitors)
}

/// The living processes that a process has started with a link, in the order of their pids. What a
/// supervisor knows of its children is told by
/// `supervisor::which_children`.
pub fn children(target: &(impl Target + ?Sized)) -> Vec<Pid> {
    let (Some(of), Some(node)) = (target.find(), Node::current()) else { return Vec::new() };
    let is_child = |pid: &Pid| {
        let process = node.table.get(*pid);
        process.and_then(|process| process.info(*pid)?.parent()) == Some(of.pid)
    };
    let pids = node.table.all().into_iter().filter_map(|process| process.pid());
    let mut children: Vec<Pid> = pids.filter(is_child).collect();
    children.sort_unstable();
    children
}
