//! A bounded number of tasks over many inputs, one after the other.
//!
//! ```text
//!   inputs ──▶ running, at most `max` ──▶ finished, until their turn ──▶ the consumer
//! ```
//! A place is free when a task ends, and not when its result is taken: a slow one holds back no
//! start. Nothing happens but while the consumer asks for the next result, so who is slow to ask is
//! not flooded: what runs then is what was running.
use super::work::Recall;
use super::{Job, Task, TaskError, Tie};
use crate::process::{DEFAULT_LIMIT, wait};
use crate::rt::time::{self, Instant, Sleep};
use std::any::type_name;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::future::{Future, poll_fn};
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// What becomes of a stream when one of its tasks is late.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OnLate {
    /// It yields [`TaskError::Timeout`], and is over: what runs is killed. OTP's `exit`.
    #[default]
    Exit,
    /// It kills the task, yields [`TaskError::Timeout`] in its place, and goes on.
    KillTask,
}

/// Results of tasks over many inputs; what [`Task::stream`] gives.
///
/// # Cancel safety
/// [`next`](Self::next) loses nothing when it is dropped. The stream itself, dropped, kills what
/// runs, takes its links away and leaves no message behind.
#[must_use = "a stream starts nothing until its results are asked for"]
pub struct TaskStream<'a, I, T: Send + 'static> {
    inputs: Option<Box<dyn Iterator<Item = I> + Send + 'a>>,
    make: Box<dyn FnMut(I) -> Job<T> + Send + 'a>,
    starter: Box<dyn Starter<T>>,
    runs: &'static str,
    /// Where failures carry their input.
    keep: Option<fn(&I) -> I>,
    max: usize,
    is_ordered: bool,
    limit: Option<Duration>,
    on_late: OnLate,
    running: Vec<Running<I, T>>,
    /// By number.
    finished: BTreeMap<u64, Finished<I, T>>,
    /// As they came; of a stream that is not ordered.
    in_line: VecDeque<u64>,
    /// How many were started.
    started: u64,
    /// How many were yielded.
    yielded: u64,
    sleep: Option<Pin<Box<Sleep>>>,
    /// Those that are ready to run have had their turn since a task ended.
    has_given_way: bool,
}

struct Running<I, T: Send + 'static> {
    number: u64,
    input: Option<I>,
    at: At<T>,
    due: Option<Instant>,
    /// It was, and is killed.
    late: Option<TaskError>,
}

type Finished<I, T> = (Option<I>, Result<T, TaskError>);

/// How far the start of a task has come.
pub(crate) enum At<T: Send + 'static> {
    /// Its supervisor is asked.
    Starting(Starting<T>, Arc<Recall>),
    Running(Task<T>),
    /// There is none.
    Failed(Option<TaskError>),
}

pub(crate) type Starting<T> = Pin<Box<dyn Future<Output = Result<Task<T>, TaskError>> + Send>>;

/// Where the tasks of a stream live.
pub(crate) trait Starter<T: Send + 'static>: Send {
    /// Begins one; it is the consumer who calls.
    fn start(&self, job: Job<T>, runs: &'static str) -> At<T>;
}

/// Children of the consumer.
struct Own;

impl<T: Send + 'static> Starter<T> for Own {
    fn start(&self, job: Job<T>, runs: &'static str) -> At<T> {
        match Task::launch(job, runs, Tie::LinkUnlessTrapped) {
            Ok(task) => At::Running(task),
            Err(error) => At::Failed(Some(TaskError::NotStarted(error.into_reason()))),
        }
    }
}

impl<T: Send + 'static> Task<T> {
    /// Runs `f` over all inputs, at most `max` at once, each in a task of its own; the results come
    /// in the order of the inputs. Elixir's `Task.async_stream`.
    ///
    /// The tasks are started by whoever asks for the results, one when there is room, and linked to
    /// it: a crash ends the consumer, unless that traps exits. Where tasks may fail use
    /// [`TaskSupervisor`](crate::TaskSupervisor)'s `stream_nolink`. Each has 5 s
    /// ([`TaskStream::timeout`]); what happens to one that is late says
    /// [`TaskStream::on_timeout`].
    ///
    /// # Panics
    /// With room for none (`max` is 0).
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)] async fn main() {
    /// use cordial::Task;
    /// let mut lengths = Task::stream(["a", "bb", "ccc"], 2, |word| async move { word.len() });
    /// let mut sum = 0;
    /// while let Some(length) = lengths.next().await {
    ///     sum += length.unwrap();
    /// }
    /// assert_eq!(sum, 6);
    ///
    /// let squares = Task::stream(1.., 4, |n| async move { n * n });
    /// assert_eq!(squares.take(3).await, [Ok(1), Ok(4), Ok(9)]);
    /// # }
    /// ```
    ///
    /// # Differences from OTP
    /// A late task gives an error and the stream is over, where OTP ends the consumer.
    #[track_caller]
    pub fn stream<'a, C, F, Fut>(inputs: C, max: usize, f: F) -> TaskStream<'a, C::Item, T>
    where
        C: IntoIterator<IntoIter: Send + 'a>,
        F: FnMut(C::Item) -> Fut + Send + 'a,
        Fut: Future<Output = T> + Send + 'static,
    {
        TaskStream::new(inputs, max, f, Box::new(Own))
    }
}

impl<'a, I, T: Send + 'static> TaskStream<'a, I, T> {
    #[track_caller]
    pub(crate) fn new<C, F, Fut>(
        inputs: C,
        max: usize,
        mut f: F,
        starter: Box<dyn Starter<T>>,
    ) -> Self
    where
        C: IntoIterator<Item = I, IntoIter: Send + 'a>,
        F: FnMut(I) -> Fut + Send + 'a,
        Fut: Future<Output = T> + Send + 'static,
    {
        assert!(max > 0, "a stream of tasks runs at least one at a time: `max` is 0");
        Self {
            inputs: Some(Box::new(inputs.into_iter())),
            make: Box::new(move |input| Box::pin(f(input))),
            starter,
            runs: type_name::<Fut>(),
            keep: None,
            max,
            is_ordered: true,
            limit: Some(DEFAULT_LIMIT),
            on_late: OnLate::Exit,
            running: Vec::new(),
            finished: BTreeMap::new(),
            in_line: VecDeque::new(),
            started: 0,
            yielded: 0,
            sleep: None,
            has_given_way: true,
        }
    }

    /// Whether the results come in the order of the inputs, as they do until this is said, or as
    /// the tasks end. In order, results wait for a slow one: as many as end in its time.
    pub fn ordered(mut self, is_ordered: bool) -> Self {
        self.is_ordered = is_ordered;
        self
    }

    /// How long each task has, from its start.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Lets each task take as long as it likes.
    pub fn no_timeout(mut self) -> Self {
        self.limit = None;
        self
    }

    /// What happens when a task is late.
    pub fn on_timeout(mut self, on_late: OnLate) -> Self {
        self.on_late = on_late;
        self
    }

    /// Has failures carry their input.
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)] async fn main() {
    /// use cordial::task::OnLate;
    /// use cordial::{Task, millis, process};
    /// let naps = Task::stream([1, 5_000], 2, |ms| process::sleep(millis(ms)));
    /// let mut naps = naps.timeout(millis(50)).on_timeout(OnLate::KillTask).zip_input_on_exit();
    /// assert_eq!(naps.next().await, Some(Ok(())));
    /// let (input, error) = naps.next().await.unwrap().unwrap_err();
    /// assert!(input == 5_000 && error.is_timeout());
    /// # }
    /// ```
    pub fn zip_input_on_exit(mut self) -> ZipInput<'a, I, T>
    where
        I: Clone,
    {
        self.keep = Some(I::clone);
        ZipInput(self)
    }

    /// The next result; `None` when there are no more.
    ///
    /// # Cancel safety
    /// Dropping it loses nothing: what it started runs, and is asked again.
    pub async fn next(&mut self) -> Option<Result<T, TaskError>> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// [`next`](Self::next) as a poll, for whoever makes a `Stream` of it.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, TaskError>>> {
        self.poll_finished(cx).map(|finished| finished.map(|(_, result)| result))
    }

    /// All results.
    ///
    /// # Cancel safety
    /// Dropped, the stream is.
    pub async fn collect(mut self) -> Vec<Result<T, TaskError>> {
        let mut all = Vec::new();
        while let Some(result) = self.next().await {
            all.push(result);
        }
        all
    }

    /// The first `most` results; then what runs is killed.
    ///
    /// # Cancel safety
    /// Dropped, the stream is.
    pub async fn take(mut self, most: usize) -> Vec<Result<T, TaskError>> {
        let mut all = Vec::new();
        while all.len() < most
            && let Some(result) = self.next().await
        {
            all.push(result);
        }
        all
    }

    fn poll_finished(&mut self, cx: &mut Context<'_>) -> Poll<Option<Finished<I, T>>> {
        loop {
            if let Some(finished) = self.take_finished() {
                return Poll::Ready(Some(finished));
            }
            if self.poll_running(cx) || self.end_late(cx) {
                self.has_given_way = !self.is_ordered;
                continue;
            }
            // The next in order may be about to end: then no more is pulled than is asked for.
            if !mem::replace(&mut self.has_given_way, true) {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            if self.start_some() {
                continue;
            }
            if self.running.is_empty() {
                return Poll::Ready(None);
            }
            wait::note_bounded(cx, None);
            return Poll::Pending;
        }
    }

    fn take_finished(&mut self) -> Option<Finished<I, T>> {
        let number = if self.is_ordered { self.yielded } else { self.in_line.pop_front()? };
        let finished = self.finished.remove(&number)?;
        self.yielded += 1;
        self.has_given_way = true;
        Some(finished)
    }

    fn finish(&mut self, number: u64, finished: Finished<I, T>) {
        self.finished.insert(number, finished);
        if !self.is_ordered {
            self.in_line.push_back(number);
        }
    }

    /// True: there were more, and room for them.
    fn start_some(&mut self) -> bool {
        let before = self.started;
        while self.running.len() < self.max {
            let Some(input) = self.inputs.as_mut().and_then(Iterator::next) else {
                self.inputs = None;
                break;
            };
            let kept = self.keep.map(|keep| keep(&input));
            let job = (self.make)(input);
            let at = self.starter.start(job, self.runs);
            let due = self.limit.map(|limit| time::after(Instant::now(), limit));
            self.running.push(Running { number: self.started, input: kept, at, due, late: None });
            self.started += 1;
        }
        self.started > before
    }

    /// True: some have ended.
    fn poll_running(&mut self, cx: &mut Context<'_>) -> bool {
        let (mut at, before) = (0, self.running.len());
        while at < self.running.len() {
            match self.running[at].at.poll(cx) {
                Poll::Pending => at += 1,
                Poll::Ready(result) => {
                    let Running { number, input, late, .. } = self.running.swap_remove(at);
                    match result {
                        Err(_) if late.is_some() => {
                            self.finish(number, (input, late.map_or(result, Err)));
                        }
                        Err(error @ TaskError::NotStarted(_)) => self.fail(number, (input, error)),
                        result => self.finish(number, (input, result)),
                    }
                }
            }
        }
        self.running.len() < before
    }

    /// True: some were late, and are no more.
    fn end_late(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(next) = self.running.iter().filter_map(|task| task.due).min() else {
            return false;
        };
        if Instant::now() < next {
            let sleep = self.sleep.get_or_insert_with(|| Box::pin(time::sleep_until(next)));
            if sleep.deadline() != next {
                sleep.as_mut().reset(next);
            }
            if sleep.as_mut().poll(cx).is_pending() {
                return false;
            }
        }
        let now = Instant::now();
        let late = self.running.iter_mut().filter(|task| task.due.is_some_and(|due| due <= now));
        let mut first: Option<(u64, Option<I>, TaskError)> = None;
        for task in late {
            task.due = None;
            let error = TaskError::Timeout(self.limit.unwrap_or_default(), task.at.pid());
            if self.on_late == OnLate::KillTask {
                task.at.kill();
                task.late = Some(error); // Its place is free when it is gone.
            } else if first.as_ref().is_none_or(|(number, ..)| *number > task.number) {
                first = Some((task.number, task.input.take(), error));
            }
        }
        if let Some((number, input, error)) = first {
            self.fail(number, (input, error));
        }
        true
    }

    /// An error that is yielded next, and last.
    fn fail(&mut self, number: u64, (input, error): (Option<I>, TaskError)) {
        self.halt();
        self.finished.clear();
        self.in_line.clear();
        self.yielded = number;
        self.finish(number, (input, Err(error)));
    }

    /// No more is started, and what runs is killed.
    fn halt(&mut self) {
        drop(self.inputs.take());
        for mut task in mem::take(&mut self.running) {
            task.at.kill();
        }
    }
}

impl<T: Send + 'static> At<T> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, TaskError>> {
        loop {
            match self {
                Self::Running(task) => return task.poll_end(cx),
                Self::Starting(starting, _) => match starting.as_mut().poll(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Ok(task)) => *self = Self::Running(task),
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                },
                Self::Failed(error) => {
                    return Poll::Ready(Err(error.take().expect("a failure is told once")));
                }
            }
        }
    }

    fn pid(&self) -> crate::pid::Pid {
        match self {
            Self::Running(task) => task.task(),
            Self::Starting(..) | Self::Failed(_) => crate::process::self_pid(),
        }
    }

    /// Ends it, so that its end is no surprise to its owner.
    fn kill(&mut self) {
        match self {
            Self::Running(task) => task.kill_quietly(),
            Self::Starting(_, recall) => recall.recall(),
            Self::Failed(_) => {}
        }
    }
}

impl<I, T: Send + 'static> Drop for TaskStream<'_, I, T> {
    fn drop(&mut self) {
        self.halt();
    }
}

impl<I, T: Send + 'static> fmt::Debug for TaskStream<'_, I, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskStream")
            .field("started", &self.started)
            .field("running", &self.running.len())
            .field("yielded", &self.yielded)
            .finish_non_exhaustive()
    }
}

/// A stream whose failures carry their input; what [`TaskStream::zip_input_on_exit`] gives.
#[must_use = "a stream starts nothing until its results are asked for"]
#[derive(Debug)]
pub struct ZipInput<'a, I, T: Send + 'static>(TaskStream<'a, I, T>);

impl<I, T: Send + 'static> ZipInput<'_, I, T> {
    /// The next result; `None` when there are no more.
    ///
    /// # Cancel safety
    /// As [`TaskStream::next`].
    pub async fn next(&mut self) -> Option<Result<T, (I, TaskError)>> {
        let (input, result) = poll_fn(|cx| self.0.poll_finished(cx)).await?;
        Some(result.map_err(|error| (input.expect("inputs are kept"), error)))
    }

    /// All results.
    ///
    /// # Cancel safety
    /// Dropped, the stream is.
    pub async fn collect(mut self) -> Vec<Result<T, (I, TaskError)>> {
        let mut all = Vec::new();
        while let Some(result) = self.next().await {
            all.push(result);
        }
        all
    }
}
