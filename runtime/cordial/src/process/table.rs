//! Pid → process. Sharded, so that threads that spawn rarely meet; in pages, so that a process
//! costs its slot and no more.
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
const PAGE: usize = 128;

enum Slot {
    /// The generation of who lived here last.
    Free(u64),
    /// Who lives here knows his own generation.
    Taken(Arc<dyn Process>),
}

const _: () = assert!(size_of::<Slot>() == 16);

#[derive(Default)]
struct Shard {
    #[expect(clippy::vec_box, reason = "growing moves no page, and wastes none")]
    pages: Vec<Box<[Slot; PAGE]>>,
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
    fn slots(&self) -> usize {
        self.pages.len() * PAGE
    }

    fn slot(&mut self, index: usize) -> Option<&mut Slot> {
        self.pages.get_mut(index / PAGE).map(|page| &mut page[index % PAGE])
    }

    fn free_one(&mut self, index: usize) {
        self.free.push(u32::try_from(index).expect("a slot has 28 bits"));
    }

    /// One more page; its first slot is used next.
    #[cold]
    fn grow(&mut self) {
        let before = self.slots();
        self.pages.push(Box::new(std::array::from_fn(|_| Slot::Free(self.floor))));
        self.shed_at = self.slots() / 4;
        (before..self.slots()).rev().for_each(|index| self.free_one(index));
    }

    /// Each time half of the processes are gone, so it costs little for each.
    fn shed(&mut self) {
        if self.slots() <= SMALL || self.alive > self.shed_at {
            return;
        }
        self.shed_at = self.alive / 2;
        let is_taken = |slot: &Slot| matches!(slot, Slot::Taken(_));
        let last = self.pages.iter().rposition(|page| page.iter().any(is_taken));
        let kept = last.map_or(0, |last| last + 1);
        if kept > self.pages.len() / 2 {
            return;
        }
        let given_back = self.pages.drain(kept..).flat_map(|page| *page);
        let generations = given_back.map(|slot| match slot {
            Slot::Free(generation) => generation,
            Slot::Taken(_) => unreachable!("behind the last one that is taken"),
        });
        self.floor = generations.fold(self.floor, u64::max);
        self.pages.shrink_to(SMALL / PAGE);
        // The lowest is used next.
        let slots = self.slots();
        self.free.retain(|index| (*index as usize) < slots);
        self.free.sort_unstable_by(|a, b| b.cmp(a));
        self.free.shrink_to(SMALL);
    }
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
        if shard.free.is_empty() {
            shard.grow();
        }
        let index = shard.free.pop().expect("it has just grown") as usize;
        let slot = shard.slot(index).expect("what is free has its place");
        let Slot::Free(last) = *slot else { unreachable!("what is free is not taken") };
        *slot = Slot::Taken(process);
        shard.alive += 1;
        Pid::new(self.node, index * SHARDS + home, last + 1)
    }

    pub(crate) fn get(&self, pid: Pid) -> Option<Arc<dyn Process>> {
        let mut shard = self.shards[pid.slot() % SHARDS].lock();
        match shard.slot(pid.slot() / SHARDS)? {
            Slot::Taken(process) if process.pid() == Some(pid) => Some(process.clone()),
            _ => None,
        }
    }

    /// Called once for each pid that was given, by who was given it.
    pub(crate) fn remove(&self, pid: Pid) {
        let mut shard = self.shards[pid.slot() % SHARDS].lock();
        let index = pid.slot() / SHARDS;
        let slot = shard.slot(index).expect("what is taken has its place");
        let process = std::mem::replace(slot, Slot::Free(pid.generation()));
        shard.free_one(index);
        shard.alive -= 1;
        shard.shed();
        drop(shard);
        debug_assert!(matches!(process, Slot::Taken(_)), "a pid is removed once");
    }

    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().alive).sum()
    }

    pub(crate) fn all(&self) -> Vec<Arc<dyn Process>> {
        let mut all = Vec::new();
        for shard in &self.shards {
            let shard = shard.lock();
            all.extend(shard.pages.iter().flat_map(|page| page.iter()).filter_map(
                |slot| match slot {
                    Slot::Taken(process) => Some(process.clone()),
                    Slot::Free(_) => None,
                },
            ));
        }
        all
    }
}

/// Which shard this thread inserts into: derived from the address of a thread-local, so that
/// threads spread without a counter that all of them share.
fn home() -> usize {
    #[cfg(feature = "chaos")]
    if crate::rt::sim::is_active() {
        return 0;
    }
    thread_local!(static HOME: Cell<u8> = const { Cell::new(0) });
    HOME.with(|home| std::ptr::from_ref(home).addr().wrapping_mul(0x9E37_79B9) >> 20) % SHARDS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{Node, RawRef};
    use std::collections::HashSet;
    use std::sync::atomic::Ordering::Relaxed;

    #[test]
    fn pid_is_never_given_twice_though_memory_goes_back() {
        let node = Node::absent();
        let (table, mut seen) = (Table::new(0), HashSet::new());
        let begin = || {
            let address = RawRef::<()>::unborn(&node);
            let pid = table.insert(address.process());
            address.0.head.pid.store(pid.bits(), Relaxed);
            pid
        };
        let first = begin();
        for _ in 0..3 {
            let pids: Vec<Pid> = (0..3 * SMALL).map(|_| begin()).collect();
            assert!(pids.iter().all(|pid| table.get(*pid).is_some() && seen.insert(*pid)));
            for pid in pids {
                table.remove(pid);
                assert!(table.get(pid).is_none());
            }
            assert_eq!(table.len(), 1);
            let slots: usize = table.shards.iter().map(|shard| shard.lock().slots()).sum();
            assert!(slots <= SMALL, "{slots} slots for one process");
        }
        assert!(table.get(first).is_some());
    }
}
