//! One table: its rows, whose it is, and what its writers have to know.
//!
//! # Rules (cited as T1 to T6)
//! - T1 A table is one object and so is its address: `life` is odd while it lives. A reader looks
//!   at it before and after; where it has changed the table was gone for a moment: that is told.
//! - T2 Writers take turns at the gates (`gates.rs`): of one key at its own, of several keys at
//!   all. The book stands behind them. Readers wait for neither.
//! - T3 What a life leaves is cleared at its end, behind all gates; the next one begins under the
//!   book, and nobody writes between the two.
//! - T4 No value of the user's is dropped behind a gate. What runs there is `Eq` or `Ord` of the
//!   keys, `Clone`, and the closure of an update, which must not write to the same table: that is
//!   a panic, not a wait for oneself.
//! - T5 Only a handle of the present tenure writes to a table that is not public.
//! - T6 An owner that ends lets go of its tables before its DOWN is told (E2 of `process/run.rs`).
use super::error::TableError;
use super::gates::{Gates, Turn};
use super::handle::{Looking, Owned};
use super::kind::{Access, Holds};
use super::known::{Known, NamedTable, Place as Key};
use super::store::{Row, Store};
use super::{Kind, Options, Protection, RowOf, StoreOf, Table};
use crate::pid::Pid;
use crate::process::held::{Hold, take_one};
use crate::process::{Found, Node, Process};
use crate::rt::sync::{Lock, MutexGuard};
use crate::rt::time::Instant;
use std::any::{Any, TypeId};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering::Acquire, Ordering::Relaxed, Ordering::Release};
use std::sync::{Arc, Weak};
use std::time::Duration;

pub(super) struct Core<T: Table> {
    pub(super) store: StoreOf<T>,
    /// T1.
    life: AtomicU64,
    /// The bits of the owner's pid, or of who was it last.
    owner: AtomicU64,
    /// Counts the owners; it changes behind all gates, or while there is no life.
    tenure: AtomicU64,
    gates: Gates,
    book: Lock<Book<T>>,
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
struct Book<T: Table> {
    /// Counts the writes, where rows go by age.
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
    /// There is none where one key is written to and rows do not go by age.
    book: Option<&'a mut Book<T>>,
    hold: &'a HoldOf<'s, T>,
    now: u64,
}

type HoldOf<'s, T> = <StoreOf<T> as Store<<T as Table>::Key, RowOf<T>>>::Hold<'s>;

impl<T: Table> Core<T> {
    /// A table that nobody owns yet.
    pub(super) fn unborn(node: Arc<Node>) -> Arc<Self> {
        Arc::new(Self::new(node, None))
    }

    fn new(node: Arc<Node>, place: Option<Place>) -> Self {
        let book = Book { written: 0, ages: VecDeque::new(), owner: None };
        let options = T::options();
        let is_spread = T::Kind::KIND != Kind::OrderedSet;
        let is_shared = matches!(T::Access::PROTECTION, Protection::Public);
        Self {
            store: Default::default(),
            life: AtomicU64::new(0),
            owner: AtomicU64::new(0),
            tenure: AtomicU64::new(0),
            gates: Gates::new(is_shared && is_spread && !options.go_by_age()),
            book: Lock::new(book),
            about: Lock::new(About { heir: None, name: None }),
            options,
            began: Instant::now(),
            node,
            place,
        }
    }

    /// A table of this process: the address of its last incarnation's, or a new one.
    pub(super) fn owned_by(owner: &Found) -> Owned<T> {
        let address = Arc::as_ptr(&owner.process).addr();
        let node = owner.process.node();
        let known = node.services.get_or_make::<Known>();
        for nth in 0.. {
            let key = (address, TypeId::of::<T>(), nth);
            let make = || {
                let place = Place { key, _owner: Arc::downgrade(&owner.process) };
                Arc::new(Self::new(node.clone(), Some(place))) as Arc<dyn Any + Send + Sync>
            };
            let there = known.at(key, make).downcast::<Self>();
            let Ok(core) = there else { continue };
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
        let tenure = self.tenure.fetch_add(1, Relaxed) + 1;
        book.owner = Some(owner.clone());
        self.owner.store(owner.pid.bits(), Relaxed);
        self.life.fetch_add(1, Release);
        drop(book);
        self.belong_to(owner);
        Some(Owned::of(Looking(self.clone()), tenure))
    }

    /// It ends with its owner, at once if that has ended.
    fn belong_to(self: &Arc<Self>, owner: &Found) {
        let tenure = Tenure { core: self.clone(), owner: owner.pid };
        let mut tenure: Option<Box<dyn Hold>> = Some(Box::new(tenure));
        if !owner.process.held(owner.pid, &mut |held| held.extend(tenure.take())) {
            self.end(owner.pid);
        }
    }

    fn leave(&self, owner: &Found) {
        let is_it = |own: &Tenure<T>| own.core.id() == self.id();
        let mut taken = None;
        owner.process.held(owner.pid, &mut |held| taken = take_one::<Tenure<T>>(held, is_it));
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

    /// Where a key has its gate.
    #[inline]
    pub(super) fn place(&self, key: &T::Key) -> u64 {
        if self.gates.are_many() { self.store.hash(key) } else { 0 }
    }

    /// A turn of writing to what lies under the keys of one place. `tenure`: of whose handle;
    /// `None`: of anybody's.
    pub(super) fn write<O>(
        &self,
        tenure: Option<u64>,
        place: u64,
        change: impl FnOnce(&mut Change<'_, '_, T>) -> Result<O, TableError>,
    ) -> Result<O, TableError> {
        #[cfg(feature = "chaos")]
        let _still = crate::rt::sim::step("write", T::NAME);
        let hold = self.store.hold();
        let turn = self.gates.one(T::NAME, place);
        let book = self.options.go_by_age().then(|| self.book.lock());
        self.carry_out(tenure, &hold, (turn, book), change)
    }

    /// [`write`](Self::write), to what lies under any keys.
    pub(super) fn write_all<O>(
        &self,
        tenure: Option<u64>,
        change: impl FnOnce(&mut Change<'_, '_, T>) -> Result<O, TableError>,
    ) -> Result<O, TableError> {
        #[cfg(feature = "chaos")]
        let _still = crate::rt::sim::step("write", T::NAME);
        let hold = self.store.hold();
        let turn = self.gates.all(T::NAME);
        let book = Some(self.book.lock());
        self.carry_out(tenure, &hold, (turn, book), change)
    }

    fn carry_out<'s, O>(
        &'s self,
        tenure: Option<u64>,
        hold: &HoldOf<'s, T>,
        (turn, mut book): (Turn<'_>, Option<MutexGuard<'_, Book<T>>>),
        change: impl FnOnce(&mut Change<'_, '_, T>) -> Result<O, TableError>,
    ) -> Result<O, TableError> {
        self.check(tenure)?;
        let now = if self.options.ttl.is_some() { self.now() } else { 0 };
        let mut changes = Change { core: self, book: book.as_deref_mut(), hold, now };
        changes.drop_old();
        let done = change(&mut changes);
        changes.drop_surplus();
        let stale = book.as_mut().map(|book| book.take_stale(&self.store));
        drop((book, turn));
        drop(stale);
        done
    }

    /// That it lives, and is whose handle it is; nobody changes that who has a turn.
    fn check(&self, tenure: Option<u64>) -> Result<(), TableError> {
        if !self.lives() {
            return Err(self.gone());
        }
        if tenure.is_some_and(|tenure| tenure != self.tenure.load(Relaxed)) {
            return Err(TableError::NotOwner { table: T::NAME, owner: self.owner() });
        }
        Ok(())
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
        let turn = self.gates.all(T::NAME);
        let mut book = self.book.lock();
        self.check(Some(tenure))?;
        let tenure = self.tenure.fetch_add(1, Relaxed) + 1;
        let old = book.owner.replace(new.clone());
        self.owner.store(new.pid.bits(), Relaxed);
        drop((book, turn));
        let from = old.as_ref().map_or_else(|| self.node.own_pid(), |old| old.pid);
        if let Some(old) = old {
            self.leave(&old);
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
            let _turn = self.gates.all(T::NAME);
            let book = self.book.lock();
            self.check(Some(tenure))?;
            book.owner.clone()
        };
        if let Some(owner) = owner {
            self.leave(&owner);
            self.end(owner.pid);
        }
        Ok(())
    }

    /// The end of a life, unless it belongs to somebody else by now.
    pub(super) fn end(&self, owner: Pid) {
        let hold = self.store.hold();
        let turn = self.gates.all(T::NAME);
        let mut book = self.book.lock();
        if !self.lives() || self.owner.load(Relaxed) != owner.bits() {
            return;
        }
        self.tenure.fetch_add(1, Relaxed);
        self.life.fetch_add(1, Release);
        self.store.clear(&hold); // T3
        let About { heir, name } = self.about.lock().take();
        let left = (std::mem::take(&mut book.ages), heir, book.owner.take());
        drop((book, turn));
        if let Some(name) = name {
            self.known().free(&name, self.id());
        }
        drop(left);
    }

    pub(super) fn id(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    pub(super) fn known(&self) -> Arc<Known> {
        self.node.services.get_or_make()
    }
}

impl<T: Table> Drop for Core<T> {
    fn drop(&mut self) {
        if let Some(place) = &self.place {
            self.known().leave(place.key);
        }
    }
}

/// That a process owns a table, with the process.
struct Tenure<T: Table> {
    core: Arc<Core<T>>,
    owner: Pid,
}

/// T6.
impl<T: Table> Hold for Tenure<T> {
    fn release(self: Box<Self>) {
        let Self { core, owner } = *self;
        let tenure = core.tenure.load(Relaxed);
        let heir = core.about.lock().heir.clone();
        let is_owner = core.owner.load(Relaxed) == owner.bits();
        let is_other = |heir: &Arc<dyn Inherit<T>>| heir.find().is_some_and(|it| it.pid != owner);
        let heir = heir.filter(|heir| is_owner && is_other(heir));
        let inherited = heir.map(|heir| core.hand_over(tenure, &*heir));
        if !matches!(inherited, Some(Ok(()))) {
            core.end(owner);
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
    let hold = store.hold();
    store.look(key, &hold, |row| row.is_some_and(|row| row.written == written))
}

impl<T: Table> Change<'_, '_, T> {
    /// What lies under a key.
    pub(super) fn look<O>(&self, key: &T::Key, look: impl FnOnce(Option<&RowOf<T>>) -> O) -> O {
        self.core.store.look(key, self.hold, |row| look(self.core.fresh(row)))
    }

    /// A row as it will lie there.
    fn row(&mut self, key: &T::Key, value: RowOf<T>) -> Row<RowOf<T>> {
        let Options { ttl, .. } = self.core.options;
        let mut written = 0;
        if let Some(book) = self.book.as_deref_mut().filter(|_| self.core.options.go_by_age()) {
            book.written += 1;
            written = book.written;
            book.ages.push_back((key.clone(), written));
        }
        let micros = |ttl: Duration| u64::try_from(ttl.as_micros()).unwrap_or(u64::MAX);
        let expires = ttl.map_or(u64::MAX, |ttl| self.now.saturating_add(micros(ttl)));
        Row { value, written, expires }
    }

    pub(super) fn put(&mut self, key: T::Key, value: RowOf<T>) {
        let row = self.row(&key, value);
        self.core.store.put(key, row, self.hold);
    }

    /// Another value in the place of the one that lies there.
    pub(super) fn renew(&mut self, key: &T::Key, value: RowOf<T>) {
        let row = self.row(key, value);
        self.core.store.renew(key, row, self.hold);
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
        let Some(book) = self.book.as_deref_mut().filter(|_| self.core.options.ttl.is_some())
        else {
            return;
        };
        while let Some((key, written)) = book.ages.front() {
            let state = self.core.store.look(key, self.hold, |row| {
                row.filter(|row| row.written == *written).map(|row| row.expires <= self.now)
            });
            match state {
                Some(false) => return,
                Some(true) => self.core.store.remove(key, self.hold),
                None => {}
            }
            book.ages.pop_front();
        }
    }

    /// Beyond the bound: who was written longest ago goes first.
    fn drop_surplus(&mut self) {
        let (Some(max), Some(book)) = (self.core.options.max, self.book.as_deref_mut()) else {
            return;
        };
        let store = &self.core.store;
        while store.count() > max {
            let Some((key, written)) = book.ages.pop_front() else { return };
            if store.look(&key, self.hold, |row| row.is_some_and(|row| row.written == written)) {
                store.remove(&key, self.hold);
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
