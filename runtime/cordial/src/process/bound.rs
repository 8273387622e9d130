//! How long something is waited for, and what wakes who waits when that is over.
use super::Node;
use super::wait;
use crate::mailbox::Owed;
use crate::rt::pulse::Moment;
use crate::rt::time::{self, Instant};
use crate::timer::TimerKey;
use std::sync::Arc;
use std::task::Context;
use std::time::Duration;

/// How long an answer is waited for unless somebody says otherwise.
pub(crate) const DEFAULT_LIMIT: Duration = Duration::from_secs(5);

/// From here on a limit is first looked at a little early: then no clock is asked before.
const ROUGH: Duration = Duration::from_millis(500);

/// The bound of one wait. No clock is asked and no timer set before somebody really waits.
///
/// Who has it [releases](Self::release) it when the wait is over.
pub(crate) struct Bound {
    began: Moment,
    /// `None`: it takes as long as it takes.
    pub(crate) limit: Option<Duration>,
    timer: Option<TimerKey>,
}

/// The limit is over, which was this long.
pub(crate) struct Late(pub(crate) Duration);

impl Bound {
    /// It counts from now on.
    #[inline]
    pub(crate) fn new(node: &Node, limit: Option<Duration>) -> Self {
        Self { began: node.dispatch.pulse().moment(), limit, timer: None }
    }

    /// When it is over.
    pub(crate) fn due(&mut self, node: &Node) -> Option<Instant> {
        self.limit.map(|limit| self.due_after(limit, node))
    }

    fn due_after(&mut self, limit: Duration, node: &Node) -> Instant {
        let began = node.dispatch.pulse().latest(self.began);
        self.began = Moment::At(began);
        time::after(began, limit)
    }

    /// What is waited for is not there: who waits is polled again when the limit is over, if not
    /// before, by a timer that nudges `waits`, or, in a process, by the process's bell, which is to
    /// ring at the time that is given back.
    #[inline]
    pub(crate) fn see_to(
        &mut self,
        node: &Node,
        cx: &Context<'_>,
        waits: impl FnOnce() -> Arc<dyn Owed>,
    ) -> Result<Option<Instant>, Late> {
        let Some(limit) = self.limit else { return Ok(None) };
        let bell = if self.timer.is_none() { wait::bell(cx) } else { None };
        let is_first = self.timer.is_none() && bell != Some(true) && !limit.is_zero();
        let due = if is_first && limit >= ROUGH {
            time::after(node.dispatch.pulse().earliest(self.began), limit)
        } else {
            self.due_after(limit, node)
        };
        if !is_first && Instant::now() >= due {
            return Err(Late(limit));
        }
        if bell.is_none() && self.timer.is_none_or(|timer| !node.timers.is_armed(timer)) {
            self.timer = Some(node.timers.arm_nudge(due, waits()));
        }
        Ok(bell.map(|_| due))
    }

    /// Nobody waits any more.
    #[inline]
    pub(crate) fn release<'a>(&mut self, node: impl FnOnce() -> &'a Arc<Node>) {
        if let Some(key) = self.timer.take() {
            node().timers.cancel_nudge(key);
        }
    }
}
