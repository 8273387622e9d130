//! Where the rows of a set or a bag lie: a map whose readers never wait.
//!
//! # Several rows at once
//! Writers take turns (the table's book), readers ask nobody. Rows that change together are first
//! put beside what was there, all with one flag; the flag is set, and from then on every reader
//! sees what comes after; then what was there is let go. So who sees one of them changed sees all
//! of them changed, and nobody waits.
use super::kind::Datum;
use crate::process::key_hash::KeyHashes;
use papaya::{HashMap, LocalGuard};
use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Acquire, Ordering::Release};

/// What lies under one key, with what the table has to know of it.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct Row<R> {
    pub(super) value: R,
    /// Which write of the table it came with.
    pub(super) written: u64,
    /// Microseconds of the table's life; `u64::MAX`: never.
    pub(super) expires: u64,
}

/// Keeps what writers let go of until they hold no lock any more.
#[doc(hidden)]
pub trait Store<K, R>: Default + Send + Sync + 'static {
    /// What is dropped last.
    type Hold<'a>
    where
        Self: 'a;
    fn hold(&self) -> Self::Hold<'_>;
    /// Which gate a writer goes through; what lies in one place needs no more than one.
    fn hash(&self, key: &K) -> u64;
    fn look<O>(&self, key: &K, hold: &Self::Hold<'_>, look: impl FnOnce(Option<&Row<R>>) -> O)
    -> O;
    /// In the place of what lies there, which keeps its key.
    fn renew(&self, key: &K, row: Row<R>, hold: &Self::Hold<'_>);
    fn put(&self, key: K, row: Row<R>, hold: &Self::Hold<'_>);
    fn remove(&self, key: &K, hold: &Self::Hold<'_>);
    /// At once; of two changes of one key the later one counts.
    fn apply(&self, changes: Vec<(K, Option<Row<R>>)>, hold: &Self::Hold<'_>);
    fn clear(&self, hold: &Self::Hold<'_>);
    fn count(&self) -> usize;
    /// Each row that stays meanwhile once, others at most once.
    fn walk(&self, visit: &mut dyn FnMut(&K, &Row<R>) -> ControlFlow<()>);
    /// Where a selection by chunks begins.
    fn cursor(&self) -> Cursor<K>;
    /// The next rows, about so many; none: it is over.
    fn advance(&self, from: Cursor<K>, most: usize) -> (Taken<K, R>, Cursor<K>);
}

/// Rows that were taken out to be looked at.
#[doc(hidden)]
pub type Taken<K, R> = Vec<(K, Arc<Row<R>>)>;

/// Where a selection goes on.
#[doc(hidden)]
#[derive(Debug)]
pub enum Cursor<K> {
    /// An ordered set: behind this key.
    Behind(Option<K>),
    /// The keys that are left, the next one last.
    Keys(Vec<K>),
}

/// Look-ups by what a key can be borrowed as.
#[doc(hidden)]
pub trait Find<K, R, Q: ?Sized>: Store<K, R> {
    fn find<O>(&self, key: &Q, look: impl FnOnce(Option<&Row<R>>) -> O) -> O;
}

/// Rows by hash.
#[doc(hidden)]
pub struct HashStore<K, R>(pub(super) HashMap<K, Slot<R>, KeyHashes>, KeyHashes);

/// A row, or two of which a flag says which one it is.
#[doc(hidden)]
pub enum Slot<R> {
    Is(Row<R>),
    Turns(Box<Turns<R>>),
}

#[doc(hidden)]
pub struct Turns<R> {
    batch: Arc<AtomicBool>,
    before: Option<Row<R>>,
    after: Option<Row<R>>,
}

impl<R> Slot<R> {
    #[inline]
    pub(super) fn now(&self) -> Option<&Row<R>> {
        match self {
            Self::Is(row) => Some(row),
            Self::Turns(turns) if turns.batch.load(Acquire) => turns.after.as_ref(),
            Self::Turns(turns) => turns.before.as_ref(),
        }
    }
}

impl<K, R> Default for HashStore<K, R> {
    fn default() -> Self {
        let hashes = KeyHashes::default();
        Self(HashMap::with_hasher(hashes.clone()), hashes)
    }
}

impl<K: Datum + Hash + Eq, R: Datum> HashStore<K, R> {
    /// The first pass: nobody sees it yet.
    fn announce(
        &self,
        key: K,
        after: Option<Row<R>>,
        batch: &Arc<AtomicBool>,
        hold: &LocalGuard<'_>,
    ) {
        let before = match self.0.get(&key, hold) {
            Some(Slot::Turns(turns)) if Arc::ptr_eq(&turns.batch, batch) => turns.before.clone(),
            slot => slot.and_then(Slot::now).cloned(),
        };
        let turns = Turns { batch: batch.clone(), before, after };
        self.0.insert(key, Slot::Turns(Box::new(turns)), hold);
    }

    /// The second pass: nobody sees a difference.
    fn settle(&self, key: K, hold: &LocalGuard<'_>) {
        let after = match self.0.get(&key, hold) {
            Some(Slot::Turns(turns)) => turns.after.clone(),
            Some(Slot::Is(_)) | None => return,
        };
        match after {
            Some(row) => drop(self.0.insert(key, Slot::Is(row), hold)),
            None => drop(self.0.remove(&key, hold)),
        }
    }
}

impl<K: Datum + Hash + Eq, R: Datum> Store<K, R> for HashStore<K, R> {
    /// While it lives nothing is dropped that is let go of.
    type Hold<'a> = LocalGuard<'a>;

    fn hold(&self) -> LocalGuard<'_> {
        self.0.guard()
    }

    #[inline]
    fn hash(&self, key: &K) -> u64 {
        self.1.hash_one(key)
    }

    #[inline]
    fn look<O>(
        &self,
        key: &K,
        hold: &LocalGuard<'_>,
        look: impl FnOnce(Option<&Row<R>>) -> O,
    ) -> O {
        look(self.0.get(key, hold).and_then(Slot::now))
    }

    fn renew(&self, key: &K, row: Row<R>, hold: &LocalGuard<'_>) {
        self.put(key.clone(), row, hold);
    }

    fn put(&self, key: K, row: Row<R>, hold: &LocalGuard<'_>) {
        self.0.insert(key, Slot::Is(row), hold);
    }

    fn remove(&self, key: &K, hold: &LocalGuard<'_>) {
        self.0.remove(key, hold);
    }

    fn apply(&self, changes: Vec<(K, Option<Row<R>>)>, hold: &LocalGuard<'_>) {
        let batch = Arc::new(AtomicBool::new(false));
        let mut keys = Vec::with_capacity(changes.len());
        for (key, after) in changes {
            self.announce(key.clone(), after, &batch, hold);
            keys.push(key);
        }
        batch.store(true, Release);
        for key in keys {
            self.settle(key, hold);
        }
    }

    fn clear(&self, hold: &LocalGuard<'_>) {
        self.0.clear(hold);
    }

    fn count(&self) -> usize {
        self.0.len()
    }

    fn walk(&self, visit: &mut dyn FnMut(&K, &Row<R>) -> ControlFlow<()>) {
        let guard = self.0.guard();
        for (key, slot) in self.0.iter(&guard) {
            if slot.now().is_some_and(|row| visit(key, row).is_break()) {
                return;
            }
        }
    }

    fn cursor(&self) -> Cursor<K> {
        let guard = self.0.guard();
        Cursor::Keys(self.0.keys(&guard).cloned().collect())
    }

    fn advance(&self, from: Cursor<K>, most: usize) -> (Taken<K, R>, Cursor<K>) {
        let Cursor::Keys(mut keys) = from else { return (Vec::new(), from) };
        let mut rows = Vec::new();
        while rows.len() < most
            && let Some(key) = keys.pop()
        {
            let row = self.find(&key, |row| row.cloned());
            rows.extend(row.map(|row| (key, Arc::new(row))));
        }
        (rows, Cursor::Keys(keys))
    }
}

impl<K, R, Q> Find<K, R, Q> for HashStore<K, R>
where
    K: Datum + Hash + Eq + Borrow<Q>,
    R: Datum,
    Q: Hash + Eq + ?Sized,
{
    #[inline]
    fn find<O>(&self, key: &Q, look: impl FnOnce(Option<&Row<R>>) -> O) -> O {
        let guard = self.0.guard();
        look(self.0.get(key, &guard).and_then(Slot::now))
    }
}
