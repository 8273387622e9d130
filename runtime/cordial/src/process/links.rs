//! Whom a process is linked to: a pure set. Both ends hold the other.
use super::Process;
use super::ties::Ties;
use crate::pid::Pid;
use std::sync::Arc;

#[derive(Default)]
pub(crate) struct Links(Ties<Pid, Link>);

/// The other end of a link.
pub(crate) struct Link {
    pub(crate) process: Arc<dyn Process>,
    /// It came after an exit signal that was already accepted: it is a link to the dead (PROC-23).
    pub(crate) late: bool,
}

impl Links {
    /// Linking twice is linking once (PROC-12).
    pub(crate) fn add(&mut self, peer: Pid, process: Arc<dyn Process>, late: bool) {
        self.0.add(peer, Link { process, late });
    }

    /// False: there was no such link (any more).
    pub(crate) fn remove(&mut self, peer: Pid) -> bool {
        self.0.remove(peer).is_some()
    }

    /// All, the parent last: it restarts, and by then everybody else has been told.
    pub(crate) fn drain(&mut self, parent: Option<Pid>, f: impl FnMut(Pid, Link)) {
        self.0.drain(parent, f);
    }
}

impl Links {
    pub(crate) fn peers(&self) -> Vec<Pid> {
        self.0.iter().map(|(peer, _)| peer).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
