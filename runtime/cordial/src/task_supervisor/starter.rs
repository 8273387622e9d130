//! How a supervisor is asked for a task, and how that is taken back.
use super::TaskSupervisorRef;
use super::child::TaskChild;
use crate::exit::ExitReason;
use crate::gen_server::Restart;
use crate::mailbox::{ReplyTo, Slot};
use crate::process::{self, Found, RawRef, Target};
use crate::supervisor::Supervised;
use crate::supervisor::start::{self, Requested};
use crate::task::{At, Handle, Job, Recall, Start, Starter, Task, TaskError, TaskMsg, Tie, body};
use std::sync::Arc;

/// Children of a supervisor, tied to whoever asks for them.
pub(super) struct Under {
    tasks: TaskSupervisorRef,
    tie: Tie,
}

impl Under {
    pub(super) fn new(tasks: &TaskSupervisorRef, tie: Tie) -> Self {
        Self { tasks: tasks.clone(), tie }
    }

    /// The request is sent; dropped, the task does not run, or is killed.
    pub(super) fn launch<T: Send + 'static>(
        &self,
        job: Job<T>,
        runs: &'static str,
    ) -> (Arc<Recall>, Requested<Task<T>>) {
        let supervisor = &self.tasks.supervisor().0;
        let owner = process::current();
        let tie = if owner.is_some() { self.tie } else { Tie::None };
        let slot = Slot::new(process::self_pid());
        let recall = Arc::new(Recall::default());
        let address = RawRef::<TaskMsg>::unborn(supervisor.node());
        let start = Start { job, runs, owner, tie, is_child: false, recall: Some(recall.clone()) };
        let body = body(&address.0, start, ReplyTo::new(slot.clone()));
        let owner = slot.caller();
        let started: Requested<_> = start::start_child(supervisor, |_| {
            TaskChild::once(address.clone(), body, runs).into_definition(Restart::Temporary)
        });
        let unclaimed = Unclaimed { address: Some(address), recall: recall.clone() };
        let task = async move {
            let mut unclaimed = unclaimed;
            let handle = started.await?;
            let address = unclaimed.address.take().expect("it is claimed once");
            let pid = handle.last_pid().expect("what was started has a pid");
            let at = Some(Found { pid, process: address.process() });
            Ok(Task::new(Handle { at, slot, owner, is_linked: tie != Tie::None }))
        };
        (recall, Box::pin(task))
    }
}

impl<T: Send + 'static> Starter<T> for Under {
    fn start(&self, job: Job<T>, runs: &'static str) -> At<T> {
        let (recall, started) = self.launch(job, runs);
        let starting = async move {
            started.await.map_err(|error| TaskError::NotStarted(ExitReason::custom(error)))
        };
        At::Starting(Box::pin(starting), recall)
    }
}

/// A task that nobody has the handle of yet: dropped, it goes.
struct Unclaimed {
    address: Option<RawRef<TaskMsg>>,
    recall: Arc<Recall>,
}

/// Who begins after this finds itself recalled, who has begun is found here.
impl Drop for Unclaimed {
    fn drop(&mut self) {
        if let Some(address) = self.address.take() {
            self.recall.recall();
            if let (Some(me), Some(pid)) = (process::current(), address.pid()) {
                crate::task::unlink(&me, &Found { pid, process: address.process() });
            }
            process::exit(&address, ExitReason::Kill);
        }
    }
}
