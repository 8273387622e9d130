//! An agent as a child of a supervisor.
use super::backoff::Backoff;
use super::child_spec::{ChildSpec, Definition, IntoChild, Remade, Site};
use crate::agent::{Agent, First, Keeper};
use crate::gen_server::{Restart, Shutdown};
use crate::inspect::Inspect;
use std::borrow::Cow;
use std::fmt;

/// How an [`Agent`] is started, restarted and stopped as a child; its value is made anew at each
/// start.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), cordial::StartError> {
/// use cordial::{Agent, Supervisor};
/// let mut tree = Supervisor::builder();
/// let hits = tree.add(Agent::child_spec(|| 0_u64).id("hits"));
/// tree.start().await?;
/// hits.cast(|hits| *hits += 1);
/// assert_eq!(hits.get(|hits| *hits).await, Ok(1));
/// # Ok(()) }
/// ```
#[must_use = "a spec starts nothing; give it to a supervisor"]
pub struct AgentSpec<T: Send + 'static>(ChildSpec<Keeper<T>, Remade>);

impl<T: Send + 'static> Agent<T> {
    /// An agent as a child: `make` gives the value of each start.
    pub fn child_spec(make: impl Fn() -> T + Clone + Send + Sync + 'static) -> AgentSpec<T> {
        let spec = ChildSpec::with(move || First::by(make.clone()));
        AgentSpec(spec.id("Agent"))
    }
}

impl<T: Send + 'static> AgentSpec<T> {
    /// What it is called in its supervisor; `Agent` until this is said.
    pub fn id(self, id: impl Into<Cow<'static, str>>) -> Self {
        Self(self.0.id(id))
    }

    /// See [`StartAgent::inspect`](crate::StartAgent::inspect).
    pub fn inspect(self) -> Self
    where
        T: Inspect,
    {
        Self(self.0.adjust(First::show))
    }

    /// When it is restarted; always until this is said.
    pub fn restart(self, restart: Restart) -> Self {
        Self(self.0.restart(restart))
    }

    /// How long it may take to stop; 5 s until this is said.
    pub fn shutdown(self, shutdown: impl Into<Shutdown>) -> Self {
        Self(self.0.shutdown(shutdown))
    }

    /// See [`ChildSpec::backoff`].
    pub fn backoff(self, backoff: Backoff) -> Self {
        Self(self.0.backoff(backoff))
    }
}

impl<T: Send + 'static> IntoChild for AgentSpec<T> {
    type Handle = Agent<T>;

    fn into_child(self, site: &mut Site) -> (Agent<T>, Definition) {
        let (server, definition) = self.0.into_child(site);
        (Agent::from_server(&server), definition)
    }
}

impl<T: Send + 'static> fmt::Debug for AgentSpec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AgentSpec({:?})", self.0)
    }
}
