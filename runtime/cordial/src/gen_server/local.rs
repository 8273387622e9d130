//! Servers whose state cannot leave its thread: `#[gen_server(local)]`.
//!
//! ```text
//!  the process: a server of type Local<S>       the node's thread for local servers (rt/host.rs)
//!  ────────────────────────────────────         ───────────────────────────────────────────────
//!  init(args)     ── args, context ──────────▶  S::init(args) ──▶ a place with the state
//!  handle(msg)    ── message, context ───────▶  S::handle(msg), polled there to its end
//!                 ◀── context, outcome ───────
//!  dropped        ── clear the place ────────▶  what is under way and the state are dropped
//! ```
//! The process is like any other: cell, mailbox, links, timers and supervision know nothing of it.
use super::server::shown;
use super::{Accepts, Child, Client, Continues, Ctx, Flow, GenServer, Init, Restart};
use super::{ServerStruct, Shutdown};
use crate::exit::ExitReason;
use crate::mailbox;
use crate::pid::Pid;
use crate::process::lane::ShowTo;
use crate::process::{Message, Node, panics};
use crate::rt::dispatch::Identity;
use crate::rt::host::{Doing, Host, Kept};
use crate::rt::oneshot;
use crate::signal::{Down, Exit};
use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::{SendError, channel};
use std::time::Duration;

/// A server whose state never leaves its thread; what `#[gen_server(local)]` implements.
///
/// It is [`GenServer`] without `Send`: the state may hold an `Rc`, a script engine, a handle of a
/// C library, and so may the futures of its handlers. Messages, start arguments and replies travel,
/// so they are `Send` all the same. The process is a [`Local<S>`], a server as any other: its
/// handle is a `Ref<Local<S>>`, its context a `Ctx<Local<S>>`.
///
/// # Where it runs
/// On a thread that all local servers of a node share, which starts with the first of them and ends
/// with the runtime. `init`, handlers, `terminate` and the drop of the state all run there, never
/// on the stack of a caller. They take turns at each `.await`, so a handler that blocks its thread
/// holds up all other local servers of the node (and nobody else). Where the runtime has one thread
/// only, as in tests and simulations, it is that thread, and the clock and the order of steps are
/// those of the runtime.
///
/// Sockets and timers of tokio work, `process::self_pid()`, `process::local!` and what is sent are
/// the server's own, and a panic ends the server and nothing else.
///
/// # What differs from other servers
/// - It has an `#[init]`: the state is built where it lives.
/// - Two thread changes are paid per message.
/// - `version`, `via`, `#[code_change]`, `#[session]`, `#[call(task)]`, `behaviours(..)` and
///   `#[info(stream = ..)]` do not compile with it. [`sys::with_state`] and its kin see the
///   `Local<S>`, which has nothing to see: ask it by a call. [`sys::inspect`] and
///   [`sys::get_status`] show its state as any other, when its thread comes to it.
/// - A circle of calls through it is not found, and ends by the calls' timeouts; a call to itself
///   is found.
/// - When it is killed, or ended by an exit signal that it does not trap, its end is told when the
///   state has been dropped; if a local server that blocks the thread holds that up for more than a
///   second, it is told before.
/// - On a runtime of one thread that another thread drives later, local servers crash at their next
///   message, and their states are never dropped.
///
/// # Examples
/// ```
/// # #[cordial::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cordial::prelude::*;
/// use std::cell::RefCell;
/// use std::rc::Rc;
///
/// /// Both are of a library that knows nothing of threads.
/// type Shared = Rc<RefCell<Vec<String>>>;
/// struct Script(Shared);
///
/// #[gen_server(local)]
/// struct Engine {
///     script: Script,
///     output: Shared,
/// }
///
/// #[gen_server(local)]
/// impl Engine {
///     #[init]
///     fn init(greeting: &str) -> Self {
///         let output = Shared::default();
///         output.borrow_mut().push(greeting.to_owned());
///         Self { script: Script(output.clone()), output }
///     }
///     #[cast]
///     fn say(&mut self, line: &str) {
///         self.script.0.borrow_mut().push(line.to_owned());
///     }
///     #[call]
///     async fn lines(&self, ctx: &mut Ctx<Self>) -> usize {
///         let output = self.output.clone();
///         tokio::task::yield_now().await; // An `Rc` may be held here.
///         assert_eq!(ctx.pid(), cordial::process::self_pid());
///         output.borrow().len()
///     }
/// }
///
/// supervisor! {
///     Scripts { children: [engine: Engine("hello")] }
/// }
/// let scripts = Scripts::start().await?;
/// scripts.engine.say("again");
/// assert_eq!(scripts.engine.lines().await?, 2);
/// # Ok(()) }
/// ```
///
/// [`sys::get_status`]: crate::sys::get_status
/// [`sys::inspect`]: crate::sys::inspect
/// [`sys::with_state`]: crate::sys::with_state
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `#[gen_server(local)] impl` block",
    label = "a local server without an `impl` that is local",
    note = "`local` stands on the struct and on its `impl` block: \
            `#[gen_server(local)] impl {Self}`"
)]
pub trait LocalServer: LocalStruct + Sized + 'static {
    /// What its mailbox takes.
    type Msg: Message;
    /// What it is started with.
    type Args: Send + 'static;
    /// The methods of its handle.
    type Client: Client<Msg = Self::Msg> + Send + Sync + 'static;
    /// As [`GenServer::MAILBOX`].
    const MAILBOX: Option<usize> = None;
    /// As [`GenServer::TRAP_EXIT`].
    const TRAP_EXIT: bool = false;

    /// Builds the state, where it is going to live.
    fn init(args: Self::Args, ctx: &mut Ctx<Local<Self>>) -> impl Future<Output = Init<Self>>;

    /// Handles one message.
    fn handle(&mut self, msg: Self::Msg, ctx: &mut Ctx<Local<Self>>) -> impl Future<Output = Flow>;

    /// As [`GenServer::idle_after`].
    fn idle_after(&self) -> Option<Duration> {
        None
    }

    /// As [`GenServer::handle_timeout`].
    fn handle_timeout(&mut self, _ctx: &mut Ctx<Local<Self>>) -> impl Future<Output = Flow> {
        async { Flow::Continue }
    }

    /// As [`GenServer::from_down`].
    fn from_down(_down: Down) -> Option<Self::Msg> {
        None
    }

    /// As [`GenServer::from_exit`].
    fn from_exit(_exit: Exit) -> Option<Self::Msg> {
        None
    }

    /// As [`GenServer::format_status`]; asked when the server is about to end by a crash.
    fn format_status(&self) -> Option<String> {
        None
    }

    /// As [`GenServer::terminate`]; the state is dropped behind it.
    fn terminate(
        &mut self,
        _reason: &ExitReason,
        _ctx: &mut Ctx<Local<Self>>,
    ) -> impl Future<Output = ()> {
        std::future::ready(())
    }
}

/// That the struct of a server is marked `local`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not marked `local`",
    label = "its `impl` is local, and the struct is not",
    note = "`local` stands on the struct and on its `impl` block: \
            `#[gen_server(local)] struct {Self}`"
)]
pub trait LocalStruct: ServerStruct {}

/// [`Accepts`] of a local server: it has an `#[info]` handler for `T`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not understand `{T}`",
    label = "no `#[info]` handler of this server takes it",
    note = "add `#[info] fn name(&mut self, msg: {T})` to its `#[gen_server(local)] impl`"
)]
pub trait LocalAccepts<T>: LocalServer {
    /// The mailbox message that carries it.
    fn accept(msg: T) -> Self::Msg;
}

/// [`Continues`] of a local server: it has a `#[handle_continue]` handler for `A`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `#[handle_continue]` handler for `{A}`",
    label = "nothing to continue with"
)]
pub trait LocalContinues<A>: LocalServer {
    /// Runs before any other message; may ask for the next.
    fn handle_continue(&mut self, arg: A, ctx: &mut Ctx<Local<Self>>)
    -> impl Future<Output = Flow>;
}

/// The process of a [`LocalServer`], which is a server itself: what handles, contexts and trees of
/// a local server name. In the signatures of a `#[gen_server(local)] impl`, `Ctx<Self>` is read as
/// `Ctx<Local<Self>>`.
///
/// A dynamic supervisor has its children by this name: `engines: dynamic Local<Engine>`.
pub struct Local<S> {
    place: Place,
    /// As its state said last.
    idle_after: Option<Duration>,
    server: PhantomData<fn() -> S>,
}

/// The future of a handler.
#[doc(hidden)]
pub type LocalFlow<'a> = Pin<Box<dyn Future<Output = Flow> + 'a>>;

/// What comes back from the host.
struct Visited<S: LocalServer, T> {
    ctx: Ctx<Local<S>>,
    outcome: Result<T, ExitReason>,
    idle_after: Option<Duration>,
}

// ===== The process =====

impl<S: LocalServer> Local<S> {
    /// Lets `visit` handle something with the state, where that is.
    pub(crate) async fn visit<F>(&mut self, ctx: &mut Ctx<Self>, visit: F) -> Flow
    where
        F: for<'a> FnOnce(&'a mut S, &'a mut Ctx<Self>) -> LocalFlow<'a> + Send + 'static,
    {
        let lent = ctx.lend();
        let (tell, told) = oneshot::channel();
        self.place.begin(move |kept| async move {
            let mut state = state_of::<S>(kept)?;
            let visited = perform(&mut *state, lent, visit).await;
            let _ = tell.send(visited);
            Some(state as Kept)
        });
        self.come_back(ctx, told).await
    }

    async fn come_back(
        &mut self,
        ctx: &mut Ctx<Self>,
        told: oneshot::Receiver<Visited<S, Flow>>,
    ) -> Flow {
        self.take_back(ctx, told.await.unwrap_or_else(|_| is_gone()))
    }

    fn take_back(&mut self, ctx: &mut Ctx<Self>, visited: Visited<S, Flow>) -> Flow {
        ctx.take_back(visited.ctx);
        self.idle_after = visited.idle_after;
        visited.outcome.unwrap_or_else(|reason| panics::go_on(reason))
    }
}

/// H3, H4. What is dropped with the runtime does not come here.
#[cold]
fn is_gone() -> ! {
    panic!("the thread on which this runtime's local servers live drives it no more")
}

#[diagnostic::do_not_recommend]
impl<S: LocalServer> GenServer for Local<S> {
    type Msg = S::Msg;
    type Args = S::Args;
    type Client = S::Client;
    const MAILBOX: Option<usize> = S::MAILBOX;
    const TRAP_EXIT: bool = S::TRAP_EXIT;

    async fn init(args: S::Args, ctx: &mut Ctx<Self>) -> Init<Self> {
        let place = Place::new(ctx);
        let mut lent = ctx.lend();
        let (tell, told) = oneshot::channel();
        place.begin(move |_| async move {
            let begun = contained(async { S::init(args, &mut lent).await }).await.0;
            let (state, outcome) = match begun {
                Ok(Init::Run(state)) => (Some(Box::new(state)), Ok(Init::Run(()))),
                Ok(Init::Ignore) => (None, Ok(Init::Ignore)),
                Ok(Init::Stop(reason)) => (None, Ok(Init::Stop(reason))),
                Ok(Init::Error(reason)) => (None, Ok(Init::Error(reason))),
                Err(reason) => (None, Err(reason)),
            };
            mailbox::tell_dropped();
            let (outcome, idle_after) = match state.as_deref() {
                Some(state) => idle_after_of(state, outcome),
                None => (outcome, None),
            };
            let _ = tell.send(Visited { ctx: lent, outcome, idle_after });
            state.map(|state| state as Kept)
        });
        let visited = told.await.unwrap_or_else(|_| is_gone());
        ctx.take_back(visited.ctx);
        match visited.outcome {
            Ok(Init::Run(())) => {
                let idle_after = visited.idle_after;
                Init::run(Self { place, idle_after, server: PhantomData })
            }
            Ok(Init::Ignore) => Init::Ignore,
            Ok(Init::Stop(reason)) => Init::Stop(reason),
            Ok(Init::Error(reason)) => Init::Error(reason),
            Err(reason) => panics::go_on(reason),
        }
    }

    async fn handle(&mut self, msg: S::Msg, ctx: &mut Ctx<Self>) -> Flow {
        self.visit(ctx, move |state, ctx| Box::pin(state.handle(msg, ctx))).await
    }

    fn idle_after(&self) -> Option<Duration> {
        self.idle_after
    }

    async fn handle_timeout(&mut self, ctx: &mut Ctx<Self>) -> Flow {
        self.visit(ctx, |state, ctx| Box::pin(state.handle_timeout(ctx))).await
    }

    /// Who asks is answered when the thread comes to it, before the next message.
    fn show_elsewhere(&self, to: ShowTo) -> Option<ShowTo> {
        self.place.begin(move |kept| async move {
            let state = state_of::<S>(kept)?;
            to(shown(&*state, || state.format_status()), None);
            Some(state as Kept)
        });
        None
    }

    fn from_down(down: Down) -> Option<S::Msg> {
        S::from_down(down)
    }

    fn from_exit(exit: Exit) -> Option<S::Msg> {
        S::from_exit(exit)
    }

    /// The state is dropped here, unless `terminate` is broken off: so who learns of an orderly end
    /// knows that it is gone.
    async fn terminate(&mut self, reason: &ExitReason, ctx: &mut Ctx<Self>) {
        let (lent, reason) = (ctx.lend(), reason.clone());
        let (tell, told) = oneshot::channel();
        self.place.begin(move |kept| async move {
            let mut state = state_of::<S>(kept)?;
            let ended = perform(&mut *state, lent, |state, ctx| {
                Box::pin(async move {
                    if !reason.is_clean() {
                        // As it was: `terminate` may change it.
                        ctx.keep_status(shown(state, || state.format_status()));
                    }
                    state.terminate(&reason, ctx).await;
                    Flow::Continue
                })
            })
            .await;
            let drop_state = || panics::contain(|| drop(state));
            for caller in mailbox::with_dying(drop_state).1 {
                ended.ctx.owe(Arc::downgrade(&caller));
            }
            let _ = tell.send(ended);
            None
        });
        let ended = told.await;
        self.place.is_clear = true;
        if let Ok(ended) = ended {
            self.take_back(ctx, ended);
        }
    }
}

#[diagnostic::do_not_recommend]
impl<S: LocalServer> ServerStruct for Local<S> {
    const NAME: Option<&'static str> = S::NAME;
    const RESTART: Restart = S::RESTART;
    const SHUTDOWN: Shutdown = S::SHUTDOWN;
    type Replay = S::Replay;
}

#[diagnostic::do_not_recommend]
impl<S: LocalServer> Child for Local<S> {
    type Handle = super::Ref<Self>;
}

#[diagnostic::do_not_recommend]
impl<S: LocalAccepts<T>, T> Accepts<T> for Local<S> {
    fn accept(msg: T) -> S::Msg {
        S::accept(msg)
    }
}

#[diagnostic::do_not_recommend]
impl<S: LocalContinues<A>, A: Send + 'static> Continues<A> for Local<S> {
    async fn handle_continue(&mut self, arg: A, ctx: &mut Ctx<Self>) -> Flow {
        self.visit(ctx, move |state, ctx| Box::pin(state.handle_continue(arg, ctx))).await
    }
}

impl<S> fmt::Debug for Local<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Local<{}>", std::any::type_name::<S>())
    }
}

// ===== On the host's thread =====

/// `None`: the host has dropped it.
fn state_of<S: 'static>(kept: Option<Kept>) -> Option<Box<S>> {
    kept.map(|kept| kept.downcast().expect("a place keeps the state that was put there"))
}

/// One visit, as [`Core`](super::server::Core) does a job of its own.
async fn perform<S, F>(state: &mut S, mut ctx: Ctx<Local<S>>, visit: F) -> Visited<S, Flow>
where
    S: LocalServer,
    F: for<'a> FnOnce(&'a mut S, &'a mut Ctx<Local<S>>) -> LocalFlow<'a>,
{
    let (outcome, client) = contained(async { visit(state, &mut ctx).await }).await;
    let (outcome, idle_after) = idle_after_of(state, outcome);
    if matches!(outcome, Ok(Flow::Continue)) && !ctx.wants_to_stop() {
        mailbox::tell_dropped();
        return Visited { ctx, outcome, idle_after };
    }
    // They wait for the end, too (GS-24).
    if let Some(client) = client {
        ctx.note_client(client);
    }
    for caller in mailbox::take_dropped() {
        ctx.owe(Arc::downgrade(&caller));
    }
    Visited { ctx, outcome, idle_after }
}

/// The outcome of a callback, or how it panicked, and whose call it answers.
async fn contained<T>(callback: impl Future<Output = T>) -> (Result<T, ExitReason>, Option<Pid>) {
    let mut callback = std::pin::pin!(callback);
    let mut client = None;
    let outcome = poll_fn(|cx| {
        let polled = panics::poll(callback.as_mut(), cx);
        client = mailbox::client().or(client);
        if polled.is_pending() {
            mailbox::tell_dropped();
        }
        polled
    });
    (outcome.await, client)
}

fn idle_after_of<S: LocalServer, T>(
    state: &S,
    outcome: Result<T, ExitReason>,
) -> (Result<T, ExitReason>, Option<Duration>) {
    match panics::contain(|| state.idle_after()) {
        Ok(idle_after) => (outcome, idle_after),
        Err(reason) => (outcome.and(Err(reason)), None),
    }
}

/// Polls a future as a process.
fn as_process(pid: Pid, mut doing: Doing) -> Doing {
    Box::pin(poll_fn(move |cx| {
        let _me = Identity::assume(Some(pid));
        doing.as_mut().poll(cx)
    }))
}

// ===== A place =====

/// Where the state of one process lies, with its host. Dropped, it takes that along.
struct Place {
    host: Arc<Host>,
    number: u64,
    pid: Pid,
    is_clear: bool,
}

impl Place {
    fn new<S: LocalServer>(ctx: &Ctx<Local<S>>) -> Self {
        let host = host_of(ctx.node());
        let number = host.new_place();
        Self { host, number, pid: ctx.pid(), is_clear: false }
    }

    /// Only while nothing else is done with it.
    fn begin<F, Fut>(&self, make: F)
    where
        F: FnOnce(Option<Kept>) -> Fut + Send + 'static,
        Fut: Future<Output = Option<Kept>> + 'static,
    {
        let (host, number, pid) = (self.host.clone(), self.number, self.pid);
        self.host.post(move || {
            host.begin(number, |kept| as_process(pid, Box::pin(make(kept))));
        });
    }
}

impl Drop for Place {
    /// Callers whose handles lie there are told with the others of the process that ends.
    fn drop(&mut self) {
        if self.is_clear {
            return;
        }
        let (host, number, pid) = (self.host.clone(), self.number, self.pid);
        let clear = move || {
            let _me = Identity::assume(Some(pid));
            mailbox::with_dying(|| panics::contain(|| host.clear(number))).1
        };
        if self.host.is_here() {
            return clear().into_iter().for_each(mailbox::tell_at_end);
        }
        let (tell, told) = channel();
        let is_posted = self.host.post(move || {
            if let Err(SendError(callers)) = tell.send(clear()) {
                callers.into_iter().for_each(mailbox::tell_at_end);
            }
        });
        if is_posted {
            let callers = self.host.wait_for(&told);
            callers.into_iter().flatten().for_each(mailbox::tell_at_end);
        }
    }
}

/// The thread on which the local servers of a node live.
fn host_of(node: &Node) -> Arc<Host> {
    if let Some(host) = node.services.get::<Host>() {
        return host;
    }
    let host = Host::new();
    match node.services.offer(host.clone()) {
        Ok(()) => {
            let runtime = node.runtime().expect("the node of a process has a runtime");
            host.start(runtime);
            host
        }
        Err(there) => there,
    }
}
