//! Asking a process to end, and learning that it has: in one step, so that no end is missed.
use super::cell::{Cell, Message, Stage};
use super::monitors::{Watcher, Who};
use super::target::Found;
use super::{ExitVia, Monitor, spans};
use crate::exit::ExitReason;
use crate::mailbox::{self, Slot, System};
use crate::pid::{MonitorRef, Pid};
use crate::rt;
use crate::rt::dispatch::{Entry, Ran, Runnable};
use std::sync::Arc;

/// How a process is asked to end.
pub(crate) enum Ask {
    /// By a message, which keeps its place in the line.
    Stop(ExitReason),
    /// By an exit signal.
    Exit { from: Pid, reason: ExitReason },
}

/// Who runs the turn in which a process that did nothing else ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum EndsOn {
    /// The stack of whoever asks, and is about to wait (D8).
    AskersStack,
    ARunQueue,
}

impl Monitor {
    /// Watches a process that is asked to end; `None`: it is gone. The monitor comes before the
    /// request, so that the reason is the process's own.
    pub(crate) fn of_ending(found: Found, ask: Ask, on: EndsOn) -> Option<Self> {
        let Found { pid, process } = found;
        let node = process.node();
        let monitor = node.next_ref();
        let slot = Slot::new(node.caller());
        let who = Who::Future(slot.clone());
        let asked = process.clone().ask_to_end(pid, ask, (monitor, who), on);
        asked.then(|| Self { slot, watched: Some((monitor, process)) })
    }
}

impl<M: Message> Cell<M> {
    pub(super) fn begin_ending(
        self: &Arc<Self>,
        pid: Pid,
        ask: Ask,
        (monitor, who): (MonitorRef, Who),
        on: EndsOn,
    ) -> bool {
        let steps = self.alive(pid, |inner| {
            let before = inner.stage;
            let ext = inner.ext();
            let late = ext.doom.is_some();
            #[cfg(feature = "chaos")]
            rt::sim::note(|| rt::sim::Event::Watched { monitor, pid });
            ext.monitors.watchers.add(monitor, Watcher { late, who });
            let enters = match ask {
                Ask::Stop(reason) => self.mail(inner, System::Stop(reason)),
                Ask::Exit { from, reason } => {
                    self.signal(inner, pid, from, reason, ExitVia::Explicit)
                }
            };
            let is_ready = before != Stage::Queued && inner.stage == Stage::Queued;
            (is_ready, enters)
        });
        match (steps, on) {
            (Some((true, enters)), EndsOn::AskersStack) => self.run_at_once(enters),
            (steps, _) => self.schedule_if(steps.map(|(_, enters)| enters)),
        }
        steps.is_some()
    }

    /// Runs a process that the caller has just made ready, if he may; else it is queued, unless it
    /// has an entry still (C2).
    fn run_at_once(self: &Arc<Self>, enters: bool) {
        let dispatch = &self.head.node.dispatch;
        #[cfg(feature = "chaos")]
        if rt::sim::is_active() && !enters {
            return; // Its entry has its turn, or is held.
        }
        let entry = if enters { Entry::Popped } else { Entry::Left };
        let ran = match dispatch.deeper().filter(|_| rt::proceed()) {
            Some(deeper) => {
                let run = || mailbox::aside(|| self.run(1, entry, deeper.beat));
                spans::outside(run)
            }
            None if enters => Ran::Again,
            None => Ran::Queued,
        };
        dispatch.go_on(ran, || self.clone());
    }
}
