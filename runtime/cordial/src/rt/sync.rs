//! The short lock, a signal between tasks, and the one door to what threads share.
//!
//! Locks, atomics that threads decide by, and locals of a thread come from here, so that the models
//! (`models/`) can put those of loom or shuttle in their place. Counts that nobody decides by are
//! [`counts`], and stay std's.
//!
//! The lock is std's `Mutex` that spins with back-off, yields, then parks; nothing of the user's
//! ever runs under it. The back-off is what carries many producers: a loser stays away for longer
//! than one cache line takes to travel, so the winner pushes several messages before the line
//! moves. While losers only `try_lock`, the mutex never learns of waiters and unlock never enters
//! the kernel.
#[cfg(all(test, any(loom, shuttle)))]
#[path = "sync/modelled.rs"]
pub(crate) mod threads;
#[cfg(not(all(test, any(loom, shuttle))))]
#[path = "sync/real.rs"]
mod threads;

#[cfg(all(test, any(loom, shuttle)))]
pub(crate) use threads::{CellKey, RefKey};
pub(crate) use threads::{MutexGuard, atomic, thread_local};
pub(crate) use tokio::sync::Notify;

use std::sync::PoisonError;
#[cfg(not(all(test, any(loom, shuttle))))]
use std::sync::TryLockError;
use std::time::Duration;
use threads::Mutex;

/// Atomics that only count or tell: no other step depends on what they say.
pub(crate) mod counts {
    pub(crate) use std::sync::atomic::{AtomicU16, AtomicU64, AtomicUsize};
}

#[derive(Default)]
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(all(test, any(loom, shuttle)))]
impl<T> Lock<T> {
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A model finds who waits for ever.
    pub(crate) fn lock_within(&self, _: Duration) -> Option<MutexGuard<'_, T>> {
        Some(self.lock())
    }
}

/// Rounds of spinning, each twice as long as the one before.
#[cfg(not(all(test, any(loom, shuttle))))]
const ROUNDS: u32 = 10;
/// The longest round is 2^7 spins.
#[cfg(not(all(test, any(loom, shuttle))))]
const LONGEST: u32 = 7;
/// Times the thread lets others run before it parks.
#[cfg(not(all(test, any(loom, shuttle))))]
const YIELDS: u32 = 16;

#[cfg(not(all(test, any(loom, shuttle))))]
impl<T> Lock<T> {
    #[inline]
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.attempt().unwrap_or_else(|| self.contended())
    }

    #[inline]
    fn attempt(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            // Nothing that can panic runs under the lock; a poisoned one is whole.
            Err(TryLockError::Poisoned(error)) => Some(error.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// [`lock`](Self::lock), for who may be waited for by who has it. `None`: not within this time.
    pub(crate) fn lock_within(&self, limit: Duration) -> Option<MutexGuard<'_, T>> {
        const STEP: Duration = Duration::from_millis(1);
        let mut guard = self.attempt().or_else(|| self.spin());
        let mut waited = Duration::ZERO;
        while guard.is_none() && waited < limit {
            std::thread::sleep(STEP);
            waited += STEP;
            guard = self.attempt();
        }
        guard
    }

    #[cold]
    fn contended(&self) -> MutexGuard<'_, T> {
        self.spin().unwrap_or_else(|| self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn spin(&self) -> Option<MutexGuard<'_, T>> {
        for round in 0..ROUNDS {
            for _ in 0..1u32 << round.min(LONGEST) {
                std::hint::spin_loop();
            }
            if let Some(guard) = self.attempt() {
                return Some(guard);
            }
        }
        (0..YIELDS).find_map(|_| {
            std::thread::yield_now();
            self.attempt()
        })
    }
}

/// On cache lines of its own: what many write must not lie beside what all read.
#[repr(align(128))]
#[derive(Default)]
pub(crate) struct Apart<T>(pub(crate) T);

impl<T> std::ops::Deref for Apart<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}
