//! What callbacks answer: go on, stop; run, ignore, fail.
use super::{Ctx, GenServer, ServerStruct};
use crate::exit::ExitReason;
use crate::mailbox::{self, ReplyTo};
use std::fmt::{Debug, Display};
use std::future::Future;
use std::pin::Pin;

/// What a handler answers: whether the server goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flow {
    /// On with the next message.
    Continue,
    /// `terminate` runs, then the process ends with this reason.
    Stop(ExitReason),
}

/// What [`handle_sync`](GenServer::handle_sync) answers for a message that it has handled.
impl<M> From<Flow> for Result<Flow, M> {
    #[inline]
    fn from(flow: Flow) -> Self {
        Ok(flow)
    }
}

/// What `init` answers.
#[derive(Debug)]
pub enum Init<S> {
    /// The server runs with this state.
    Run(S),
    /// There is nothing to do: the start answers `StartError::Ignore`, the process ends `Normal`.
    Ignore,
    /// The start fails and the process ends with this reason; OTP's `{stop, Reason}`.
    Stop(ExitReason),
    /// The start fails with this reason, the process ends `Normal`; OTP's `{error, Reason}`.
    Error(ExitReason),
}

impl<S> Init<S> {
    /// Run with this state.
    pub fn run(state: S) -> Self {
        Self::Run(state)
    }

    /// Fail, with this exit reason.
    pub fn stop(reason: ExitReason) -> Self {
        Self::Stop(reason)
    }

    /// Fail, and end `Normal`: a linked starter that does not trap exits lives on.
    pub fn error<E: Debug + Display + Send + Sync + 'static>(error: E) -> Self {
        Self::Error(ExitReason::custom(error))
    }
}

/// What an `#[init]` function may return: `Self`, `Init<Self>`, or a `Result` of one of them.
#[diagnostic::on_unimplemented(
    message = "`#[init]` of `{S}` must return `Self` or `Result<Self, E>`, not `{Self}`",
    label = "this is what the server is started with",
    note = "`Init<Self>` and `Result<Init<Self>, E>` are fine too"
)]
pub trait InitReturn<S> {
    /// As an [`Init`].
    fn into_init(self) -> Init<S>;
}

impl<S: ServerStruct> InitReturn<S> for S {
    fn into_init(self) -> Init<S> {
        Init::Run(self)
    }
}

#[diagnostic::do_not_recommend]
impl<S> InitReturn<S> for Init<S> {
    fn into_init(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<S, R: InitReturn<S>, E> InitReturn<S> for Result<R, E>
where
    E: Debug + Display + Send + Sync + 'static,
{
    fn into_init(self) -> Init<S> {
        match self {
            Ok(value) => value.into_init(),
            Err(error) => Init::error(error),
        }
    }
}

/// What a cast, info, continue or tick may return: `()`, [`Flow`], or a `Result` of one of them.
#[diagnostic::on_unimplemented(
    message = "a handler that nobody waits for returns `()`, `Flow` or `Result<(), E>`, \
               not `{Self}`",
    label = "nobody is there to take it"
)]
pub trait IntoFlow {
    /// As a [`Flow`]; an `Err` stops the server with it as reason: let it crash.
    fn into_flow(self) -> Flow;
}

impl IntoFlow for () {
    #[inline]
    fn into_flow(self) -> Flow {
        Flow::Continue
    }
}

impl IntoFlow for Flow {
    #[inline]
    fn into_flow(self) -> Flow {
        self
    }
}

impl<V: IntoFlow, E> IntoFlow for Result<V, E>
where
    E: Debug + Display + Send + Sync + 'static,
{
    fn into_flow(self) -> Flow {
        match self {
            Ok(value) => value.into_flow(),
            Err(error) => Flow::Stop(ExitReason::custom(error)),
        }
    }
}

/// `#[cast(on_err = log)]`: an `Err` is logged, and the server goes on.
pub(crate) fn log_flow<V: IntoFlow, E: Display>(kind: &str, value: Result<V, E>) -> Flow {
    match value {
        Ok(value) => value.into_flow(),
        Err(error) => {
            #[cfg(feature = "tracing")]
            tracing::warn!(target: "cordial::cast", kind, "cast `{kind}` failed: {error}");
            #[cfg(not(feature = "tracing"))]
            let _ = (kind, error);
            Flow::Continue
        }
    }
}

/// A handler's future, boxed: ticks and continuations, which are rare.
pub(crate) type BoxFlow<'a> = Pin<Box<dyn Future<Output = Flow> + Send + 'a>>;

/// Answers a call: at once, or, if the handler asked to stop, when `terminate` has run (GS-23).
#[inline]
pub(crate) fn answer<S: GenServer, T: Send + 'static>(
    ctx: &mut Ctx<S>,
    from: ReplyTo<T>,
    value: T,
) {
    if ctx.wants_to_stop() {
        mailbox::note_client(from.caller());
        ctx.hold(Box::new(move || from.reply(value)));
    } else {
        from.answer(value);
    }
}

/// `#[call(or_crash)]`: the caller gets the error, and the server stops with it.
pub(crate) fn answer_or_crash<S: GenServer, T, E>(
    ctx: &mut Ctx<S>,
    from: ReplyTo<Result<T, E>>,
    value: Result<T, E>,
) where
    T: Send + 'static,
    E: Debug + Display + Send + Sync + Clone + 'static,
{
    if let Err(error) = &value {
        ctx.stop(ExitReason::custom(error.clone()));
    }
    answer(ctx, from, value);
}

/// Before a handler is given the handle to keep: its caller is told if this process ends first
/// (GS-20).
pub(crate) fn owe<S: GenServer, T: Send + 'static>(ctx: &Ctx<S>, from: &ReplyTo<T>) {
    ctx.owe(from.hand_out(ctx.pid()));
}
