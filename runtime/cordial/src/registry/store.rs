//! Where the entries of one registry lie on one node: by their keys, and read without waiting.
use super::entry::Record;
use super::gate::Gate;
use super::key::Asked;
use super::log::{Left, Log, Mortal};
use super::{AsKey, Keys, Registry, told};
use crate::pid::Pid;
use crate::process::key_hash::KeyHashes;
use crate::process::{Found, Node};
use crate::rt::sync::atomic::{AtomicBool, AtomicUsize};
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};
use std::sync::Arc;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};

type ByKey<R> = papaya::HashMap<<R as Registry>::Key, Slot<R>, KeyHashes>;

/// What lies at one key.
enum Slot<R: Registry> {
    One(Arc<Record<R>>),
    Many(Arc<Log<Record<R>>>),
}

pub(super) struct Store<R: Registry> {
    /// The process that lives as long as this does.
    pub(super) keeper: Found,
    parts: Box<[ByKey<R>]>,
    /// Which part a key belongs to, where there are several; the same in every run.
    by_hash: BuildHasherDefault<DefaultHasher>,
    entries: AtomicUsize,
    closed: AtomicBool,
    pub(super) meta: papaya::HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
    pub(super) gates: papaya::HashMap<R::Key, Arc<Gate>>,
}

/// `f` with the store of the node where this runs; `None` if the registry does not run there.
#[inline]
pub(super) fn with<R: Registry, T>(f: impl FnOnce(&Store<R>) -> T) -> Option<T> {
    #[cfg(feature = "chaos")]
    let _still = crate::rt::sim::step("read", R::NAME);
    Node::current()?.services.with(f)
}

/// The same, to keep.
pub(super) fn get<R: Registry>() -> Option<Arc<Store<R>>> {
    #[cfg(feature = "chaos")]
    drop(crate::rt::sim::step("write", R::NAME));
    Node::current()?.services.get()
}

impl<R: Registry> Store<R> {
    pub(super) fn new(keeper: Found) -> Self {
        let parts = std::iter::repeat_with(papaya::HashMap::default).take(R::PARTITIONS.max(1));
        Self {
            keeper,
            parts: parts.collect(),
            by_hash: Default::default(),
            entries: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
            meta: papaya::HashMap::new(),
            gates: papaya::HashMap::new(),
        }
    }

    /// Its keeper has ended.
    pub(super) fn close(&self) {
        self.closed.store(true, SeqCst);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(SeqCst)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.load(Relaxed)
    }

    pub(super) fn partitions(&self) -> usize {
        self.parts.len()
    }

    /// REG-22: a unique key has one place; entries of others lie by their processes.
    fn part<Q: Hash + ?Sized>(&self, key: &Q, pid: Option<Pid>) -> &ByKey<R> {
        let count = self.parts.len();
        if count == 1 {
            return &self.parts[0];
        }
        let hash = match pid {
            // Not by its node, which is another one in each history of a simulation.
            Some(pid) if R::KEYS == Keys::Duplicate => self.by_hash.hash_one(pid.bits()),
            _ => self.by_hash.hash_one(key),
        };
        &self.parts[usize::try_from(hash % count as u64).expect("less than a count")]
    }

    // ----- writing -----

    /// `Err`: who has the key.
    pub(super) fn insert(&self, record: &Arc<Record<R>>) -> Result<(), Arc<Record<R>>> {
        match R::KEYS {
            Keys::Unique => self.insert_only(record).inspect_err(|owner| {
                told::taken(self.keeper.process.node(), record, owner);
            })?,
            Keys::Duplicate => self.insert_among(record),
        }
        self.entries.fetch_add(1, Relaxed);
        Ok(())
    }

    /// REG-1, REG-2: the map decides.
    fn insert_only(&self, record: &Arc<Record<R>>) -> Result<(), Arc<Record<R>>> {
        let part = self.part(&record.key, None).pin();
        match part.try_insert(record.key.clone(), Slot::One(record.clone())) {
            Ok(_) => Ok(()),
            Err(taken) => match taken.current {
                Slot::One(owner) => Err(owner.clone()),
                Slot::Many(_) => unreachable!("a unique key has one entry"),
            },
        }
    }

    fn insert_among(&self, record: &Arc<Record<R>>) {
        let part = self.part(&record.key, Some(record.pid)).pin();
        loop {
            let slot = match part.get(&record.key) {
                Some(slot) => slot,
                None => {
                    part.get_or_insert_with(record.key.clone(), || Slot::Many(Arc::new(Log::new())))
                }
            };
            let Slot::Many(log) = slot else { unreachable!("a key has a log") };
            match log.push(record) {
                Ok(()) => return,
                Err(closed) => forget(&part, &record.key, &closed),
            }
        }
    }

    /// The entry has gone; what lies at the key if it is another is untouched.
    pub(super) fn remove(&self, record: &Arc<Record<R>>) {
        match R::KEYS {
            Keys::Unique => self.remove_only(record),
            Keys::Duplicate => self.remove_among(record),
        }
    }

    fn remove_only(&self, record: &Arc<Record<R>>) {
        let is_it = |_: &R::Key, slot: &Slot<R>| match slot {
            Slot::One(there) => there.number == record.number,
            Slot::Many(_) => false,
        };
        let part = self.part(&record.key, None).pin();
        if matches!(part.remove_if(&record.key, is_it), Ok(Some(_))) {
            self.entries.fetch_sub(1, Relaxed);
        }
        record.go();
    }

    fn remove_among(&self, record: &Arc<Record<R>>) {
        let part = self.part(&record.key, Some(record.pid)).pin();
        let Some(Slot::Many(log)) = part.get(&record.key) else { return };
        if record.has_gone() {
            return;
        }
        let left = log.leave(record);
        self.entries.fetch_sub(1, Relaxed);
        match left {
            Left::Some => {}
            Left::Nothing(closed) => forget(&part, &record.key, &closed),
            Left::Moved(from, to) => {
                part.compute(record.key.clone(), |there| match there {
                    Some((_, Slot::Many(log))) if Arc::ptr_eq(log, &from) => {
                        papaya::Operation::Insert(Slot::Many(to.clone()))
                    }
                    _ => papaya::Operation::Abort(()),
                });
            }
        }
    }

    /// REG-10: the same entry with another value. Only its process does this, and takes it away.
    pub(super) fn replace(&self, record: Arc<Record<R>>) {
        let part = self.part(&record.key, None).pin();
        part.insert(record.key.clone(), Slot::One(record));
    }

    // ----- reading -----

    #[inline]
    pub(super) fn only<Q, T>(&self, key: &Q, f: impl FnOnce(&Arc<Record<R>>) -> T) -> Option<T>
    where
        Q: AsKey<R::Key> + ?Sized,
    {
        match self.part(key, None).pin().get(&Asked(key))? {
            Slot::One(record) => Some(f(record)),
            Slot::Many(_) => None,
        }
    }

    /// The entries of a key, in the order in which they came: one list per part that has any.
    pub(super) fn by_part<Q>(&self, key: &Q) -> Vec<Vec<Arc<Record<R>>>>
    where
        Q: AsKey<R::Key> + ?Sized,
    {
        if R::KEYS == Keys::Unique {
            return self.only(key, |record| vec![record.clone()]).into_iter().collect();
        }
        let logs = self.logs(key).into_iter();
        let lists = logs.map(|log| {
            let mut list = Vec::new();
            log.each(|record| list.push(record.clone()));
            list
        });
        lists.filter(|list| !list.is_empty()).collect()
    }

    pub(super) fn logs<Q>(&self, key: &Q) -> Vec<Arc<Log<Record<R>>>>
    where
        Q: AsKey<R::Key> + ?Sized,
    {
        let logs = self.parts.iter().filter_map(|part| match part.pin().get(&Asked(key))? {
            Slot::Many(log) => Some(log.clone()),
            Slot::One(_) => None,
        });
        logs.collect()
    }

    /// All entries, in no order of keys.
    pub(super) fn all(&self) -> Vec<Arc<Record<R>>> {
        let mut all = Vec::with_capacity(self.len());
        for part in &self.parts {
            for slot in part.pin().values() {
                match slot {
                    Slot::One(record) => all.push(record.clone()),
                    Slot::Many(log) => log.each(|record| all.push(record.clone())),
                }
            }
        }
        all
    }

    /// How many keys have a place: as many as have entries, unless one has just gone.
    pub(super) fn keys(&self) -> Vec<R::Key> {
        let mut keys = HashMap::<_, _, KeyHashes>::default();
        for part in &self.parts {
            keys.extend(part.pin().keys().map(|key| (key.clone(), ())));
        }
        keys.into_keys().collect()
    }
}

/// L4: the log, or one that has moved there, is not found any more.
fn forget<R: Registry>(
    part: &papaya::HashMapRef<'_, R::Key, Slot<R>, KeyHashes, papaya::LocalGuard<'_>>,
    key: &R::Key,
    closed: &Arc<Log<Record<R>>>,
) {
    let leads_there = |_: &R::Key, slot: &Slot<R>| match slot {
        Slot::Many(log) => Arc::ptr_eq(log.latest(), closed),
        Slot::One(_) => false,
    };
    let _ = part.remove_if(key, leads_there);
}
