//! Waiting for several tasks: all of them, or those that are done in time.
use super::{State, Task, TaskError};
use crate::exit::ExitReason;
use crate::process::{DEFAULT_LIMIT, wait};
use crate::rt::time::{self, Instant, Sleep};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// Waits for all tasks; Elixir's `Task.await_many`.
///
/// The values come in the order of the tasks. The first task that ends without a value is the
/// outcome, however many are still running; they go on.
///
/// # Errors
/// That of the first task that fails; [`TaskError::Timeout`] with a task that is late: all
/// together have 5 s unless [`AwaitMany::timeout`] says otherwise.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::{Task, task};
/// let squares = (1..=3).map(|n| Task::spawn(async move { n * n }));
/// assert_eq!(task::await_many(squares).await, Ok(vec![1, 4, 9]));
/// # }
/// ```
pub fn await_many<T: Send + 'static>(tasks: impl IntoIterator<Item = Task<T>>) -> AwaitMany<T> {
    let waits = tasks.into_iter().map(|task| (task, None)).collect();
    AwaitMany { waits, clock: Clock::new(DEFAULT_LIMIT) }
}

/// The values of several tasks; what [`await_many`] gives.
///
/// # Cancel safety
/// Dropping it does to the tasks what dropping their handles does: nothing.
#[must_use = "await it for the values"]
pub struct AwaitMany<T: Send + 'static> {
    waits: Vec<(Task<T>, Option<T>)>,
    clock: Clock,
}

impl<T: Send + 'static> AwaitMany<T> {
    /// Waits this long at most for all of them.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.clock = Clock::new(limit);
        self
    }
}

/// Nothing in it is pinned.
impl<T: Send + 'static> Unpin for AwaitMany<T> {}

impl<T: Send + 'static> Future for AwaitMany<T> {
    type Output = Result<Vec<T>, TaskError>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { waits, clock } = &mut *self;
        let mut late = None;
        for (task, value) in waits.iter_mut().filter(|(_, value)| value.is_none()) {
            match task.poll_end(cx) {
                Poll::Ready(Ok(given)) => *value = Some(given),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending if late.is_none() => late = Some(task.task()),
                Poll::Pending => {}
            }
        }
        let Some(late) = late else {
            let values = waits.drain(..).filter_map(|(_, value)| value);
            return Poll::Ready(Ok(values.collect()));
        };
        if clock.is_over(cx) {
            return Poll::Ready(Err(TaskError::Timeout(clock.limit, late)));
        }
        wait::note_bounded(cx, None);
        Poll::Pending
    }
}

impl<T: Send + 'static> fmt::Debug for AwaitMany<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.waits.iter().map(|(task, _)| task)).finish()
    }
}

/// What becomes of tasks that [`yield_many`] has waited for in vain.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OnTimeout {
    /// They go on, and can be asked again.
    #[default]
    Nothing,
    /// They go on unlinked, and nobody learns what becomes of them; see [`Task::ignore`].
    Ignore,
    /// They are killed; they are gone when [`yield_many`] returns.
    KillTask,
}

/// Waits for tasks for some time, and gives what came of each, in their order; `None` for those
/// that are not done. Elixir's `Task.yield_many`.
///
/// It waits 5 s unless [`YieldMany::timeout`] says otherwise.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::task::{self, OnTimeout};
/// use cordial::{Task, millis, process, secs};
/// let mut tasks = [1, 60].map(|s| Task::spawn(process::sleep(millis(s * s * s))));
/// let results = task::yield_many(&mut tasks).timeout(millis(50)).on_timeout(OnTimeout::KillTask);
/// assert_eq!(results.await, [Some(Ok(())), None]);
/// # }
/// ```
pub fn yield_many<T: Send + 'static>(tasks: &mut [Task<T>]) -> YieldMany<'_, T> {
    YieldMany { tasks, limit: DEFAULT_LIMIT, on_timeout: OnTimeout::Nothing, most: usize::MAX }
}

/// A wait for several tasks; what [`yield_many`] gives.
#[must_use = "await it for the results"]
pub struct YieldMany<'t, T: Send + 'static> {
    tasks: &'t mut [Task<T>],
    limit: Duration,
    on_timeout: OnTimeout,
    most: usize,
}

type Results<T> = Vec<Option<Result<T, TaskError>>>;

impl<T: Send + 'static> YieldMany<'_, T> {
    /// Waits this long at most.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// What becomes of those that are not done by then.
    pub fn on_timeout(mut self, on_timeout: OnTimeout) -> Self {
        self.on_timeout = on_timeout;
        self
    }

    /// Waits until so many are done, and no longer; the others are left as they are.
    pub fn limit(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    async fn carry_out(self) -> Results<T> {
        let Self { tasks, limit, on_timeout, most } = self;
        let mut results: Results<T> = tasks.iter().map(|_| None).collect();
        let mut clock = Clock::new(limit);
        let most = most.min(tasks.len());
        let is_late = std::future::poll_fn(|cx| {
            poll_all(tasks, &mut results, most, cx);
            if results.iter().flatten().count() >= most {
                return Poll::Ready(false);
            }
            if clock.is_over(cx) {
                return Poll::Ready(true);
            }
            wait::note_bounded(cx, None);
            Poll::Pending
        });
        if is_late.await {
            give_up(tasks, &mut results, on_timeout).await;
        }
        results
    }
}

/// Asks those that are not done, until `most` are.
fn poll_all<T: Send + 'static>(
    tasks: &mut [Task<T>],
    results: &mut Results<T>,
    most: usize,
    cx: &Context<'_>,
) {
    let mut done = results.iter().flatten().count();
    for (task, result) in tasks.iter_mut().zip(results) {
        if result.is_some() || task.state == State::Told {
            continue;
        }
        if done >= most {
            return;
        }
        if let Poll::Ready(its) = task.poll_end(cx) {
            *result = Some(its);
            done += 1;
        }
    }
}

async fn give_up<T: Send + 'static>(
    tasks: &mut [Task<T>],
    results: &mut Results<T>,
    on_timeout: OnTimeout,
) {
    let left = tasks.iter_mut().zip(results).filter(|(_, result)| result.is_none());
    let mut left: Vec<_> = left.collect();
    match on_timeout {
        OnTimeout::Nothing => {}
        OnTimeout::Ignore => {
            for (task, result) in &mut left {
                **result = task.let_go().await;
            }
        }
        OnTimeout::KillTask => {
            for (task, result) in &mut left {
                **result = task.ask_to_end(ExitReason::Kill).await;
            }
            for (task, result) in left.iter_mut().filter(|(_, result)| result.is_none()) {
                let end = task.end_within(None).await;
                **result = end.filter(|end| !super::ended_with(end, &ExitReason::Killed));
            }
        }
    }
}

impl<'t, T: Send + 'static> IntoFuture for YieldMany<'t, T> {
    type Output = Results<T>;
    type IntoFuture = Pin<Box<dyn Future<Output = Results<T>> + Send + 't>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.carry_out())
    }
}

impl<T: Send + 'static> fmt::Debug for YieldMany<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.tasks.iter()).finish()
    }
}

/// A bound that counts from the first time that it is looked at.
pub(super) struct Clock {
    pub(super) limit: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Clock {
    pub(super) fn new(limit: Duration) -> Self {
        Self { limit, sleep: None }
    }

    /// Whether it is time; who asks is woken when it is.
    pub(super) fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        if self.limit.is_zero() {
            return true;
        }
        let due = || time::after(Instant::now(), self.limit);
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(time::sleep_until(due())));
        sleep.as_mut().poll(cx).is_ready()
    }
}
