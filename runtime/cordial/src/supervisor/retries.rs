//! When a failed restart is tried again: at once, by a message to oneself, or after a wait.
use super::backoff::Backoff;
use super::plan::ChildKey;
use super::server::{Server, SupervisorMsg};
use crate::mailbox::Mail;
use crate::process;
use crate::rt::time::{self, Instant};
use crate::timer::TimerKey;

/// The retries of a child that has a backoff.
pub(super) struct Retries {
    backoff: Backoff,
    /// Failed starts in a row.
    pub(super) failures: u32,
    /// When the next try is due.
    timer: Option<TimerKey>,
}

impl Retries {
    pub(super) const fn new(backoff: Backoff) -> Self {
        Self { backoff, failures: 0, timer: None }
    }
}

impl Server {
    /// S5. A timer dies with this incarnation of the supervisor, as its mail does.
    pub(super) fn retry_later(&mut self, key: ChildKey) {
        let retries = self.plan.child_mut(key).and_then(|child| child.retries.as_deref_mut());
        let Some(retries) = retries else {
            self.address.deliver(Mail::Own(Box::new(SupervisorMsg::Retry(key))));
            return;
        };
        retries.failures = retries.failures.saturating_add(1);
        let due = time::after(Instant::now(), retries.backoff.after(retries.failures));
        let (address, pid) = (self.address.clone(), self.me.pid);
        retries.timer = process::arm(&self.me, due, move || {
            address.0.deliver(pid, Mail::Own(Box::new(SupervisorMsg::Retry(key))));
        });
    }

    /// Somebody else starts the child, or nobody does.
    pub(super) fn cancel_retry(&mut self, key: ChildKey) {
        let retries = self.plan.child_mut(key).and_then(|child| child.retries.as_deref_mut());
        let Some(timer) = retries.and_then(|retries| retries.timer.take()) else { return };
        self.me.process.disown_timer(self.me.pid, timer);
        self.me.process.node().timers.cancel(timer);
    }
}
