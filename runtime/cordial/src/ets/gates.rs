//! Who writes to a table at the moment.
//!
//! A key has one of a few gates: writers of one key take turns there, and those of others mostly
//! pass elsewhere. Who writes to several keys, or changes whose table it is, holds all the gates,
//! which are taken in their order. Readers never come here.
//!
//! Who writes to one table inside of a closure that writes to another waits with a turn in hand, so
//! two of them may wait for each other: none of them waits for ever.
use crate::process::DEFAULT_LIMIT;
use crate::rt::sync::{Lock, MutexGuard};
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Where anybody may write.
const MANY: usize = 16;

pub(super) struct Gates(Box<[Gate]>);

/// No two share a cache line.
#[derive(Default)]
#[repr(align(64))]
struct Gate {
    lock: Lock<()>,
    /// The thread that holds it; 0: none.
    writer: AtomicUsize,
}

thread_local! {
    /// How many turns this thread has, each inside of the one before.
    static TURNS: Cell<u32> = const { Cell::new(0) };
}

/// A turn of writing; it is given back also when a closure panics.
pub(super) struct Turn<'a> {
    writer: &'a AtomicUsize,
    _held: Held<'a>,
}

enum Held<'a> {
    One(#[expect(dead_code, reason = "what is held is let go of")] MutexGuard<'a, ()>),
    All(#[expect(dead_code, reason = "what is held is let go of")] Vec<MutexGuard<'a, ()>>),
}

impl Gates {
    /// `many`: writers of different keys need not wait for each other.
    pub(super) fn new(many: bool) -> Self {
        let count = if many { MANY } else { 1 };
        Self((0..count).map(|_| Gate::default()).collect())
    }

    pub(super) fn are_many(&self) -> bool {
        self.0.len() > 1
    }

    /// The turn of who writes to one key, known by its hash.
    #[inline]
    pub(super) fn one(&self, table: &str, hash: u64) -> Turn<'_> {
        let me = self.enter(table);
        let at = (hash >> 32) as usize % self.0.len();
        let held = Held::One(self.0[at].pass(table));
        Turn::begin(&self.0[at].writer, held, me)
    }

    /// The turn of who writes to anything.
    pub(super) fn all(&self, table: &str) -> Turn<'_> {
        let me = self.enter(table);
        let held = Held::All(self.0.iter().map(|gate| gate.pass(table)).collect());
        Turn::begin(&self.0[0].writer, held, me)
    }

    /// This thread, which must not have a turn here already.
    #[inline]
    fn enter(&self, table: &str) -> usize {
        TURNS.with(|turns| {
            let me = std::ptr::from_ref(turns).addr();
            if turns.get() > 0 {
                self.check_not_inside(table, me);
            }
            me
        })
    }

    #[cold]
    fn check_not_inside(&self, table: &str, me: usize) {
        assert!(
            self.0.iter().all(|gate| gate.writer.load(Relaxed) != me),
            "table `{table}` is written to inside of a closure that writes to it already"
        );
    }
}

impl Gate {
    #[inline]
    fn pass(&self, table: &str) -> MutexGuard<'_, ()> {
        if TURNS.with(Cell::get) > 0 { self.pass_inside(table) } else { self.lock.lock() }
    }

    #[cold]
    fn pass_inside(&self, table: &str) -> MutexGuard<'_, ()> {
        self.lock.lock_within(DEFAULT_LIMIT).unwrap_or_else(|| {
            panic!(
                "table `{table}` is written to inside of a closure that writes to another table, \
                 and its turn did not come within {DEFAULT_LIMIT:?}: perhaps somebody does it the \
                 other way round"
            )
        })
    }
}

impl<'a> Turn<'a> {
    #[inline]
    fn begin(writer: &'a AtomicUsize, held: Held<'a>, me: usize) -> Self {
        writer.store(me, Relaxed);
        TURNS.with(|turns| turns.set(turns.get() + 1));
        Self { writer, _held: held }
    }
}

impl Drop for Turn<'_> {
    #[inline]
    fn drop(&mut self) {
        TURNS.with(|turns| turns.set(turns.get() - 1));
        self.writer.store(0, Relaxed);
    }
}
