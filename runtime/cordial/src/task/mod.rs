//! Tasks: processes that do one thing, and give what came of it to who started them.
//!
//! ```text
//!   owner                              task
//!   Task::spawn(future) ────────────▶  runs it, linked to the owner
//!   task.await          ◀──── value ── ends Normal
//!                       ◀── reason ─── panics, is killed: the owner goes with it by the link
//! ```
//! | Elixir | here |
//! |---|---|
//! | `Task.async`, `Task.await` | [`Task::spawn`], `task.await` |
//! | `Task.yield`, `Task.ignore` | [`Task::yield_for`], [`Task::ignore`] |
//! | `Task.shutdown` | [`Task::shutdown`], [`Task::kill`] |
//! | `Task.await_many`, `Task.yield_many` | [`await_many`], [`yield_many`] |
//! | `Task.async_stream` | [`Task::stream`] |
//! | `Task.start`, `Task.start_link` | [`Task::start`], [`Task::start_link`] |
//! | `Task.completed` | [`Task::completed`] |
//! | `Task.Supervisor` | [`TaskSupervisor`](crate::TaskSupervisor) |
//! | `$callers` | [`callers()`] |
//!
//! A task is a process as any other: it can be linked to, watched and killed, and it has ancestors.
//! Inside a server, [`Ctx::spawn`](crate::Ctx::spawn) has the result come as a message.
//! `examples/parallel_fetch.rs` is a whole program: many pages, a few at a time, some of them
//! missing or late.
//!
//! # Deadlocks
//! Who awaits a task that calls him waits for himself. That is found out at once, as it is among
//! calls: one of the two gets an error that names the circle.
mod callers;
mod ended;
mod error;
mod many;
mod stream;
mod work;

use crate::error::{StartError, WaitPath};
use crate::exit::ExitReason;
use crate::gen_server::Alarm;
use crate::mailbox::{Lost, Owed, ReplyTo, Slot};
use crate::pid::Pid;
use crate::process::cell::Cell;
use crate::process::wait::{self, Edge};
use crate::process::{self, Bound, DEFAULT_LIMIT, ExitVia, Found, IntoExit, Late, Node, Target};
use crate::rt::dispatch;
use crate::rt::time::{self, Instant};
use std::any::type_name;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use work::pid_of;

pub use callers::callers;
pub use ended::Ended;
pub use error::TaskError;
pub use many::{AwaitMany, OnTimeout, YieldMany, await_many, yield_many};
pub(crate) use stream::{At, Starter};
pub use stream::{OnLate, TaskStream, ZipInput};
pub(crate) use work::{Body, Job, Nobody, Recall, Start, TaskMsg, Tie, birth, body, unlink};

/// A process that runs a future, and the future of its result.
///
/// Awaiting it gives the future's output, and waits 5 s at most unless [`timeout`](Self::timeout)
/// says otherwise. Only who started it can wait for it.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), cordial::TaskError> {
/// use cordial::Task;
/// let sum = Task::spawn(async { (1..=10).sum::<u32>() });
/// let text = Task::spawn(async { "meanwhile".to_owned() });
/// assert_eq!(sum.await?, 55);
/// assert_eq!(text.await?, "meanwhile");
/// # Ok(()) }
/// ```
///
/// # Links
/// Inside a process the task is linked to it: a crash of the task is one of its owner, unless that
/// traps exits, and the owner's unclean end is the task's. Where a task may fail, start it with
/// [`TaskSupervisorRef::async_nolink`](crate::TaskSupervisorRef::async_nolink).
/// Outside of processes there is nobody to link to.
///
/// # Errors
/// A [`TaskError`]: a task that ended without a result, whatever the reason, and one that is late.
/// After a timeout the task goes on, and stays linked.
///
/// # Cancel safety
/// Dropping it does nothing to the task, which goes on, linked as before; its result is dropped.
/// [`kill`](Self::kill) ends it.
///
/// # Differences from OTP
/// `await` does not end the caller, it gives an error. Awaiting consumes the handle, so nobody
/// awaits twice; from another process it is [`TaskError::NotOwner`].
#[must_use = "`.await` it for its result; `Task::start` starts one that nobody waits for"]
pub struct Task<T: Send + 'static> {
    /// `None`: it never ran, and is complete.
    at: Option<Found>,
    slot: Arc<Slot<T>>,
    /// The node's pid where it was started outside of processes.
    owner: Pid,
    is_linked: bool,
    state: State,
    limit: Option<Duration>,
    is_own_limit: bool,
    /// Since it is first waited for.
    bound: Option<Bound>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Open,
    /// Its end was told.
    Told,
    Ignored,
    /// Its end is its owner's, who does not go on.
    TakesOwner,
}

/// What is known of a task that is just being started.
pub(crate) struct Handle<T> {
    pub(crate) at: Option<Found>,
    pub(crate) slot: Arc<Slot<T>>,
    pub(crate) owner: Pid,
    pub(crate) is_linked: bool,
}

impl<T: Send + 'static> Task<T> {
    pub(crate) fn new(Handle { at, slot, owner, is_linked }: Handle<T>) -> Self {
        Self {
            at,
            slot,
            owner,
            is_linked,
            state: State::Open,
            limit: Some(DEFAULT_LIMIT),
            is_own_limit: false,
            bound: None,
        }
    }

    /// Starts a task, linked to the process that calls; Elixir's `Task.async`.
    ///
    /// # Panics
    /// Without a runtime, and on a node that is shutting down, as
    /// [`process::spawn`].
    #[track_caller]
    pub fn spawn<F>(future: F) -> Self
    where
        F: Future<Output = T> + Send + 'static,
    {
        match Self::launch(Box::pin(future), type_name::<F>(), Tie::Link) {
            Ok(task) => task,
            Err(error) => panic!("cannot spawn a task: {error}"),
        }
    }

    /// A task of the process that runs here, and its child.
    pub(crate) fn launch(job: Job<T>, runs: &'static str, tie: Tie) -> Result<Self, StartError> {
        let node = Node::current().ok_or(StartError::NoRuntime)?;
        let (owner, caller) = (process::current(), node.caller());
        let slot = Slot::new(caller);
        let from = ReplyTo::new(slot.clone());
        let start = Start { job, runs, owner: owner.clone(), tie, is_child: true, recall: None };
        let cell = Cell::unborn(node);
        let body = body(&cell, start, from);
        let is_linked = owner.is_some() && tie != Tie::None;
        let parent = owner.filter(|_| is_linked);
        let pid = cell.birth(birth(parent, None), body)?;
        let at = Some(Found { pid, process: cell.as_process() });
        Ok(Self::new(Handle { at, slot, owner: caller, is_linked }))
    }

    /// A task that is complete and never was a process: where an answer is known already and a
    /// [`Task`] is asked for.
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)] async fn main() {
    /// use cordial::Task;
    /// assert_eq!(Task::completed(7).await, Ok(7));
    /// # }
    /// ```
    pub fn completed(value: T) -> Self {
        let owner = process::self_pid();
        let slot = Slot::new(owner);
        slot.fill(Ok(value));
        Self::new(Handle { at: None, slot, owner, is_linked: false })
    }

    /// Its pid; `None` for one that is [`completed`](Self::completed).
    pub fn pid(&self) -> Option<Pid> {
        self.at.as_ref().map(|at| at.pid)
    }

    /// Who started it; outside of processes, the node.
    pub fn owner(&self) -> Pid {
        self.owner
    }

    /// Waits this long at most, counted from the first time that it is waited for.
    pub fn timeout(mut self, limit: Duration) -> Self {
        (self.limit, self.is_own_limit) = (Some(limit), true);
        self
    }

    /// Waits as long as it takes.
    pub fn no_timeout(mut self) -> Self {
        (self.limit, self.is_own_limit) = (None, false);
        self
    }

    /// The result if it comes within this time. `None`: not yet; the task can be asked again, or
    /// awaited. After its end was told it is always `None`. Elixir's `Task.yield`.
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)] async fn main() {
    /// use cordial::{Task, millis, process, secs};
    /// let mut task = Task::spawn(process::sleep(millis(5)));
    /// assert_eq!(task.yield_for(millis(1)).await, None);
    /// assert_eq!(task.yield_for(secs(5)).await, Some(Ok(())));
    /// assert_eq!(task.yield_for(secs(5)).await, None);
    /// # }
    /// ```
    ///
    /// # Cancel safety
    /// Dropping it loses nothing.
    pub async fn yield_for(&mut self, limit: Duration) -> Option<Result<T, TaskError>> {
        if matches!(self.state, State::Told | State::Ignored) {
            return None;
        }
        let due = time::after(Instant::now(), limit);
        let mut alarm = None;
        poll_fn(|cx| match self.poll_end(cx) {
            Poll::Ready(result) => Poll::Ready(Some(result)),
            Poll::Pending if Instant::now() >= due => Poll::Ready(None),
            Poll::Pending => {
                wait::note_bounded(cx, None);
                if alarm.is_none() {
                    alarm = self.alarm(due);
                }
                Poll::Pending
            }
        })
        .await
    }

    /// Wakes who waits for it when it is time.
    fn alarm(&self, due: Instant) -> Option<Alarm> {
        let slot = self.slot.clone();
        Some(Alarm::arm(self.at.as_ref()?.process.node(), due, move || slot.nudge()))
    }

    /// Unlinks it and asks it to end with `Shutdown`, kills it after 5 s, and waits until it is
    /// gone.
    ///
    /// `None`: it ended because it was asked to. `Some(Ok(..))`: it had a result already. Another
    /// end, also by being killed, is `Some(Err(..))`; `NoProc` where its end was told before.
    ///
    /// # Cancel safety
    /// It is asked at the first poll; dropped, it is not killed when it does not end.
    pub async fn shutdown(self) -> Option<Result<T, TaskError>> {
        self.shutdown_within(DEFAULT_LIMIT).await
    }

    /// [`shutdown`](Self::shutdown), with another time than 5 s.
    ///
    /// # Cancel safety
    /// As [`shutdown`](Self::shutdown).
    pub async fn shutdown_within(mut self, limit: Duration) -> Option<Result<T, TaskError>> {
        let result = match self.ask_to_end(ExitReason::Shutdown).await {
            Some(result) => Some(result),
            None => match self.end_within(Some(limit)).await {
                Some(result) => Some(result),
                None => {
                    self.exit(ExitReason::Kill);
                    self.end_within(None).await
                }
            },
        };
        result.filter(|result| !ended_with(result, &ExitReason::Shutdown))
    }

    /// Unlinks it, kills it, and waits until it is gone; Elixir's `:brutal_kill`. The result is
    /// that of [`shutdown`](Self::shutdown): `None` when it was killed by this.
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)] async fn main() {
    /// use cordial::Task;
    /// assert_eq!(Task::spawn(std::future::pending::<()>()).kill().await, None);
    /// # }
    /// ```
    ///
    /// # Cancel safety
    /// It is killed at the first poll.
    pub async fn kill(mut self) -> Option<Result<T, TaskError>> {
        if let Some(result) = self.ask_to_end(ExitReason::Kill).await {
            return Some(result);
        }
        let result = self.end_within(None).await;
        result.filter(|result| !ended_with(result, &ExitReason::Killed))
    }

    /// What came of it, if it has ended; else it is unlinked and asked to end.
    async fn ask_to_end(&mut self, reason: ExitReason) -> Option<Result<T, TaskError>> {
        let result = self.peek().await;
        if result.is_none() {
            self.unlink();
            self.exit(reason);
        }
        result
    }

    /// What is there already.
    async fn peek(&mut self) -> Option<Result<T, TaskError>> {
        let peeked = poll_fn(|cx| Poll::Ready(self.poll_end(cx))).await;
        if self.state == State::TakesOwner {
            std::future::pending::<()>().await;
        }
        match peeked {
            Poll::Ready(result) => Some(result),
            Poll::Pending => None,
        }
    }

    async fn end_within(&mut self, limit: Option<Duration>) -> Option<Result<T, TaskError>> {
        match limit {
            Some(limit) => self.yield_for(limit).await,
            None => Some(poll_fn(|cx| self.poll_end(cx)).await),
        }
    }

    fn exit(&self, reason: ExitReason) {
        if let Some(at) = &self.at {
            process::exit(&at.pid, reason);
        }
    }

    fn unlink(&mut self) {
        if std::mem::take(&mut self.is_linked)
            && let (Some(me), Some(at)) = (process::current(), &self.at)
        {
            unlink(&me, at);
        }
    }

    /// Lets it go: it is unlinked and goes on, and nobody learns what becomes of it. What came of
    /// it already is given.
    ///
    /// # Cancel safety
    /// It never waits.
    pub async fn ignore(mut self) -> Option<Result<T, TaskError>> {
        self.let_go().await
    }

    async fn let_go(&mut self) -> Option<Result<T, TaskError>> {
        let result = self.peek().await;
        if result.is_none() {
            self.unlink();
            self.slot.give_up();
            self.state = State::Ignored;
        }
        result
    }

    /// Ends it without waiting, so that its owner hears nothing of it.
    pub(crate) fn kill_quietly(&mut self) {
        self.unlink();
        self.exit(ExitReason::Kill);
    }

    fn task(&self) -> Pid {
        pid_of(self.at.as_ref(), self.owner)
    }

    fn exited(&self, reason: ExitReason) -> TaskError {
        TaskError::Exit(reason, self.task())
    }

    fn timed_out(&self) -> TaskError {
        TaskError::Timeout(self.limit.unwrap_or_default(), self.task())
    }

    /// Whether its owner asks: the process that started it, or where none did, anybody in the
    /// runtime of its node who is no process.
    fn is_owner(&self) -> bool {
        match (dispatch::running(), &self.at) {
            (Some(caller), _) => caller == self.owner,
            (None, Some(at)) => {
                let node = at.process.node();
                self.owner == node.own_pid() && node.dispatch.is_here()
            }
            (None, None) => process::self_pid() == self.owner,
        }
    }

    /// What came of it, if that is known; who asks sees to the time.
    pub(crate) fn poll_end(&mut self, cx: &Context<'_>) -> Poll<Result<T, TaskError>> {
        if !self.is_owner() {
            let (owner, caller, task) = (self.owner, process::self_pid(), self.task());
            return Poll::Ready(Err(TaskError::NotOwner { owner, caller, task }));
        }
        match self.state {
            State::Open => {}
            State::Told => return Poll::Ready(Err(self.exited(ExitReason::NoProc))),
            State::Ignored => return Poll::Ready(Err(self.timed_out())),
            State::TakesOwner => return Poll::Pending,
        }
        match self.slot.poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(value)) => {
                self.state = State::Told;
                Poll::Ready(Ok(value))
            }
            Poll::Ready(Err(lost)) => self.lost(lost),
        }
    }

    /// It ended without a result: by the link that is its owner's business first.
    fn lost(&mut self, lost: Lost) -> Poll<Result<T, TaskError>> {
        let reason = match lost {
            Lost::Down(reason) => reason,
            Lost::Dropped => ExitReason::NoProc,
        };
        self.state = State::Told;
        if self.is_linked && self.takes_owner(&reason) {
            self.state = State::TakesOwner;
            return Poll::Pending;
        }
        Poll::Ready(Err(self.exited(reason)))
    }

    /// The task's exit signal comes after the word of its end (E5, E6). It is sent here, so that
    /// the owner does not go on in between; the other one finds the link gone.
    fn takes_owner(&self, reason: &ExitReason) -> bool {
        let (Some(me), Some(at)) = (process::current(), &self.at) else { return false };
        me.process.clone().exit_signal(me.pid, at.pid, reason.clone(), ExitVia::Link);
        process::is_over()
    }

    /// There is no result yet: sees to the bound, and tells the process that is polled whom it
    /// waits for.
    fn expect(&mut self, cx: &Context<'_>) -> Result<(), TaskError> {
        let Some(at) = &self.at else { return Ok(()) };
        let node = at.process.node();
        let bound = self.bound.get_or_insert_with(|| Bound::new(node, self.limit));
        let waits = || -> Arc<dyn Owed> { self.slot.clone() };
        let bell = match bound.see_to(node, cx, waits) {
            Ok(bell) => bell,
            Err(Late(limit)) => {
                self.state = State::Told;
                return Err(TaskError::Timeout(limit, at.pid));
            }
        };
        if self.is_own_limit {
            wait::note_bounded(cx, bell);
            return Ok(());
        }
        let (callee, owed) = (at.process.clone(), self.slot.clone());
        match wait::note(cx, Edge { callee, owed, is_sure: false }, bell) {
            Some(circle) => Err(TaskError::Deadlock(WaitPath::new(&circle), at.pid)),
            None => Ok(()),
        }
    }
}

fn ended_with<T>(result: &Result<T, TaskError>, reason: &ExitReason) -> bool {
    matches!(result, Err(TaskError::Exit(its, _)) if its == reason)
}

impl<T: Send + 'static> Future for Task<T> {
    type Output = Result<T, TaskError>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = self.poll_end(cx);
        if polled.is_ready() || self.state == State::TakesOwner {
            return polled;
        }
        match self.expect(cx) {
            Ok(()) => Poll::Pending,
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}

impl<T: Send + 'static> Unpin for Task<T> {}

impl<T: Send + 'static> Drop for Task<T> {
    fn drop(&mut self) {
        if let (Some(bound), Some(at)) = (&mut self.bound, &self.at) {
            bound.release(|| at.process.node());
        }
        self.slot.give_up();
    }
}

impl<T: Send + 'static> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Task({})", self.task())
    }
}

/// So that it can be linked to, watched and killed.
impl<T: Send + 'static> Target for Task<T> {
    fn find(&self) -> Option<Found> {
        self.at.as_ref()?.pid.find()
    }
    fn last_pid(&self) -> Option<Pid> {
        self.pid()
    }
}

// ===== Nobody waits =====

impl Task<()> {
    /// Starts a task that nobody waits for and that is linked to nobody; its pid.
    ///
    /// What the future ends with is how the process ends: an `Err` is a crash, and reported.
    ///
    /// # Errors
    /// [`StartError::NoRuntime`], [`StartError::NodeStopping`].
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)] async fn main() {
    /// use cordial::{ExitReason, Task, process};
    /// let pid = Task::start(async { Err::<(), _>("no paper") }).unwrap();
    /// let down = process::monitor(&pid).await;
    /// assert_eq!(down.reason, ExitReason::custom("no paper"));
    /// # }
    /// ```
    pub fn start<F>(future: F) -> Result<Pid, StartError>
    where
        F: Future<Output: IntoExit> + Send + 'static,
    {
        start_as(future, Tie::None)
    }

    /// [`start`](Self::start), linked to the process that calls.
    ///
    /// # Errors
    /// [`StartError::NoParent`] outside of a process; those of [`start`](Self::start).
    pub fn start_link<F>(future: F) -> Result<Pid, StartError>
    where
        F: Future<Output: IntoExit> + Send + 'static,
    {
        process::current().ok_or(StartError::NoParent)?;
        start_as(future, Tie::Link)
    }
}

/// A task that nobody waits for.
fn start_as<F>(future: F, tie: Tie) -> Result<Pid, StartError>
where
    F: Future<Output: IntoExit> + Send + 'static,
{
    let job = Box::pin(async move { future.await.into_exit() });
    launch_for(job, type_name::<F>(), tie, Nobody)
}

/// Runs a future whose output is an answer. Where it cannot run, the caller hears that at once: the
/// handle is dropped.
pub(crate) fn answer_beside<T, F>(from: ReplyTo<T>, future: F)
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    from.give_away();
    let _ = launch_for(Box::pin(future), type_name::<F>(), Tie::Down, from);
}

/// A task of the process that runs here, with somebody who learns what came of it.
pub(crate) fn launch_for<T: Send + 'static>(
    job: Job<T>,
    runs: &'static str,
    tie: Tie,
    report: impl work::Report<T>,
) -> Result<Pid, StartError> {
    let node = Node::current().ok_or(StartError::NoRuntime)?;
    let owner = process::current();
    let start = Start { job, runs, owner: owner.clone(), tie, is_child: true, recall: None };
    let cell = Cell::unborn(node);
    let body = body(&cell, start, report);
    cell.birth(birth(owner.filter(|_| tie != Tie::None), None), body)
}
