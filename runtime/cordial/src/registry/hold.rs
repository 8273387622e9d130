//! The process's side of a registry: which entries it has there.
use super::entry::{Entry, Record};
use super::store::Store;
use super::{Registry, RegistryError, told};
use crate::process::held::{Hold, of_kind, take_kind};
use crate::process::{Found, Ties};
use crate::rt::sync::atomic::AtomicBool;
use crate::rt::time::Instant;
use std::sync::Arc;

/// The entries of one process in one registry.
pub(super) struct HoldOf<R: Registry> {
    store: Arc<Store<R>>,
    entries: Ties<u64, Arc<Record<R>>>,
}

impl<R: Registry> HoldOf<R> {
    pub(super) fn of(store: Arc<Store<R>>, record: Arc<Record<R>>) -> Self {
        let mut entries = Ties::default();
        entries.add(record.number, record);
        Self { store, entries }
    }
}

impl<R: Registry> Hold for HoldOf<R> {
    fn release(mut self: Box<Self>) {
        let mut records = Vec::new();
        self.entries.drain(None, |_, record| records.push(record));
        records.sort_unstable_by_key(|record| record.number);
        for record in records {
            #[cfg(feature = "chaos")]
            crate::rt::sim::point();
            self.store.remove(&record);
            told::gone(self.store.keeper.process.node(), &record, true);
            R::gone(&Entry(record));
        }
    }
}

pub(super) fn record<R: Registry>(
    who: &Found,
    key: R::Key,
    (member, value): (R::Member, R::Value),
) -> Arc<Record<R>> {
    // No other entry has it, be it of a registry that has ended: who was there is told apart.
    let (since, number) = (Instant::now(), who.process.node().next_ref().0.get());
    let gone = AtomicBool::new(false);
    Arc::new(Record { key, member, value, pid: who.pid, since, number, gone })
}

/// Registers a living process. The key side first: whoever has the entry holds it, too.
pub(super) fn enter<R: Registry>(
    store: &Arc<Store<R>>,
    who: &Found,
    record: &Arc<Record<R>>,
) -> Result<(), RegistryError> {
    store.insert(record).map_err(|owner| taken(&owner))?;
    #[cfg(feature = "chaos")]
    crate::rt::sim::point();
    let mut is_first = false;
    let mut replaced = None;
    let lives = who.process.held(who.pid, &mut |held| {
        match of_kind::<HoldOf<R>>(held) {
            Some(hold) if Arc::ptr_eq(&hold.store, store) => {
                hold.entries.add(record.number, record.clone());
            }
            _ => {
                // Of a registry that has ended, and of which nothing is left.
                replaced = take_kind::<HoldOf<R>>(held);
                held.push(Box::new(HoldOf::of(store.clone(), record.clone())));
                is_first = true;
            }
        };
    });
    if !lives {
        store.remove(record);
        return Err(RegistryError::NoProcess { registry: R::NAME });
    }
    if (is_first && R::TIES && !tie(store, who)) || store.is_closed() {
        take_out::<R>(who, |other| other.number == record.number);
        return Err(RegistryError::NotRunning { registry: R::NAME });
    }
    told::registered(store.keeper.process.node(), record);
    Ok(())
}

pub(super) fn taken<R: Registry>(owner: &Record<R>) -> RegistryError {
    let held_for = owner.since.elapsed();
    RegistryError::Taken { registry: R::NAME, pid: owner.pid, held_for }
}

/// REG-21. False: the registry has ended.
fn tie<R: Registry>(store: &Store<R>, who: &Found) -> bool {
    let keeper = &store.keeper;
    who.process.add_link(who.pid, keeper.pid, keeper.process.clone());
    if keeper.process.add_link(keeper.pid, who.pid, who.process.clone()) {
        return true;
    }
    who.process.remove_link(who.pid, keeper.pid);
    false
}

fn untie<R: Registry>(store: &Store<R>, who: &Found) {
    let keeper = &store.keeper;
    who.process.remove_link(who.pid, keeper.pid);
    keeper.process.remove_link(keeper.pid, who.pid);
}

/// What a process has, the oldest first; what it had in a registry that has ended is nothing.
pub(super) fn entries_of<R: Registry>(who: &Found) -> Vec<Arc<Record<R>>> {
    let mut entries = Vec::new();
    who.process.held(who.pid, &mut |held| {
        if let Some(hold) = of_kind::<HoldOf<R>>(held).filter(|hold| !hold.store.is_closed()) {
            entries.extend(hold.entries.iter().map(|(_, record)| record.clone()));
        }
    });
    entries.sort_unstable_by_key(|record| record.number);
    entries
}

/// Takes away those of the process's own entries that `pick` picks, and gives them.
pub(super) fn take_out<R: Registry>(
    who: &Found,
    pick: impl Fn(&Record<R>) -> bool,
) -> Vec<Arc<Record<R>>> {
    let mut picked = entries_of::<R>(who);
    picked.retain(|record| pick(record));
    let (mut store, mut is_last) = (None, false);
    who.process.held(who.pid, &mut |held| {
        let Some(hold) = of_kind::<HoldOf<R>>(held) else { return };
        // Whoever takes it from here takes it away from the registry.
        picked.retain(|record| hold.entries.remove(record.number).is_some());
        store = Some(hold.store.clone());
        is_last = hold.entries.is_empty();
        if is_last {
            take_kind::<HoldOf<R>>(held);
        }
    });
    let Some(store) = store else { return Vec::new() };
    for record in &picked {
        #[cfg(feature = "chaos")]
        crate::rt::sim::point();
        store.remove(record);
        R::gone(&Entry(record.clone()));
    }
    if is_last && R::TIES {
        untie(&store, who);
    }
    picked
}

/// REG-10: the same entry with another value, on both sides.
pub(super) fn replace<R: Registry>(store: &Store<R>, who: &Found, record: &Arc<Record<R>>) {
    let mut before = None;
    who.process.held(who.pid, &mut |held| {
        if let Some(place) =
            of_kind::<HoldOf<R>>(held).and_then(|hold| hold.entries.get_mut(record.number))
        {
            before = Some(std::mem::replace(place, record.clone()));
        }
    });
    if before.is_some() {
        store.replace(record.clone());
    }
}
