//! What readers can do: look up, select, fold, walk.
use super::error::TableError;
use super::handle::Reading;
use super::kind::Holds;
use super::ordered::{Ordered, Way};
use super::store::{Cursor, Find, HashStore, Row, Slot, Store};
use super::{FoundOf, RowOf, StoreOf, Table};
use papaya::LocalGuard;
use std::fmt;
use std::hash::Hash;
use std::ops::{Bound, ControlFlow, RangeBounds};

type Gone<O> = Result<O, TableError>;
/// What a walk does with each row.
type Visit<'v, T> = dyn FnMut(&<T as Table>::Key, &<T as Table>::Value) -> ControlFlow<()> + 'v;

impl<T: Table> Reading<T> {
    /// A copy of what lies under a key: an `Option` with a set, otherwise a `Vec`, in the order in
    /// which it was inserted. The key may be given as whatever it borrows as: `"ann"` for a
    /// `String`.
    ///
    /// # Errors
    /// [`TableError::Gone`].
    pub fn lookup<Q: ?Sized>(&self, key: &Q) -> Gone<FoundOf<T>>
    where
        StoreOf<T>: Find<T::Key, RowOf<T>, Q>,
    {
        let core = self.core();
        core.read(|store| store.find(key, |row| T::Kind::found(core.fresh(row))))
    }

    /// Whether anything lies under a key.
    ///
    /// # Errors
    /// [`TableError::Gone`].
    pub fn member<Q: ?Sized>(&self, key: &Q) -> Gone<bool>
    where
        StoreOf<T>: Find<T::Key, RowOf<T>, Q>,
    {
        let core = self.core();
        core.read(|store| store.find(key, |row| core.fresh(row).is_some()))
    }

    /// Each row, in the order of the keys with an `ordered_set` and in none otherwise, until
    /// `visit` says `Break`.
    ///
    /// Others, and `visit` itself, may write meanwhile: a row that stays is visited once, one that
    /// comes or goes at most once.
    ///
    /// # Errors
    /// [`TableError::Gone`], also if it has gone meanwhile.
    pub fn each(&self, mut visit: impl FnMut(&T::Key, &T::Value) -> ControlFlow<()>) -> Gone<()> {
        let core = self.core();
        core.read(|store| {
            store.walk(&mut |key, row| self.visit(key, row, &mut visit));
        })
    }

    fn visit(
        &self,
        key: &T::Key,
        row: &Row<RowOf<T>>,
        visit: &mut Visit<'_, T>,
    ) -> ControlFlow<()> {
        let Some(row) = self.core().fresh(Some(row)) else { return ControlFlow::Continue(()) };
        T::Kind::values(row).iter().try_for_each(|value| visit(key, value))
    }

    /// What `fold` makes of all rows, one after the other; OTP's `foldl`. As [`each`](Self::each).
    ///
    /// # Errors
    /// [`TableError::Gone`], also if it has gone meanwhile.
    pub fn fold<A>(&self, first: A, mut fold: impl FnMut(A, &T::Key, &T::Value) -> A) -> Gone<A> {
        let mut sum = Some(first);
        self.each(|key, value| {
            sum = sum.take().map(|before| fold(before, key, value));
            ControlFlow::Continue(())
        })?;
        Ok(sum.expect("`fold` gives what it takes, or panics"))
    }

    /// What `pick` gives for the rows that it wants; OTP's `select`, and `match` and
    /// `match_object` with it. As [`each`](Self::each).
    ///
    /// # Errors
    /// [`TableError::Gone`], also if it has gone meanwhile.
    pub fn select<R>(&self, mut pick: impl FnMut(&T::Key, &T::Value) -> Option<R>) -> Gone<Vec<R>> {
        let mut picked = Vec::new();
        self.each(|key, value| {
            picked.extend(pick(key, value));
            ControlFlow::Continue(())
        })?;
        Ok(picked)
    }

    /// How many rows a filter wants. As [`each`](Self::each).
    ///
    /// # Errors
    /// [`TableError::Gone`], also if it has gone meanwhile.
    pub fn select_count(&self, mut wants: impl FnMut(&T::Key, &T::Value) -> bool) -> Gone<usize> {
        self.fold(0, |count, key, value| count + usize::from(wants(key, value)))
    }

    /// All rows; OTP's `tab2list`. As [`each`](Self::each).
    ///
    /// # Errors
    /// [`TableError::Gone`], also if it has gone meanwhile.
    pub fn to_vec(&self) -> Gone<Vec<(T::Key, T::Value)>> {
        self.select(|key, value| Some((key.clone(), value.clone())))
    }

    /// [`select`](Self::select) by chunks of about `limit` keys, with time for others in between.
    ///
    /// Of an `ordered_set` each chunk goes on behind the last key: it never repeats nor goes back,
    /// sees what was inserted ahead and skips what was deleted. Of other tables the keys are those
    /// of the beginning.
    ///
    /// # Errors
    /// [`TableError::Gone`].
    pub fn chunks<R, P>(&self, limit: usize, pick: P) -> Gone<Chunks<'_, T, P>>
    where
        P: FnMut(&T::Key, &T::Value) -> Option<R>,
    {
        let rest = self.core().read(|store| store.cursor())?;
        Ok(Chunks { table: self, limit: limit.max(1), rest, pick })
    }
}

/// A selection that goes on when it is asked: what OTP's `select` gives with a limit.
#[must_use = "it selects when `next` is called"]
pub struct Chunks<'t, T: Table, P> {
    table: &'t Reading<T>,
    limit: usize,
    rest: Cursor<T::Key>,
    pick: P,
}

impl<T: Table, P> Chunks<'_, T, P> {
    /// What is picked of the next rows, which may be nothing; `None` when none are left.
    ///
    /// # Errors
    /// [`TableError::Gone`].
    pub fn next_chunk<R>(&mut self) -> Gone<Option<Vec<R>>>
    where
        P: FnMut(&T::Key, &T::Value) -> Option<R>,
    {
        let core = self.table.core();
        let rest = std::mem::replace(&mut self.rest, Cursor::Keys(Vec::new()));
        let (rows, rest) = core.read(|store| store.advance(rest, self.limit))?;
        self.rest = rest;
        if rows.is_empty() {
            return Ok(None);
        }
        let mut picked = Vec::new();
        for (key, row) in &rows {
            let row = core.fresh(Some(&**row)).map_or(&[][..], |row| T::Kind::values(row));
            picked.extend(row.iter().filter_map(|value| (self.pick)(key, value)));
        }
        Ok(Some(picked))
    }
}

impl<T: Table, P> fmt::Debug for Chunks<'_, T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunks").field("limit", &self.limit).finish_non_exhaustive()
    }
}

// ===== One row per key =====

impl<T: Table> Reading<T>
where
    T::Kind: Holds<T::Key, T::Value, Row = T::Value>,
{
    /// Looks at what lies under a key, where it lies.
    ///
    /// # Errors
    /// [`TableError::Gone`].
    pub fn with<Q: ?Sized, O>(&self, key: &Q, look: impl FnOnce(Option<&T::Value>) -> O) -> Gone<O>
    where
        StoreOf<T>: Find<T::Key, RowOf<T>, Q>,
    {
        let core = self.core();
        core.read(|store| store.find(key, |row| look(core.fresh(row))))
    }

    /// A part of what lies under a key; OTP's `lookup_element`.
    ///
    /// # Errors
    /// [`TableError::NoKey`], [`TableError::Gone`].
    pub fn lookup_element<Q: ?Sized, O>(
        &self,
        key: &Q,
        part: impl FnOnce(&T::Value) -> O,
    ) -> Gone<O>
    where
        StoreOf<T>: Find<T::Key, RowOf<T>, Q>,
    {
        self.with(key, |value| value.map(part))?.ok_or(TableError::NoKey { table: T::NAME })
    }
}

// ===== In order =====

impl<T: Table> Reading<T>
where
    T::Kind: Holds<T::Key, T::Value, Row = T::Value>,
    StoreOf<T>: Ordered<T::Key, T::Value>,
{
    /// The first row.
    ///
    /// # Errors
    /// [`TableError::Gone`].
    pub fn first(&self) -> Gone<Option<(T::Key, T::Value)>> {
        self.nearest(Way::Up, Bound::Unbounded)
    }

    /// The last row.
    ///
    /// # Errors
    /// [`TableError::Gone`].
    pub fn last(&self) -> Gone<Option<(T::Key, T::Value)>> {
        self.nearest(Way::Down, Bound::Unbounded)
    }

    /// The row behind a key, which need not be there itself.
    ///
    /// # Errors
    /// [`TableError::Gone`].
    pub fn next(&self, key: &T::Key) -> Gone<Option<(T::Key, T::Value)>> {
        self.nearest(Way::Up, Bound::Excluded(key))
    }

    /// The row before a key, which need not be there itself.
    ///
    /// # Errors
    /// [`TableError::Gone`].
    pub fn prev(&self, key: &T::Key) -> Gone<Option<(T::Key, T::Value)>> {
        self.nearest(Way::Down, Bound::Excluded(key))
    }

    fn nearest(&self, way: Way, from: Bound<&T::Key>) -> Gone<Option<(T::Key, T::Value)>> {
        let bounds = match way {
            Way::Up => (from, Bound::Unbounded),
            Way::Down => (Bound::Unbounded, from),
        };
        let core = self.core();
        core.read(|store| {
            let mut found = None;
            store.walk_between(way, bounds, &mut |key, row| match core.fresh(Some(row)) {
                None => ControlFlow::Continue(()),
                Some(value) => {
                    found = Some((key.clone(), value.clone()));
                    ControlFlow::Break(())
                }
            });
            found
        })
    }

    /// The rows between two keys, in order. As [`each`](Self::each).
    ///
    /// # Errors
    /// [`TableError::Gone`], also if it has gone meanwhile.
    pub fn range(&self, keys: impl RangeBounds<T::Key>) -> Gone<Vec<(T::Key, T::Value)>> {
        let mut rows = Vec::new();
        self.each_in(Way::Up, (keys.start_bound(), keys.end_bound()), |key, value| {
            rows.push((key.clone(), value.clone()));
            ControlFlow::Continue(())
        })?;
        Ok(rows)
    }

    /// [`select`](Self::select), the last row first.
    ///
    /// # Errors
    /// [`TableError::Gone`], also if it has gone meanwhile.
    pub fn select_reverse<R>(
        &self,
        mut pick: impl FnMut(&T::Key, &T::Value) -> Option<R>,
    ) -> Gone<Vec<R>> {
        let mut picked = Vec::new();
        self.each_in(Way::Down, (Bound::Unbounded, Bound::Unbounded), |key, value| {
            picked.extend(pick(key, value));
            ControlFlow::Continue(())
        })?;
        Ok(picked)
    }

    fn each_in(
        &self,
        way: Way,
        bounds: (Bound<&T::Key>, Bound<&T::Key>),
        mut visit: impl FnMut(&T::Key, &T::Value) -> ControlFlow<()>,
    ) -> Gone<()> {
        self.core().read(|store| {
            store.walk_between(way, bounds, &mut |key, row| self.visit(key, row, &mut visit));
        })
    }
}

// ===== Many look-ups in a row =====

/// A set whose rows stay where they are while this is held: what was read can be looked at without
/// a copy. It cannot be held over an `.await`.
pub struct Pinned<'t, T: Table> {
    table: &'t Reading<T>,
    guard: LocalGuard<'t>,
}

impl<T: Table> Reading<T>
where
    StoreOf<T>: Pin<T::Key, RowOf<T>>,
{
    /// Holds on to the rows for a while, for look-ups without copies; not with an `ordered_set`.
    /// What is replaced meanwhile takes memory until it is let go of, so that is to be soon.
    ///
    /// # Errors
    /// [`TableError::Gone`].
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)] async fn main() {
    /// # use cordial::process::{self, Mailbox};
    /// use cordial::prelude::*;
    /// table! { Texts: u32 => String, set, public }
    /// # let down = process::spawn_monitor(async |mail: Mailbox<()>| {
    /// let texts = Texts::new(&mail);
    /// texts.insert(1, "a long one".to_owned()).unwrap();
    /// let pinned = texts.pin().unwrap();
    /// let text: Option<&String> = pinned.get(&1).unwrap();
    /// assert_eq!(text.map(String::len), Some(10));
    /// # });
    /// # assert_eq!(down.1.await.reason, cordial::ExitReason::Normal);
    /// # }
    /// ```
    pub fn pin(&self) -> Gone<Pinned<'_, T>> {
        self.core().read(|_| ())?;
        Ok(Pinned { table: self, guard: self.core().store.pinned() })
    }
}

impl<T: Table> Pinned<'_, T>
where
    StoreOf<T>: Pin<T::Key, RowOf<T>>,
{
    /// What lies under a key: the value, or with a bag all values.
    ///
    /// # Errors
    /// [`TableError::Gone`].
    pub fn get(&self, key: &T::Key) -> Gone<Option<&RowOf<T>>> {
        let core = self.table.core();
        core.read(|store| core.fresh(store.get_pinned(key, &self.guard)))
    }
}

/// Sets: rows that can be held on to.
#[doc(hidden)]
pub trait Pin<K, R>: Store<K, R> {
    fn pinned(&self) -> LocalGuard<'_>;
    fn get_pinned<'g>(&self, key: &K, guard: &'g LocalGuard<'_>) -> Option<&'g Row<R>>;
}

impl<K: super::kind::Datum + Hash + Eq, R: super::kind::Datum> Pin<K, R> for HashStore<K, R> {
    fn pinned(&self) -> LocalGuard<'_> {
        self.0.guard()
    }
    fn get_pinned<'g>(&self, key: &K, guard: &'g LocalGuard<'_>) -> Option<&'g Row<R>> {
        self.0.get(key, guard).and_then(Slot::now)
    }
}

impl<T: Table> fmt::Debug for Pinned<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pinned").field("table", self.table).finish_non_exhaustive()
    }
}
