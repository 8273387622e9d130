//! The short lock, and a signal between tasks.
//!
//! The lock is std's `Mutex` that spins with back-off, yields, then parks; nothing of the user's
//! ever runs under it. The back-off is what carries many producers: a loser stays away for longer
//! than one cache line takes to travel, so the winner pushes several messages before the line
//! moves. While losers only `try_lock`, the mutex never learns of waiters and unlock never enters
//! the kernel.
use std::sync::{Mutex, MutexGuard, TryLockError};

pub(crate) use tokio::sync::Notify;

/// Rounds of spinning, each twice as long as the one before.
const ROUNDS: u32 = 10;
/// The longest round is 2^7 spins.
const LONGEST: u32 = 7;
/// Times the thread lets others run before it parks.
const YIELDS: u32 = 16;

#[derive(Default)]
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

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

    #[cold]
    fn contended(&self) -> MutexGuard<'_, T> {
        for round in 0..ROUNDS {
            for _ in 0..1u32 << round.min(LONGEST) {
                std::hint::spin_loop();
            }
            if let Some(guard) = self.attempt() {
                return guard;
            }
        }
        for _ in 0..YIELDS {
            std::thread::yield_now();
            if let Some(guard) = self.attempt() {
                return guard;
            }
        }
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
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
