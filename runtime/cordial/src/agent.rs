//! A process that keeps a value: closures are sent to it, and run one at a time.
use crate::error::{StartError, StopError};
use crate::exit::ExitReason;
use crate::gen_server::{
    self, Call, Ctx, Flow, GenServer, Init, PlainClient, Ref, Runner, ServerStruct, Start,
};
use crate::inspect::{Inspect, Inspected, Show};
use crate::mailbox::ReplyTo;
use crate::pid::Pid;
use crate::process::{Cast, DEFAULT_LIMIT, Found, Message, Node, RawRef, Target};
use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// A process that keeps a `T`; Elixir's `Agent`. This is its address: cheap to clone, and the same
/// over restarts of an agent that is supervised.
///
/// The closures run in the agent, one after the other: those of one sender in the order in which
/// they were sent. Who has more to say than "change this value" writes a
/// [server](mod@crate::gen_server).
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cordial::Agent;
/// use std::collections::HashMap;
/// let stock = Agent::start(HashMap::new).await?;
/// stock.update(|stock| drop(stock.insert("tea", 3))).await?;
/// stock.cast(|stock| *stock.entry("tea").or_default() += 1);
/// assert_eq!(stock.get(|stock| stock["tea"]).await?, 4);
/// let sold = stock.get_and_update(|stock| stock.remove("tea")).await?;
/// assert_eq!(sold, Some(4));
/// stock.stop().await?;
/// # Ok(()) }
/// ```
///
/// # Errors
/// A call gives a [`CallError`](crate::CallError), 5 s after it was made at the latest unless
/// `.timeout(d)` says otherwise. A closure that panics ends the agent with its value, and its
/// caller gets [`CallError::Down`](crate::CallError::Down).
///
/// # Cancel safety
/// That of a [`Call`]: the closure is sent at once, and runs whether somebody waits or not.
pub struct Agent<T: Send + 'static>(RawRef<AgentMsg<T>>);

/// What an agent's mailbox takes.
pub(crate) struct AgentMsg<T> {
    kind: &'static str,
    run: Box<dyn FnOnce(&mut T) + Send>,
}

impl<T: Send + 'static> Message for AgentMsg<T> {
    fn kind(&self) -> &'static str {
        self.kind
    }
}

impl<T> fmt::Debug for AgentMsg<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AgentMsg({})", self.kind)
    }
}

/// The server behind an agent.
pub(crate) struct Keeper<T> {
    value: T,
    show: Show<T>,
}

impl<T> fmt::Debug for Keeper<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keeper")
    }
}

/// What an agent begins with.
pub(crate) struct First<T> {
    make: Box<dyn FnOnce() -> T + Send>,
    show: Show<T>,
}

impl<T> First<T> {
    pub(crate) fn by(make: impl FnOnce() -> T + Send + 'static) -> Self {
        Self { make: Box::new(make), show: |_| Inspected::type_name::<T>() }
    }
}

impl<T: Inspect> First<T> {
    pub(crate) fn show(&mut self) {
        self.show = T::inspect;
    }
}

#[diagnostic::do_not_recommend]
impl<T: Send + 'static> ServerStruct for Keeper<T> {
    const SHOW: Show<Self> = |keeper| (keeper.show)(&keeper.value);
    type Replay = (); // What an agent begins with is made anew.
}

#[diagnostic::do_not_recommend]
impl<T: Send + 'static> GenServer for Keeper<T> {
    type Msg = AgentMsg<T>;
    type Args = First<T>;
    type Client = PlainClient<AgentMsg<T>>;

    async fn init(first: First<T>, _: &mut Ctx<Self>) -> Init<Self> {
        let First { make, show } = first;
        Init::Run(Self { value: make(), show })
    }

    fn handle_sync(&mut self, msg: AgentMsg<T>, _: &mut Ctx<Self>) -> Result<Flow, AgentMsg<T>> {
        (msg.run)(&mut self.value);
        Ok(Flow::Continue)
    }

    async fn handle(&mut self, _: AgentMsg<T>, _: &mut Ctx<Self>) -> Flow {
        unreachable!("handled on the spot")
    }
}

impl<T: Send + 'static> Agent<T> {
    /// Starts an agent with the value that `make` gives, which runs in the agent; await it.
    ///
    /// A `make` that panics is [`StartError::Init`].
    pub fn start(make: impl FnOnce() -> T + Send + 'static) -> StartAgent<T> {
        StartAgent(Start::new(First::by(make)))
    }

    /// [`start`](Self::start), linked to the process that calls.
    pub fn start_link(make: impl FnOnce() -> T + Send + 'static) -> StartAgent<T> {
        StartAgent(Start::new(First::by(make)).link())
    }

    /// An address of whichever agent has this name at each use; see
    /// [`gen_server::named`](crate::gen_server::named).
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)] async fn main() {
    /// use cordial::Agent;
    /// Agent::start(|| 1_u8).name("dice").await.unwrap();
    /// assert_eq!(Agent::<u8>::named("dice").get(|face| *face).await, Ok(1));
    /// # }
    /// ```
    pub fn named(name: &str) -> Self {
        Self(RawRef::named(name))
    }

    pub(crate) fn from_server(server: &Ref<Keeper<T>>) -> Self {
        Self(Ref::raw_of(server).clone())
    }

    /// What `look` makes of the value.
    pub fn get<R>(&self, look: impl FnOnce(&T) -> R + Send + 'static) -> Call<R>
    where
        R: Send + 'static,
    {
        self.call("get", |value| look(value))
    }

    /// Changes the value, and tells when that is done.
    pub fn update(&self, change: impl FnOnce(&mut T) + Send + 'static) -> Call<()> {
        self.call("update", change)
    }

    /// Changes the value, and gives what `change` makes of it.
    pub fn get_and_update<R>(&self, change: impl FnOnce(&mut T) -> R + Send + 'static) -> Call<R>
    where
        R: Send + 'static,
    {
        self.call("get_and_update", change)
    }

    /// Changes the value some time; nobody waits.
    pub fn cast(&self, change: impl FnOnce(&mut T) + Send + 'static) -> Cast {
        self.0.send(AgentMsg { kind: "cast", run: Box::new(change) })
    }

    fn call<R: Send + 'static>(
        &self,
        kind: &'static str,
        run: impl FnOnce(&mut T) -> R + Send + 'static,
    ) -> Call<R> {
        gen_server::call(&self.0, kind, Some(DEFAULT_LIMIT), Runner::Either, |from| {
            let run = Box::new(move |value: &mut T| answer(from, run, value));
            AgentMsg { kind, run }
        })
    }

    /// Stops it with reason `Normal`, behind what was sent before; it is gone when this returns.
    ///
    /// # Errors
    /// As [`gen_server::stop`].
    ///
    /// # Cancel safety
    /// The request is made at the first poll and stays.
    pub async fn stop(&self) -> Result<(), StopError> {
        gen_server::stop(self).await
    }

    /// [`stop`](Self::stop), with a reason and a bound.
    ///
    /// # Errors
    /// As [`gen_server::stop_with`].
    ///
    /// # Cancel safety
    /// The request is made at the first poll and stays.
    pub async fn stop_with(&self, reason: ExitReason, limit: Duration) -> Result<(), StopError> {
        gen_server::stop_with(self, reason, limit).await
    }

    /// Its living incarnation.
    pub fn pid(&self) -> Option<Pid> {
        self.0.pid()
    }
}

/// The handle stays whole while the closure runs, so that a panic is the end of the agent to its
/// caller, too.
fn answer<T, R: Send + 'static>(from: ReplyTo<R>, run: impl FnOnce(&mut T) -> R, value: &mut T) {
    let answer = run(value);
    from.reply(answer);
}

impl<T: Send + 'static> Clone for Agent<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Send + 'static> PartialEq for Agent<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T: Send + 'static> Eq for Agent<T> {}

impl<T: Send + 'static> Hash for Agent<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<T: Send + 'static> fmt::Debug for Agent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: Send + 'static> Target for Agent<T> {
    fn find(&self) -> Option<Found> {
        self.0.find()
    }
    fn last_pid(&self) -> Option<Pid> {
        self.0.last_pid()
    }
    fn name(&self) -> Option<Arc<str>> {
        self.0.name()
    }
}

/// An agent that is about to be started; what [`Agent::start`] gives. Awaiting it starts it.
///
/// # Errors
/// Awaiting it gives a [`StartError`]; the agent is gone and its name free by then.
///
/// # Cancel safety
/// That of a server's [`Start`].
#[must_use = "nothing is started until this is awaited"]
#[derive(Debug)]
pub struct StartAgent<T: Send + 'static>(Start<Keeper<T>>);

impl<T: Send + 'static> StartAgent<T> {
    /// Registers it under this name, before the first closure runs.
    pub fn name(self, name: &str) -> Self {
        Self(self.0.name(name))
    }

    /// From its first closure on its value may be [shown](crate::inspect), in crash reports and by
    /// [`sys::inspect`](crate::sys::inspect): of what is in an agent nothing is until this is said.
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)] async fn main() {
    /// use cordial::{Agent, Inspect, sys};
    /// #[derive(Inspect)]
    /// struct Login {
    ///     user: &'static str,
    ///     #[inspect(redact)]
    ///     password: String,
    /// }
    /// let make = || Login { user: "ann", password: "hunter2".into() };
    /// let login = Agent::start(make).inspect().await.unwrap();
    /// # login.get(|login| login.password.len()).await.unwrap();
    /// let shown = sys::inspect(&login).await.unwrap();
    /// # #[cfg(not(feature = "serde"))]
    /// assert_eq!(shown.as_str(), r#"Login { user: "ann", password: [redacted] }"#);
    /// # }
    /// ```
    pub fn inspect(mut self) -> Self
    where
        T: Inspect,
    {
        if let Some(first) = self.0.args() {
            first.show();
        }
        self
    }

    /// Bounds the first closure; 60 s unless this says otherwise.
    pub fn timeout(self, limit: Duration) -> Self {
        Self(self.0.timeout(limit))
    }

    /// Starts it from a thread that is no worker of a runtime.
    ///
    /// # Errors
    /// As awaiting it.
    ///
    /// # Panics
    /// Inside the runtime, whose worker it would block.
    pub fn blocking(self, on: &Node) -> Result<Agent<T>, StartError> {
        self.0.blocking(on).map(|server| Agent::from_server(&server))
    }
}

impl<T: Send + 'static> Future for StartAgent<T> {
    type Output = Result<Agent<T>, StartError>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = Pin::new(&mut self.0).poll(cx);
        polled.map(|started| started.map(|server| Agent::from_server(&server)))
    }
}
