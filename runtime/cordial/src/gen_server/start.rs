//! Starting a server: a lazy builder, and what it does when it is awaited.
use super::lazy::{Begun, Lazy, Plan};
use super::server::{First, Initialising, Starting};
use super::{Client, GenServer, Ref, ServerStruct};
use crate::error::StartError;
use crate::exit::ExitReason;
use crate::mailbox::{Lost, ReplyTo, Slot};
use crate::pid::Pid;
use crate::process::birth::Birth;
use crate::process::held::Claim;
use crate::process::run::Turn;
use crate::process::{self, ExitVia, Found, Node, Process, RawRef, spans};
use crate::rt;
use crate::rt::dispatch;
use crate::rt::time::timeout;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// How long `init` may take unless the start says otherwise.
const DEFAULT_LIMIT: Duration = Duration::from_secs(60);
/// After this a warning tells who is still starting.
const LONG: Duration = Duration::from_secs(5);

/// A server that is about to be started; what `X::start(..)` gives. Awaiting it starts it.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), cordial::StartError> {
/// use cordial::prelude::*;
/// #[gen_server]
/// #[derive(Clone)]
/// struct Greeter(String);
/// #[gen_server]
/// impl Greeter {
///     #[call]
///     fn greet(&self) -> String {
///         format!("hello {}", self.0)
///     }
/// }
/// let greeter = Greeter::start(Greeter("ann".into())).name("greeter").timeout(secs(1)).await?;
/// assert_eq!(greeter.greet().await.unwrap(), "hello ann");
/// assert_eq!(cordial::process::whereis("greeter"), cordial::gen_server::whereis(&greeter));
/// # Ok(()) }
/// ```
///
/// # Who runs `init`
/// Whoever awaits, on his own stack, until `init` waits for something or is over: there is nobody
/// else to wait for. It is the new process that runs all the same: its pid, its links, its crash.
/// What the starter feels is that an `init` that blocks its thread blocks him. A start with a
/// [`timeout`](Self::timeout) of its own leaves `init` to its process.
///
/// # Errors
/// Awaiting it gives a [`StartError`]; the process is gone and its name free by then.
///
/// # Cancel safety
/// Nothing exists before the first poll; dropped while `init` runs, the process is killed and its
/// name freed.
///
/// # Differences from OTP
/// `init` is bounded by 60 s; OTP waits for ever unless told otherwise.
#[must_use = "nothing is started until this is awaited"]
pub struct Start<S: GenServer>(Lazy<Args<S>, Ref<S>>);

/// What a server is started with.
struct Args<S: GenServer>(S::Args);

impl<S: GenServer> Plan<Ref<S>> for Args<S> {
    fn carry_out(self, node: &Arc<Node>, how: StartIn) -> Begun<Ref<S>> {
        let address = RawRef::unborn(node);
        let begun = start_in::<S>(&address, self.0, how);
        begun.then(|started| started.map(|_| Ref::from_client(S::Client::from_raw(address))))
    }
}

impl<S: GenServer> Start<S> {
    /// Plans a start with these arguments.
    pub fn new(args: S::Args) -> Self {
        let name = <S as ServerStruct>::NAME.map(Arc::from);
        Self(Lazy::new(Args(args), name, Some(DEFAULT_LIMIT)))
    }

    /// What `init` is given; `None`: it is on its way.
    pub(crate) fn args(&mut self) -> Option<&mut S::Args> {
        self.0.plan().map(|Args(args)| args)
    }

    /// Registers it under this name, before `init` runs.
    pub fn name(self, name: &str) -> Self {
        Self(self.0.name(name))
    }

    /// Starts it under this name of another kind, which it has before `init` runs.
    pub(crate) fn claim(self, claim: Arc<dyn Claim>) -> Self {
        Self(self.0.claim(claim))
    }

    /// Links it to the process that starts it, before `init` runs.
    pub fn link(self) -> Self {
        Self(self.0.link())
    }

    /// Bounds `init`; 60 s unless this says otherwise.
    pub fn timeout(self, limit: Duration) -> Self {
        Self(self.0.limit(Some(limit)))
    }

    /// Lets `init` take as long as it likes.
    pub fn no_timeout(self) -> Self {
        Self(self.0.limit(None))
    }

    /// Starts it from a thread that is no worker of a runtime.
    ///
    /// # Errors
    /// As awaiting it.
    ///
    /// # Panics
    /// Inside the runtime, whose worker it would block.
    pub fn blocking(self, on: &Node) -> Result<Ref<S>, StartError> {
        self.0.blocking(on)
    }
}

impl<S: GenServer> Future for Start<S> {
    type Output = Result<Ref<S>, StartError>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl<S: GenServer> std::fmt::Debug for Start<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Start({})", std::any::type_name::<S>())
    }
}

/// How a server is started at an address that exists.
pub(crate) struct StartIn {
    pub(crate) name: Option<Arc<str>>,
    /// A name of another kind.
    pub(crate) claim: Option<Arc<dyn Claim>>,
    pub(crate) parent: Option<Found>,
    pub(crate) limit: Option<Duration>,
    /// The limit is to hold whatever `init` does: the starter does not run it itself.
    pub(crate) is_own_limit: bool,
}

/// Starts a server at an address: a first start, or a restart.
///
/// The starter runs `init` on its own stack, up to its first wait (D8), unless it has had its share
/// of the executor. Dropped while `init` runs, the start takes the link away and kills the process.
pub(crate) fn start_in<S: GenServer>(
    address: &RawRef<S::Msg>,
    args: S::Args,
    how: StartIn,
) -> Begun<Pid> {
    let StartIn { name, claim, parent, limit, is_own_limit } = how;
    let birth = Birth {
        limit: S::MAILBOX,
        trap: S::TRAP_EXIT,
        starting: true,
        name,
        claim,
        parent: parent.as_ref().map(|found| (found.pid, found.process.clone())),
        watch: None,
    };
    let begun = begin::<S>(address, args, birth, !is_own_limit);
    let (pid, first) = match begun {
        Ok(begun) => begun,
        Err(error) => return Begun::Over(Err(error)),
    };
    let unfinished = |parent| Unfinished { pid, process: address.process(), parent, armed: true };
    match first {
        First::Waits(slot) => Begun::Waits(Box::pin(finish(slot, unfinished(parent), limit))),
        // What it did in `init` has ended the starter, who learns nothing more.
        _ if is_over(parent.as_ref()) => Begun::Waits(Box::pin(never(unfinished(parent)))),
        First::GoesOn => Begun::Waits(Box::pin(let_go_on(unfinished(parent)))),
        First::Over(result) => Begun::Over(result.map(|()| pid)),
        First::Lost => Begun::Over(Err(StartError::Init(ExitReason::Killed))),
    }
}

/// Brings the process to life, and runs its first turn here if it may.
fn begin<S: GenServer>(
    address: &RawRef<S::Msg>,
    args: S::Args,
    birth: Birth,
    may_run: bool,
) -> Result<(Pid, First), StartError> {
    let (cell, node) = (&address.0, address.node());
    let starter = dispatch::running().unwrap_or_else(|| node.own_pid());
    let deeper = if may_run { node.dispatch.deeper() } else { None };
    let Some(deeper) = deeper.filter(|_| rt::proceed()) else {
        let slot = Slot::new(starter);
        let init = Initialising::<S>::new(cell, args);
        let body = Starting::new(init, ReplyTo::new(slot.clone()));
        let pid = cell.birth(birth, Box::pin(body))?;
        return Ok((pid, First::Waits(slot)));
    };
    let mut first = First::Lost;
    let begin =
        |turn: &mut Turn<'_, _>| Initialising::<S>::begin(cell, args, starter, turn, &mut first);
    let pid = spans::outside(|| cell.birth_here(birth, deeper.beat, begin))?;
    Ok((pid, first))
}

/// Until it is dropped with its starter.
async fn never(_unfinished: Unfinished) -> Result<Pid, StartError> {
    std::future::pending().await
}

/// The starter lets others run first, so that what the server does next is not behind him in line.
async fn let_go_on(mut unfinished: Unfinished) -> Result<Pid, StartError> {
    rt::give_way().await;
    unfinished.armed = false;
    Ok(unfinished.pid)
}

/// Whether the starter, who is nearly always the parent, has ended meanwhile.
fn is_over(parent: Option<&Found>) -> bool {
    match parent {
        Some(parent) if dispatch::running() == Some(parent.pid) => {
            parent.process.is_doomed(parent.pid) != Some(false)
        }
        _ => process::is_over(),
    }
}

/// Waits for the end of `init`.
async fn finish(
    slot: Arc<Slot<Result<(), StartError>>>,
    mut unfinished: Unfinished,
    limit: Option<Duration>,
) -> Result<Pid, StartError> {
    let answer = std::future::poll_fn(|cx| slot.poll(cx));
    let answer = match limit {
        None => answer.await,
        Some(limit) => match within(limit, &unfinished.process.clone(), answer).await {
            Some(answer) => answer,
            None => return Err(unfinished.give_up(limit).await),
        },
    };
    unfinished.armed = false;
    match answer {
        Ok(result) => result.map(|()| unfinished.pid),
        Err(Lost::Down(reason)) => Err(StartError::Init(reason)),
        Err(Lost::Dropped) => Err(StartError::Init(ExitReason::Killed)),
    }
}

/// Waits, and says so when it takes long.
async fn within<F: Future>(limit: Duration, who: &Arc<dyn Process>, fut: F) -> Option<F::Output> {
    let mut fut = std::pin::pin!(fut);
    if limit > LONG {
        if let Ok(output) = timeout(LONG, fut.as_mut()).await {
            return Some(output);
        }
        warn_of_long_start(who);
    }
    timeout(limit.saturating_sub(if limit > LONG { LONG } else { Duration::ZERO }), fut).await.ok()
}

fn warn_of_long_start(who: &Arc<dyn Process>) {
    #[cfg(feature = "tracing")]
    tracing::warn!(
        target: "cordial::start",
        server = &*who.server(),
        "`{}` is still starting after {LONG:?}", who.server()
    );
    #[cfg(not(feature = "tracing"))]
    let _ = who;
}

/// A start under way: dropped, it leaves nothing behind.
struct Unfinished {
    pid: Pid,
    process: Arc<dyn Process>,
    parent: Option<Found>,
    armed: bool,
}

impl Unfinished {
    /// GS-7: the process is dead and its name free when the starter is told.
    async fn give_up(mut self, limit: Duration) -> StartError {
        self.kill();
        self.armed = false;
        let found = Found { pid: self.pid, process: self.process.clone() };
        process::Monitor::of(Some(found)).await;
        StartError::Timeout(limit)
    }

    fn kill(&self) {
        if let Some(parent) = &self.parent {
            parent.process.remove_link(parent.pid, self.pid);
            self.process.remove_link(self.pid, parent.pid);
        }
        let from = process::self_pid();
        self.process.clone().exit_signal(self.pid, from, ExitReason::Kill, ExitVia::Explicit);
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if self.armed {
            self.kill();
        }
    }
}
