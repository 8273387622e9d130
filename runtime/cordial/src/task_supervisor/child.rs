//! A task as a child of a supervisor.
use crate::error::StartError;
use crate::exit::ExitReason;
use crate::gen_server::{Begun, Restart, Shutdown, StartIn};
use crate::pid::Pid;
use crate::process::cell::Cell;
use crate::process::{DEFAULT_LIMIT, Found, IntoExit, Process, RawRef, Target};
use crate::rt::sync::Lock;
use crate::supervisor::backoff::Backoff;
use crate::supervisor::child_spec::{Definition, IntoChild, Options, Site, StartChild};
use crate::supervisor::plan::ChildKind;
use crate::task::{Body, Job, Nobody, Start, TaskMsg, Tie, birth, body};
use std::any::{Any, type_name};
use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

/// The address of a task that is a child: it survives restarts.
///
/// It can be watched and linked to; a task understands no messages.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TaskRef(RawRef<TaskMsg>);

impl TaskRef {
    /// Its living incarnation.
    pub fn pid(&self) -> Option<Pid> {
        self.0.pid()
    }
}

impl Target for TaskRef {
    fn find(&self) -> Option<Found> {
        self.0.find()
    }
    fn last_pid(&self) -> Option<Pid> {
        self.0.last_pid()
    }
}

impl fmt::Debug for TaskRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How a task is started, restarted and stopped as a child.
///
/// In `supervisor!` it is written `poller: task(poll_for_ever(board))`. A task is temporary unless
/// something else is said, and has 5 s to end when it is asked to.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), cordial::StartError> {
/// use cordial::{Restart, Supervisor, TaskSpec};
/// async fn poll_for_ever() {
///     std::future::pending().await
/// }
/// let mut tree = Supervisor::builder();
/// let poller = tree.add(TaskSpec::new(poll_for_ever).restart(Restart::Permanent));
/// tree.start().await?;
/// assert!(cordial::process::is_alive(&poller).await);
/// # Ok(()) }
/// ```
#[must_use = "a spec starts nothing; give it to a supervisor"]
pub struct TaskSpec {
    options: Options,
    runs: &'static str,
    source: Source,
}

/// Where the future of a start comes from.
enum Source {
    Made(Arc<dyn Fn() -> Job<ExitReason> + Send + Sync>),
    Once(Job<ExitReason>),
}

impl TaskSpec {
    /// A task whose future is made anew at each start, in its own process. What the future ends
    /// with is how the process ends.
    pub fn new<F, Fut>(make: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        let make = move || -> Job<ExitReason> {
            let future = make();
            Box::pin(async move { future.await.into_exit() })
        };
        Self::of(Source::Made(Arc::new(make)), type_name::<Fut>())
    }

    /// [`new`](Self::new), of what is a future already.
    pub(crate) fn made<F>(runs: &'static str, make: F) -> Self
    where
        F: Fn() -> Job<ExitReason> + Send + Sync + 'static,
    {
        Self::of(Source::Made(Arc::new(make)), runs)
    }

    /// A task that is started once, and temporary.
    pub(crate) fn once<F>(future: F) -> Self
    where
        F: Future<Output: IntoExit> + Send + 'static,
    {
        let job = Box::pin(async move { future.await.into_exit() });
        Self::of(Source::Once(job), type_name::<F>())
    }

    fn of(source: Source, runs: &'static str) -> Self {
        Self { options: options(runs, Restart::Temporary), runs, source }
    }

    /// What it is called in its supervisor; its function's name until this is said.
    pub fn id(mut self, id: impl Into<Cow<'static, str>>) -> Self {
        self.options.id = id.into();
        self
    }

    /// When it is restarted; never until this is said.
    pub fn restart(mut self, restart: Restart) -> Self {
        self.options.restart = restart;
        self
    }

    /// It is never restarted.
    pub fn temporary(self) -> Self {
        self.restart(Restart::Temporary)
    }

    /// How long it may take to stop; 5 s until this is said.
    pub fn shutdown(mut self, shutdown: impl Into<Shutdown>) -> Self {
        self.options.shutdown = shutdown.into();
        self
    }

    /// See [`ChildSpec::significant`](crate::ChildSpec::significant).
    pub fn significant(mut self, significant: bool) -> Self {
        self.options.significant = significant;
        self
    }

    /// See [`ChildSpec::backoff`](crate::ChildSpec::backoff).
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.options.backoff = Some(backoff);
        self
    }
}

impl fmt::Debug for TaskSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskSpec")
            .field("id", &self.options.id)
            .field("runs", &self.runs)
            .field("restart", &self.options.restart)
            .finish_non_exhaustive()
    }
}

/// TASK-21.
fn options(runs: &'static str, restart: Restart) -> Options {
    let shutdown = Shutdown::Timeout(DEFAULT_LIMIT);
    Options { id: runs.into(), restart, shutdown, significant: false, backoff: None }
}

impl IntoChild for TaskSpec {
    type Handle = TaskRef;

    fn into_child(self, site: &mut Site) -> (TaskRef, Definition) {
        site.check(&self.options);
        let address = RawRef::unborn(&site.node);
        let bodies = match self.source {
            Source::Made(make) => Bodies::Made(make),
            Source::Once(job) => Bodies::Once(Lock::new(Some(of(job, &address, self.runs)))),
        };
        let child = TaskChild { address: address.clone(), bodies, runs: self.runs };
        let (kind, start) = (ChildKind::Worker, Arc::new(child));
        (TaskRef(address), Definition { options: self.options, kind, start })
    }
}

/// The body of a task that nobody owns.
fn of(job: Job<ExitReason>, address: &RawRef<TaskMsg>, runs: &'static str) -> Body {
    let start = Start { job, runs, owner: None, tie: Tie::None, is_child: true, recall: None };
    body(&address.0, start, Nobody)
}

/// A task as a child, of any kind.
pub(super) struct TaskChild {
    address: RawRef<TaskMsg>,
    bodies: Bodies,
    runs: &'static str,
}

enum Bodies {
    Made(Arc<dyn Fn() -> Job<ExitReason> + Send + Sync>),
    /// `None`: moved into a start, so there is no other.
    Once(Lock<Option<Body>>),
}

impl TaskChild {
    /// One that is started once.
    pub(super) fn once(address: RawRef<TaskMsg>, body: Body, runs: &'static str) -> Self {
        Self { address, bodies: Bodies::Once(Lock::new(Some(body))), runs }
    }

    pub(super) fn into_definition(self, restart: Restart) -> (TaskRef, Definition) {
        let (handle, options) = (TaskRef(self.address.clone()), options(self.runs, restart));
        let (kind, start) = (ChildKind::Worker, Arc::new(self));
        (handle, Definition { options, kind, start })
    }

    /// The user's closure runs in the task's process, not in the supervisor's.
    fn next_body(&self) -> Option<Body> {
        match &self.bodies {
            Bodies::Once(body) => body.lock().take(),
            Bodies::Made(make) => {
                let make = make.clone();
                Some(of(Box::pin(async move { make().await }), &self.address, self.runs))
            }
        }
    }
}

impl StartChild for TaskChild {
    fn start(&self, how: StartIn) -> Begun<Pid> {
        // As a server whose arguments are spent.
        let Some(body) = self.next_body() else { return Begun::Over(Err(StartError::Ignore)) };
        Begun::Over(self.address.0.birth(birth(how.parent, how.name), body))
    }

    fn process(&self) -> Arc<dyn Process> {
        self.address.process()
    }

    fn at(&self, other: &Arc<dyn StartChild>) -> Option<Arc<dyn StartChild>> {
        let cell = other.process().into_any().downcast::<Cell<TaskMsg>>().ok()?;
        // A task that is started once is bound to its own address.
        let Bodies::Made(make) = &self.bodies else { return None };
        let bodies = Bodies::Made(make.clone());
        Some(Arc::new(Self { address: RawRef(cell), bodies, runs: self.runs }))
    }

    fn handle(&self) -> Box<dyn Any + Send> {
        Box::new(TaskRef(self.address.clone()))
    }
}
