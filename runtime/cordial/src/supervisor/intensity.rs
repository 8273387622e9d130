//! Pure: are there too many restarts in the period?
//!
//! A true sliding window for one supervisor: the times of its last restarts, never more than
//! `max_restarts + 1` of them. Time is an argument, counted from any fixed moment.

use std::collections::VecDeque;
use std::time::Duration;

/// The restarts of one supervisor within its period.
#[derive(Debug)]
pub(crate) struct Intensity {
    max_restarts: u32,
    period: Duration,
    /// Oldest first; at most `max_restarts + 1` of them.
    restarts: VecDeque<Duration>,
}

/// What one more restart means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// There were few enough of them.
    Within,
    /// One too many: the supervisor gives up.
    Exceeded,
}

impl Intensity {
    pub(crate) const fn new(max_restarts: u32, period: Duration) -> Self {
        Self { max_restarts, period, restarts: VecDeque::new() }
    }

    /// Records the restart attempt at `now` and tells what it means.
    ///
    /// An entry that is exactly `period` old still counts (SUP-20).
    pub(crate) fn add(&mut self, now: Duration) -> Verdict {
        while self.restarts.front().is_some_and(|t| now.saturating_sub(*t) > self.period) {
            self.restarts.pop_front();
        }
        if self.is_exceeded() {
            self.restarts.pop_front();
        }
        self.restarts.push_back(now);
        if self.is_exceeded() { Verdict::Exceeded } else { Verdict::Within }
    }

    /// Another bound from now on.
    pub(crate) fn change(&mut self, max_restarts: u32, period: Duration) {
        (self.max_restarts, self.period) = (max_restarts, period);
        let most = max_restarts as usize + 1;
        self.restarts.drain(..self.restarts.len().saturating_sub(most));
    }

    /// How many restarts are in the window, the last one included.
    pub(crate) fn count(&self) -> usize {
        self.restarts.len()
    }

    /// How many may be in it.
    pub(crate) const fn max_restarts(&self) -> u32 {
        self.max_restarts
    }

    /// How long a restart counts.
    pub(crate) const fn period(&self) -> Duration {
        self.period
    }

    fn is_exceeded(&self) -> bool {
        self.restarts.len() > self.max_restarts as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn verdicts(max_restarts: u32, period: Duration, at: &[Duration]) -> Vec<Verdict> {
        let mut intensity = Intensity::new(max_restarts, period);
        at.iter().map(|now| intensity.add(*now)).collect()
    }

    #[track_caller]
    fn check_given_up_at(max_restarts: u32, at: &[Duration], last_is: Verdict) {
        let verdicts = verdicts(max_restarts, SECOND, at);
        let (last, before) = verdicts.split_last().expect("at least one restart");
        assert!(before.iter().all(|v| *v == Verdict::Within), "{verdicts:?}");
        assert_eq!(*last, last_is, "{verdicts:?}");
    }

    /// SUP-20
    #[test]
    fn one_more_than_max_restarts_is_too_many() {
        for max_restarts in 0..6 {
            let at = vec![SECOND; max_restarts as usize];
            assert!(!verdicts(max_restarts, SECOND, &at).contains(&Verdict::Exceeded));
            let one_more = vec![SECOND; max_restarts as usize + 1];
            check_given_up_at(max_restarts, &one_more, Verdict::Exceeded);
        }
    }

    /// SUP-20
    // break: SUP-20 runtime/cordial/src/supervisor/intensity.rs `(*t) > self.period` =>
    //     `(*t) >= self.period`
    #[test]
    fn restart_exactly_one_period_old_still_counts() {
        let tick = Duration::from_nanos(1);
        check_given_up_at(1, &[SECOND, SECOND * 2], Verdict::Exceeded);
        check_given_up_at(1, &[SECOND, SECOND * 2 + tick], Verdict::Within);
        check_given_up_at(2, &[SECOND, SECOND + tick, SECOND * 2], Verdict::Exceeded);
        check_given_up_at(2, &[SECOND, SECOND + tick, SECOND * 2 + tick], Verdict::Within);
    }

    /// SUP-21
    // break: SUP-21 runtime/cordial/src/supervisor/intensity.rs `(*t) > self.period` =>
    //     `(*t) < self.period`
    #[test]
    fn restarts_further_apart_than_the_period_never_add_up() {
        let mut intensity = Intensity::new(1, SECOND);
        for turn in 1..1_000 {
            assert_eq!(intensity.add(SECOND * 2 * turn), Verdict::Within);
            assert_eq!(intensity.count(), 1);
        }
        assert_eq!(intensity.add(SECOND * 2 * 999), Verdict::Exceeded);
    }

    #[test]
    fn memory_is_bounded_by_max_restarts() {
        let mut intensity = Intensity::new(3, SECOND);
        for _ in 0..1_000 {
            intensity.add(SECOND);
        }
        assert_eq!(intensity.count(), 4);
        assert!(intensity.restarts.capacity() <= 8);
    }

    #[test]
    fn window_agrees_with_a_full_recount() {
        let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
        for max_restarts in 0..8 {
            let mut intensity = Intensity::new(max_restarts, SECOND);
            let (mut now, mut all) = (Duration::ZERO, Vec::new());
            for _ in 0..2_000 {
                seed ^= seed << 13;
                seed ^= seed >> 7;
                seed ^= seed << 17;
                now += SECOND / 8 * u32::try_from(seed % 6).expect("below six");
                all.push(now);
                let recent = all.iter().filter(|t| now - **t <= SECOND).count();
                let expected = recent > max_restarts as usize;
                assert_eq!(intensity.add(now) == Verdict::Exceeded, expected);
            }
        }
    }
}
