//! What generated code calls. No promise is made about any of it: it changes with the macros.
use crate::gen_server::{self, Call, Ctx, Flow, GenServer, Init, TryCall};
use crate::mailbox::ReplyTo;
use crate::process::{Cast, Mailbox, Message, RawRef, Spawned};
pub use crate::rt::Workers;
pub use crate::supervisor::names::{Named, Nameless, Names, NamesOf};
pub use crate::supervisor::{Once, Remade, ReplayArgs, Replayed};
pub use std::borrow::{Borrow, ToOwned};
use std::fmt::{Debug, Display};
use std::future::Future;
use std::pin::Pin;
use std::process::{ExitCode, Termination};
use std::time::Duration;

pub use crate::gen_server::InitReturn;
pub use crate::gen_server::IntoFlow;
pub use crate::process::Found;

/// How long a call waits unless it says otherwise.
pub const DEFAULT_CALL: Option<Duration> = Some(Duration::from_secs(5));

#[inline]
pub fn cast<M: Message>(raw: &RawRef<M>, msg: M) -> Cast {
    raw.send(msg)
}

#[inline]
pub fn call<M: Message, T: Send + 'static>(
    raw: &RawRef<M>,
    kind: &'static str,
    limit: Option<Duration>,
    make: impl FnOnce(ReplyTo<T>) -> M,
) -> Call<T> {
    gen_server::call(raw, kind, limit, make)
}

#[inline]
pub fn try_call<M: Message, T: Send + 'static, E: Send + 'static>(
    raw: &RawRef<M>,
    kind: &'static str,
    limit: Option<Duration>,
    make: impl FnOnce(ReplyTo<Result<T, E>>) -> M,
) -> TryCall<T, E> {
    gen_server::try_call(raw, kind, limit, make)
}

/// Answers a call: at once, or when `terminate` has run if the handler asked to stop.
#[inline]
pub fn answer<S: GenServer, T: Send + 'static>(
    ctx: &mut Ctx<S>,
    from: ReplyTo<T>,
    value: T,
) -> Flow {
    gen_server::answer(ctx, from, value)
}

/// `#[call(or_crash)]`.
pub fn answer_or_crash<S: GenServer, T, E>(
    ctx: &mut Ctx<S>,
    from: ReplyTo<Result<T, E>>,
    value: Result<T, E>,
) -> Flow
where
    T: Send + 'static,
    E: Debug + Display + Send + Sync + Clone + 'static,
{
    gen_server::answer_or_crash(ctx, from, value)
}

/// Before a handler is given its `from`.
pub fn hand_out<S: GenServer, T: Send + 'static>(ctx: &Ctx<S>, from: &ReplyTo<T>) {
    gen_server::owe(ctx, from);
}

#[inline]
pub fn into_flow<V: IntoFlow>(value: V) -> Flow {
    value.into_flow()
}

/// `#[cast(on_err = log)]`.
pub fn log_flow<V: IntoFlow, E: Display>(kind: &str, value: Result<V, E>) -> Flow {
    gen_server::log_flow(kind, value)
}

#[inline]
pub fn into_init<S: GenServer, V: InitReturn<S>>(value: V) -> Init<S> {
    value.into_init()
}

/// The parts of a handler's `Result`.
#[diagnostic::on_unimplemented(
    message = "this `Result` is not `core::result::Result`; write `#[call(raw)]`",
    label = "not a `core::result::Result`"
)]
pub trait ResultOf {
    type Ok;
    type Err;
}
impl<T, E> ResultOf for Result<T, E> {
    type Ok = T;
    type Err = E;
}

/// The struct's side asks for the impl's.
pub const fn server_of<S: GenServer>() {}

/// What may stand in a message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot travel in a message",
    label = "not `Send + 'static`"
)]
pub trait Sendable: Send + 'static {}
#[diagnostic::do_not_recommend]
impl<T: Send + 'static> Sendable for T {}

/// What may stand in a server's state.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of a server's state",
    label = "not `Send + 'static`"
)]
pub trait StateSend: Send + 'static {}
#[diagnostic::do_not_recommend]
impl<T: Send + 'static> StateSend for T {}

#[inline]
pub fn send_future<F: Future + Send>(future: F) -> F {
    future
}

/// The future of a tick.
pub fn boxed_flow<'a>(
    future: impl Future<Output = Flow> + Send + 'a,
) -> Pin<Box<dyn Future<Output = Flow> + Send + 'a>> {
    Box::pin(future)
}

/// `ping_pong!`: a process, and the future of its end.
pub fn ping_pong<M, F, Fut>(run: F) -> Spawned<Plain<M>>
where
    M: Send + 'static,
    F: FnOnce(Mailbox<Plain<M>>) -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    crate::process::spawn_monitor(run).1
}

/// Any value as a message.
pub struct Plain<T>(pub T);
impl<T: Send + 'static> Message for Plain<T> {
    fn kind(&self) -> &'static str {
        "message"
    }
}

/// Calls `f` with `value`; the argument's type flows into the closure.
pub fn apply<T, R>(value: T, f: impl FnOnce(T) -> R) -> R {
    f(value)
}

/// As [`apply`], for `async |msg| ..`.
pub async fn apply_async<T, R>(value: T, f: impl AsyncFnOnce(T) -> R) -> R {
    f(value).await
}

/// Says what the body of an `async fn` returns, so that `?` in it knows the error's type.
#[inline]
pub fn returning<T, F: Future<Output = T>>(body: F) -> F {
    body
}

/// `#[cordial::main]`.
pub fn run_main<F>(workers: Workers, main: F) -> ExitCode
where
    F: Future<Output: Termination>,
{
    let output = crate::rt::run(workers, async {
        let output = main.await;
        if let Some(node) = crate::Node::current() {
            node.shutdown().await;
        }
        output
    });
    match output {
        Ok(output) => output.report(),
        Err(error) => tell(&format!("cannot start the runtime: {error}")),
    }
}

/// A main that answers with a `Result` tells its error as a sentence.
pub fn run_try_main<F, T, E>(workers: Workers, main: F) -> ExitCode
where
    F: Future<Output = Result<T, E>>,
    T: Termination,
    E: Display,
{
    run_main(workers, async {
        match main.await {
            Ok(value) => value.report(),
            Err(error) => tell(&error.to_string()),
        }
    })
}

#[expect(clippy::print_stderr, reason = "the error of `main` is told on stderr")]
fn tell(error: &str) -> ExitCode {
    eprintln!("{error}");
    ExitCode::FAILURE
}

/// `#[cordial::test]`.
#[cfg(feature = "test-util")]
pub fn run_test<F: Future>(workers: Option<usize>, test: F) -> F::Output {
    crate::test::run(workers, test)
}
