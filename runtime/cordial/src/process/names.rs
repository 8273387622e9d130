//! Local names: one living process each, and each process one name at most.
use super::key_hash::KeyHashes;
use super::{Node, Process};
use crate::error::Holder;
use crate::pid::Pid;
#[cfg(feature = "chaos")]
use crate::rt::sim;
use crate::rt::sync::Lock;
use crate::rt::time::Instant;
use crate::telemetry::events::{EntryRegistered, EntryUnregistered, KeyTaken};
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

    /// By (name, pid): a successor's name is never taken away. Gives since when it was held.
    pub(crate) fn free(&self, name: &str, pid: Pid) -> Option<Instant> {
        let mut names = self.0.lock();
        let since = names.get(name).filter(|owner| owner.pid == pid)?.since;
        #[cfg(feature = "chaos")]
        sim::note(|| sim::Event::Unnamed { pid, name: name.into() });
        let gone = names.remove(name);
        drop(names);
        drop(gone);
        Some(since)
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

/// How names are called where the registries' entries are told of.
const NAMES: &str = "names";

impl Node {
    /// A process has this name now.
    #[inline]
    pub(crate) fn tell_named(&self, name: &str, pid: Pid) {
        self.telemetry.emit(|| EntryRegistered { registry: NAMES, key: name.to_owned(), pid });
    }

    #[inline]
    pub(crate) fn tell_name_taken(&self, name: &str, pid: Pid, holder: &Holder) {
        self.telemetry.emit(|| {
            let held_for = holder.held_for().unwrap_or_default();
            let (key, holder) = (name.to_owned(), holder.pid());
            KeyTaken { registry: NAMES, key, pid, holder, held_for }
        });
    }

    /// Takes a process's name away, if it has it, and tells why.
    pub(crate) fn free_name(&self, name: &str, pid: Pid, process_ended: bool) -> bool {
        let Some(since) = self.names.free(name, pid) else { return false };
        self.telemetry.emit(|| {
            let (key, held_for) = (name.to_owned(), since.elapsed());
            EntryUnregistered { registry: NAMES, key, pid, held_for, process_ended }
        });
        true
    }
}
