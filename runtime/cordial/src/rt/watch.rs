//! Who notices that a turn keeps its worker: one thread per node, for a blocked worker cannot tell.
//!
//! Who runs a process says so in a [`Beat`]: two relaxed stores a turn, and no clock. The watch
//! looks at the beats a few times per limit, by the clock on the wall, also where that of the
//! runtime is paused. While nothing runs it sleeps until a round begins.
//!
//! A turn that two looks in a row see is asked to show itself: the process does that after the
//! message that it handles, by a new beat. So a turn of many messages is told from one that stands
//! still, and nothing is paid per message. At each look it beats the [`Pulse`], too.
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Handle;
use super::pulse::Pulse;
use super::sync::Apart;

/// How long a turn may stand still unless the node is told otherwise.
const LIMIT: Duration = Duration::from_millis(100);
/// Looks per limit.
const LOOKS: u32 = 4;
/// Looks that find nothing, before the watch sleeps.
const QUIET: u32 = 4;

/// Whom a thread runs, as the watch sees it.
#[derive(Default)]
pub(crate) struct Beat {
    turn: AtomicU64,
    /// The bits of a pid; 0 is nobody.
    pid: AtomicU64,
}

impl Beat {
    /// A turn of this process begins here. One thread at a time beats; where two do, by a chance of
    /// addresses, something slow may be missed.
    #[inline]
    pub(crate) fn begin(&self, pid: u64) {
        self.turn.store(self.turn.load(Relaxed).wrapping_add(1), Relaxed);
        self.pid.store(pid, Relaxed);
    }

    /// A turn is over; who runs now is this one again, or nobody.
    #[inline]
    pub(crate) fn resume(&self, pid: u64) {
        self.pid.store(pid, Relaxed);
    }
}

/// What the watch wants of a process whose turn lasts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Lasting {
    /// Show that this turn goes on.
    Suspect,
    /// It has stood still since then, which is too long: to be told.
    Slow(Instant),
}

type Tell = Box<dyn Fn(u64, Lasting) + Send + Sync>;

pub(crate) struct Watch {
    pulse: Apart<Pulse>,
    /// Whose clock the pulse follows.
    runtime: Option<Handle>,
    beats: Box<[Apart<Beat>]>,
    /// Whoever begins something wakes it.
    sleeps: AtomicBool,
    state: Mutex<State>,
    woken: Condvar,
    tell: Tell,
}

struct State {
    /// `None`: nobody looks.
    limit: Option<Duration>,
    has_thread: bool,
    is_over: bool,
}

impl Watch {
    /// Nobody looks before the first round.
    pub(crate) fn new(beats: usize, runtime: Option<Handle>, tell: Tell) -> Arc<Self> {
        Arc::new(Self {
            pulse: Apart::default(),
            runtime,
            beats: (0..beats).map(|_| Apart::default()).collect(),
            sleeps: AtomicBool::new(true),
            state: Mutex::new(State { limit: Some(LIMIT), has_thread: false, is_over: false }),
            woken: Condvar::new(),
            tell,
        })
    }

    #[inline]
    pub(crate) fn beat(&self, index: usize) -> &Beat {
        &self.beats[index]
    }

    pub(crate) fn pulse(&self) -> &Pulse {
        &self.pulse
    }

    /// Something begins to run.
    #[inline]
    pub(crate) fn rouse(self: &Arc<Self>) {
        if self.sleeps.load(Relaxed) {
            self.wake();
        }
    }

    #[cold]
    fn wake(self: &Arc<Self>) {
        let mut state = self.state();
        self.sleeps.store(false, SeqCst);
        if state.limit.is_none() || state.is_over {
            return;
        }
        if state.has_thread {
            self.woken.notify_one();
            return;
        }
        let watch = self.clone();
        let thread = std::thread::Builder::new().name("cordial-watch".into());
        // Without a thread nothing slow is told, and all else works.
        state.has_thread = thread.spawn(move || watch.run()).is_ok();
    }

    /// How long a turn may stand still; `None`: for ever.
    pub(crate) fn set_limit(&self, limit: Option<Duration>) {
        let mut state = self.state();
        state.limit = limit;
        self.sleeps.store(true, SeqCst); // The next round wakes it, or makes it.
        self.woken.notify_one();
    }

    /// The dispatchers are gone.
    pub(crate) fn end(&self) {
        self.state().is_over = true;
        self.woken.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // ===== The thread =====

    fn run(&self) {
        let _clock = self.runtime.as_ref().map(Handle::enter);
        let mut seen: Vec<_> = self.beats.iter().map(|_| Seen::default()).collect();
        let mut quiet = 0;
        while let Some(limit) = self.pause(quiet) {
            let was_roused = quiet >= QUIET && !self.sleeps.load(SeqCst);
            let is_busy = self.look(&mut seen, limit);
            quiet = if is_busy || was_roused { 0 } else { quiet.saturating_add(1) };
            match quiet {
                0 => self.sleeps.store(false, SeqCst),
                // One look follows: what began before this could be seen is seen by that.
                QUIET => self.sleeps.store(true, SeqCst),
                _ => {}
            }
            self.pulse.beat(quiet < QUIET);
        }
    }

    /// Waits for the next look. `None`: the node is gone.
    fn pause(&self, quiet: u32) -> Option<Duration> {
        let mut state = self.state();
        let mut sleeps = quiet > QUIET && self.sleeps.load(SeqCst);
        loop {
            if state.is_over {
                return None;
            }
            let Some(limit) = state.limit.filter(|_| !sleeps) else {
                self.pulse.beat(false);
                state = self.woken.wait(state).unwrap_or_else(PoisonError::into_inner);
                sleeps = self.sleeps.load(SeqCst);
                continue;
            };
            let look = (limit / LOOKS).max(Duration::from_millis(1));
            let waited = self.woken.wait_timeout(state, look);
            let is_over = waited.unwrap_or_else(PoisonError::into_inner).0.is_over;
            return (!is_over).then_some(limit);
        }
    }

    /// True: something runs, or did since the last look.
    #[expect(
        clippy::disallowed_methods,
        reason = "a worker that stands still does so in real time"
    )]
    fn look(&self, seen: &mut [Seen], limit: Duration) -> bool {
        let mut is_busy = false;
        for (beat, seen) in self.beats.iter().zip(seen) {
            let (turn, pid) = (beat.turn.load(Relaxed), beat.pid.load(Relaxed));
            is_busy |= pid != 0 || turn != seen.turn;
            if let Some(lasting) = seen.look(turn, pid, Instant::now(), limit) {
                (self.tell)(pid, lasting);
            }
        }
        is_busy
    }
}

/// What the watch saw of one beat.
#[derive(Default)]
struct Seen {
    turn: u64,
    pid: u64,
    /// When it saw this turn first; `None` once it has been told.
    since: Option<Instant>,
}

impl Seen {
    fn look(&mut self, turn: u64, pid: u64, now: Instant, limit: Duration) -> Option<Lasting> {
        if (turn, pid) != (self.turn, self.pid) {
            *self = Self { turn, pid, since: Some(now) };
            return None;
        }
        let since = self.since.filter(|_| pid != 0)?;
        if now.duration_since(since) < limit {
            return Some(Lasting::Suspect);
        }
        self.since = None;
        Some(Lasting::Slow(since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told of beats that are looked at every 25 ms.
    fn told(beats: &[(u64, u64)]) -> Vec<Option<bool>> {
        let (mut seen, mut now) = (Seen::default(), super::super::time::Instant::now().into_std());
        let looks = beats.iter().map(|&(turn, pid)| {
            now += Duration::from_millis(25);
            let lasting = seen.look(turn, pid, now, LIMIT)?;
            Some(matches!(lasting, Lasting::Slow(since) if now - since >= LIMIT))
        });
        looks.collect()
    }

    const SUSPECT: Option<bool> = Some(false);
    const SLOW: Option<bool> = Some(true);

    #[test]
    fn turn_that_stands_still_is_suspected_and_then_told_once() {
        let looks = told(&[(1, 7); 8]);
        assert_eq!(looks, [None, SUSPECT, SUSPECT, SUSPECT, SLOW, None, None, None]);
    }

    #[test]
    fn turn_that_shows_itself_is_never_told() {
        let beats: Vec<_> = (0..40).map(|look| (look / 3, 7)).collect();
        assert!(!told(&beats).contains(&SLOW));
    }

    #[test]
    fn who_runs_another_one_meanwhile_is_not_told() {
        let beats: Vec<_> = (0..40).map(|look| (1, if look % 4 < 2 { 7 } else { 8 })).collect();
        assert!(!told(&beats).contains(&SLOW));
    }

    #[test]
    fn nobody_is_never_told() {
        assert_eq!(told(&[(1, 0); 8]), [None; 8]);
    }
}
