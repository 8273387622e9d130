//! Pid → process. Sharded, so that threads that spawn rarely meet.
//!
//! A slot's generation only grows, so a pid is never given twice. A shard that had many processes
//! and has few gives the memory of its last slots back; should it grow again, their generations
//! go on above the highest that was.
use super::Process;
use crate::pid::Pid;
use crate::rt::sync::Lock;
use std::cell::Cell;
use std::sync::Arc;

const SHARDS: usize = 16;

#[derive(Default)]
struct Shard {
    slots: Vec<Slot>,
    free: Vec<u32>,
    alive: usize,
    /// As few processes as this, and the slots behind the last of them are given back.
    shed_at: usize,
    /// No generation that was given back is above it.
    floor: u64,
}

/// A shard of so many slots keeps them.
const SMALL: usize = 4_096;

impl Shard {
    fn grow(&mut self) {
        self.slots.push(Slot { generation: self.floor, process: None });
        self.shed_at = self.slots.len() / 4;
    }

    /// Each time half of the processes are gone, so it costs little for each.
    fn shed(&mut self) {
        if self.slots.len() <= SMALL || self.alive > self.shed_at {
            return;
        }
        self.shed_at = self.alive / 2;
        let last = self.slots.iter().rposition(|slot| slot.process.is_some());
        let kept = last.map_or(0, |last| last + 1);
        if kept > self.slots.len() / 2 {
            return;
        }
        let highest = self.slots[kept..].iter().map(|slot| slot.generation).max();
        self.floor = self.floor.max(highest.unwrap_or(0));
        self.slots.truncate(kept);
        self.slots.shrink_to(SMALL);
        // The lowest is used next.
        self.free.retain(|index| (*index as usize) < kept);
        self.free.sort_unstable_by(|a, b| b.cmp(a));
        self.free.shrink_to(SMALL);
    }
}

struct Slot {
    generation: u64,
    process: Option<Arc<dyn Process>>,
}

pub(crate) struct Table {
    node: u32,
    shards: [Lock<Shard>; SHARDS],
}

impl Table {
    pub(crate) fn new(node: u32) -> Self {
        Self { node, shards: std::array::from_fn(|_| Lock::default()) }
    }

    pub(crate) fn insert(&self, process: Arc<dyn Process>) -> Pid {
        let home = home();
        let shard = &mut *self.shards[home].lock();
        let index = shard.free.pop().map_or(shard.slots.len(), |index| index as usize);
        if index == shard.slots.len() {
            shard.grow();
        }
        let slot = &mut shard.slots[index];
        slot.generation += 1;
        slot.process = Some(process);
        shard.alive += 1;
        Pid::new(self.node, index * SHARDS + home, slot.generation)
    }

    pub(crate) fn get(&self, pid: Pid) -> Option<Arc<dyn Process>> {
        let shard = self.shards[pid.slot() % SHARDS].lock();
        let slot = shard.slots.get(pid.slot() / SHARDS)?;
        if slot.generation == pid.generation() { slot.process.clone() } else { None }
    }

    pub(crate) fn remove(&self, pid: Pid) -> Option<Arc<dyn Process>> {
        let shard = &mut *self.shards[pid.slot() % SHARDS].lock();
        let index = pid.slot() / SHARDS;
        let slot = shard.slots.get_mut(index)?;
        if slot.generation != pid.generation() {
            return None;
        }
        let process = slot.process.take()?;
        shard.free.push(u32::try_from(index).expect("a slot has 28 bits"));
        shard.alive -= 1;
        shard.shed();
        Some(process)
    }

    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().alive).sum()
    }

    pub(crate) fn all(&self) -> Vec<Arc<dyn Process>> {
        let mut all = Vec::new();
        for shard in &self.shards {
            all.extend(shard.lock().slots.iter().filter_map(|slot| slot.process.clone()));
        }
        all
    }
}

/// Which shard this thread inserts into: derived from the address of a thread-local, so that
/// threads spread without a counter that all of them share.
fn home() -> usize {
    thread_local!(static HOME: Cell<u8> = const { Cell::new(0) });
    HOME.with(|home| std::ptr::from_ref(home).addr().wrapping_mul(0x9E37_79B9) >> 20) % SHARDS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{Node, RawRef};
    use std::collections::HashSet;

    #[test]
    fn pid_is_never_given_twice_though_memory_goes_back() {
        let process = RawRef::<()>::unborn(&Node::absent()).process();
        let (table, mut seen) = (Table::new(0), HashSet::new());
        let first = table.insert(process.clone());
        for _ in 0..3 {
            let pids: Vec<Pid> = (0..3 * SMALL).map(|_| table.insert(process.clone())).collect();
            assert!(pids.iter().all(|pid| table.get(*pid).is_some() && seen.insert(*pid)));
            for pid in pids {
                assert!(table.remove(pid).is_some());
                assert!(table.remove(pid).is_none() && table.get(pid).is_none());
            }
            assert_eq!(table.len(), 1);
            let slots: usize = table.shards.iter().map(|shard| shard.lock().slots.len()).sum();
            assert!(slots <= SMALL, "{slots} slots for one process");
        }
        assert!(table.get(first).is_some());
    }
}
