//! What a predicate may look at.
use super::engine::Engine;
use crate::pid::Pid;
use crate::process::{Node, Process};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// All that lives in a simulation, as it is between two turns.
///
/// # Examples
/// See [`Chaos::always`](super::Chaos::always).
pub struct World<'a> {
    engine: &'a Engine,
    node: Arc<Node>,
}

/// A name, and who has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Name {
    /// The name itself.
    pub name: Arc<str>,
    owners: Vec<Pid>,
}

impl Name {
    /// How many living processes say that it is theirs.
    pub fn owners(&self) -> usize {
        self.owners.len()
    }
}

impl<'a> World<'a> {
    pub(super) fn new(engine: &'a Engine, node: Arc<Node>) -> Self {
        Self { engine, node }
    }

    /// How many processes of this name live: registered, of a supervisor, or the type's.
    pub fn alive(&self, name: &str) -> usize {
        let is_called = |pid| self.engine.people(|people| people.is_called(pid, name));
        self.living().into_iter().filter(|(pid, _)| is_called(*pid)).count()
    }

    /// How many processes live.
    pub fn processes(&self) -> usize {
        self.node.processes()
    }

    /// All registered names, in the order of the alphabet.
    pub fn names(&self) -> impl Iterator<Item = Name> {
        let mut owners: BTreeMap<Arc<str>, Vec<Pid>> = BTreeMap::new();
        for (pid, process) in self.living() {
            if let Some(name) = process.name() {
                owners.entry(name).or_default().push(pid);
            }
        }
        owners.into_iter().map(|(name, owners)| Name { name, owners })
    }

    /// Processes with nothing to do whose parent is gone, and that were not told to end.
    pub fn orphans(&self) -> Vec<Pid> {
        let is_orphan = |(pid, process): &(Pid, Arc<dyn Process>)| {
            let has_lost = process.parent(*pid).is_some_and(|up| self.node.table.get(up).is_none());
            has_lost && !process.is_busy() && process.is_doomed(*pid) == Some(false)
        };
        self.living().into_iter().filter(is_orphan).map(|(pid, _)| pid).collect()
    }

    /// Time on the simulation's clock since its beginning.
    pub fn elapsed(&self) -> Duration {
        self.engine.elapsed()
    }

    fn living(&self) -> Vec<(Pid, Arc<dyn Process>)> {
        let all = self.node.table.all().into_iter();
        all.filter_map(|process| Some((process.pid()?, process))).collect()
    }
}

impl std::fmt::Debug for World<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "World({} processes)", self.processes())
    }
}
