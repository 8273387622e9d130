//! Arrays of numbers that any process counts in: OTP's `counters` and `atomics`.
use crate::rt::sync::Apart;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed, Ordering::SeqCst};

/// A fixed number of counters of 64 bits with a sign, which begin at 0 and wrap around.
///
/// A clone is the same array. [`new`](Self::new) gives one in which each change is seen by all at
/// once. [`write_concurrent`](Self::write_concurrent) gives each writing thread cells of its own:
/// writers do not slow each other down, readers sum up, and a [`put`](Self::put) beside an
/// [`add`](Self::add) may lose the one or the other.
///
/// # Examples
/// ```
/// use cordial::Counters;
/// let requests = Counters::new(2);
/// let (ok, failed) = (0, 1);
/// requests.add(ok, 3);
/// requests.sub(failed, 1);
/// assert_eq!((requests.get(ok), requests.get(failed)), (3, -1));
/// requests.put(failed, i64::MAX);
/// requests.add(failed, 1);
/// assert_eq!(requests.get(failed), i64::MIN);
/// ```
///
/// # Panics
/// An index that is not below [`size`](Self::size), and a size of 0, as any index into a slice:
/// OTP's `badarg`.
///
/// # Differences from OTP
/// Indices begin at 0.
#[derive(Clone)]
pub struct Counters(Arc<[Shard]>);

/// The counters of some of the threads.
type Shard = Apart<Box<[AtomicU64]>>;

/// What a thread counts in, among the shards of any array.
fn shard() -> usize {
    thread_local!(static OWN: u8 = const { 0 });
    // Addresses of threads differ in few bits: the product spreads them.
    let address = OWN.with(|own| std::ptr::from_ref(own).addr());
    address.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40
}

impl Counters {
    /// So many counters.
    pub fn new(size: usize) -> Self {
        Self::with_shards(size, 1)
    }

    /// So many counters, for many writers and few readers; it takes as many times the memory as
    /// there are cores.
    pub fn write_concurrent(size: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::with_shards(size, cores)
    }

    fn with_shards(size: usize, shards: usize) -> Self {
        assert!(size > 0, "an array of counters has at least one");
        let shard = || Apart((0..size).map(|_| AtomicU64::new(0)).collect());
        Self((0..shards).map(|_| shard()).collect())
    }

    /// How many there are.
    pub fn size(&self) -> usize {
        self.0[0].len()
    }

    /// Counts so much more.
    #[track_caller]
    pub fn add(&self, index: usize, by: i64) {
        let shard = if self.0.len() == 1 { 0 } else { shard() % self.0.len() };
        self.cell(shard, index).fetch_add(by.cast_unsigned(), Relaxed);
    }

    /// Counts so much less.
    #[track_caller]
    pub fn sub(&self, index: usize, by: i64) {
        self.add(index, by.wrapping_neg());
    }

    /// What it has come to.
    #[track_caller]
    pub fn get(&self, index: usize) -> i64 {
        let mut sum = 0_u64;
        for shard in 0..self.0.len() {
            sum = sum.wrapping_add(self.cell(shard, index).load(SeqCst));
        }
        sum.cast_signed()
    }

    /// Sets it, whatever it was.
    #[track_caller]
    pub fn put(&self, index: usize, value: i64) {
        for shard in 1..self.0.len() {
            self.cell(shard, index).store(0, SeqCst);
        }
        self.cell(0, index).store(value.cast_unsigned(), SeqCst);
    }

    #[track_caller]
    fn cell(&self, shard: usize, index: usize) -> &AtomicU64 {
        let cells = &self.0[shard];
        match cells.get(index) {
            Some(cell) => cell,
            None => panic!("counter {index} of an array of {}; the first one is 0", cells.len()),
        }
    }
}

impl fmt::Debug for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries((0..self.size()).map(|index| self.get(index))).finish()
    }
}

/// What [`Atomics`] are of: `i64` or `u64`.
pub trait Word: Copy + fmt::Debug {
    /// The smallest.
    const MIN: Self;
    /// The largest; one more is the smallest.
    const MAX: Self;
    #[doc(hidden)]
    fn bits(self) -> u64;
    #[doc(hidden)]
    fn of(bits: u64) -> Self;
}

impl Word for i64 {
    const MIN: Self = Self::MIN;
    const MAX: Self = Self::MAX;
    fn bits(self) -> u64 {
        self.cast_unsigned()
    }
    fn of(bits: u64) -> Self {
        bits.cast_signed()
    }
}

impl Word for u64 {
    const MIN: Self = Self::MIN;
    const MAX: Self = Self::MAX;
    fn bits(self) -> u64 {
        self
    }
    fn of(bits: u64) -> Self {
        bits
    }
}

/// A fixed number of atomic words, `i64` or `u64`, which begin at 0 and wrap around. All that is
/// done with them has one order that everybody sees.
///
/// A clone is the same array.
///
/// # Examples
/// ```
/// use cordial::Atomics;
/// let slots = Atomics::<u64>::new(1);
/// assert_eq!(slots.add_get(0, 5), 5);
/// assert_eq!(slots.exchange(0, 7), 5);
/// assert_eq!(slots.compare_exchange(0, 5, 9), Err(7));
/// assert_eq!(slots.compare_exchange(0, 7, 9), Ok(()));
/// ```
///
/// # Panics
/// An index that is not below [`size`](Self::size), and a size of 0, as any index into a slice:
/// OTP's `badarg`.
///
/// # Differences from OTP
/// Indices begin at 0; whether they have a sign is their type's.
pub struct Atomics<W = i64> {
    words: Arc<[AtomicU64]>,
    of: std::marker::PhantomData<fn() -> W>,
}

impl<W: Word> Atomics<W> {
    /// The smallest that one can be.
    pub const MIN: W = W::MIN;
    /// The largest.
    pub const MAX: W = W::MAX;

    /// So many words.
    pub fn new(size: usize) -> Self {
        assert!(size > 0, "an array of atomics has at least one");
        let words = (0..size).map(|_| AtomicU64::new(0)).collect();
        Self { words, of: std::marker::PhantomData }
    }

    /// How many there are.
    pub fn size(&self) -> usize {
        self.words.len()
    }

    /// What it is.
    #[track_caller]
    pub fn get(&self, index: usize) -> W {
        W::of(self.word(index).load(SeqCst))
    }

    /// Sets it.
    #[track_caller]
    pub fn put(&self, index: usize, value: W) {
        self.word(index).store(value.bits(), SeqCst);
    }

    /// So much more.
    #[track_caller]
    pub fn add(&self, index: usize, by: W) {
        self.add_get(index, by);
    }

    /// So much more, and what it is then.
    #[track_caller]
    pub fn add_get(&self, index: usize, by: W) -> W {
        W::of(self.word(index).fetch_add(by.bits(), SeqCst).wrapping_add(by.bits()))
    }

    /// So much less.
    #[track_caller]
    pub fn sub(&self, index: usize, by: W) {
        self.sub_get(index, by);
    }

    /// So much less, and what it is then.
    #[track_caller]
    pub fn sub_get(&self, index: usize, by: W) -> W {
        W::of(self.word(index).fetch_sub(by.bits(), SeqCst).wrapping_sub(by.bits()))
    }

    /// Sets it, and gives what it was.
    #[track_caller]
    pub fn exchange(&self, index: usize, value: W) -> W {
        W::of(self.word(index).swap(value.bits(), SeqCst))
    }

    /// Sets it if it is what was expected.
    ///
    /// # Errors
    /// What it is instead.
    #[track_caller]
    pub fn compare_exchange(&self, index: usize, expected: W, value: W) -> Result<(), W> {
        let word = self.word(index);
        let done = word.compare_exchange(expected.bits(), value.bits(), SeqCst, SeqCst);
        done.map(drop).map_err(W::of)
    }

    #[track_caller]
    fn word(&self, index: usize) -> &AtomicU64 {
        match self.words.get(index) {
            Some(word) => word,
            None => {
                panic!("atomic {index} of an array of {}; the first one is 0", self.words.len())
            }
        }
    }
}

impl<W> Clone for Atomics<W> {
    fn clone(&self) -> Self {
        Self { words: self.words.clone(), of: std::marker::PhantomData }
    }
}

impl<W: Word> fmt::Debug for Atomics<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries((0..self.size()).map(|index| self.get(index))).finish()
    }
}
