//! One table: its rows, whose it is, and what its writers have to know.
//!
//! # Rules (cited as T1 to T6)
//! - T1 A table is one object and so is its address: `life` is odd while it lives. A reader looks
//!   at it before and after; where it has changed the table was gone for a moment: that is told.
//! - T2 Writers take turns by the book. Readers never wait for it.
//! - T3 What a life leaves is cleared before the next one begins, both under the book.
//! - T4 No value of the user's is dropped under the book. What runs under it is `Hash`, `Eq` or
//!   `Ord` of the keys, `Clone`, and the closure of an update, which must not write to the same
//!   table: that is a panic, not a wait for oneself.
//! - T5 Only a handle of the present tenure writes to a table that is not public.
//! - T6 An owner that ends lets go of its tables before its DOWN is told (E2 of `process/run.rs`).
use super::error::TableError;
use super::handle::{Looking, Owned};
use super::kind::Holds;
use super::store::{Row, Store};
use super::{Options, RowOf, StoreOf, Table};
use crate::pid::Pid;
use crate::process::kept::{NamedTable, Place as Key};
use crate::process::{Belonging, Found, Node, Process};
use crate::rt::sync::Lock;
use crate::rt::time::Instant;
use std::any::{Any, TypeId};
use std::collections::VecDeque;
use std::sync::atomic::{
    AtomicU64, AtomicUsize, Ordering::Acquire, Ordering::Relaxed, Ordering::Release,
};
use std::sync::{Arc, Weak};
use std::time::Duration;

pub(super) struct Core<T: Table> {
    pub(super) store: StoreOf<T>,
    /// T1.
    life: AtomicU64,
    /// The bits of the owner's pid, or of who was it last.
    owner: AtomicU64,
    /// The thread that writes; 0: none (T4).
    writer: AtomicUsize,
    pub(super) book: Lock<Book<T>>,
    /// Apart from the book, so that it can be asked for while somebody writes.
    pub(super) about: Lock<About<T>>,
    pub(super) options: Options,
    began: Instant,
    pub(super) node: Arc<Node>,
    place: Option<Place>,
}

/// Where an owner's next incarnation finds the address again.
struct Place {
    key: Key,
    /// As long as it is known nobody else lives at that address of memory.
    _owner: Weak<dyn Process>,
}

/// What writers share.
pub(super) struct Book<T: Table> {
    /// Counts the owners.
    pub(super) tenure: u64,
    /// Counts the writes.
    written: u64,
    /// Keys by their last write, where rows go by age; those that were written again are stale.
    ages: VecDeque<(T::Key, u64)>,
    owner: Option<Found>,
}

/// What `info` tells besides.
pub(super) struct About<T: Table> {
    pub(super) heir: Option<Arc<dyn Inherit<T>>>,
    pub(super) name: Option<Arc<str>>,
}

/// Who gets a table that is handed over.
pub(super) trait Inherit<T: Table>: Send + Sync {
    fn find(&self) -> Option<Found>;
    fn tell(&self, table: T, from: Pid);
}

/// What a writer may do while it is its turn.
pub(super) struct Change<'a, 's, T: Table> {
    core: &'s Core<T>,
    book: &'a mut Book<T>,
    hold: &'a <StoreOf<T> as Store<T::Key, RowOf<T>>>::Hold<'s>,
    now: u64,
}

/// Gives the turn back, also when a closure panics.
struct Turn<'a>(&'a AtomicUsize);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.store(0, Relaxed);
    }
}

/// Not 0, and no other thread's.
fn this_thread() -> usize {
    thread_local!(static ME: u8 = const { 0 });
    ME.with(|me| std::ptr::from_ref(me).addr())
}

impl<T: Table> Core<T> {
    /// A table that nobody owns yet.
    pub(super) fn unborn(node: Arc<Node>) -> Arc<Self> {
        Arc::new(Self::new(node, None))
    }

    fn new(node: Arc<Node>, place: Option<Place>) -> Self {
        let book = Book { tenure: 0, written: 0, ages: VecDeque::new(), owner: None };
        Self {
            store: Default::default(),
            life: AtomicU64::new(0),
            owner: AtomicU64::new(0),
            writer: AtomicUsize::new(0),
            book: Lock::new(book),
            about: Lock::new(About { heir: None, name: None }),
            options: T::options(),
            began: Instant::now(),
            node,
            place,
        }
    }

    /// A table of this process: the address of its last incarnation's, or a new one.
    pub(super) fn owned_by(owner: &Found) -> Owned<T> {
        let address = Arc::as_ptr(&owner.process).addr();
        let node = owner.process.node();
        for nth in 0.. {
            let key = (address, TypeId::of::<T>(), nth);
            let make = || {
                let place = Place { key, _owner: Arc::downgrade(&owner.process) };
                Arc::new(Self::new(node.clone(), Some(place))) as Arc<dyn Any + Send + Sync>
            };
            let Ok(core) = node.kept.place(key, make).downcast::<Self>() else { continue };
            if let Some(owned) = core.begin(owner) {
                return owned;
            }
        }
        unreachable!("there are fewer tables than numbers")
    }

    /// `None`: it lives.
    pub(super) fn begin(self: &Arc<Self>, owner: &Found) -> Option<Owned<T>> {
        if self.lives() {
            return None; // Perhaps whoever asks is just writing to it.
        }
        let mut book = self.book.lock();
        if self.lives() {
            return None;
        }
        book.tenure += 1;
        let tenure = book.tenure;
        book.owner = Some(owner.clone());
        self.owner.store(owner.pid.bits(), Relaxed);
        self.life.fetch_add(1, Release);
        drop(book);
        self.belong_to(owner);
        Some(Owned::of(Looking(self.clone()), tenure))
    }

    /// It ends with its owner, at once if that has ended.
    fn belong_to(self: &Arc<Self>, owner: &Found) {
        if !owner.process.own(owner.pid, self.clone()) {
            self.end(owner.pid);
        }
    }

    fn lives(&self) -> bool {
        self.life.load(Acquire) & 1 == 1
    }

    /// Who owns it; `None`: it is gone.
    pub(super) fn owner(&self) -> Option<Pid> {
        let owner = self.last_owner();
        owner.filter(|_| self.lives())
    }

    fn last_owner(&self) -> Option<Pid> {
        Pid::from_bits(self.node.number(), self.owner.load(Relaxed))
    }

    #[cold]
    pub(super) fn gone(&self) -> TableError {
        TableError::Gone { table: T::NAME, owner: self.last_owner() }
    }

    // ----- reading -----

    /// T1.
    #[inline]
    pub(super) fn read<O>(&self, look: impl FnOnce(&StoreOf<T>) -> O) -> Result<O, TableError> {
        #[cfg(feature = "chaos")]
        let _still = crate::rt::sim::step("read", T::NAME);
        let life = self.life.load(Acquire);
        if life & 1 == 0 {
            return Err(self.gone());
        }
        let seen = look(&self.store);
        if self.life.load(Acquire) != life {
            return Err(self.gone());
        }
        Ok(seen)
    }

    /// What is there: a row whose time is over is not, whether it lies there still or not.
    #[inline]
    pub(super) fn fresh<'r>(&self, row: Option<&'r Row<RowOf<T>>>) -> Option<&'r RowOf<T>> {
        let row = row?;
        let is_over = row.expires != u64::MAX && row.expires <= self.now();
        (!is_over).then_some(&row.value)
    }

    /// Microseconds since the address was made.
    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    // ----- writing -----

    /// A turn of writing. `tenure`: of whose handle; `None`: of anybody's.
    pub(super) fn write<O>(
        &self,
        tenure: Option<u64>,
        change: impl FnOnce(&mut Change<'_, '_, T>) -> Result<O, TableError>,
    ) -> Result<O, TableError> {
        #[cfg(feature = "chaos")]
        let _still = crate::rt::sim::step("write", T::NAME);
        let me = this_thread();
        assert!(
            self.writer.load(Relaxed) != me,
            "table `{}` is written to inside of a closure that writes to it already",
            T::NAME
        );
        let (hold, mut book) = (self.store.hold(), self.book.lock());
        if !self.lives() {
            return Err(self.gone());
        }
        if tenure.is_some_and(|tenure| tenure != book.tenure) {
            return Err(TableError::NotOwner { table: T::NAME, owner: self.owner() });
        }
        self.writer.store(me, Relaxed);
        let turn = Turn(&self.writer);
        let now = if self.options.ttl.is_some() { self.now() } else { 0 };
        let mut turns = Change { core: self, book: &mut book, hold: &hold, now };
        turns.drop_old();
        let done = change(&mut turns);
        turns.drop_surplus();
        drop(turn);
        let stale = book.take_stale(&self.store);
        drop(book);
        drop(stale);
        done
    }

    // ----- whose it is -----

    /// Gives it to another process: it has a new owner when this returns, or none.
    pub(super) fn hand_over(
        self: &Arc<Self>,
        tenure: u64,
        to: &dyn Inherit<T>,
    ) -> Result<(), TableError> {
        let Some(new) = to.find() else {
            return Err(TableError::NoProc { table: T::NAME });
        };
        #[cfg(feature = "chaos")]
        drop(crate::rt::sim::step("give", T::NAME));
        let mut book = self.book.lock();
        if !self.lives() {
            return Err(self.gone());
        }
        if tenure != book.tenure {
            return Err(TableError::NotOwner { table: T::NAME, owner: self.owner() });
        }
        book.tenure += 1;
        let tenure = book.tenure;
        let old = book.owner.replace(new.clone());
        self.owner.store(new.pid.bits(), Relaxed);
        drop(book);
        let from = old.as_ref().map_or_else(|| self.node.own_pid(), |old| old.pid);
        if let Some(old) = old {
            old.process.disown(old.pid, self.id());
        }
        self.belong_to(&new);
        to.tell(T::of_owned(Owned::of(Looking(self.clone()), tenure)), from);
        Ok(())
    }

    /// Its owner wants it no more.
    pub(super) fn delete(&self, tenure: u64) -> Result<(), TableError> {
        #[cfg(feature = "chaos")]
        drop(crate::rt::sim::step("delete", T::NAME));
        let owner = {
            let book = self.book.lock();
            if !self.lives() {
                return Err(self.gone());
            }
            if book.tenure != tenure {
                return Err(TableError::NotOwner { table: T::NAME, owner: self.owner() });
            }
            book.owner.clone()
        };
        if let Some(owner) = owner {
            owner.process.disown(owner.pid, self.id());
            self.end(owner.pid);
        }
        Ok(())
    }

    /// The end of a life, unless it belongs to somebody else by now.
    pub(super) fn end(&self, owner: Pid) {
        let hold = self.store.hold();
        let mut book = self.book.lock();
        if !self.lives() || self.owner.load(Relaxed) != owner.bits() {
            return;
        }
        book.tenure += 1;
        self.life.fetch_add(1, Release);
        self.store.clear(&hold); // T3
        let About { heir, name } = self.about.lock().take();
        let left = (std::mem::take(&mut book.ages), heir, book.owner.take());
        drop(book);
        if let Some(name) = name {
            self.node.kept.free_table(&name, self.id());
        }
        drop(left);
    }

    pub(super) fn id(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

impl<T: Table> Drop for Core<T> {
    fn drop(&mut self) {
        if let Some(place) = &self.place {
            self.node.kept.leave_place(place.key);
        }
    }
}

/// T6.
impl<T: Table> Belonging for Core<T> {
    fn id(&self) -> usize {
        Self::id(self)
    }

    fn owner_ended(self: Arc<Self>, pid: Pid) {
        let tenure = self.book.lock().tenure;
        let heir = self.about.lock().heir.clone();
        let is_owner = self.owner.load(Relaxed) == pid.bits();
        let is_other = |heir: &Arc<dyn Inherit<T>>| heir.find().is_some_and(|it| it.pid != pid);
        let heir = heir.filter(|heir| is_owner && is_other(heir));
        let inherited = heir.map(|heir| self.hand_over(tenure, &*heir));
        if !matches!(inherited, Some(Ok(()))) {
            self.end(pid);
        }
    }
}

impl<T: Table> NamedTable for Core<T> {
    fn owner(&self) -> Option<Pid> {
        Self::owner(self)
    }
}

impl<T: Table> About<T> {
    fn take(&mut self) -> Self {
        Self { heir: self.heir.take(), name: self.name.take() }
    }
}

impl<T: Table> Book<T> {
    /// Keys that were written again, once they are the most.
    fn take_stale(&mut self, store: &StoreOf<T>) -> Vec<(T::Key, u64)> {
        if self.ages.len() <= 64 || self.ages.len() <= 2 * store.count() + 64 {
            return Vec::new();
        }
        let (kept, stale): (Vec<_>, Vec<_>) =
            self.ages.drain(..).partition(|(key, written)| is_latest::<T>(store, key, *written));
        self.ages = kept.into();
        stale
    }
}

fn is_latest<T: Table>(store: &StoreOf<T>, key: &T::Key, written: u64) -> bool {
    store.look(key, |row| row.is_some_and(|row| row.written == written))
}

impl<T: Table> Change<'_, '_, T> {
    /// What lies under a key.
    pub(super) fn look<O>(&self, key: &T::Key, look: impl FnOnce(Option<&RowOf<T>>) -> O) -> O {
        self.core.store.look(key, |row| look(self.core.fresh(row)))
    }

    /// A row as it will lie there.
    fn row(&mut self, key: &T::Key, value: RowOf<T>) -> Row<RowOf<T>> {
        let Options { ttl, max } = self.core.options;
        self.book.written += 1;
        let written = self.book.written;
        if ttl.is_some() || max.is_some() {
            self.book.ages.push_back((key.clone(), written));
        }
        let micros = |ttl: Duration| u64::try_from(ttl.as_micros()).unwrap_or(u64::MAX);
        let expires = ttl.map_or(u64::MAX, |ttl| self.now.saturating_add(micros(ttl)));
        Row { value, written, expires }
    }

    pub(super) fn put(&mut self, key: T::Key, value: RowOf<T>) {
        let row = self.row(&key, value);
        self.core.store.put(key, row, self.hold);
    }

    pub(super) fn remove(&self, key: &T::Key) {
        self.core.store.remove(key, self.hold);
    }

    /// All at once; `None` takes the key away.
    pub(super) fn apply(&mut self, changes: Vec<(T::Key, Option<RowOf<T>>)>) {
        let rows = changes.into_iter().map(|(key, value)| {
            let row = value.map(|value| self.row(&key, value));
            (key, row)
        });
        let rows = rows.collect();
        self.core.store.apply(rows, self.hold);
    }

    /// Puts or takes away what lies under one key.
    pub(super) fn set(&mut self, key: T::Key, value: Option<RowOf<T>>) {
        match value {
            Some(value) => self.put(key, value),
            None => self.remove(&key),
        }
    }

    /// Whose time is over.
    fn drop_old(&mut self) {
        if self.core.options.ttl.is_none() {
            return;
        }
        while let Some((key, written)) = self.book.ages.front() {
            let state = self.core.store.look(key, |row| {
                row.filter(|row| row.written == *written).map(|row| row.expires <= self.now)
            });
            match state {
                Some(false) => return,
                Some(true) => self.remove(key),
                None => {}
            }
            self.book.ages.pop_front();
        }
    }

    /// Beyond the bound: who was written longest ago goes first.
    fn drop_surplus(&mut self) {
        let Some(max) = self.core.options.max else { return };
        while self.core.store.count() > max {
            let Some((key, written)) = self.book.ages.pop_front() else { return };
            if is_latest::<T>(&self.core.store, &key, written) {
                self.remove(&key);
            }
        }
    }

    /// What a value added makes of what lies there; `None`: no change.
    pub(super) fn added(&self, key: &T::Key, value: T::Value) -> Option<RowOf<T>> {
        if T::Kind::IS_SINGLE {
            return T::Kind::added(None, value); // Whatever lies there.
        }
        self.look(key, |row| T::Kind::added(row, value))
    }

    pub(super) fn store(&self) -> &StoreOf<T> {
        &self.core.store
    }
}
