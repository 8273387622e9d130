//! Processes of the test under a supervisor of its own, which is stopped in order and leaves none.
use super::PATIENCE;
use super::run::{Kit, pause, settle};
use crate::pid::Pid;
use crate::process::{Node, Target};
use crate::rt::time;
use crate::supervisor::{
    self, ChildState, IntoChild, StartChildError, Supervised, Supervisor, SupervisorRef,
};
use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// As good as none: a test says itself how often its children may crash.
const MAX_RESTARTS: u32 = 1_000_000;

/// How long a process may take on real threads to learn that who started it has ended.
const REAL_PATIENCE: Duration = Duration::from_secs(2);

/// Starts a child under the test's own supervisor, and gives its handle. The macro
/// `start_supervised!` fails the test where this gives an error.
///
/// The supervisor restarts its children as their specs say, as often as they crash. At the end of
/// the test, or by [`stop_supervised!`](macro@super::stop_supervised), they are stopped in reverse
/// order, each as its spec says; what they have started and left behind fails the test.
///
/// # Errors
/// [`StartChildError`]: two children of one type need different ids, as under any supervisor.
///
/// # Panics
/// Outside of `#[cordial::test]`.
///
/// # Cancel safety
/// Dropped half way, the child may be started all the same.
pub async fn start_supervised<C: IntoChild>(child: C) -> Result<C::Handle, StartChildError> {
    let kit = Kit::current();
    let kit = kit.expect("only a `#[cordial::test]` has a supervisor of its own: none runs here");
    let tree = tree_of(&kit).await?;
    supervisor::start_child(&tree, child).await
}

/// The test's supervisor, made for the first child.
async fn tree_of(kit: &Arc<Kit>) -> Result<SupervisorRef, StartChildError> {
    let known = kit.tree.lock().clone();
    if let Some(tree) = known {
        return Ok(tree);
    }
    let tree = Supervisor::builder().id("test").max_restarts(MAX_RESTARTS, Duration::from_secs(1));
    let tree = tree.start().await?;
    // Somebody else may have been faster; then this one ends with the test.
    Ok(kit.tree.lock().get_or_insert(tree).clone())
}

/// Why the test's processes were not stopped as they should.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum StopSupervisedError {
    /// It is no child of the test's supervisor.
    NotSupervised,
    /// It has not ended in time.
    Timeout(Duration),
    /// These live, and what was stopped had started them.
    Leaked(Vec<String>),
}

impl fmt::Display for StopSupervisedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSupervised => {
                f.write_str("it is no child that `start_supervised!` has started")
            }
            Self::Timeout(after) => write!(f, "not stopped within {after:?}"),
            Self::Leaked(leaked) => write!(
                f,
                "expected no process to be left, but alive are {}; \
                 what should end with its starter is linked to it or supervised",
                leaked.join(", ")
            ),
        }
    }
}

impl Error for StopSupervisedError {}

/// Stops one child of the test's supervisor as its spec says, and forgets it.
///
/// # Errors
/// [`StopSupervisedError`]; [`Leaked`](StopSupervisedError::Leaked) when a process lives on that
/// the child, or one that it has started, has started.
///
/// # Cancel safety
/// Dropped half way, the child may be stopped all the same.
pub async fn stop_supervised(child: &(impl Target + ?Sized)) -> Result<(), StopSupervisedError> {
    const UNKNOWN: StopSupervisedError = StopSupervisedError::NotSupervised;
    let tree = Kit::current().and_then(|kit| kit.tree.lock().clone()).ok_or(UNKNOWN)?;
    let pid = child.find().ok_or(UNKNOWN)?.pid;
    let children = supervisor::which_children(&tree).await.map_err(|_| UNKNOWN)?;
    let found = children.into_iter().find(|one| one.state == ChildState::Running(pid));
    let id = found.and_then(|found| found.id).ok_or(UNKNOWN)?;
    let stop = async {
        let stopped = supervisor::terminate_child(&tree, id.clone()).no_timeout().await;
        // A temporary one is forgotten already.
        let _ = supervisor::delete_child(&tree, id).no_timeout().await;
        stopped.map_err(|_| UNKNOWN)
    };
    within(stop).await??;
    check_descendants(pid).await
}

/// Stops everything that the test has started with `start_supervised!`, the last one first.
///
/// # Errors
/// [`StopSupervisedError`]; [`Leaked`](StopSupervisedError::Leaked) when a process lives on that
/// one of them has started.
///
/// # Cancel safety
/// Dropped half way, all of it is stopped all the same, and nobody looks for what is left.
pub async fn stop_all_supervised() -> Result<(), StopSupervisedError> {
    match Kit::current() {
        Some(kit) => stop_all(&kit).await,
        None => Ok(()),
    }
}

pub(super) async fn stop_all(kit: &Kit) -> Result<(), StopSupervisedError> {
    let Some(tree) = kit.tree.lock().take() else { return Ok(()) };
    let Some(pid) = tree.supervisor().0.last_pid() else { return Ok(()) };
    // One that has ended by itself is stopped, too.
    let _ = within(supervisor::stop(&tree)).await?;
    check_descendants(pid).await
}

async fn within<T>(stop: impl Future<Output = T>) -> Result<T, StopSupervisedError> {
    let limit = 10 * PATIENCE;
    time::timeout(limit, stop).await.map_err(|_| StopSupervisedError::Timeout(limit))
}

/// Whoever descends from `elder` has ended, or does so now: who is linked has been told.
async fn check_descendants(elder: Pid) -> Result<(), StopSupervisedError> {
    let is_paused = Kit::current().is_none_or(|kit| kit.is_paused);
    let patience = if is_paused { PATIENCE } else { REAL_PATIENCE };
    let gone = async {
        while !descendants(elder).is_empty() {
            settle().await;
            pause().await;
        }
    };
    match time::timeout(patience, gone).await {
        Ok(()) => Ok(()),
        Err(_) => Err(StopSupervisedError::Leaked(descendants(elder))),
    }
}

/// Who lives, and was started by `elder` or by one that it has started.
fn descendants(elder: Pid) -> Vec<String> {
    let Some(node) = Node::current() else { return Vec::new() };
    let living = node.table.all().into_iter().filter_map(|process| Some((process.pid()?, process)));
    living
        .filter_map(|(pid, process)| {
            let ancestors = process.ancestors(pid);
            let is_one = ancestors.iter().any(|ancestor| ancestor.pid() == elder);
            let starter = ancestors.first()?.to_string();
            is_one.then(|| format!("`{}` {pid} (started by {starter})", process.server()))
        })
        .collect()
}

/// Everything has these methods, so that the compiler says once of what is no child that it is not.
pub trait Supervise {
    /// `start_supervised!`.
    fn __start_supervised(self) -> Supervising<Self::Handle, StartChildError>
    where
        Self: IntoChild + Send + Sized + 'static,
    {
        Box::pin(start_supervised(self))
    }

    /// `stop_supervised!(child)`.
    fn __stop_supervised(&self) -> Pin<Box<dyn Future<Output = Stopped> + '_>>
    where
        Self: Target,
    {
        Box::pin(stop_supervised(self))
    }
}

impl<T: ?Sized> Supervise for T {}

type Supervising<H, E> = Pin<Box<dyn Future<Output = Result<H, E>> + Send>>;
type Stopped = Result<(), StopSupervisedError>;

/// Starts a child under the test's own supervisor; the test fails if it does not start.
///
/// It takes what a supervisor can have as a child: `Type::child_spec(..)`, that of a `supervisor!`
/// tree, a [`DynamicSpec`](crate::DynamicSpec); and it is the child's handle. What it does is
/// [`start_supervised`](fn@super::start_supervised).
///
/// # Examples
/// ```rust,test_harness
/// use cordial::prelude::*;
/// use cordial::test::{start_supervised, stop_supervised};
/// #[gen_server]
/// #[derive(Clone)]
/// struct Counter(i64);
/// #[gen_server]
/// impl Counter {
///     #[call]
///     fn value(&self) -> i64 {
///         self.0
///     }
/// }
///
/// #[cordial::test]
/// async fn two_counters() {
///     let one = start_supervised!(Counter::child_spec(Counter(1)));
///     let two = start_supervised!(Counter::child_spec(Counter(2)).id("two"));
///     assert_eq!(one.value().await.unwrap() + two.value().await.unwrap(), 3);
///     stop_supervised!(two);
///     assert!(matches!(two.value().await, Err(CallError::NoProc(_))));
///     stop_supervised!(); // All that is left, as at the end of the test.
/// }
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __start_supervised {
    ($child:expr $(,)?) => {
        match {
            use $crate::__private::Supervise as _;
            $child.__start_supervised().await
        } {
            ::core::result::Result::Ok(handle) => handle,
            ::core::result::Result::Err(error) => ::core::panic!(
                "start_supervised!: expected `{}` to start: {error}",
                ::core::stringify!($child)
            ),
        }
    };
}

/// Stops everything that the test has started with `start_supervised!`, or one of it:
/// `stop_supervised!(handle)`.
///
/// The last one is stopped first, each as its spec says. The test fails if one of them has started
/// a process that lives on. At the end of a test this happens by itself.
///
/// See [`start_supervised!`](macro@super::start_supervised) for an example, and
/// [`stop_supervised`](fn@super::stop_supervised) and
/// [`stop_all_supervised`](super::stop_all_supervised) for the same as functions.
#[doc(hidden)]
#[macro_export]
macro_rules! __stop_supervised {
    () => {
        if let ::core::result::Result::Err(error) = $crate::test::stop_all_supervised().await {
            ::core::panic!("stop_supervised!: {error}");
        }
    };
    ($child:expr $(,)?) => {
        if let ::core::result::Result::Err(error) = {
            use $crate::__private::Supervise as _;
            $child.__stop_supervised().await
        } {
            ::core::panic!("stop_supervised!({}): {error}", ::core::stringify!($child));
        }
    };
}

#[doc(inline)]
pub use crate::{__start_supervised as start_supervised, __stop_supervised as stop_supervised};
