//! Deadlines in a hierarchy of wheels: setting and cancelling one costs the same among ten as among
//! a million. Pure: it is told what time it is.
//!
//! # Rules (cited as W1 to W4)
//! - W1 Time is cut into ticks of a millisecond. Level 0 has a slot per tick, each level above one
//!   per turn of the level below. An entry lies on the lowest level on which its tick and the
//!   wheel's own differ, so a slot never comes round twice: all of a level is later than all of the
//!   levels below.
//! - W2 The deadline itself is kept: a tick says where to look, the deadline whether it is due.
//! - W3 What is due together comes in the order of deadlines, equal ones in the order of arming.
//! - W4 A key is never given twice, though places are used again.
//! - W5 An entry may be kept without its value, for whoever needs one that is due no later: it
//!   stays where it lies, and comes due for its new owner, early, or for nobody.
use crate::rt::time::Instant;
use std::num::NonZeroU64;
use std::time::Duration;

const BITS: u32 = 6;
const SLOTS: usize = 1 << BITS;
const LEVELS: usize = 6;
/// The last tick that the levels tell apart; what is later waits there and is placed anew.
const HORIZON: u64 = (1 << (BITS * LEVELS as u32)) - 1;
/// No entry.
const NONE: u32 = u32::MAX;
/// An empty wheel with more places than this gives its memory back.
const KEEP: usize = 256;
/// So many entries are kept without a value (W5).
const SPARES: usize = 64;

/// Which entry, and of which wheel.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct TimerKey {
    serial: NonZeroU64,
    place: u32,
    wheel: u8,
}

impl TimerKey {
    /// The number of its wheel.
    pub(super) fn wheel(self) -> u8 {
        self.wheel
    }
}

/// Values with deadlines.
pub(super) struct Wheel<T> {
    /// What tells it from others.
    number: u8,
    /// What ticks count from.
    origin: Instant,
    /// The tick up to which everything due has been taken.
    tick: u64,
    levels: [Level; LEVELS],
    places: Vec<Place<T>>,
    /// The first of the places that are free, each of which names the next.
    free: u32,
    /// The places of entries without a value (W5).
    spares: Vec<u32>,
    /// Entries that have one.
    len: usize,
    serial: NonZeroU64,
}

struct Level {
    /// One bit per slot: there is something in it.
    occupied: u64,
    /// The first entry of each slot.
    heads: [u32; SLOTS],
}

struct Place<T> {
    entry: Option<Entry<T>>,
    before: u32,
    after: u32,
}

/// What has come due: when it was to, which entry it was, and the value.
type Due<T> = (Instant, NonZeroU64, T);

struct Entry<T> {
    due: Instant,
    serial: NonZeroU64,
    level: u8,
    slot: u8,
    /// `None`: it is a spare (W5).
    value: Option<T>,
}

impl<T> Wheel<T> {
    pub(super) fn new(number: u8, origin: Instant) -> Self {
        let levels = std::array::from_fn(|_| Level { occupied: 0, heads: [NONE; SLOTS] });
        let (places, spares, serial) = (Vec::new(), Vec::new(), NonZeroU64::MIN);
        Self { number, origin, tick: 0, levels, places, free: NONE, spares, len: 0, serial }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The value may know its key.
    #[inline]
    pub(super) fn insert(&mut self, due: Instant, value: impl FnOnce(TimerKey) -> T) -> TimerKey {
        let serial = self.next_serial();
        let place = self.vacant();
        let key = TimerKey { serial, place, wheel: self.number };
        let entry = Entry { due, serial, level: 0, slot: 0, value: Some(value(key)) };
        self.places[place as usize].entry = Some(entry);
        self.link(place);
        self.len += 1;
        key
    }

    fn next_serial(&mut self) -> NonZeroU64 {
        let serial = self.serial;
        self.serial = serial.saturating_add(1); // One each nanosecond lasts for centuries.
        serial
    }

    /// [`insert`](Self::insert), where the value may come due early: into a spare, if there is one
    /// that is due no later (W5).
    #[inline]
    pub(super) fn insert_early(&mut self, due: Instant, value: T) -> TimerKey {
        let spare = self.spares.last().copied();
        if let Some(place) = spare.filter(|place| self.entry(*place).due <= due) {
            self.spares.pop();
            self.len += 1;
            let serial = self.next_serial();
            let entry = self.places[place as usize].entry.as_mut();
            let entry = entry.expect("a spare is linked");
            (entry.serial, entry.value) = (serial, Some(value));
            return TimerKey { serial, place, wheel: self.number };
        }
        self.insert(due, |_| value)
    }

    /// [`remove`](Self::remove), but the entry is kept for another value, unless there are enough
    /// (W5).
    #[inline]
    pub(super) fn take_value(&mut self, key: TimerKey) -> Option<T> {
        let is_last_of_many = self.len == 1 && self.places.len() > KEEP;
        if self.spares.len() == SPARES || is_last_of_many {
            return self.remove(key).map(|(_, value)| value);
        }
        let entry = self.places.get_mut(key.place as usize)?.entry.as_mut()?;
        if entry.serial != key.serial {
            return None; // W4
        }
        let value = entry.value.take()?;
        self.spares.push(key.place);
        self.len -= 1;
        Some(value)
    }

    /// The value and its deadline, unless it was taken or removed before.
    #[inline]
    pub(super) fn remove(&mut self, key: TimerKey) -> Option<(Instant, T)> {
        if !self.has(key) {
            return None;
        }
        self.unlink(key.place);
        let (due, _, value) = self.vacate(key.place)?;
        self.shrink();
        Some((due, value))
    }

    pub(super) fn has(&self, key: TimerKey) -> bool {
        let entry = self.places.get(key.place as usize).and_then(|place| place.entry.as_ref());
        entry.is_some_and(|entry| entry.serial == key.serial && entry.value.is_some()) // W4, W5
    }

    /// When it fires, unless it has or was removed.
    pub(super) fn due(&self, key: TimerKey) -> Option<Instant> {
        let entry = self.places.get(key.place as usize).and_then(|place| place.entry.as_ref());
        entry.filter(|entry| entry.serial == key.serial).map(|entry| entry.due)
    }

    /// When there is something to do: never later than the earliest deadline, and not much earlier.
    pub(super) fn next(&self) -> Option<Instant> {
        let (level, slot) = self.first_slot()?;
        if level > 0 {
            return Some(self.instant(self.start(level, slot)));
        }
        self.slot(0, slot).map(|place| self.entry(place).due).min()
    }

    /// Takes out all that is due (W3).
    pub(super) fn take_due(&mut self, now: Instant) -> Vec<T> {
        let target = self.tick_of(now).max(self.tick);
        let (mut due, mut early) = (Vec::new(), Vec::new());
        while let Some((level, slot)) = self.first_slot() {
            let start = self.start(level, slot);
            if start > target {
                break;
            }
            self.tick = start.max(self.tick);
            self.empty(level, slot, now, &mut due, &mut early);
        }
        self.tick = target;
        for place in early {
            self.link(place);
        }
        self.shrink();
        due.sort_unstable_by_key(|(due, serial, _): &Due<T>| (*due, *serial));
        due.into_iter().map(|(_, _, value)| value).collect()
    }

    /// Everything, due or not.
    pub(super) fn take_all(&mut self) -> Vec<T> {
        let places = std::mem::take(&mut self.places);
        for level in &mut self.levels {
            *level = Level { occupied: 0, heads: [NONE; SLOTS] };
        }
        (self.free, self.spares, self.len) = (NONE, Vec::new(), 0);
        places.into_iter().filter_map(|place| place.entry?.value).collect()
    }

    /// Takes a slot apart: what is due, what lies in the tick of `now` but is not, and, from the
    /// levels above, what moves down.
    fn empty(
        &mut self,
        level: usize,
        slot: usize,
        now: Instant,
        due: &mut Vec<Due<T>>,
        early: &mut Vec<u32>,
    ) {
        let mut place = self.levels[level].heads[slot];
        self.levels[level].heads[slot] = NONE;
        self.levels[level].occupied &= !(1 << slot);
        while place != NONE {
            let after = self.places[place as usize].after;
            if self.entry(place).due <= now {
                due.extend(self.vacate(place));
            } else if level == 0 {
                early.push(place); // W2
            } else {
                self.link(place);
            }
            place = after;
        }
    }

    // ----- where things lie -----

    fn tick_of(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.origin);
        since.as_secs().saturating_mul(1000).saturating_add(u64::from(since.subsec_millis()))
    }

    fn instant(&self, tick: u64) -> Instant {
        self.origin + Duration::from_millis(tick)
    }

    /// The first tick of a slot.
    fn start(&self, level: usize, slot: usize) -> u64 {
        let shift = BITS * level as u32;
        let turn = self.tick >> (shift + BITS) << (shift + BITS);
        turn | (slot as u64) << shift
    }

    /// The slot with the earliest entries (W1).
    fn first_slot(&self) -> Option<(usize, usize)> {
        let level = self.levels.iter().position(|level| level.occupied != 0)?;
        Some((level, self.levels[level].occupied.trailing_zeros() as usize))
    }

    /// W1.
    fn level_and_slot(&self, due: Instant) -> (usize, usize) {
        let tick = self.tick_of(due).clamp(self.tick, self.tick | HORIZON);
        let differs = (tick ^ self.tick) | 1;
        let level = (u64::BITS - 1 - differs.leading_zeros()) / BITS;
        let slot = tick >> (BITS * level) & (SLOTS as u64 - 1);
        (level as usize, slot as usize)
    }

    fn entry(&self, place: u32) -> &Entry<T> {
        self.places[place as usize].entry.as_ref().expect("what is linked has its entry")
    }

    fn slot(&self, level: usize, slot: usize) -> impl Iterator<Item = u32> {
        let linked = |place: u32| (place != NONE).then_some(place);
        let first = linked(self.levels[level].heads[slot]);
        std::iter::successors(first, move |place| linked(self.places[*place as usize].after))
    }

    // ----- lists -----

    fn link(&mut self, place: u32) {
        let (level, slot) = self.level_and_slot(self.entry(place).due);
        let after = std::mem::replace(&mut self.levels[level].heads[slot], place);
        self.levels[level].occupied |= 1 << slot;
        if after != NONE {
            self.places[after as usize].before = place;
        }
        let Place { entry, before, after: next } = &mut self.places[place as usize];
        (*before, *next) = (NONE, after);
        let entry = entry.as_mut().expect("what is linked has its entry");
        (entry.level, entry.slot) = (level as u8, slot as u8);
    }

    fn unlink(&mut self, place: u32) {
        let Place { before, after, .. } = self.places[place as usize];
        let entry = self.entry(place);
        let (level, slot) = (usize::from(entry.level), usize::from(entry.slot));
        if after != NONE {
            self.places[after as usize].before = before;
        }
        if before != NONE {
            self.places[before as usize].after = after;
            return;
        }
        self.levels[level].heads[slot] = after;
        if after == NONE {
            self.levels[level].occupied &= !(1 << slot);
        }
    }

    // ----- places -----

    fn vacant(&mut self) -> u32 {
        if self.free == NONE {
            let place = u32::try_from(self.places.len()).ok().filter(|place| *place != NONE);
            self.places.push(Place { entry: None, before: NONE, after: NONE });
            return place.expect("fewer than 2^32 timers are set at a time");
        }
        let place = self.free;
        self.free = self.places[place as usize].after;
        place
    }

    /// `None`: it was a spare.
    fn vacate(&mut self, place: u32) -> Option<Due<T>> {
        let vacant = &mut self.places[place as usize];
        let entry = vacant.entry.take().expect("an entry is taken out once");
        vacant.after = self.free;
        self.free = place;
        let Some(value) = entry.value else {
            self.spares.retain(|spare| *spare != place);
            return None;
        };
        self.len -= 1;
        Some((entry.due, entry.serial, value))
    }

    /// Once nobody has an entry, the memory of many is given back.
    fn shrink(&mut self) {
        if self.len == 0 && self.places.len() > KEEP {
            self.take_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const fn micros(n: u64) -> Duration {
        Duration::from_micros(n)
    }

    fn wheel() -> (Wheel<u64>, Instant) {
        let origin = Instant::now();
        (Wheel::new(0, origin), origin)
    }

    /// TMR-9
    // break: TMR-9 runtime/cordial/src/timer/wheel.rs `(*due, *serial)` => `*serial`
    #[test]
    fn what_is_due_together_comes_in_the_order_of_deadlines_then_of_arming() {
        let (mut wheel, origin) = wheel();
        for (after, value) in [(10_300, 3), (10_100, 1), (2_000, 0), (10_100, 2)] {
            wheel.insert(origin + micros(after), |_| value);
        }
        assert_eq!(wheel.take_due(origin + micros(20_000)), [0, 1, 2, 3]);
        assert_eq!(wheel.len(), 0);
    }

    #[test]
    fn nothing_is_taken_before_its_deadline_within_a_tick() {
        let (mut wheel, origin) = wheel();
        wheel.insert(origin + micros(5_400), |_| 1);
        wheel.insert(origin + micros(5_600), |_| 2);
        assert!(wheel.take_due(origin + micros(5_399)).is_empty());
        assert_eq!(wheel.next(), Some(origin + micros(5_400)));
        assert_eq!(wheel.take_due(origin + micros(5_400)), [1]);
        assert_eq!(wheel.next(), Some(origin + micros(5_600)));
        assert_eq!(wheel.take_due(origin + micros(5_600)), [2]);
    }

    #[test]
    fn what_is_due_already_is_taken_at_once() {
        let (mut wheel, origin) = wheel();
        wheel.take_due(origin + micros(9_000_000));
        wheel.insert(origin, |_| 1);
        assert_eq!(wheel.next(), Some(origin));
        assert_eq!(wheel.take_due(origin + micros(9_000_000)), [1]);
    }

    #[test]
    fn removed_entry_is_gone_and_its_key_means_nothing_to_who_has_the_place_now() {
        let (mut wheel, origin) = wheel();
        let key = wheel.insert(origin + micros(7_000), |_| 1);
        assert_eq!(wheel.remove(key), Some((origin + micros(7_000), 1)));
        assert_eq!(wheel.remove(key), None);
        let other = wheel.insert(origin + micros(8_000), |_| 2);
        assert_eq!((wheel.has(key), wheel.has(other)), (false, true));
        assert_eq!(wheel.take_due(origin + micros(9_000)), [2]);
    }

    #[test]
    fn deadline_beyond_the_horizon_is_kept() {
        let (mut wheel, origin) = wheel();
        let far = Duration::from_secs(30 * 365 * 24 * 3600);
        wheel.insert(origin + far, |_| 1);
        assert!(wheel.take_due(origin + far - Duration::from_secs(1)).is_empty());
        assert_eq!(wheel.take_due(origin + far), [1]);
    }

    #[test]
    fn burst_of_timers_gives_its_memory_back() {
        let (mut wheel, origin) = wheel();
        let keys: Vec<_> = (0..100_000).map(|n| wheel.insert(origin + micros(n), |_| n)).collect();
        keys.into_iter().for_each(|key| _ = wheel.remove(key));
        assert!(wheel.places.capacity() <= KEEP);
    }

    #[test]
    fn spare_serves_who_needs_it_no_sooner_and_then_means_nothing_to_who_had_it() {
        let (mut wheel, origin) = wheel();
        let first = wheel.insert_early(origin + micros(5_000), 1);
        assert_eq!(wheel.take_value(first), Some(1));
        assert_eq!((wheel.take_value(first), wheel.len()), (None, 0));
        let sooner = wheel.insert_early(origin + micros(4_000), 2);
        let later = wheel.insert_early(origin + micros(6_000), 3);
        assert_eq!((wheel.has(first), wheel.has(sooner), wheel.has(later)), (false, true, true));
        assert_eq!(wheel.take_due(origin + micros(5_000)), [2, 3], "early, but never late");
    }

    #[test]
    fn spare_that_nobody_took_comes_due_for_nobody() {
        let (mut wheel, origin) = wheel();
        for value in 0..100 {
            let key = wheel.insert(origin + micros(1_000), |_| value);
            assert_eq!(wheel.take_value(key), Some(value));
        }
        let keys: Vec<_> =
            (0..100).map(|value| wheel.insert(origin + micros(900), |_| value)).collect();
        assert_eq!(keys.into_iter().filter_map(|key| wheel.take_value(key)).count(), 100);
        assert!(wheel.spares.len() <= SPARES);
        assert!(wheel.take_due(origin + micros(2_000)).is_empty());
        assert_eq!((wheel.len(), wheel.spares.len(), wheel.next()), (0, 0, None));
    }

    /// A small generator, so that a failure can be run again.
    fn random(state: &mut u64) -> u64 {
        *state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *state >> 33
    }

    #[test]
    fn wheel_agrees_with_an_ordered_map_on_random_histories() {
        for seed in 0..200 {
            let (mut wheel, origin) = wheel();
            let (mut model, mut keys) = (BTreeMap::new(), Vec::new());
            let (mut state, mut now) = (seed, Duration::ZERO);
            for value in 0..400 {
                let reach = 1 << (random(&mut state) % 36);
                match random(&mut state) % 8 {
                    0..4 => {
                        let due = now + micros(random(&mut state) % reach);
                        keys.push((wheel.insert(origin + due, |_| value), (due, value)));
                        model.insert((due, value), value);
                    }
                    4 | 5 if !keys.is_empty() => {
                        let (key, at) = keys.swap_remove(random(&mut state) as usize % keys.len());
                        let removed = wheel.remove(key).map(|(_, value)| value);
                        assert_eq!(removed, model.remove(&at), "seed {seed}");
                    }
                    _ => {
                        now += micros(random(&mut state) % reach);
                        let later = model.split_off(&(now + micros(1), 0));
                        let due: Vec<u64> =
                            std::mem::replace(&mut model, later).into_values().collect();
                        assert_eq!(wheel.take_due(origin + now), due, "seed {seed}");
                    }
                }
                let earliest = model.first_key_value().map(|((due, _), _)| origin + *due);
                assert_eq!(wheel.len(), model.len(), "seed {seed}");
                assert!(
                    wheel.next() <= earliest && wheel.next().is_none() == earliest.is_none(),
                    "seed {seed}"
                );
            }
        }
    }
}
