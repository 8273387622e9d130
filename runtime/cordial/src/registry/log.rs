//! The entries of one key where a key may have many: in the order in which they came, and read
//! without a lock.
//!
//! # Rules (cited as L1 to L4)
//! - L1 a slot is written once, and slots are filled in order: who reads stops at the first that is
//!   empty
//! - L2 an entry that has gone stays in its slot, marked; that and every write happen under the
//!   writers' lock, where nothing of the user's runs
//! - L3 when more than half have gone, those that are left move to a new log; the old one says
//!   where it is, and takes nothing any more
//! - L4 when all have gone the log is closed: whoever comes next makes another
use crate::rt::sync::Lock;
use std::sync::{Arc, OnceLock};

/// How many slots a log begins with; each segment is twice as large as the one before.
const FIRST: usize = 2;
/// So few are never moved.
const SMALL: usize = 32;

/// Something that goes once.
pub(super) trait Mortal {
    fn has_gone(&self) -> bool;
    /// False: it had gone before.
    fn go(&self) -> bool;
}

pub(super) struct Log<T> {
    first: Segment<T>,
    state: Lock<State>,
    /// L3.
    moved: OnceLock<Arc<Self>>,
}

#[derive(Default)]
struct State {
    filled: usize,
    gone: usize,
    /// L4.
    closed: bool,
}

struct Segment<T> {
    slots: Box<[OnceLock<Arc<T>>]>,
    next: OnceLock<Box<Self>>,
}

/// What the end of an entry leaves of its log.
pub(super) enum Left<T> {
    Some,
    /// L4.
    Nothing(Arc<Log<T>>),
    /// L3: from the first to the second.
    Moved(Arc<Log<T>>, Arc<Log<T>>),
}

impl<T> Segment<T> {
    fn new(size: usize) -> Self {
        let slots = std::iter::repeat_with(OnceLock::new).take(size).collect();
        Self { slots, next: OnceLock::new() }
    }
}

impl<T: Mortal> Log<T> {
    pub(super) fn new() -> Self {
        Self::of(FIRST)
    }

    fn of(size: usize) -> Self {
        let first = Segment::new(size.max(FIRST));
        Self { first, state: Lock::default(), moved: OnceLock::new() }
    }

    /// Where entries are now.
    pub(super) fn latest(self: &Arc<Self>) -> &Arc<Self> {
        let mut log = self;
        while let Some(next) = log.moved.get() {
            log = next;
        }
        log
    }

    /// `f` with the log where entries are now, under its lock.
    fn with_latest<R>(self: &Arc<Self>, f: impl FnOnce(&Arc<Self>, &mut State) -> R) -> R {
        let mut log = self.latest().clone();
        loop {
            let mut state = log.state.lock();
            let Some(next) = log.moved.get().cloned() else { return f(&log, &mut state) };
            drop(state);
            log = next;
        }
    }

    /// `Err`: the log that is closed.
    pub(super) fn push(self: &Arc<Self>, entry: &Arc<T>) -> Result<(), Arc<Self>> {
        self.with_latest(|log, state| {
            if state.closed {
                return Err(log.clone());
            }
            log.fill(state.filled, entry.clone());
            state.filled += 1;
            Ok(())
        })
    }

    /// L1: the slot of this number, which is the first that is empty.
    fn fill(&self, at: usize, entry: Arc<T>) {
        let (mut segment, mut at) = (&self.first, at);
        while at >= segment.slots.len() {
            at -= segment.slots.len();
            let size = segment.slots.len() * 2;
            segment = segment.next.get_or_init(|| Box::new(Segment::new(size)));
        }
        let _ = segment.slots[at].set(entry);
    }

    /// The entry has gone.
    pub(super) fn leave(self: &Arc<Self>, entry: &T) -> Left<T> {
        self.with_latest(|log, state| {
            if !entry.go() {
                return Left::Some;
            }
            state.gone += 1;
            if state.gone == state.filled {
                state.closed = true;
                return Left::Nothing(log.clone());
            }
            if state.filled < SMALL || state.gone * 2 <= state.filled {
                return Left::Some;
            }
            let next = Arc::new(log.without_the_gone(state.filled - state.gone));
            let _ = log.moved.set(next.clone());
            Left::Moved(log.clone(), next)
        })
    }

    fn without_the_gone(&self, left: usize) -> Self {
        let next = Self::of(left);
        let mut filled = 0;
        self.each_here(|entry| {
            next.fill(filled, entry.clone());
            filled += 1;
        });
        next.state.lock().filled = filled;
        next
    }

    /// In the order in which they came.
    pub(super) fn each(self: &Arc<Self>, f: impl FnMut(&Arc<T>)) {
        self.latest().each_here(f);
    }

    fn each_here(&self, mut f: impl FnMut(&Arc<T>)) {
        let mut segment = Some(&self.first);
        while let Some(here) = segment {
            for slot in &here.slots {
                match slot.get() {
                    Some(entry) if entry.has_gone() => {}
                    Some(entry) => f(entry),
                    None => return,
                }
            }
            segment = here.next.get().map(|next| &**next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

    struct Entry(u32, AtomicBool);

    impl Mortal for Entry {
        fn has_gone(&self) -> bool {
            self.1.load(SeqCst)
        }
        fn go(&self) -> bool {
            !self.1.swap(true, SeqCst)
        }
    }

    fn entries(count: u32) -> Vec<Arc<Entry>> {
        (0..count).map(|n| Arc::new(Entry(n, AtomicBool::new(false)))).collect()
    }

    fn of(log: &Arc<Log<Entry>>) -> Vec<u32> {
        let mut all = Vec::new();
        log.each(|entry| all.push(entry.0));
        all
    }

    #[test]
    fn entries_stay_in_order_while_others_go_and_the_log_moves() {
        let (log, entries) = (Arc::new(Log::new()), entries(1_000));
        for entry in &entries {
            assert!(log.push(entry).is_ok());
        }
        let mut moves = 0;
        for entry in entries.iter().filter(|entry| entry.0 % 10 != 3) {
            moves += usize::from(matches!(log.leave(entry), Left::Moved(..)));
        }
        assert_eq!(of(&log), (0..100).map(|n| n * 10 + 3).collect::<Vec<_>>());
        assert_eq!(moves, 3, "1,000 to 499 to 249 to 124");
    }

    #[test]
    fn last_entry_closes_the_log() {
        let (log, entries) = (Arc::new(Log::new()), entries(2));
        assert!(log.push(&entries[0]).is_ok());
        assert!(matches!(log.leave(&entries[0]), Left::Nothing(_)));
        assert!(log.push(&entries[1]).is_err());
        assert!(matches!(log.leave(&entries[0]), Left::Some), "it goes once");
    }
}
