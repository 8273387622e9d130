//! What can go wrong, one type per operation.
use crate::exit::ExitReason;
use crate::pid::Pid;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Whom a failed call was for: the server, the process behind it, the kind of message.
#[derive(Clone, PartialEq, Eq)]
pub struct Callee(Box<CalleeParts>);

#[derive(Clone, PartialEq, Eq)]
struct CalleeParts {
    server: Arc<str>,
    pid: Option<Pid>,
    kind: &'static str,
}

impl Callee {
    pub(crate) fn new(server: Arc<str>, pid: Option<Pid>, kind: &'static str) -> Self {
        Self(Box::new(CalleeParts { server, pid, kind }))
    }

    /// The server's registered name, or its type's.
    pub fn server(&self) -> &str {
        &self.0.server
    }

    /// The incarnation that was called; `None` when the address was closed.
    pub fn pid(&self) -> Option<Pid> {
        self.0.pid
    }

    /// The message's kind: the name of the handler.
    pub fn kind(&self) -> &'static str {
        self.0.kind
    }
}

impl fmt::Display for Callee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "call `{}` to `{}`", self.0.kind, self.0.server)?;
        match self.0.pid {
            Some(pid) => write!(f, " {pid}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Callee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a call has no answer. What the handler itself answers is not in here.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::prelude::*;
///
/// #[gen_server]
/// #[derive(Default, Clone)]
/// struct Counter(i64);
/// #[gen_server]
/// impl Counter {
///     #[call]
///     fn value(&self) -> i64 {
///         self.0
///     }
/// }
///
/// let counter = Counter::start(Counter(1)).await.unwrap();
/// cordial::gen_server::stop(&counter).await.unwrap();
/// let error = counter.value().await.unwrap_err();
/// assert!(matches!(error, CallError::NoProc(_)));
/// assert_eq!(error.to_string(), "call `value` to `Counter` failed: no such process");
/// # }
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum CallError {
    /// There is no such process.
    NoProc(Callee),
    /// No answer within this time; the server may still handle the call.
    Timeout(Duration, Callee),
    /// The server ended before it answered.
    Down(ExitReason, Callee),
    /// The server let go of the [`ReplyTo`](crate::ReplyTo) without an answer.
    ReplyDropped(Callee),
    /// The mailbox is full.
    Full(Callee),
    /// Everybody in this circle would wait for ever; a call to oneself is the shortest.
    ///
    /// It is told to the call that closes the circle; the others go on. Who waits for something
    /// else, too (a `select!`, a `timeout`, a second call, a limit of the call's own), is in no
    /// circle, and whose `ReplyTo` was handed out neither.
    Deadlock(WaitPath, Callee),
    /// The server's node cannot be reached.
    NoConnection(Callee),
    /// The server does not know this message; who has the name takes others.
    Unsupported(Callee),
}

impl CallError {
    /// Whom the call was for.
    pub fn callee(&self) -> &Callee {
        match self {
            Self::NoProc(callee)
            | Self::Timeout(_, callee)
            | Self::Down(_, callee)
            | Self::ReplyDropped(callee)
            | Self::Full(callee)
            | Self::Deadlock(_, callee)
            | Self::NoConnection(callee)
            | Self::Unsupported(callee) => callee,
        }
    }

    /// Whether the time ran out.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Timeout(..))
    }

    /// The server's exit reason: what ended it, or `NoProc`.
    pub fn reason(&self) -> Option<ExitReason> {
        match self {
            Self::Down(reason, _) => Some(reason.clone()),
            Self::NoProc(_) => Some(ExitReason::NoProc),
            _ => None,
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoProc(callee) => write!(f, "{callee} failed: no such process"),
            Self::Timeout(after, callee) => write!(f, "{callee} timed out after {after:?}"),
            Self::Down(reason, callee) => write!(f, "{callee} failed: the server ended: {reason}"),
            Self::ReplyDropped(callee) => {
                write!(f, "{callee} failed: the server dropped the reply handle")
            }
            Self::Full(callee) => write!(f, "{callee} failed: the mailbox is full"),
            Self::Deadlock(path, callee) => write!(f, "{callee} would wait for ever: {path}"),
            Self::NoConnection(callee) => write!(f, "{callee} failed: no connection to its node"),
            Self::Unsupported(callee) => write!(f, "{callee} failed: the server does not know it"),
        }
    }
}

impl Error for CallError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Down(reason, _) => Some(reason),
            _ => None,
        }
    }
}

/// Who waits for whom, from a process back to itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WaitPath(Arc<[Pid]>);

impl WaitPath {
    pub(crate) fn new(pids: &[Pid]) -> Self {
        Self(pids.into())
    }

    /// The processes, each waiting for the next, the last for the first.
    pub fn pids(&self) -> &[Pid] {
        &self.0
    }
}

impl fmt::Display for WaitPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for pid in self.pids() {
            write!(f, "{pid} -> ")?;
        }
        match self.pids().first() {
            Some(first) => write!(f, "{first}"),
            None => Ok(()),
        }
    }
}

/// Why a call whose handler answers with a `Result` failed: the call did, or the handler said no.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TryCallError<E> {
    /// There is no answer.
    Call(CallError),
    /// The answer is an error.
    Handler(E),
}

impl<E> TryCallError<E> {
    /// The handler's error, if it answered.
    pub fn handler(self) -> Option<E> {
        match self {
            Self::Handler(error) => Some(error),
            Self::Call(_) => None,
        }
    }

    /// Whether the time ran out.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Call(error) if error.is_timeout())
    }
}

impl<E> From<CallError> for TryCallError<E> {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl<E: fmt::Display> fmt::Display for TryCallError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => error.fmt(f),
            Self::Handler(error) => error.fmt(f),
        }
    }
}

impl<E: Error + 'static> Error for TryCallError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Call(error) => Some(error),
            Self::Handler(error) => Some(error),
        }
    }
}

/// Why a message was not queued.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum SendError {
    /// There is no such process.
    NoProc,
    /// The mailbox is full.
    Full,
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoProc => "no such process",
            Self::Full => "the mailbox is full",
        })
    }
}
impl Error for SendError {}

/// Why a process was not started.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The name, or the address, belongs to this process already, since then.
    AlreadyStarted(Holder),
    /// `init` answered `Init::Ignore`.
    Ignore,
    /// `init` took longer than this; it was killed.
    Timeout(Duration),
    /// `init` failed, panicked or asked to stop.
    Init(ExitReason),
    /// There is no tokio runtime here.
    NoRuntime,
    /// The node is shutting down.
    NodeStopping,
    /// `start_link` outside a process: there is nobody to link to.
    NoParent,
    /// Two children of one supervisor have this id.
    DuplicateChild(Arc<str>),
    /// A supervisor's child did not start, so neither did the supervisor.
    Child(Arc<str>, Box<Self>),
    /// It is to be registered in this registry, which does not run on this node.
    NoRegistry(&'static str),
    /// It is to be started under a key of this registry, and no supervisor that does so runs on
    /// this node: the one with the child `dynamic T { by: Key }`.
    NoStarter(&'static str),
    /// The supervisor's options contradict each other.
    InvalidFlags(&'static str),
}

/// Who has a name, and for how long; what [`StartError::AlreadyStarted`] and
/// [`RegisterError::Taken`] tell.
///
/// Two are equal if they are the same process, however long it has had the name.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::prelude::*;
/// # #[gen_server]
/// # #[derive(Clone)]
/// # struct Desk;
/// # #[gen_server]
/// # impl Desk {
/// #     #[cast]
/// #     fn poke(&self) {}
/// # }
/// let desk = Desk::start(Desk).name("desk").await.unwrap();
/// let error = Desk::start(Desk).name("desk").await.unwrap_err();
/// let StartError::AlreadyStarted(holder) = error else { panic!("{error}") };
/// assert_eq!(Some(holder.pid()), cordial::gen_server::whereis(&desk));
/// assert!(holder.held_for().is_some());
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct Holder {
    pid: Pid,
    held_for: Option<Duration>,
}

impl Holder {
    pub(crate) fn of_name(pid: Pid, held_for: Duration) -> Self {
        Self { pid, held_for: Some(held_for) }
    }

    /// The process that has it.
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// How long that process had had the name when it was refused to another; `None` of one that
    /// lives at the address, or was not asked.
    pub fn held_for(&self) -> Option<Duration> {
        self.held_for
    }
}

impl From<Pid> for Holder {
    fn from(pid: Pid) -> Self {
        Self { pid, held_for: None }
    }
}

impl PartialEq for Holder {
    fn eq(&self, other: &Self) -> bool {
        self.pid == other.pid
    }
}
impl Eq for Holder {}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.held_for {
            Some(held_for) => write!(f, "{}, which has had the name for {held_for:?}", self.pid),
            None => self.pid.fmt(f),
        }
    }
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StartError {
    /// The same as an exit reason: what a supervisor gives when a child does not start.
    pub fn into_reason(self) -> ExitReason {
        match self {
            Self::Init(reason) => reason,
            other => ExitReason::custom(other),
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyStarted(holder) => write!(f, "already started as {holder}"),
            Self::Ignore => f.write_str("`init` asked to be ignored"),
            Self::Timeout(after) => write!(f, "`init` did not finish within {after:?}"),
            Self::Init(reason) => write!(f, "`init` failed: {reason}"),
            Self::NoRuntime => f.write_str("no tokio runtime runs here"),
            Self::NodeStopping => f.write_str("the node is stopping"),
            Self::NoParent => f.write_str("`start_link` outside a process has nobody to link to"),
            Self::DuplicateChild(id) => write!(f, "two children are called `{id}`"),
            Self::Child(id, error) => write!(f, "child `{id}` did not start: {error}"),
            Self::NoRegistry(registry) => write!(
                f,
                "registry `{registry}` does not run on this node: make it a child of a \
                 supervisor, above those that it names"
            ),
            Self::NoStarter(registry) => write!(
                f,
                "no supervisor on this node starts the servers of `{registry}`: the one that does \
                 has the child `dynamic T {{ by: Key }}`, and is to run before"
            ),
            Self::InvalidFlags(why) => f.write_str(why),
        }
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Init(reason) => Some(reason),
            Self::Child(_, error) => Some(error),
            _ => None,
        }
    }
}

/// Why `gen_server::stop` did not stop the server.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum StopError {
    /// There is no such process.
    NoProc,
    /// Not yet ended after this time; the request stays, it still ends later.
    Timeout(Duration),
    /// A process cannot wait for its own end; use `ctx.stop`.
    CallingSelf,
    /// It ended meanwhile, for another reason.
    Down(ExitReason),
}

impl fmt::Display for StopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoProc => f.write_str("no such process"),
            Self::Timeout(after) => write!(f, "did not stop within {after:?}"),
            Self::CallingSelf => f.write_str("a process cannot wait for its own end"),
            Self::Down(reason) => write!(f, "it ended for another reason: {reason}"),
        }
    }
}
impl Error for StopError {}

/// Why a link was not made: the other process is gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoProc;

impl fmt::Display for NoProc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such process")
    }
}
impl Error for NoProc {}

/// Why a name was not given.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum RegisterError {
    /// The name belongs to this process, since then.
    Taken(Holder),
    /// The process already has this name; it can have one.
    AlreadyNamed(Arc<str>),
    /// There is no such process.
    NoProc,
    /// Nobody has this name.
    Unknown,
    /// The name belongs to this process, whose mailbox takes other messages.
    OtherMessages(Pid),
}

impl fmt::Display for RegisterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken(holder) => write!(f, "the name belongs to {holder}"),
            Self::AlreadyNamed(name) => write!(f, "the process is already registered as `{name}`"),
            Self::NoProc => f.write_str("no such process"),
            Self::Unknown => f.write_str("no process has this name"),
            Self::OtherMessages(pid) => {
                write!(f, "the name belongs to {pid}, which takes other messages")
            }
        }
    }
}
impl Error for RegisterError {}

const _: () = assert!(size_of::<CallError>() <= 40);
