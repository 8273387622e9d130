//! Pid → process. Sharded, so that threads that spawn rarely meet.
//!
//! A slot's generation only grows, so a pid is never given twice.
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
            shard.slots.push(Slot { generation: 0, process: None });
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
