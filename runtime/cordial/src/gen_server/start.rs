//! Starting a server: a lazy builder, and what it does when it is awaited.
use super::lazy::{Lazy, Plan};
use super::server::Starting;
use super::{Client, GenServer, Ref, ServerStruct};
use crate::error::StartError;
use crate::exit::ExitReason;
use crate::mailbox::{Lost, ReplyTo, Slot};
use crate::pid::Pid;
use crate::process::run::Birth;
use crate::process::{self, ExitVia, Found, Node, Process, RawRef};
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
    async fn carry_out(self, node: Arc<Node>, how: StartIn) -> Result<Ref<S>, StartError> {
        let address = RawRef::unborn(&node);
        start_in::<S>(&address, self.0, how).await?;
        Ok(Ref::from_client(S::Client::from_raw(address)))
    }
}

impl<S: GenServer> Start<S> {
    /// Plans a start with these arguments.
    pub fn new(args: S::Args) -> Self {
        let name = <S as ServerStruct>::NAME.map(Arc::from);
        Self(Lazy::new(Args(args), name, Some(DEFAULT_LIMIT)))
    }

    /// Registers it under this name, before `init` runs.
    pub fn name(self, name: &str) -> Self {
        Self(self.0.name(name))
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
    pub(crate) parent: Option<Found>,
    pub(crate) limit: Option<Duration>,
}

/// Starts a server at an address: a first start, or a restart.
///
/// Dropped while `init` runs, it takes the link away and kills the process.
pub(crate) async fn start_in<S: GenServer>(
    address: &RawRef<S::Msg>,
    args: S::Args,
    how: StartIn,
) -> Result<Pid, StartError> {
    let slot = Slot::new(process::self_pid());
    let body = Box::pin(Starting::<S>::new(address.0.clone(), args, ReplyTo::new(slot.clone())));
    let parent = how.parent.as_ref().map(|found| (found.pid, found.process.clone()));
    let pid = address.0.birth(Birth {
        body,
        limit: S::MAILBOX,
        trap: S::TRAP_EXIT,
        starting: true,
        name: how.name,
        parent,
        watch: None,
    })?;
    let mut unfinished =
        Unfinished { pid, process: address.process(), parent: how.parent, armed: true };
    let answer = std::future::poll_fn(|cx| slot.poll(cx));
    let answer = match how.limit {
        None => answer.await,
        Some(limit) => match within(limit, &address.process(), answer).await {
            Some(answer) => answer,
            None => return Err(unfinished.give_up(limit).await),
        },
    };
    unfinished.armed = false;
    match answer {
        Ok(Ok(())) => Ok(pid),
        Ok(Err(error)) => Err(error),
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
