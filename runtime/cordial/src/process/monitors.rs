//! Who watches a process, and whom it watches: pure sets.
use super::Process;
use super::ties::Ties;
use crate::exit::ExitReason;
use crate::mailbox::Slot;
use crate::pid::{MonitorRef, Pid};
use crate::signal::Down;
use std::sync::Arc;

#[derive(Default)]
pub(crate) struct Monitors {
    /// Who is told of this process's end.
    pub(crate) watchers: Ties<MonitorRef, Watcher>,
    /// Whom this process watches, so that its own end takes the watchers away. A DOWN in the
    /// mailbox counts as long as it stands here (PROC-32).
    pub(crate) watching: Ties<MonitorRef, Watched>,
}

/// One monitor, on the side of the watcher.
pub(crate) struct Watched {
    pub(crate) pid: Pid,
    /// `None` once it has fired.
    pub(crate) process: Option<Arc<dyn Process>>,
    /// The name that was asked for, if it was one (PROC-30).
    pub(crate) name: Option<Arc<str>>,
}

/// One monitor, on the side of the watched.
pub(crate) struct Watcher {
    /// It came after an exit signal that was already accepted (PROC-7).
    pub(crate) late: bool,
    pub(crate) who: Who,
}

pub(crate) enum Who {
    /// A process, told by a message.
    Process(Pid, Arc<dyn Process>),
    /// A future.
    Future(Arc<Slot<Down>>),
}

impl Who {
    /// Which process wants to know; `None`: who is none.
    pub(crate) fn pid(&self) -> Option<Pid> {
        let pid = match self {
            Self::Process(pid, _) => *pid,
            Self::Future(slot) => slot.caller(),
        };
        Some(pid).filter(|pid| !pid.is_of_node())
    }

    pub(crate) fn tell(self, down: Down) {
        #[cfg(feature = "chaos")]
        crate::rt::sim::note(|| crate::rt::sim::Event::Down(down.monitor));
        match self {
            Self::Process(pid, process) => process.deliver_down(pid, down),
            Self::Future(slot) => slot.fill(Ok(down)),
        }
    }
}

impl Watcher {
    pub(crate) fn tell(self, monitor: MonitorRef, pid: Pid, reason: &ExitReason) {
        let reason = if self.late { ExitReason::NoProc } else { reason.clone() };
        self.who.tell(Down { monitor, pid, reason });
    }
}

impl Monitors {
    pub(crate) fn is_empty(&self) -> bool {
        self.watchers.is_empty() && self.watching.is_empty()
    }
}
