//! Supervisors of tasks: what runs beside a tree has a place in it, a bound, and an orderly end.
mod child;
mod starter;

use crate::dynamic_supervisor::{DynamicRef, DynamicSpec};
use crate::error::{CallError, StartError};
use crate::gen_server::{Call, Child, Restart, Shutdown, TryCall};
use crate::pid::Pid;
use crate::process::{IntoExit, Target};
use crate::supervisor::backoff::Backoff;
use crate::supervisor::child_spec::{Definition, IntoChild, Site};
use crate::supervisor::plan::Counts;
use crate::supervisor::start::{self, StartTree};
use crate::supervisor::{self, ChildState, NotFound, StartChildError, Supervised, SupervisorRef};
use crate::task::{Task, TaskStream, Tie};
use starter::Under;
use std::any::type_name;
use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::time::Duration;

pub use child::{TaskRef, TaskSpec};

/// What a supervisor of tasks has for children.
enum AnyTask {}

impl Child for AnyTask {
    type Handle = TaskRef;
}

/// A supervisor of tasks; Elixir's `Task.Supervisor`.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cordial::TaskSupervisor;
/// let tasks = TaskSupervisor::start().await?;
///
/// // What may fail: its crash is an error here, and nothing more.
/// let task = tasks.async_nolink(async { "12".parse::<u32>() }).await?;
/// assert_eq!(task.await?, Ok(12));
///
/// // What nobody waits for.
/// tasks.start_child(async { println!("on its own") }).await?;
/// # Ok(()) }
/// ```
///
/// # Differences from OTP
/// Starting a task asks the supervisor, so it is awaited; the task runs meanwhile.
#[derive(Debug)]
pub enum TaskSupervisor {}

impl TaskSupervisor {
    /// Starts one with any number of tasks, and 3 restarts in 5 seconds.
    pub fn start() -> StartTree<TaskSupervisorRef> {
        Self::spec().start()
    }

    /// [`start`](Self::start), linked to the process that calls.
    pub fn start_link() -> StartTree<TaskSupervisorRef> {
        Self::spec().start_link()
    }

    /// One that is to be started, or to be a child of another supervisor.
    pub fn spec() -> TaskSupervisorSpec {
        TaskSupervisorSpec(DynamicSpec::new().id("TaskSupervisor"))
    }
}

/// A supervisor of tasks before it runs.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), cordial::StartError> {
/// use cordial::supervisor::StartChildError;
/// use cordial::{Supervisor, TaskSupervisor};
/// let mut tree = Supervisor::builder();
/// let tasks = tree.add(TaskSupervisor::spec().id("uploads").max_children(1));
/// tree.start().await?;
/// let first = tasks.async_nolink(std::future::pending::<()>()).await.unwrap();
/// let second = tasks.async_nolink(async {}).await;
/// assert_eq!(second.unwrap_err(), StartChildError::MaxChildren(1));
/// # drop(first);
/// # Ok(()) }
/// ```
#[must_use = "a spec starts nothing; call `start`, or give it to a supervisor"]
#[derive(Debug)]
pub struct TaskSupervisorSpec(DynamicSpec<AnyTask>);

impl TaskSupervisorSpec {
    /// How many tasks there may be at once.
    pub fn max_children(self, max_children: usize) -> Self {
        Self(self.0.max_children(max_children))
    }

    /// How many restarts of tasks within `period` it takes not to give up.
    pub fn max_restarts(self, max_restarts: u32, period: Duration) -> Self {
        Self(self.0.max_restarts(max_restarts, period))
    }

    /// Registers the supervisor under this name, which is its id too.
    pub fn name(self, name: &str) -> Self {
        Self(self.0.name(name))
    }

    /// What it is called as a child and in reports.
    pub fn id(self, id: impl Into<Cow<'static, str>>) -> Self {
        Self(self.0.id(id))
    }

    /// When it is restarted as a child; permanent until this is said.
    pub fn restart(self, restart: Restart) -> Self {
        Self(self.0.restart(restart))
    }

    /// How long it may take to stop as a child; as long as its tasks take until this is said.
    pub fn shutdown(self, shutdown: impl Into<Shutdown>) -> Self {
        Self(self.0.shutdown(shutdown))
    }

    /// See [`ChildSpec::backoff`](crate::ChildSpec::backoff).
    pub fn backoff(self, backoff: Backoff) -> Self {
        Self(self.0.backoff(backoff))
    }

    /// Starts it.
    pub fn start(self) -> StartTree<TaskSupervisorRef> {
        StartTree::of(self)
    }

    /// [`start`](Self::start), linked to the process that calls.
    pub fn start_link(self) -> StartTree<TaskSupervisorRef> {
        self.start().link()
    }
}

impl IntoChild for TaskSupervisorSpec {
    type Handle = TaskSupervisorRef;

    fn into_child(self, site: &mut Site) -> (TaskSupervisorRef, Definition) {
        let (children, definition) = self.0.into_child(site);
        (TaskSupervisorRef(children), definition)
    }
}

/// The handle of a supervisor of tasks.
///
/// # Examples
/// See [`TaskSupervisor`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TaskSupervisorRef(DynamicRef<AnyTask>);

impl TaskSupervisorRef {
    /// Starts a task under this supervisor, linked to the process that calls; Elixir's
    /// `Task.Supervisor.async`.
    ///
    /// # Errors
    /// [`StartChildError::MaxChildren`] when there are too many; then the future never runs.
    ///
    /// # Cancel safety
    /// Dropped, the task does not run, or is killed.
    pub fn spawn<F>(
        &self,
        future: F,
    ) -> impl Future<Output = Result<Task<F::Output>, StartChildError>> + Send + use<F>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        Under::new(self, Tie::Link).launch(Box::pin(future), type_name::<F>()).1
    }

    /// [`spawn`](Self::spawn) without the link: a crash is an error of whoever awaits, and nothing
    /// more.
    ///
    /// # Errors
    /// As [`spawn`](Self::spawn).
    ///
    /// # Cancel safety
    /// As [`spawn`](Self::spawn).
    pub fn async_nolink<F>(
        &self,
        future: F,
    ) -> impl Future<Output = Result<Task<F::Output>, StartChildError>> + Send + use<F>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        Under::new(self, Tie::None).launch(Box::pin(future), type_name::<F>()).1
    }

    /// Starts a task that nobody waits for, as a temporary child; its pid.
    ///
    /// What the future ends with is how it ends: an `Err` is a crash, and reported.
    ///
    /// # Errors
    /// As [`spawn`](Self::spawn).
    ///
    /// # Cancel safety
    /// Dropped, the task is started all the same.
    pub fn start_child<F>(
        &self,
        future: F,
    ) -> impl Future<Output = Result<Pid, StartChildError>> + Send + use<F>
    where
        F: Future<Output: IntoExit> + Send + 'static,
    {
        self.start_spec(TaskSpec::once(future))
    }

    /// Starts a task from a spec, which says when it is restarted and how it is stopped; its pid.
    ///
    /// # Errors
    /// As [`spawn`](Self::spawn).
    ///
    /// # Cancel safety
    /// Dropped, the task is started all the same.
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)] async fn main() {
    /// use cordial::{Restart, TaskSpec, TaskSupervisor};
    /// let tasks = TaskSupervisor::start().await.unwrap();
    /// let poll = TaskSpec::new(|| std::future::pending::<()>()).restart(Restart::Transient);
    /// let pid = tasks.start_spec(poll).await.unwrap();
    /// assert_eq!(tasks.children().await.unwrap(), [pid]);
    /// # }
    /// ```
    pub fn start_spec(
        &self,
        spec: TaskSpec,
    ) -> impl Future<Output = Result<Pid, StartChildError>> + Send + use<> {
        let started = start::start_child(&self.supervisor().0, |site| {
            let (handle, definition) = spec.into_child(site);
            site.check_dynamic(&definition.options);
            (handle, definition)
        });
        async move {
            let task = started.await?;
            // It may have ended by now.
            task.last_pid().ok_or(StartChildError::Start(StartError::Ignore))
        }
    }

    /// Runs `f` over all inputs, at most `max` at once, in tasks under this supervisor that are
    /// linked to whoever asks for the results; see [`Task::stream`].
    ///
    /// Where the supervisor has no room, the stream yields
    /// [`TaskError::NotStarted`](crate::TaskError::NotStarted) and is over.
    ///
    /// # Panics
    /// With room for none (`max` is 0).
    #[track_caller]
    pub fn stream<'a, C, F, Fut>(
        &self,
        inputs: C,
        max: usize,
        f: F,
    ) -> TaskStream<'a, C::Item, Fut::Output>
    where
        C: IntoIterator<IntoIter: Send + 'a>,
        F: FnMut(C::Item) -> Fut + Send + 'a,
        Fut: Future<Output: Send + 'static> + Send + 'static,
    {
        TaskStream::new(inputs, max, f, Box::new(Under::new(self, Tie::LinkUnlessTrapped)))
    }

    /// [`stream`](Self::stream), whose tasks' crashes are results as others are.
    ///
    /// # Panics
    /// With room for none (`max` is 0).
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)] async fn main() {
    /// use cordial::TaskSupervisor;
    /// let tasks = TaskSupervisor::start().await.unwrap();
    /// let halves = tasks.stream_nolink([2, 3, 4], 2, |n| async move {
    ///     assert!(n % 2 == 0, "{n} is odd");
    ///     n / 2
    /// });
    /// let halves = halves.collect().await;
    /// assert_eq!((&halves[0], &halves[2]), (&Ok(1), &Ok(2)));
    /// assert!(halves[1].is_err());
    /// # }
    /// ```
    #[track_caller]
    pub fn stream_nolink<'a, C, F, Fut>(
        &self,
        inputs: C,
        max: usize,
        f: F,
    ) -> TaskStream<'a, C::Item, Fut::Output>
    where
        C: IntoIterator<IntoIter: Send + 'a>,
        F: FnMut(C::Item) -> Fut + Send + 'a,
        Fut: Future<Output: Send + 'static> + Send + 'static,
    {
        TaskStream::new(inputs, max, f, Box::new(Under::new(self, Tie::Down)))
    }

    /// The pids of all living tasks, the newest first.
    ///
    /// # Errors
    /// As any call: `NoProc` when the supervisor is gone.
    pub fn children(&self) -> impl Future<Output = Result<Vec<Pid>, CallError>> + Send + use<> {
        let children = supervisor::which_children(self);
        async move {
            let living = children.await?.into_iter().filter_map(|child| match child.state {
                ChildState::Running(pid) => Some(pid),
                ChildState::Restarting | ChildState::Stopped => None,
            });
            Ok(living.collect())
        }
    }

    /// Stops a task in the way that its spec says: it is asked, and killed after 5 s if nothing
    /// else was said. It is dead when this returns.
    ///
    /// # Errors
    /// [`NotFound`] when it is no task of this supervisor (any more).
    pub fn terminate_child(&self, task: Pid) -> TryCall<(), NotFound> {
        self.0.terminate_pid(task)
    }

    /// How many tasks there are.
    ///
    /// # Errors
    /// As any call: `NoProc` when the supervisor is gone.
    pub fn count_children(&self) -> Call<Counts> {
        self.0.count_children()
    }

    /// Its living incarnation.
    pub fn pid(&self) -> Option<Pid> {
        self.0.pid()
    }
}

impl Supervised for TaskSupervisorRef {
    fn supervisor(&self) -> &SupervisorRef {
        self.0.supervisor()
    }
}

impl fmt::Debug for TaskSupervisorRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskSupervisorRef({:?})", self.supervisor())
    }
}
