//! The process of a task: a future, and who is told what came of it.
//!
//! # How the end of a task is told
//! A result is given when the process is gone (E5), and so is the reason of an end without one: the
//! handle of whoever waits is dropped with the work (E1), which has it told with the callers of a
//! process that ends. There is no other way out, so nobody waits for nothing.
use super::callers::{self, Callers};
use crate::exit::ExitReason;
use crate::mailbox::ReplyTo;
use crate::pid::Pid;
use crate::process::birth::Birth;
use crate::process::cell::{After, Cell, Ending, Pending};
use crate::process::run::Turn;
use crate::process::wait::{Edge, Waits};
use crate::process::{self, Found, IntoExit, Message, panics};
use crate::rt::sync::Lock;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

/// What a task is sent: nothing that it would read.
pub(crate) enum TaskMsg {}

impl Message for TaskMsg {
    fn kind(&self) -> &'static str {
        match *self {}
    }
}

/// The body of a task's process.
pub(crate) type Body = Pin<Box<dyn Pending<TaskMsg>>>;

/// A future that is to be run.
pub(crate) type Job<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What is done when the process is gone.
pub(crate) type Told = Box<dyn FnOnce() + Send>;

/// Who learns what came of it.
pub(crate) trait Report<T>: Send + 'static {
    /// The reason with which the process ends, and what is done when it has.
    fn end(self, value: T) -> (ExitReason, Option<Told>);
}

impl<T: Send + 'static> Report<T> for ReplyTo<T> {
    fn end(self, value: T) -> (ExitReason, Option<Told>) {
        (ExitReason::Normal, Some(Box::new(move || self.answer(value))))
    }
}

/// Nobody: the result says how the process ends.
pub(crate) struct Nobody;

impl<T: IntoExit> Report<T> for Nobody {
    fn end(self, value: T) -> (ExitReason, Option<Told>) {
        (value.into_exit(), None)
    }
}

/// How a task is tied to its owner, besides by what it reports.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tie {
    None,
    /// Both ways.
    Link,
    /// Both ways, but an owner that traps exits is not told of the task's.
    LinkUnlessTrapped,
    /// The owner's unclean end takes the task along, and not the other way round.
    Down,
}

/// Takes back a task that is being started.
#[derive(Default)]
pub(crate) struct Recall(Lock<bool>);

impl Recall {
    /// From now on it does not begin; one that has begun is the caller's to kill.
    pub(crate) fn recall(&self) {
        *self.0.lock() = true;
    }

    fn is_recalled(&self) -> bool {
        *self.0.lock()
    }
}

/// What a task begins with.
pub(crate) struct Start<T> {
    pub(crate) job: Job<T>,
    /// The type of the future that it runs, for reports.
    pub(crate) runs: &'static str,
    pub(crate) owner: Option<Found>,
    pub(crate) tie: Tie,
    /// The owner is its parent, so the link is there from the beginning.
    pub(crate) is_child: bool,
    pub(crate) recall: Option<Arc<Recall>>,
}

/// The body: the future, and what it is polled with.
struct Work<T, R> {
    start: Start<T>,
    callers: Option<Callers>,
    report: Option<R>,
    waits: Waits,
    cell: Arc<Cell<TaskMsg>>,
    has_begun: bool,
}

/// Puts a task together; to be called by its owner, whose callers it inherits.
pub(crate) fn body<T, R>(cell: &Arc<Cell<TaskMsg>>, start: Start<T>, report: R) -> Body
where
    T: Send + 'static,
    R: Report<T>,
{
    let callers = callers::of_next(start.owner.as_ref());
    let (waits, cell) = (Waits::new(cell), cell.clone());
    let report = Some(report);
    Box::pin(Work { start, callers, report, waits, cell, has_begun: false })
}

/// What a task is born with.
pub(crate) fn birth(parent: Option<Found>, name: Option<Arc<str>>) -> Birth {
    let parent = parent.map(|found| (found.pid, found.process));
    Birth { limit: None, trap: false, starting: false, name, claim: None, parent, watch: None }
}

/// Nothing in it is pinned but what its own box pins.
impl<T, R> Unpin for Work<T, R> {}

impl<T, R> Work<T, R> {
    /// The first thing that runs in the task. `Err`: it is not to run at all.
    fn begin(&mut self) -> Result<(), ExitReason> {
        self.has_begun = true;
        if self.start.recall.as_ref().is_some_and(|recall| recall.is_recalled()) {
            return Err(ExitReason::Killed);
        }
        if let Some(callers) = self.callers.take() {
            callers::set(callers);
        }
        match &self.start.owner {
            Some(owner) if self.start.tie != Tie::None && !self.start.is_child => {
                process::link(&owner.pid).map_err(|_| ExitReason::NoProc)
            }
            _ => Ok(()),
        }
    }

    fn crash(self: Pin<Box<Self>>, reason: ExitReason) -> Ending
    where
        T: Send + 'static,
        R: Send + 'static,
    {
        let (runs, owner) = (self.start.runs, self.start.owner.as_ref().map(|owner| owner.pid));
        let mut ending = Ending::crash(reason, Box::new(self), None);
        if let Some(crash) = &mut ending.crash {
            (crash.runs, crash.client) = (Some(function_of(runs)), owner);
        }
        ending
    }
}

impl<T: Send + 'static, R: Report<T>> Pending<TaskMsg> for Work<T, R> {
    fn resume(mut self: Pin<Box<Self>>, turn: &mut Turn<'_, TaskMsg>) -> After<TaskMsg> {
        let this = &mut *self;
        if !this.has_begun
            && let Err(reason) = this.begin()
        {
            return After::End(Ending::silent(reason, Box::new(self)));
        }
        let job = this.start.job.as_mut();
        let value = match this.waits.poll(turn.purpose(), |cx| panics::poll(job, cx)) {
            Poll::Pending => return After::Wait(self),
            Poll::Ready(Ok(value)) => value,
            Poll::Ready(Err(reason)) => return After::End(self.crash(reason)),
        };
        let report = this.report.take().expect("a task ends once");
        let (reason, told) = report.end(value);
        let ending = match reason.is_clean() {
            true => Ending::silent(reason, Box::new(self)),
            false => self.crash(reason),
        };
        After::End(Ending { told, ..ending })
    }

    fn edge(&self) -> Option<&Edge> {
        self.waits.edge()
    }
}

/// Who is not to be told of its end by a signal is let go of before there is one.
impl<T, R> Drop for Work<T, R> {
    fn drop(&mut self) {
        let Some(owner) = &self.start.owner else { return };
        let lets_go = match self.start.tie {
            Tie::None | Tie::Link => false,
            Tie::LinkUnlessTrapped => owner.process.traps(owner.pid),
            Tie::Down => true,
        };
        if lets_go && let Some(own) = self.cell.head.pid() {
            owner.process.remove_link(owner.pid, own);
        }
    }
}

/// Both halves of a link, taken away.
pub(crate) fn unlink(owner: &Found, task: &Found) {
    owner.process.remove_link(owner.pid, task.pid);
    task.process.remove_link(task.pid, owner.pid);
}

/// The function that a future of this type is of: `shop::fetch::{{closure}}` is `shop::fetch`.
fn function_of(future: &'static str) -> &'static str {
    future.trim_end_matches("::{{closure}}")
}

/// A task's pid where it has one.
pub(crate) fn pid_of(task: Option<&Found>, owner: Pid) -> Pid {
    task.map_or(owner, |task| task.pid)
}
