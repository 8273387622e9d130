//! What is told of a process that keeps its worker: once while it does, and once when it is over.
//!
//! The watch (`rt/watch.rs`) sees that a turn stands still and raises the process's signal; the
//! process looks at that before its next message, as at any other signal (C4).
use super::Process;
use super::cell::{Cell, Message, Stage};
use super::node::Node;
use super::panics;
use super::run::Turn;
use crate::pid::Pid;
use crate::rt::watch::Lasting;
use crate::telemetry::events;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

/// On the thread of the watch.
pub(crate) fn look_into(node: &Node, pid: u64, lasting: Lasting) {
    let Some(pid) = Pid::from_bits(node.number(), pid) else { return };
    let Some(process) = node.table.get(pid) else { return };
    if process.lasts(pid, lasting)
        && let Lasting::Slow(since) = lasting
    {
        let slow = Slow { server: &process.server(), pid, took: since.elapsed() };
        slow.emit(node, None);
        let _ = panics::contain(|| slow.goes_on()); // The user's subscriber.
    }
}

impl<M: Message> Cell<M> {
    /// From here to the end of what it does the process is the watch's business.
    pub(super) fn note_lasting(&self, pid: Pid, lasting: Lasting) -> bool {
        let noted = self.alive(pid, |inner| {
            let was_raised = self.head.signal.load(Relaxed);
            match lasting {
                _ if inner.stage != Stage::Running => return false,
                Lasting::Suspect => {}
                Lasting::Slow(_) if !was_raised => return false, // It has shown itself.
                Lasting::Slow(since) => inner.ext().rare().slow_since = Some(since),
            }
            self.head.signal.store(true, Relaxed);
            true
        });
        noted.unwrap_or(false)
    }

    /// What it does from now on is timed anew; what was slow is over.
    #[cold]
    pub(super) fn show_itself(&self, turn: &Turn<'_, M>, last_message: Option<&'static str>) {
        let Some(pid) = self.head.pid() else { return };
        turn.beat.begin(pid.bits());
        let since = self.inner.lock().rare().and_then(|rare| rare.slow_since.take());
        if let Some(since) = since {
            let slow = Slow { server: &self.server(), pid, took: since.elapsed() };
            slow.emit(&self.head.node, Some(last_message));
            let _ = panics::contain(|| slow.is_over(last_message));
        }
    }
}

/// One report.
struct Slow<'a> {
    server: &'a Arc<str>,
    pid: Pid,
    took: Duration,
}

impl Slow<'_> {
    /// `over`: with the kind of what it handled, where that is known.
    fn emit(&self, node: &Node, over: Option<Option<&'static str>>) {
        node.telemetry.emit(|| events::SlowHandler {
            pid: self.pid,
            server: self.server.clone(),
            took: self.took,
            is_over: over.is_some(),
            last_message: over.flatten(),
        });
    }

    #[cfg(feature = "tracing")]
    fn goes_on(&self) {
        let Self { server, pid, took } = self;
        let millis = self.millis();
        tracing::warn!(
            target: "cordial::slow_handler",
            server = &***server, pid = %pid, millis, is_over = false,
            "`{server}` {pid} has kept its worker for {took:.0?} and goes on"
        );
    }

    #[cfg(feature = "tracing")]
    fn is_over(&self, last_message: Option<&'static str>) {
        let Self { server, pid, took } = self;
        let (millis, kind) = (self.millis(), last_message.unwrap_or("none"));
        tracing::warn!(
            target: "cordial::slow_handler",
            server = &***server, pid = %pid, millis, is_over = true, last_message = kind,
            "`{server}` {pid} kept its worker for {took:.0?}; last message: {kind}"
        );
    }

    #[cfg(feature = "tracing")]
    fn millis(&self) -> u64 {
        u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX)
    }

    #[cfg(not(feature = "tracing"))]
    fn goes_on(&self) {
        let _ = (self.server, self.pid, self.took);
    }

    #[cfg(not(feature = "tracing"))]
    fn is_over(&self, _: Option<&'static str>) {
        self.goes_on();
    }
}
