//! A circuit breaker: what fails too often is not tried for a while; Erlang's `fuse`.
//!
//! ```text
//!            more failures than it bears within `per`
//!   whole ───────────────────────────────────────────▶ blown
//!     ▲                                                  │
//!     └────────────────── `reset_after` is over ◀────────┘
//! ```
//! While it is blown nobody is let through, and whoever asks is told for how long.
//!
//! # Examples
//! ```
//! # #[cordial::main(current_thread)] async fn main() {
//! use cordial::fuse::{Fuse, FuseError};
//! use cordial::secs;
//! let fuse = Fuse::new("partner").bears(1, secs(10)).reset_after(secs(30));
//! for _ in 0..2 {
//!     let answer = fuse.run(async { Err::<u8, _>("no route") }).await;
//!     assert_eq!(answer, Err(FuseError::Failed("no route")));
//! }
//! let answer = fuse.run(async { Ok::<_, &str>(1) }).await;
//! assert!(matches!(answer, Err(FuseError::Blown(blown)) if blown.resets_in <= secs(30)));
//! # }
//! ```
//!
//! `#[call(fuse = ..)]` puts one in front of every call of a handler: see [`Fused`].
mod call;

use crate::rt::sync::Lock;
use crate::rt::time::{self, Instant};
use crate::telemetry;
use crate::telemetry::events::{FuseBlown, FuseReset};
use std::collections::VecDeque;
use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

pub use call::Fused;
pub(crate) use call::fused;

/// A circuit breaker; its clones are the same one.
#[derive(Clone)]
pub struct Fuse {
    bears: usize,
    per: Duration,
    reset_after: Duration,
    shared: Arc<Shared>,
}

struct Shared {
    name: Arc<str>,
    state: Lock<State>,
}

#[derive(Default)]
struct State {
    /// When it failed, within the last `per`; never more than it bears and one.
    failures: VecDeque<Instant>,
    blown_until: Option<Instant>,
}

/// The fuse is blown: nothing was tried.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Blown {
    /// The name of the fuse.
    pub name: Arc<str>,
    /// How long it stays so.
    pub resets_in: Duration,
}

impl fmt::Display for Blown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the fuse `{}` is blown; it resets in {:?}", self.name, self.resets_in)
    }
}

impl std::error::Error for Blown {}

/// What came of something behind a fuse.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FuseError<E> {
    /// It was not tried.
    Blown(Blown),
    /// It was tried, and failed.
    Failed(E),
}

impl<E: fmt::Display> fmt::Display for FuseError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blown(blown) => blown.fmt(f),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for FuseError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Blown(blown) => Some(blown),
            Self::Failed(error) => Some(error),
        }
    }
}

impl Fuse {
    /// A whole fuse. It bears 5 failures in 10 s and resets after 30 s, unless it is told
    /// otherwise.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        let shared = Shared { name: name.into(), state: Lock::default() };
        Self {
            bears: 5,
            per: Duration::from_secs(10),
            reset_after: Duration::from_secs(30),
            shared: Arc::new(shared),
        }
    }

    /// It blows at the first failure over so many within `per`.
    pub fn bears(self, failures: usize, per: Duration) -> Self {
        Self { bears: failures, per, ..self }
    }

    /// How long it stays blown.
    pub fn reset_after(self, time: Duration) -> Self {
        Self { reset_after: time, ..self }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// Whether something may be tried.
    ///
    /// # Errors
    /// [`Blown`], with how long it stays so.
    pub fn ask(&self) -> Result<(), Blown> {
        let (now, mut state) = (Instant::now(), self.shared.state.lock());
        match state.blown_until {
            None => Ok(()),
            Some(until) if now < until => {
                let (name, resets_in) = (self.shared.name.clone(), until - now);
                Err(Blown { name, resets_in })
            }
            Some(_) => {
                *state = State::default();
                drop(state);
                telemetry::emit(|| FuseReset { fuse: self.shared.name.clone() });
                Ok(())
            }
        }
    }

    /// It has failed once more.
    pub fn melt(&self) {
        let (now, mut state) = (Instant::now(), self.shared.state.lock());
        if state.blown_until.is_some() {
            return;
        }
        state.failures.retain(|failed| now.duration_since(*failed) < self.per);
        state.failures.push_back(now);
        if state.failures.len() <= self.bears {
            return;
        }
        state.blown_until = Some(time::after(now, self.reset_after));
        drop(state);
        telemetry::emit(|| FuseBlown {
            fuse: self.shared.name.clone(),
            failures: self.bears + 1,
            resets_in: self.reset_after,
        });
    }

    /// Makes it whole at once.
    pub fn reset(&self) {
        let before = std::mem::take(&mut *self.shared.state.lock());
        if before.blown_until.is_some() {
            telemetry::emit(|| FuseReset { fuse: self.shared.name.clone() });
        }
    }

    /// Tries `work` unless the fuse is blown; an `Err` of it is a failure.
    ///
    /// A call is sent when the client method is called: `fuse.run(async { bank.balance().await })`
    /// sends none while the fuse is blown.
    ///
    /// # Errors
    /// [`FuseError::Blown`] at once; [`FuseError::Failed`] with the error of `work`.
    ///
    /// # Cancel safety
    /// Dropped, `work` is dropped, and counts as nothing.
    pub async fn run<T, E>(
        &self,
        work: impl IntoFuture<Output = Result<T, E>>,
    ) -> Result<T, FuseError<E>> {
        self.ask().map_err(FuseError::Blown)?;
        work.await.map_err(|error| {
            self.melt();
            FuseError::Failed(error)
        })
    }
}

impl fmt::Debug for Fuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fuse").field("name", &self.shared.name).finish_non_exhaustive()
    }
}
