//! Servers: a state, and callbacks that run one at a time; OTP's `gen_server`, typed.
//!
//! ```text
//!  client                         server process
//!  ──────                         ──────────────
//!  X::start(args) ─────────────▶  init(args)            blocks until it is done
//!  x.get()  ── Msg::Get{from} ─▶  handle(msg) ── from.reply(v) ─▶ the call's answer
//!  x.add(1) ── Msg::Add{..} ───▶  handle(msg)
//!  send(&x, m) ────────────────▶  handle(accept(m))
//!  a monitor fires ── Down ────▶  handle(from_down(..))
//!  stop(&x) ───────────────────▶  terminate(reason)     then the process ends
//! ```
//!
//! `#[gen_server]` on a struct and on its `impl` writes all of this: the message enum, the client,
//! the dispatch and the child spec. [`GenServer`] is what it implements, and what can be
//! implemented by hand.
mod behaviour;
mod client;
mod closed;
mod context;
mod late;
mod lazy;
mod local;
mod outcome;
mod requests;
mod server;
mod start;
mod stream;
mod versions;

use crate::exit::ExitReason;
use crate::inspect::{Inspected, Show};
use crate::process::Message;
use crate::process::lane::ShowTo;
use crate::signal::{Down, Exit};
use std::future::Future;
use std::time::Duration;

pub use crate::process::{Behaviour, BehaviourClient, Carries};
pub use behaviour::{BehaviourRef, Faked, HasBehaviour};
#[doc(hidden)]
pub use behaviour::{Choose, Handed, IsBehaviour, Named, Nothing, OrNot, PartOf, Refused};
pub(crate) use client::part;
#[cfg(feature = "test-util")]
pub(crate) use client::sync;
pub use client::{
    Call, Client, PlainCasts, PlainClient, Ref, TryCall, named, send, stop, stop_with, whereis,
};
pub(crate) use client::{Runner, call, call_system, try_call};
pub use closed::NotAHandle;
#[doc(hidden)]
pub use closed::no_handle;
pub(crate) use context::Beside;
pub use context::{Ctx, Timer};
pub use late::Late;
pub(crate) use lazy::{Begun, Lazy, Plan};
#[doc(hidden)]
pub use local::LocalFlow;
pub use local::{Local, LocalAccepts, LocalContinues, LocalServer, LocalStruct};
pub use outcome::{Flow, Init, InitReturn, IntoFlow};
pub(crate) use outcome::{answer, answer_or_crash, log_flow, owe};
pub(crate) use requests::Alarm;
#[doc(hidden)]
pub use requests::Sent;
pub use requests::{Request, Requests};
pub(crate) use server::has_terminate;
pub use start::Start;
pub(crate) use start::{StartIn, start_in};
#[doc(hidden)]
pub use stream::{FromStream, PollStream, Polled, poll_stream};
pub use stream::{InfoStream, PollFn, poll_fn};
pub use versions::CodeChange;
pub(crate) use versions::change;
#[doc(hidden)]
pub use versions::{Changed, Follows, changed, follows};

/// When a supervisor starts a child again.
///
/// # Examples
/// ```
/// use cordial::prelude::*;
/// #[gen_server(restart = Transient)]
/// #[derive(Clone)]
/// struct Job;
/// #[gen_server]
/// impl Job {
///     #[cast]
///     fn poke(&self) {}
/// }
/// use cordial::ServerStruct;
/// assert_eq!(Job::RESTART, Restart::Transient);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Default)]
pub enum Restart {
    /// Always.
    #[default]
    Permanent,
    /// Unless it ended cleanly: `Normal`, `Shutdown`, `ShutdownWith`.
    Transient,
    /// Never.
    Temporary,
}

/// How a supervisor ends a child.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Shutdown {
    /// With a kill: `terminate` does not run.
    BrutalKill,
    /// With the exit signal `Shutdown`, and a kill if it takes longer than this.
    Timeout(Duration),
    /// With the exit signal `Shutdown`, however long it takes: for supervisors.
    Infinity,
}

impl Default for Shutdown {
    /// Five seconds, as in OTP.
    fn default() -> Self {
        Self::Timeout(Duration::from_secs(5))
    }
}

impl From<Duration> for Shutdown {
    fn from(limit: Duration) -> Self {
        Self::Timeout(limit)
    }
}

/// What a server *is*, from the attribute on its struct.
///
/// By hand: the defaults, and `type Replay`, which says whether its start arguments can be used
/// more than once.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a server",
    label = "`#[gen_server]` is missing on this struct",
    note = "`#[gen_server]` goes on the struct and on its `impl` block, and so does `#[gen_statem]`"
)]
pub trait ServerStruct {
    /// The name that every instance is registered under.
    const NAME: Option<&'static str> = None;
    /// When a supervisor starts it again.
    const RESTART: Restart = Restart::Permanent;
    /// The version of its state: `#[gen_server(version = 2)]`, see [`CodeChange`].
    const VERSION: u32 = 1;
    /// What of its state may be shown, unless [`format_status`](GenServer::format_status) says it.
    const SHOW: Show<Self> = |_| Inspected::type_name::<Self>();
    /// How a supervisor ends it.
    const SHUTDOWN: Shutdown = Shutdown::Timeout(Duration::from_secs(5));
    /// [`Replayed`](crate::supervisor::Replayed), or [`Once`](crate::supervisor::Once) for a server
    /// that is never started again.
    type Replay;
}

/// A server: what `#[gen_server]` implements.
///
/// # Examples
/// By hand, without any macro:
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::prelude::*;
/// use cordial::{Message, PlainClient, RawRef, ServerStruct};
///
/// struct Counter(u64);
/// enum CounterMsg {
///     Add(u64),
///     Value(ReplyTo<u64>),
/// }
/// impl Message for CounterMsg {
///     fn kind(&self) -> &'static str {
///         match self {
///             Self::Add(_) => "add",
///             Self::Value(_) => "value",
///         }
///     }
/// }
/// impl ServerStruct for Counter {
///     type Replay = cordial::supervisor::Replayed;
/// }
/// impl GenServer for Counter {
///     type Msg = CounterMsg;
///     type Args = u64;
///     type Client = PlainClient<CounterMsg>;
///     async fn init(start: u64, _: &mut Ctx<Self>) -> Init<Self> {
///         Init::run(Self(start))
///     }
///     async fn handle(&mut self, msg: CounterMsg, _: &mut Ctx<Self>) -> Flow {
///         match msg {
///             CounterMsg::Add(n) => self.0 += n,
///             CounterMsg::Value(from) => from.reply(self.0),
///         }
///         Flow::Continue
///     }
/// }
///
/// let counter: Ref<Counter> = Start::new(40).await.unwrap();
/// counter.cast(CounterMsg::Add(2));
/// assert_eq!(counter.call("value", CounterMsg::Value).await, Ok(42));
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `#[gen_server] impl` block",
    label = "this server understands no messages yet",
    note = "write `#[gen_server] impl {Self} {{ .. }}` with `#[call]`, `#[cast]`, `#[info]` methods"
)]
pub trait GenServer: ServerStruct + Sized + Send + 'static {
    /// What its mailbox takes.
    type Msg: Message;
    /// What it is started with.
    type Args: Send + 'static;
    /// The methods of its handle.
    type Client: Client<Msg = Self::Msg> + Send + Sync + 'static;
    /// Most messages from others that may wait; `None` is unbounded. At the limit casts and calls
    /// are refused.
    const MAILBOX: Option<usize> = None;
    /// Whether exit signals become messages; the macro sets it when a handler takes an `Exit`.
    const TRAP_EXIT: bool = false;

    /// Builds the state, in the new process. The starter waits until it is done.
    fn init(args: Self::Args, ctx: &mut Ctx<Self>) -> impl Future<Output = Init<Self>> + Send;

    /// Handles one message. A panic in it ends this process and no other.
    fn handle(&mut self, msg: Self::Msg, ctx: &mut Ctx<Self>) -> impl Future<Output = Flow> + Send;

    /// As [`handle`](Self::handle), for messages that need no future: they are handled on the spot.
    ///
    /// # Errors
    /// The message, untouched, if its handler awaits: [`handle`](Self::handle) is given it then.
    #[inline]
    fn handle_sync(&mut self, msg: Self::Msg, _: &mut Ctx<Self>) -> Result<Flow, Self::Msg> {
        Err(msg)
    }

    /// After how long without a message [`handle_timeout`](Self::handle_timeout) runs; asked again
    /// after `init` and after every message.
    fn idle_after(&self) -> Option<Duration> {
        None
    }

    /// No message came in time.
    fn handle_timeout(&mut self, _ctx: &mut Ctx<Self>) -> impl Future<Output = Flow> + Send {
        async { Flow::Continue }
    }

    /// The message for a monitored process's end; `None` logs and drops it.
    fn from_down(_down: Down) -> Option<Self::Msg> {
        None
    }

    /// The message for an exit signal, where the server traps exits; `None` logs and drops it.
    fn from_exit(_exit: Exit) -> Option<Self::Msg> {
        None
    }

    /// What of the state may be shown: in crash reports, and to who looks at a running server.
    /// `None`, as it is unless this is written, leaves that to [`ServerStruct::SHOW`].
    ///
    /// OTP's `format_status`: it never changes the state, and a panic in it is told in its place.
    /// A report names the kind of the last message and never shows the message itself.
    /// `#[format_status]` on a method writes it.
    fn format_status(&self) -> Option<String> {
        None
    }

    /// A state that lies elsewhere is shown there; `to` is given back where it does not.
    #[doc(hidden)]
    fn show_elsewhere(&self, to: ShowTo) -> Option<ShowTo> {
        Some(to)
    }

    /// Runs before the process ends by a stop, a panic in a callback, or the end of its parent
    /// while it traps exits; not after a kill or an exit signal that it does not trap (GS-34).
    ///
    /// After a panic the state is as the handler left it, and [`Ctx::poisoned`] is true.
    fn terminate(
        &mut self,
        _reason: &ExitReason,
        _ctx: &mut Ctx<Self>,
    ) -> impl Future<Output = ()> + Send {
        std::future::ready(()) // By its type it is known that there is nothing to run.
    }
}

/// A server takes messages of type `T` that are sent with [`send`]: it has an `#[info]` handler.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not understand `{T}`",
    label = "no `#[info]` handler of this server takes it",
    note = "add `#[info] fn name(&mut self, msg: {T})` to its `#[gen_server] impl`"
)]
pub trait Accepts<T>: GenServer {
    /// The mailbox message that carries it.
    fn accept(msg: T) -> Self::Msg;
}

/// A server goes on with `A` before it looks at its mailbox: it has a `#[handle_continue]` handler.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `#[handle_continue]` handler for `{A}`",
    label = "nothing to continue with"
)]
pub trait Continues<A>: GenServer {
    /// Runs before any other message; may ask for the next.
    fn handle_continue(&mut self, arg: A, ctx: &mut Ctx<Self>)
    -> impl Future<Output = Flow> + Send;
}

/// Something that a supervisor can have as a child, and the handle that it gives.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a child of a supervisor",
    label = "not a child type",
    note = "children are `#[gen_server]` types, `supervisor!` types and public tables"
)]
pub trait Child {
    /// What siblings are given.
    type Handle: Clone + std::fmt::Debug + Send + Sync + 'static;
}
