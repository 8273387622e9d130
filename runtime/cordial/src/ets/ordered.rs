//! Where the rows of an ordered set lie: a tree behind a lock that readers share.
//!
//! Nothing of the user's runs under the lock but the order of the keys: a reader takes a row out,
//! which is a pointer, and looks at it when the lock is gone.
use super::kind::Datum;
use super::store::{Cursor, Find, Row, Store, Taken};
use std::borrow::Borrow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};
use std::sync::atomic::{AtomicU64, Ordering::Acquire, Ordering::Release};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// How many rows a walk takes out at a time.
const STRIDE: usize = 32;

/// Rows by order.
#[doc(hidden)]
pub struct TreeStore<K, R> {
    rows: RwLock<Rows<K, R>>,
    /// How many rows have gone: what a walk has taken out may be one of them.
    removed: AtomicU64,
}

type Rows<K, R> = BTreeMap<K, Arc<Row<R>>>;

/// What was let go of, to be dropped without the lock.
#[doc(hidden)]
pub struct Waste<K, R>(RefCell<Left<K, R>>);

struct Left<K, R> {
    /// Nearly always there is no more than one, which needs no place of its own.
    one: Option<(K, Arc<Row<R>>)>,
    more: Taken<K, R>,
    renewed: Option<Row<R>>,
    read: Option<Arc<Row<R>>>,
    all: Rows<K, R>,
}

impl<K, R> Waste<K, R> {
    fn take(&self, gone: Option<(K, Arc<Row<R>>)>) {
        let Some(gone) = gone else { return };
        let mut left = self.0.borrow_mut();
        match left.one {
            None => left.one = Some(gone),
            Some(_) => left.more.push(gone),
        }
    }
}

/// Which way a tree is walked.
#[doc(hidden)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    Up,
    Down,
}

/// What only an ordered set can be asked.
#[doc(hidden)]
pub trait Ordered<K, R>: Store<K, R> {
    /// Up to `most` rows from there on.
    fn rows(&self, way: Way, from: Bound<&K>, to: Bound<&K>, most: usize) -> Taken<K, R>;
    /// Between two bounds, as it is then: rows that have gone meanwhile are not visited, rows that
    /// have come are if they are still ahead.
    fn walk_between(
        &self,
        way: Way,
        bounds: (Bound<&K>, Bound<&K>),
        visit: &mut dyn FnMut(&K, &Row<R>) -> ControlFlow<()>,
    );
}

impl<K, R> Default for TreeStore<K, R> {
    fn default() -> Self {
        Self { rows: RwLock::default(), removed: AtomicU64::new(0) }
    }
}

impl<K, R> TreeStore<K, R> {
    /// An order that panics leaves the tree as it was.
    fn read(&self) -> RwLockReadGuard<'_, Rows<K, R>> {
        self.rows.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Rows<K, R>> {
        self.rows.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Datum + Ord, R: Datum> Store<K, R> for TreeStore<K, R> {
    type Hold<'a> = Waste<K, R>;

    fn hold(&self) -> Waste<K, R> {
        Waste(RefCell::new(Left {
            one: None,
            more: Vec::new(),
            renewed: None,
            read: None,
            all: BTreeMap::new(),
        }))
    }

    fn hash(&self, _: &K) -> u64 {
        0
    }

    fn look<O>(&self, key: &K, _: &Waste<K, R>, look: impl FnOnce(Option<&Row<R>>) -> O) -> O {
        self.find(key, look)
    }

    /// Where no reader has the row in hand, nothing is allocated.
    fn renew(&self, key: &K, row: Row<R>, hold: &Waste<K, R>) {
        let mut tree = self.write();
        let Some(place) = tree.get_mut(key) else { return };
        match Arc::get_mut(place) {
            Some(there) => {
                let before = std::mem::replace(there, row);
                drop(tree);
                hold.0.borrow_mut().renewed = Some(before);
            }
            None => {
                let before = std::mem::replace(place, Arc::new(row));
                drop(tree);
                hold.0.borrow_mut().read = Some(before);
            }
        }
    }

    fn put(&self, key: K, row: Row<R>, hold: &Waste<K, R>) {
        let row = Arc::new(row);
        let mut tree = self.write();
        let gone = tree.remove_entry(&key); // The later key takes the place, too.
        tree.insert(key, row);
        drop(tree);
        hold.take(gone);
    }

    fn remove(&self, key: &K, hold: &Waste<K, R>) {
        let gone = self.write().remove_entry(key);
        self.removed.fetch_add(1, Release);
        hold.take(gone);
    }

    fn apply(&self, changes: Vec<(K, Option<Row<R>>)>, hold: &Waste<K, R>) {
        let rows: Vec<_> = changes.into_iter().map(|(key, row)| (key, row.map(Arc::new))).collect();
        let mut tree = self.write();
        for (key, row) in rows {
            hold.take(tree.remove_entry(&key));
            match row {
                Some(row) => drop(tree.insert(key, row)),
                None => drop(self.removed.fetch_add(1, Release)),
            }
        }
    }

    fn clear(&self, hold: &Waste<K, R>) {
        let gone = std::mem::take(&mut *self.write());
        self.removed.fetch_add(1, Release);
        hold.0.borrow_mut().all = gone;
    }

    fn count(&self) -> usize {
        self.read().len()
    }

    fn walk(&self, visit: &mut dyn FnMut(&K, &Row<R>) -> ControlFlow<()>) {
        self.walk_between(Way::Up, (Bound::Unbounded, Bound::Unbounded), visit);
    }

    fn cursor(&self) -> Cursor<K> {
        Cursor::Behind(None)
    }

    fn advance(&self, from: Cursor<K>, most: usize) -> (Taken<K, R>, Cursor<K>) {
        let Cursor::Behind(last) = from else { return (Vec::new(), from) };
        let low = last.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let rows = self.rows(Way::Up, low, Bound::Unbounded, most);
        let last = rows.last().map(|(key, _)| key.clone()).or(last);
        (rows, Cursor::Behind(last))
    }
}

impl<K: Datum + Ord, R: Datum> Ordered<K, R> for TreeStore<K, R> {
    fn rows(&self, way: Way, from: Bound<&K>, to: Bound<&K>, most: usize) -> Taken<K, R> {
        if is_empty(from, to) {
            return Vec::new();
        }
        let tree = self.read();
        let range = tree.range::<K, _>((from, to));
        let owned = |(key, row): (&K, &Arc<Row<R>>)| (key.clone(), row.clone());
        match way {
            Way::Up => range.take(most).map(owned).collect(),
            Way::Down => range.rev().take(most).map(owned).collect(),
        }
    }

    fn walk_between(
        &self,
        way: Way,
        (low, high): (Bound<&K>, Bound<&K>),
        visit: &mut dyn FnMut(&K, &Row<R>) -> ControlFlow<()>,
    ) {
        let mut last: Option<K> = None;
        loop {
            let removed = self.removed.load(Acquire);
            let beyond = last.as_ref().map(Bound::Excluded);
            let (from, to) = match way {
                Way::Up => (beyond.unwrap_or(low), high),
                Way::Down => (low, beyond.unwrap_or(high)),
            };
            let stride = self.rows(way, from, to, STRIDE);
            if stride.is_empty() {
                return;
            }
            for (at, (key, row)) in stride.into_iter().enumerate() {
                if at > 0 && self.removed.load(Acquire) != removed {
                    break; // It may be gone: from here on again.
                }
                if visit(&key, &row).is_break() {
                    return;
                }
                last = Some(key);
            }
        }
    }
}

/// What `BTreeMap::range` panics at.
fn is_empty<K: Ord>(low: Bound<&K>, high: Bound<&K>) -> bool {
    use Bound::{Excluded, Included, Unbounded};
    match (low, high) {
        (Unbounded, _) | (_, Unbounded) => false,
        (Excluded(low), Excluded(high)) => low >= high,
        (Included(low) | Excluded(low), Included(high) | Excluded(high)) => low > high,
    }
}

impl<K, R, Q> Find<K, R, Q> for TreeStore<K, R>
where
    K: Datum + Ord + Borrow<Q>,
    R: Datum,
    Q: Ord + ?Sized,
{
    fn find<O>(&self, key: &Q, look: impl FnOnce(Option<&Row<R>>) -> O) -> O {
        let row = self.read().get(key).cloned();
        look(row.as_deref())
    }
}
