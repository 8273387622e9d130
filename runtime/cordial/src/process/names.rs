//! Local names: one living process each, and each process one name at most.
use super::Process;
use super::key_hash::KeyHashes;
use crate::error::Holder;
use crate::pid::Pid;
#[cfg(feature = "chaos")]
use crate::rt::sim;
use crate::rt::sync::Lock;
use crate::rt::time::Instant;
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Default)]
pub(crate) struct Names(Lock<HashMap<Arc<str>, Owner, KeyHashes>>);

#[derive(Clone)]
struct Owner {
    pid: Pid,
    since: Instant,
    process: Arc<dyn Process>,
}

impl Names {
    /// `Err`: who has it.
    pub(crate) fn take(
        &self,
        name: Arc<str>,
        pid: Pid,
        process: Arc<dyn Process>,
    ) -> Result<(), Holder> {
        let mut names = self.0.lock();
        if let Some(owner) = names.get(&name) {
            return Err(Holder::of_name(owner.pid, owner.since.elapsed()));
        }
        #[cfg(feature = "chaos")]
        sim::note(|| sim::Event::Named { pid, name: name.clone() });
        names.insert(name, Owner { pid, since: Instant::now(), process });
        Ok(())
    }

    /// By (name, pid): a successor's name is never taken away.
    pub(crate) fn free(&self, name: &str, pid: Pid) -> bool {
        let mut names = self.0.lock();
        if names.get(name).is_none_or(|owner| owner.pid != pid) {
            return false;
        }
        #[cfg(feature = "chaos")]
        sim::note(|| sim::Event::Unnamed { pid, name: name.into() });
        let gone = names.remove(name);
        drop(names);
        drop(gone);
        true
    }

    /// Who has it. One that is about to begin has it already, but is not found before it can be
    /// reached.
    pub(crate) fn find(&self, name: &str) -> Option<(Pid, Arc<dyn Process>)> {
        let Owner { pid, process, .. } = self.0.lock().get(name)?.clone();
        (process.pid() == Some(pid)).then_some((pid, process))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.lock().len()
    }
}
