//! What time it was a moment ago, for who must not pay for the clock.
//!
//! A call has to know when it was made, in case it waits for too long, and nearly none does. Asking
//! the clock costs as much as a third of such a call, so it notes the last beat of a pulse; the
//! thread of the watch beats it a few times per limit, and stops while nothing runs. Who has waited
//! learns the latest time at which the call can have been made: never too early, and no later than
//! now, or the widest gap that was seen between two beats.
use super::time::Instant;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Acquire, Ordering::Relaxed};
use std::sync::atomic::{Ordering::Release, Ordering::SeqCst};
use std::time::Duration;

/// When something happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Moment {
    At(Instant),
    /// After this beat and before the next, in nanoseconds of the pulse.
    After(u64),
}

pub(crate) struct Pulse {
    epoch: Instant,
    /// It beats: another beat follows.
    is_on: AtomicBool,
    /// The last beat, in nanoseconds from the epoch.
    last: AtomicU64,
    /// The longest that two beats were apart.
    widest: AtomicU64,
}

impl Default for Pulse {
    fn default() -> Self {
        let (last, widest) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { epoch: Instant::now(), is_on: AtomicBool::new(false), last, widest }
    }
}

impl Pulse {
    /// Now. With the test kit it is asked of the clock: a test may hold it still.
    #[inline]
    pub(crate) fn moment(&self) -> Moment {
        if !cfg!(feature = "test-util") && self.is_on.load(Relaxed) {
            return Moment::After(self.last.load(Acquire));
        }
        Moment::At(Instant::now())
    }

    /// The earliest time that the moment can have been.
    #[inline]
    pub(crate) fn earliest(&self, moment: Moment) -> Instant {
        match moment {
            Moment::At(time) => time,
            Moment::After(beat) => self.epoch + Duration::from_nanos(beat),
        }
    }

    /// The latest time that the moment can have been.
    pub(crate) fn latest(&self, moment: Moment) -> Instant {
        let beat = match moment {
            Moment::At(time) => return time,
            Moment::After(beat) => beat,
        };
        let now = Instant::now();
        if self.last.load(Acquire) == beat {
            return now;
        }
        let next = beat.saturating_add(self.widest.load(Relaxed));
        now.min(self.epoch + Duration::from_nanos(next))
    }

    /// One beat; whether another follows.
    pub(crate) fn beat(&self, goes_on: bool) {
        let was_on = self.is_on.swap(goes_on, SeqCst);
        let now = self.epoch.elapsed().as_nanos();
        let now = u64::try_from(now).unwrap_or(u64::MAX);
        if was_on {
            self.widest.fetch_max(now.saturating_sub(self.last.load(Relaxed)), Relaxed);
        }
        self.last.store(now, Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLI: u64 = 1_000_000;

    /// A pulse that has beaten at these milliseconds, and its epoch, long ago.
    fn beaten(beats: &[u64]) -> (Pulse, Instant) {
        let pulse = Pulse { epoch: Instant::now() - Duration::from_secs(60), ..Pulse::default() };
        for pair in beats.windows(2) {
            pulse.widest.fetch_max((pair[1] - pair[0]) * MILLI, Relaxed);
        }
        pulse.last.store(beats.last().expect("a beat") * MILLI, Relaxed);
        let epoch = pulse.epoch;
        (pulse, epoch)
    }

    #[test]
    fn moment_was_no_later_than_the_widest_gap_after_its_beat() {
        let (pulse, epoch) = beaten(&[0, 25, 60, 85]);
        let latest = pulse.latest(Moment::After(25 * MILLI));
        assert_eq!(latest - epoch, Duration::from_millis(25 + 35));
    }

    #[test]
    fn moment_was_no_earlier_than_its_beat() {
        let (pulse, epoch) = beaten(&[0, 25, 60]);
        assert_eq!(pulse.earliest(Moment::After(25 * MILLI)) - epoch, Duration::from_millis(25));
    }

    #[test]
    fn moment_after_the_last_beat_was_no_later_than_now() {
        let (pulse, epoch) = beaten(&[0, 25]);
        assert!(pulse.latest(Moment::After(25 * MILLI)) - epoch >= Duration::from_secs(60));
    }

    #[test]
    fn beat_measures_the_gap_before_it_unless_the_pulse_had_stopped() {
        let pulse = Pulse { epoch: Instant::now() - Duration::from_secs(1), ..Pulse::default() };
        pulse.beat(true);
        assert_eq!(pulse.widest.load(Relaxed), 0);
        pulse.last.store(0, Relaxed);
        pulse.beat(false);
        assert!(pulse.widest.load(Relaxed) >= 1_000 * MILLI);
        assert!(matches!(pulse.moment(), Moment::At(_)), "it has stopped: the clock is asked");
    }
}
