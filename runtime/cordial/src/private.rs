//! What generated code calls. No promise is made about any of it: it changes with the macros.
use crate::exit::ExitReason;
use crate::gen_server::{
    self, Accepts, BehaviourClient, BehaviourRef, Call, Client, Ctx, Flow, GenServer, Init, Local,
    LocalFlow, LocalServer, Ref, Runner, ServerStruct, TryCall,
};
use crate::gen_statem::{Done, GenStatem, IntoNext, Next};
use crate::mailbox::ReplyTo;
use crate::process::{Cast, CastWait, DEFAULT_LIMIT, IntoExit, Mailbox, Message, RawRef, Spawned};
use crate::registry::{self, AsKey, Event, Keyed, Registry, Unique};
pub use crate::rt::Workers;
use crate::rt::{self, Raced};
use crate::signal::Exit;
pub use crate::supervisor::names::{Named, Nameless, Names, NamesOf};
use crate::supervisor::{ChildSpec, Replays};
pub use crate::supervisor::{Once, Remade, ReplayArgs, Replayed};
use crate::task::Job;
use crate::task_supervisor::TaskSpec;
use std::any::Any;
pub use std::borrow::{Borrow, ToOwned};
use std::fmt::{Debug, Display};
use std::future::Future;
use std::marker::PhantomData;
use std::ops::{Deref, Mul};
use std::pin::Pin;
use std::process::{ExitCode, Termination};
use std::time::Duration;

pub use crate::process::Part;

/// What the client of a behaviour calls.
pub mod part {
    pub use crate::gen_server::part::{
        ask, ask_within, call, call_within, cast, queue, queue_within,
    };
}

pub use crate::inspect::ladder::{ByDebug, ByInspect, ByName, ladder, show_debug};
#[cfg(feature = "serde")]
pub use crate::inspect::ladder::{ByJson, show_json};
pub use crate::inspect::record::{Fields, record};
#[cfg(feature = "serde")]
pub use serde::Serialize;

pub use crate::gen_server::InitReturn;
pub use crate::gen_server::IntoFlow;
pub use crate::gen_server::{
    Changed, Follows, FromStream, PollStream, Polled, changed, follows, no_handle, poll_stream,
};
pub use crate::process::Found;
pub use crate::process::arms::{Holds, holds, look, look_message, no_arm, take, take_message};
pub use crate::protocol::{serve, session};

/// How long a call waits unless it says otherwise.
const DEFAULT_CALL: Option<Duration> = Some(DEFAULT_LIMIT);

// ----- what a client does -----

#[inline(always)]
pub fn cast<M: Message>(raw: &RawRef<M>, msg: M) -> Cast {
    raw.send(msg)
}

/// A cast that waits for room.
pub fn cast_wait<M: Message>(raw: &RawRef<M>, msg: M) -> CastWait {
    raw.0.send_waiting(msg)
}

/// `#[call(shed)]`: whether the call is left, because nobody waits for its answer.
pub fn shed<S: GenServer, T: Send + 'static>(
    from: &ReplyTo<T>,
    kind: &'static str,
    ctx: &Ctx<S>,
) -> bool {
    from.is_abandoned() && {
        crate::telemetry::emit(|| crate::telemetry::events::CallShed { pid: ctx.pid(), kind });
        true
    }
}

/// The call of a handler that its caller may run.
#[inline]
pub fn ask<M: Message, T: Send + 'static>(
    raw: &RawRef<M>,
    make: impl FnOnce(ReplyTo<T>) -> M,
) -> Call<T> {
    gen_server::call(raw, None, DEFAULT_CALL, Runner::Either, make)
}

/// The call of a handler that awaits.
#[inline]
pub fn call<M: Message, T: Send + 'static>(
    raw: &RawRef<M>,
    make: impl FnOnce(ReplyTo<T>) -> M,
) -> Call<T> {
    gen_server::call(raw, None, DEFAULT_CALL, Runner::EitherIfNoProcess, make)
}

/// The call of a handler that is never run by its caller.
#[inline]
pub fn queue<M: Message, T: Send + 'static>(
    raw: &RawRef<M>,
    make: impl FnOnce(ReplyTo<T>) -> M,
) -> Call<T> {
    gen_server::call(raw, None, DEFAULT_CALL, Runner::Callee, make)
}

/// [`ask`], with `#[call(timeout = ..)]`.
#[inline]
pub fn ask_within<M: Message, T: Send + 'static>(
    raw: &RawRef<M>,
    limit: Option<Duration>,
    make: impl FnOnce(ReplyTo<T>) -> M,
) -> Call<T> {
    gen_server::call(raw, None, limit, Runner::Either, make)
}

/// [`call`], with `#[call(timeout = ..)]`.
#[inline]
pub fn call_within<M: Message, T: Send + 'static>(
    raw: &RawRef<M>,
    limit: Option<Duration>,
    make: impl FnOnce(ReplyTo<T>) -> M,
) -> Call<T> {
    gen_server::call(raw, None, limit, Runner::EitherIfNoProcess, make)
}

/// [`queue`], with `#[call(timeout = ..)]`.
#[inline]
pub fn queue_within<M: Message, T: Send + 'static>(
    raw: &RawRef<M>,
    limit: Option<Duration>,
    make: impl FnOnce(ReplyTo<T>) -> M,
) -> Call<T> {
    gen_server::call(raw, None, limit, Runner::Callee, make)
}

/// `#[call(fuse = ..)]`: `call` is made unless the fuse is blown.
pub fn fused<M: Message, C, F>(
    raw: &RawRef<M>,
    make: F,
    call: impl FnOnce() -> C,
) -> crate::fuse::Fused<C>
where
    F: Fn() -> crate::fuse::Fuse + 'static,
{
    crate::fuse::fused(raw, make, call)
}

/// The call of a handler that returns a `Result`, taken apart for its client.
///
/// That the outcome is what asks keeps the compiler from saying more where there is no such type.
#[inline]
pub fn flat<F: Flat<C>, C>(call: C) -> F {
    F::flat(call)
}

/// See [`flat`].
pub trait Flat<C> {
    fn flat(call: C) -> Self;
}
impl<T: Send + 'static, E: Send + 'static> Flat<Call<Result<T, E>>> for TryCall<T, E> {
    #[inline]
    fn flat(call: Call<Result<T, E>>) -> Self {
        Self(call)
    }
}

/// The call of a handler that returns `R`.
pub type TryCallOf<R> = <R as ResultOf>::Call;

/// The impls that are the same for every server: how the runtime sees its client.
#[doc(hidden)]
#[macro_export]
macro_rules! __cordial_shell {
    (
        [$($impl:tt)*] [$($ty:tt)*] [$($where:tt)*]
        [$server:ty] $msg:ident $casts:ident $client:ident
    ) => {
        $crate::__private::shell!(
            @client [$($impl)*] [$($ty)*] [$($where)*] $msg $casts $client
        );
        impl $($impl)* $crate::Child for $server $($where)* {
            type Handle = $crate::Ref<Self>;
        }
    };
    // Of a local server.
    (
        local [$($impl:tt)*] [$($ty:tt)*] [$($where:tt)*]
        [$server:ty] $msg:ident $casts:ident $client:ident
    ) => {
        $crate::__private::shell!(
            @client [$($impl)*] [$($ty)*] [$($where)*] $msg $casts $client
        );
        impl $($impl)* $crate::Child for $server $($where)* {
            type Handle = $crate::Ref<$crate::Local<Self>>;
        }
    };
    (
        @client [$($impl:tt)*] [$($ty:tt)*] [$($where:tt)*]
        $msg:ident $casts:ident $client:ident
    ) => {
        impl $($impl)* ::core::ops::Deref for $client $($ty)* $($where)* {
            type Target = $casts $($ty)*;
            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }
        impl $($impl)* $crate::Client for $client $($ty)* $($where)* {
            type Msg = $msg $($ty)*;
            fn from_raw(raw: $crate::RawRef<Self::Msg>) -> Self {
                Self($casts(raw))
            }
            fn raw(&self) -> &$crate::RawRef<Self::Msg> {
                &self.0.0
            }
        }
    };
}
pub use crate::__cordial_shell as shell;

/// What a local `impl` says beside an error, where its struct is not local.
#[doc(hidden)]
#[macro_export]
macro_rules! __cordial_half_local {
    ([$($impl:tt)*] [$($where:tt)*] [$server:ty] $msg:ty, $client:ty) => {
        impl $($impl)* $crate::GenServer for $server $($where)* {
            type Msg = $msg;
            type Args = ();
            type Client = $client;
            async fn init(_: (), _: &mut $crate::Ctx<Self>) -> $crate::Init<Self> {
                ::core::unreachable!()
            }
            async fn handle(&mut self, _: $msg, _: &mut $crate::Ctx<Self>) -> $crate::Flow {
                ::core::unreachable!()
            }
        }
    };
}
pub use crate::__cordial_half_local as half_local;

/// The impls that are the same for every behaviour.
#[doc(hidden)]
#[macro_export]
macro_rules! __cordial_behaviour {
    (
        [$($impl:tt)*] [$($ty:tt)*] [$($where:tt)*]
        [$($behaviour:tt)*] $msg:ident $casts:ident $client:ident
    ) => {
        impl $($impl)* ::core::ops::Deref for $client $($ty)* $($where)* {
            type Target = $casts $($ty)*;
            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }
        impl $($impl)* $crate::gen_server::BehaviourClient for $client $($ty)* $($where)* {
            type Behaviour = $($behaviour)*;
            fn from_part(part: $crate::__private::Part<$($behaviour)*>) -> Self {
                Self($casts(part))
            }
            fn part(&self) -> &$crate::__private::Part<$($behaviour)*> {
                &self.0.0
            }
        }
        impl $($impl)* $crate::gen_server::Behaviour for $($behaviour)* $($where)* {
            type Msg = $msg $($ty)*;
            type Client = $client $($ty)*;
        }
        impl $($impl)* $crate::gen_server::Carries<$($behaviour)*> for $msg $($ty)* $($where)* {
            fn carry(message: Self) -> Self {
                message
            }
        }
        impl $($impl)* $crate::gen_server::Faked for $($behaviour)* + '_ $($where)* {
            type Msg = $msg $($ty)*;
            type Handle = $crate::BehaviourRef<$client $($ty)*>;
            fn handle(address: $crate::RawRef<Self::Msg>) -> Self::Handle {
                $crate::__private::faked(&address)
            }
        }
    };
}
pub use crate::__cordial_behaviour as behaviour_shell;

pub use crate::gen_server::{Handed, IsBehaviour, Named as NamedBehaviour, OrNot, PartOf};

/// Asks for a behaviour, at the place where it is named.
pub const fn behaviour<B: gen_server::Behaviour + ?Sized>() {}

/// Asks whether a server implements a behaviour, by its messages.
pub const fn implemented<M: PartOf<S>, S: GenServer>() {}

/// The handle of a behaviour, of a process that understands nothing else.
pub fn faked<C, M>(address: &RawRef<M>) -> BehaviourRef<C>
where
    C: BehaviourClient,
    M: gen_server::Carries<C::Behaviour>,
{
    BehaviourRef::of_part(Part::of(address))
}

/// A callback of a behaviour that needs no future, reached where one would do.
pub fn on_the_spot<M>(flow: Result<Flow, M>) -> Flow {
    flow.unwrap_or_else(|_| unreachable!("a callback that waits is not handled on the spot"))
}

// ----- what starts a server -----

/// What `X::child_spec(..)` asks for. That `R` is a parameter keeps the compiler from asking for
/// the struct's side here, too, where it is missing: one error is enough.
pub trait Specified<R>: Sized {
    fn spec<A>(args: A) -> ChildSpec<Self, R>
    where
        Self: GenServer<Args = A>;
}
impl<S: GenServer> Specified<S::Replay> for S {
    fn spec<A>(args: A) -> ChildSpec<Self>
    where
        Self: GenServer<Args = A>,
    {
        ChildSpec::new(args)
    }
}

/// `X::whereis()`: the server that has the fixed name of its type.
pub fn registered<S: GenServer>() -> Option<Ref<S>> {
    let raw = crate::process::address_of::<S::Msg>(S::NAME?)?;
    Some(Ref::from_client(<S::Client as Client>::from_raw(raw)))
}

#[inline]
pub fn into_init<S, V: InitReturn<S>>(value: V) -> Init<S> {
    value.into_init()
}

/// Arranges what needs the state: ticks, and the continue that nobody asked for.
pub fn after_init<T, S: GenServer>(
    init: Init<T>,
    ctx: &mut Ctx<S>,
    arrange: impl FnOnce(&T, &mut Ctx<S>),
) -> Init<T> {
    if let Init::Run(state) = &init {
        arrange(state, ctx);
    }
    init
}

/// `X::at(&key)`.
pub fn at<S: Keyed, Q: AsKey<S::Key> + ?Sized>(key: &Q) -> Ref<S> {
    registry::at(key)
}

/// `X::whereis(&key)`.
pub fn whereis<S: Keyed, Q: AsKey<S::Key> + ?Sized>(key: &Q) -> Option<Ref<S>> {
    <S::Via as Unique>::whereis(key)
}

/// `listener = L` of a registry: whoever has the name of that server now.
pub fn tell_listener<L, R>(event: &Event<R>)
where
    L: Accepts<Event<R>>,
    R: Registry,
{
    const { assert!(L::NAME.is_some(), "a listener is found by the fixed name of its type") };
    if let Some(listener) = registered::<L>() {
        gen_server::send(&listener, event.clone());
    }
}

// ----- what a server does -----

/// Answers a call: at once, or when `terminate` has run if the handler asked to stop.
#[inline]
pub fn answer<S: GenServer, T: Send + 'static, R: From<Flow>>(
    from: ReplyTo<T>,
    value: T,
    ctx: &mut Ctx<S>,
) -> R {
    gen_server::answer(ctx, from, value);
    Flow::Continue.into()
}

/// `#[call(or_crash)]`.
pub fn answer_or_crash<S: GenServer, T, E, R: From<Flow>>(
    from: ReplyTo<Result<T, E>>,
    value: Result<T, E>,
    ctx: &mut Ctx<S>,
) -> R
where
    T: Send + 'static,
    E: Debug + Display + Send + Sync + Clone + 'static,
{
    gen_server::answer_or_crash(ctx, from, value);
    Flow::Continue.into()
}

/// What came of a clause that nobody waits for, or that replies itself.
pub fn statem_moves<S: GenStatem, V: IntoNext<S::State>>(value: V) -> Done<S> {
    Done::next(value.into_next())
}

/// A clause replied, and stays.
pub fn statem_replies<S: GenStatem, T: Send + 'static>(from: ReplyTo<T>, value: T) -> Done<S> {
    from.reply(value); // At once, also if it asked to stop: FSM-20.
    Done::next(Next::Keep)
}

/// A clause replied nothing, and moves.
pub fn statem_replies_nothing<S: GenStatem, V>(from: ReplyTo<()>, moves: V) -> Done<S>
where
    V: IntoNext<S::State>,
{
    from.reply(());
    statem_moves(moves)
}

/// A clause replied, and moves.
pub fn statem_replies_and_moves<S, T, V>(from: ReplyTo<T>, (value, moves): (T, V)) -> Done<S>
where
    S: GenStatem,
    T: Send + 'static,
    V: IntoNext<S::State>,
{
    from.reply(value);
    statem_moves(moves)
}

/// A `task(..)` of a tree.
pub fn task_spec<F>(runs: &'static str, make: F) -> TaskSpec
where
    F: Fn() -> Job<ExitReason> + Send + Sync + 'static,
{
    TaskSpec::made(runs, make)
}

/// What it runs. One type for all: where it is no future, nothing else is said about it.
pub fn task_future<F: TaskFuture>(future: F) -> Job<ExitReason> {
    Box::pin(future.end())
}

/// A future that can be a child.
#[diagnostic::on_unimplemented(
    message = "a `task` runs a future, and `{Self}` cannot be one of its",
    label = "not a `Send` future that ends with `()`, an `ExitReason` or a `Result` of these",
    note = "write `task(poll(board))` for an `async fn poll`, or `task(async move ..)`"
)]
pub trait TaskFuture: Send + 'static {
    fn end(self) -> impl Future<Output = ExitReason> + Send + 'static;
}
#[diagnostic::do_not_recommend]
impl<F: Future<Output: IntoExit> + Send + 'static> TaskFuture for F {
    async fn end(self) -> ExitReason {
        self.await.into_exit()
    }
}

/// The state that a `#[call(task)]` looks at.
pub fn snapshot<S: Snapshot>(state: &S) -> S {
    state.clone()
}

/// A state that can be copied.
#[diagnostic::on_unimplemented(
    message = "`#[call(task)]` runs on a copy of the state, and `{Self}` is not `Clone`",
    label = "the state must be `Clone`",
    note = "derive `Clone`, share what is large in an `Arc`, or answer later with a `ReplyTo`"
)]
pub trait Snapshot: Clone {}
#[diagnostic::do_not_recommend]
impl<S: Clone> Snapshot for S {}

/// `#[call(task)]`: the caller is answered by the task, also if that crashes.
pub fn run_as_task<S: GenServer, T, F, R: From<Flow>>(
    from: ReplyTo<T>,
    future: F,
    _: &mut Ctx<S>,
) -> R
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    crate::task::answer_beside(from, future);
    Flow::Continue.into()
}

/// Before a handler is given its `from`.
pub fn hand_out<S: GenServer, T: Send + 'static>(ctx: &Ctx<S>, from: &ReplyTo<T>) {
    gen_server::owe(ctx, from);
}

/// What `#[format_status]` shows.
pub fn shown(status: &impl Shown) -> Option<String> {
    Some(status.show())
}

/// What may be shown of a state.
#[diagnostic::on_unimplemented(
    message = "`#[format_status]` returns what can be shown, and `{Self}` is not `Display`",
    label = "not `Display`",
    note = "return `format!(..)`, or a type of your own that implements `Display`"
)]
pub trait Shown {
    fn show(&self) -> String;
}
#[diagnostic::do_not_recommend]
impl<T: Display> Shown for T {
    fn show(&self) -> String {
        self.to_string()
    }
}

/// The message of the runtime as the `#[info]` of type `B`, if that is what it is.
pub fn convert<A: 'static, B: 'static>(value: A) -> Result<B, A> {
    let mut value = Some(value);
    let same = (&mut value as &mut dyn Any).downcast_mut::<Option<B>>();
    match same.and_then(Option::take) {
        Some(same) => Ok(same),
        None => Err(value.expect("it is taken only as what it is")),
    }
}

/// `Is::<T>::EXIT`: whether `T` is [`Exit`]; inherent for it, from [`NotExit`] for all others.
pub struct Is<T>(PhantomData<T>);
impl Is<Exit> {
    pub const EXIT: bool = true;
}
/// See [`Is`].
pub trait NotExit {
    const EXIT: bool = false;
}
impl<T> NotExit for Is<T> {}

#[inline]
pub fn into_flow<V: IntoFlow, R: From<Flow>>(value: V) -> R {
    value.into_flow().into()
}

/// Nothing is left in the message that would have to be dropped.
#[inline]
pub fn forget<M>(msg: M) {
    let _ = std::mem::ManuallyDrop::new(msg);
}

/// [`into_flow`], of a message that was forgotten before its handler ran.
#[inline]
pub fn into_flow_after<V: IntoFlow, R: From<Flow>>((): (), value: V) -> R {
    into_flow(value)
}

/// `#[cast(on_err = log)]`.
pub fn log_flow<V: IntoFlow, E: Display, R: From<Flow>>(kind: &str, value: Result<V, E>) -> R {
    gen_server::log_flow(kind, value).into()
}

/// A handler's `Result`.
#[diagnostic::on_unimplemented(
    message = "this `Result` is not `core::result::Result`; write `#[call(raw)]`",
    label = "not a `core::result::Result`"
)]
pub trait ResultOf {
    /// What the client gets.
    type Call;
}
impl<T: Send + 'static, E: Send + 'static> ResultOf for Result<T, E> {
    type Call = TryCall<T, E>;
}

/// What generated code implements beside [`GenServer`] asks for that in this way: the compiler
/// believes the struct's side there, so a struct without its attribute is told once.
pub trait Marked<'a>: GenServer {}

impl<S: GenServer> Marked<'_> for S {}

/// [`Marked`] of a local server.
pub trait MarkedLocal<'a>: LocalServer {}

impl<S: LocalServer> MarkedLocal<'_> for S {}

/// The struct's side asks for the impl's.
pub const fn server_of<S: GenServer>() {}

/// The same of a local server.
pub const fn local_server_of<S: LocalServer>() {}

/// `Replay` of a struct that is marked `local`.
pub struct OfLocal<R>(PhantomData<R>);

impl<R: Replays> Replays for OfLocal<R> {
    type Restarted = R::Restarted;
    type Temporary = R::Temporary;
}

#[diagnostic::do_not_recommend]
impl<A, R: ReplayArgs<A>> ReplayArgs<A> for OfLocal<R> {
    const CLONE: Option<fn(&A) -> A> = R::CLONE;
}

/// That a struct is not marked `local`, though its `impl` is: that is told there, and the server is
/// one like others beside that error. The lifetime keeps the compiler from asking for it where it
/// does not hold.
pub trait HalfLocal<'a>: ServerStruct + Send {}

impl<S: ServerStruct<Replay: OfNoLocal<S>> + Send> HalfLocal<'_> for S {}

/// See [`HalfLocal`]; it is missed where a local server is named as if it were its process.
#[diagnostic::on_unimplemented(
    message = "`{S}` is a local server, and its process is `Local<{S}>`",
    label = "this names the state, not the process",
    note = "write `Local<{S}>`, or the alias that ends in `Ref` for its handle"
)]
pub trait OfNoLocal<S> {}
impl<S> OfNoLocal<S> for Replayed {}
impl<S> OfNoLocal<S> for Once {}

/// The tick of a local server.
pub fn local_tick<'a, S: LocalServer, F>(
    front: &'a mut Local<S>,
    ctx: &'a mut Ctx<Local<S>>,
    tick: F,
) -> Pin<Box<dyn Future<Output = Flow> + Send + 'a>>
where
    F: for<'b> FnOnce(&'b mut S, &'b mut Ctx<Local<S>>) -> LocalFlow<'b> + Send + 'static,
{
    Box::pin(front.visit(ctx, tick))
}

/// What may stand in a message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot travel in a message",
    label = "not `Send + 'static`"
)]
pub trait Sendable {}
#[diagnostic::do_not_recommend]
impl<T: Send + 'static> Sendable for T {}

/// A type that can be written only for what travels.
pub struct Sent<T: Sendable>(PhantomData<T>);

/// What may stand in a server's state.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of a server's state",
    label = "not `Send + 'static`",
    note = "a state that stays on one thread is that of a local server: write \
        `#[gen_server(local)]` on the struct and on its `impl` block"
)]
pub trait StateSend {}
#[diagnostic::do_not_recommend]
impl<T: Send + 'static> StateSend for T {}

/// A type that can be written only for what a process keeps.
pub struct Kept<T: StateSend>(PhantomData<T>);

/// Runs a message whose handler needs no future.
#[inline]
pub fn handle_sync<S: GenServer>(state: &mut S, msg: S::Msg, ctx: &mut Ctx<S>) -> Flow {
    match state.handle_sync(msg, ctx) {
        Ok(flow) => flow,
        Err(_) => unreachable!("who gives it to `handle_sync` knows that its handler never waits"),
    }
}

#[inline]
pub fn sendable<F: Future + Send>(future: F) -> F {
    future
}

/// The future of a tick.
pub fn boxed_flow<'a>(
    future: impl Future<Output = Flow> + Send + 'a,
) -> Pin<Box<dyn Future<Output = Flow> + Send + 'a>> {
    Box::pin(future)
}

/// `ping_pong!`: spawns the process of a conversation.
pub fn ping_pong<M, F, Fut>(run: F) -> Conversation<M>
where
    M: Send + 'static,
    F: FnOnce(Mailbox<Plain<M>>) -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    Conversation(crate::process::spawn_monitor(run).1)
}

/// What `{ } * conversation` means: as an expression the product of the two, which is the process;
/// as two statements an empty block and `*conversation`, which is nothing.
pub struct Conversation<M: Send + 'static>(Spawned<Plain<M>>);

impl<M: Send + 'static> Mul<Conversation<M>> for () {
    type Output = Spawned<Plain<M>>;

    fn mul(self, conversation: Conversation<M>) -> Spawned<Plain<M>> {
        conversation.0
    }
}

impl<M: Send + 'static> Deref for Conversation<M> {
    type Target = ();

    fn deref(&self) -> &() {
        &()
    }
}

/// Any value as a message.
pub struct Plain<T>(pub T);
impl<T: Send + 'static> Message for Plain<T> {
    fn kind(&self) -> &'static str {
        "message"
    }
}

/// Calls `f` with `value`, whose type flows into the closure's argument.
pub fn apply<T>(value: T, f: impl FnOnce(T)) {
    f(value);
}

/// A step of `pipe!` that is a closure: the value's type flows into its argument.
pub fn pipe<T, R>(value: T, step: impl FnOnce(T) -> R) -> R {
    step(value)
}

/// As [`apply`], for `async |msg| ..`.
pub async fn apply_async<T>(value: T, f: impl AsyncFnOnce(T)) {
    f(value).await;
}

/// `#[cordial::main]`.
pub fn run_main<F>(workers: Workers, main: F) -> ExitCode
where
    F: Future<Output: Termination>,
{
    let ended = rt::run(workers, async {
        let node = crate::Node::current().expect("it runs inside its runtime");
        let ended = rt::race(main, node.stop_requested()).await;
        node.shutdown().await;
        (ended, node.exit_code())
    });
    match ended {
        Ok((_, Some(asked)) | (Raced::Second(asked), _)) => ExitCode::from(asked),
        Ok((Raced::First(output), None)) => output.report(),
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

#[cfg(feature = "chaos")]
pub use crate::chaos::{Chaos, Test as ChaosTest, run_chaos_test};
/// What the test kit's macros call.
#[cfg(feature = "test-util")]
pub use crate::test::expect as kit;
#[cfg(feature = "test-util")]
pub use crate::test::{Supervise, is_quiet, run_test, run_test_as, run_try_test_as};
