//! Supervisors: processes that start other processes in order, restart them when they crash, and
//! stop them in reverse order.
//!
//! ```text
//!              Supervisor                     started a, b, c · stopped c, b, a
//!            ┌─────┼─────┐
//!            a     b     c                    b crashes:
//!                                               OneForOne    b
//!                                               OneForAll    stop c, a · start a, b, c
//!                                               RestForOne   stop c    · start b, c
//! ```
//! A child that crashes more often than its supervisor tolerates (`max_restarts` within a period)
//! ends the supervisor, which is a crash one level up: what cannot be repaired here may be repaired
//! there.
//!
//! A tree is written with `supervisor!`, or by hand with [`Supervisor::builder`]. A child's handle
//! is its address: it exists before the child runs and reaches every incarnation of it.
//!
//! # Examples
//! ```
//! # #[cordial::main(current_thread)] async fn main() -> Result<(), cordial::StartError> {
//! use cordial::prelude::*;
//! use cordial::supervisor::{self, Supervisor};
//!
//! #[gen_server]
//! #[derive(Default, Clone)]
//! struct Fragile(u32);
//! #[gen_server]
//! impl Fragile {
//!     #[cast]
//!     fn add(&mut self, by: u32) {
//!         self.0 = self.0.checked_add(by).expect("no overflow");
//!     }
//!     #[call]
//!     fn value(&self) -> u32 {
//!         self.0
//!     }
//! }
//!
//! let mut tree = Supervisor::builder();
//! let fragile = tree.add(Fragile::child_spec(Fragile(1)));
//! let supervisor = tree.start().await?;
//!
//! let first_life = cordial::process::monitor(&fragile);
//! fragile.add(u32::MAX);
//! assert!(first_life.await.reason.panic().is_some());
//!
//! // The same handle reaches its successor, which began with the same arguments.
//! assert_eq!(supervisor::count_children(&supervisor).await.unwrap().active, 1);
//! assert_eq!(fragile.value().await.unwrap(), 1);
//! # Ok(()) }
//! ```
//!
//! # Differences from OTP
//! - A handle survives restarts; a `Pid` does not.
//! - A child's start gives its handle, so there is no `info` beside it (`{ok, Pid, Info}`).
//! - A restart that finds the former incarnation alive (its supervisor was killed, it is still
//!   terminating) waits for its end: there are never two at one address.
//! - Retries of a restart that fails can wait: [`Backoff`], off until it is asked for.
//! - A killed child that blocks its thread is given up after 10 s and reported.
//! - `start` of a child is bounded by 60 s, as every start.
mod agent;
pub(crate) mod backoff;
pub(crate) mod child_spec;
pub(crate) mod code_change;
pub(crate) mod errors;
pub(crate) mod intensity;
mod late;
pub(crate) mod names;
pub(crate) mod options;
pub(crate) mod plan;
pub(crate) mod report;
mod requests;
mod retries;
pub(crate) mod server;
pub(crate) mod start;
pub(crate) mod stop;
pub(crate) mod tree;

use crate::error::StopError;
use crate::exit::ExitReason;
use crate::gen_server::{self, Call, TryCall};
use crate::pid::Pid;
use crate::process::{Found, Node, RawRef, Target};
use child_spec::Options;
use server::{SupervisorMsg, Who};
use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::time::Duration;

pub use crate::dynamic_supervisor::{ChildHandle, ChildOf, ExtraArguments, Prepend};
pub use agent::AgentSpec;
pub use backoff::Backoff;
pub use child_spec::{
    ChildSpec, ChildSpecWith, IntoChild, Once, Remade, ReplayArgs, Replayed, Replays,
};
#[doc(hidden)]
pub use child_spec::{Definition, Site};
pub use code_change::code_change;
pub use errors::{DeleteChildError, NotFound, ResizeError, RestartChildError, StartChildError};
pub use late::{HasCasts, LateChild};
pub use plan::{AutoShutdown, ChildKind, Counts, Strategy};
#[doc(hidden)]
pub use server::Address;
pub use start::StartTree;
pub(crate) use tree::Holding;
pub use tree::{Builder, Flags, TreeItem, TreeSpec};

/// Where supervision trees by hand begin.
///
/// # Examples
/// See [`Builder`].
#[derive(Debug)]
pub enum Supervisor {}

impl Supervisor {
    /// A supervisor without children yet, with the default [`Flags`].
    ///
    /// To be called inside a runtime, where the children are to live: their addresses are made as
    /// they are added.
    pub fn builder() -> Builder {
        let node = Node::current_or_absent();
        let options = Options::of_supervisor(Cow::Borrowed("supervisor"));
        Builder::new(node, options, Flags::default())
    }
}

/// The address of a supervisor.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::supervisor::{self, Supervisor};
/// let supervisor = Supervisor::builder().start().await.unwrap();
/// assert_eq!(supervisor::count_children(&supervisor).await.unwrap().specs, 0);
/// # }
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SupervisorRef(pub(crate) RawRef<SupervisorMsg>);

impl SupervisorRef {
    /// Its living incarnation.
    pub fn pid(&self) -> Option<Pid> {
        self.0.pid()
    }

    /// [`start_child`] of this supervisor.
    ///
    /// # Errors
    /// As [`start_child`].
    ///
    /// # Cancel safety
    /// Dropped, the child is started all the same.
    pub fn start_child<C: IntoChild>(
        &self,
        child: C,
    ) -> impl Future<Output = Result<C::Handle, StartChildError>> + Send + use<C> {
        start::start_child(&self.0, |site| child.into_child(site))
    }
}

impl fmt::Debug for SupervisorRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Supervised> Target for T {
    fn find(&self) -> Option<Found> {
        self.supervisor().0.find()
    }
    fn last_pid(&self) -> Option<Pid> {
        self.supervisor().0.last_pid()
    }
}

/// The handles of a tree, which know its supervisor.
pub trait Supervised {
    /// The supervisor of this tree.
    fn supervisor(&self) -> &SupervisorRef;
}

impl Supervised for SupervisorRef {
    fn supervisor(&self) -> &SupervisorRef {
        self
    }
}

/// Starts one more child of a running tree, after all others: it is last for stops and for
/// `RestForOne`.
///
/// The request is sent when this is called; the answer comes when the child has started. It is
/// restarted as any other child; when the supervisor itself is restarted, it is gone.
///
/// A child whose `init` asks to be ignored is there, but does not live: its handle reaches nobody
/// until [`restart_child`].
///
/// # Errors
/// [`StartChildError::AlreadyStarted`] and [`StartChildError::AlreadyPresent`] when the id is
/// taken; [`StartChildError::Start`] when the child did not start, and then nothing of it is
/// kept.
///
/// # Cancel safety
/// Dropped, the child is started all the same.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cordial::prelude::*;
/// use cordial::supervisor::{self, StartChildError};
/// # #[gen_server]
/// # #[derive(Default, Clone)]
/// # struct Counter(i64);
/// # #[gen_server]
/// # impl Counter {
/// #     #[call]
/// #     fn value(&self) -> i64 {
/// #         self.0
/// #     }
/// # }
/// let supervisor = Supervisor::builder().start().await?;
/// let hits = supervisor::start_child(&supervisor, Counter::child_spec(Counter(1)).id("hits"));
/// assert_eq!(hits.await?.value().await?, 1);
///
/// // Stopped, started again, stopped and deleted.
/// supervisor::terminate_child(&supervisor, "hits").await?;
/// supervisor::restart_child(&supervisor, "hits").await?;
/// supervisor::terminate_child(&supervisor, "hits").await?;
/// supervisor::delete_child(&supervisor, "hits").await?;
/// assert_eq!(supervisor::count_children(&supervisor).await?.specs, 0);
/// # Ok(()) }
/// ```
pub fn start_child<T: Supervised, C: IntoChild>(
    of: &T,
    child: C,
) -> impl Future<Output = Result<C::Handle, StartChildError>> + Send + use<T, C> {
    of.supervisor().start_child(child)
}

/// Stops a child in the way that its spec says. It is dead when this returns and is not restarted
/// until [`restart_child`]; a temporary one is forgotten.
///
/// It is no error that it does not live; a child that is restarting is not tried again.
///
/// # Errors
/// [`NotFound`] when there is no child with this id. Children of dynamic supervisors have none:
/// see [`DynamicRef::terminate_child`](crate::DynamicRef::terminate_child).
///
/// # Cancel safety
/// Dropped, the child is stopped all the same.
pub fn terminate_child(
    of: &impl Supervised,
    id: impl Into<Cow<'static, str>>,
) -> TryCall<(), NotFound> {
    let who = Who::Id(id.into());
    start::try_ask(&of.supervisor().0, "terminate_child", |from| {
        SupervisorMsg::TerminateChild(who, from)
    })
}

/// Starts a child that does not live, at the same address; `None` when its `init` asked to be
/// ignored.
///
/// # Errors
/// [`RestartChildError`]; when the start fails, the child stays stopped, and nothing is tried
/// again.
///
/// # Cancel safety
/// Dropped, the child is started all the same.
pub fn restart_child(
    of: &impl Supervised,
    id: impl Into<Cow<'static, str>>,
) -> TryCall<Option<Pid>, RestartChildError> {
    let who = Who::Id(id.into());
    start::try_ask(&of.supervisor().0, "restart_child", |from| {
        SupervisorMsg::RestartChild(who, from)
    })
}

/// Forgets a child that does not live; its id is free again, its address closed for ever.
///
/// # Errors
/// [`DeleteChildError`]; a child that lives is terminated first.
pub fn delete_child(
    of: &impl Supervised,
    id: impl Into<Cow<'static, str>>,
) -> TryCall<(), DeleteChildError> {
    let who = Who::Id(id.into());
    start::try_ask(&of.supervisor().0, "delete_child", |from| SupervisorMsg::DeleteChild(who, from))
}

/// All children, the newest first.
///
/// # Errors
/// As any call: `NoProc` when the supervisor is gone.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::supervisor::{self, Supervisor};
/// let supervisor = Supervisor::builder().start().await.unwrap();
/// assert!(supervisor::which_children(&supervisor).await.unwrap().is_empty());
/// # }
/// ```
pub fn which_children(of: &impl Supervised) -> Call<Vec<ChildInfo>> {
    start::ask(&of.supervisor().0, "which_children", SupervisorMsg::WhichChildren)
}

/// How many children there are; the children of nested supervisors are not counted.
///
/// It costs the same for ten children and for a million.
///
/// # Errors
/// As any call: `NoProc` when the supervisor is gone.
pub fn count_children(of: &impl Supervised) -> Call<Counts> {
    start::ask(&of.supervisor().0, "count_children", SupervisorMsg::CountChildren)
}

/// Stops a tree: its children in reverse order, then the supervisor, with reason `Normal`. All of
/// it is dead when this returns.
///
/// # Errors
/// As [`gen_server::stop`].
pub async fn stop(tree: &impl Supervised) -> Result<(), StopError> {
    gen_server::stop(tree.supervisor()).await
}

/// [`stop`], with a reason and a bound.
///
/// # Errors
/// As [`gen_server::stop_with`].
pub async fn stop_with(
    tree: &impl Supervised,
    reason: ExitReason,
    limit: Duration,
) -> Result<(), StopError> {
    gen_server::stop_with(tree.supervisor(), reason, limit).await
}

/// A child as its supervisor sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChildInfo {
    /// What it is called; `None` under a dynamic supervisor.
    pub id: Option<Cow<'static, str>>,
    /// Whether it lives.
    pub state: ChildState,
    /// Whether it is a supervisor itself.
    pub kind: ChildKind,
}

/// Whether a child lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChildState {
    /// This is its living incarnation.
    Running(Pid),
    /// A restart failed and will be tried again.
    Restarting,
    /// It ended and is not restarted; OTP's `undefined`.
    Stopped,
}
