//! Which faults there are, whom they strike, and how often.
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

pub use crate::rt::sim::Phase;

/// The faults of a simulation.
///
/// Each is drawn from the seed. Nothing strikes before [`Chaos::faults`](super::Chaos::faults) says
/// so, and nothing after [`Chaos::heal`](super::Chaos::heal).
///
/// # Examples
/// ```
/// use cordial::chaos::{Faults, Phase, any_process, per_second};
/// use cordial::{millis, secs};
/// let faults = Faults::swarm()
///     .crash(any_process().under("fleet"), per_second(0.5))
///     .panic_in(&[Phase::Init, Phase::Handle], 0.02)
///     .block(any_process(), 0.01, millis(50)..secs(2))
///     .slow_consumer(0.1, millis(10))
///     .mailbox_full(0.01);
/// # let _ = faults;
/// ```
#[derive(Clone, Debug, Default)]
pub struct Faults {
    pub(super) is_swarm: bool,
    pub(super) crashes: Vec<(Who, f64)>,
    pub(super) panics: Vec<(Phase, f64)>,
    pub(super) blocks: Vec<(Who, f64, Range<Duration>)>,
    pub(super) slow: Option<(f64, Duration)>,
    pub(super) full: f64,
}

impl Faults {
    /// All that are named strike in each history.
    pub fn all() -> Self {
        Self::default()
    }

    /// Each seed also draws which of those that are named strike at all: a fault that comes all the
    /// time hides others.
    pub fn swarm() -> Self {
        Self { is_swarm: true, ..Self::default() }
    }

    /// Kills processes at random points, so often on the simulation's clock.
    #[must_use]
    pub fn crash(mut self, who: Who, rate: Rate) -> Self {
        self.crashes.push((who, rate.0));
        self
    }

    /// Panics in these phases of a process, with this chance each time. Supervisors, which run no
    /// code of a user's, are left out.
    #[must_use]
    pub fn panic_in(mut self, phases: &[Phase], chance: f64) -> Self {
        self.panics.extend(phases.iter().map(|phase| (*phase, chance)));
        self
    }

    /// A process does nothing for some time before a turn, with this chance each time: signals and
    /// mail wait, as they do for a handler that blocks its thread.
    #[must_use]
    pub fn block(mut self, who: Who, chance: f64, time: Range<Duration>) -> Self {
        self.blocks.push((who, chance, time));
        self
    }

    /// A process takes so long for each of its turns from its beginning on, with this chance.
    #[must_use]
    pub fn slow_consumer(mut self, chance: f64, time: Duration) -> Self {
        self.slow = Some((chance, time));
        self
    }

    /// A mailbox with a bound is full, with this chance each time.
    #[must_use]
    pub fn mailbox_full(mut self, chance: f64) -> Self {
        self.full = chance;
        self
    }

    /// Half of what is named, as `keeps` says.
    pub(super) fn drawn(mut self, mut keeps: impl FnMut() -> bool) -> Self {
        if self.is_swarm {
            self.crashes.retain(|_| keeps());
            self.panics.retain(|_| keeps());
            self.blocks.retain(|_| keeps());
            self.slow = self.slow.filter(|_| keeps());
            self.full = if keeps() { self.full } else { 0.0 };
        }
        self
    }
}

/// How often something happens.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rate(f64);

/// So many times in a second of the simulation's clock, on average.
pub fn per_second(times: f64) -> Rate {
    Rate(times)
}

/// Which processes.
#[derive(Clone, Debug)]
pub struct Who {
    under: Option<Arc<str>>,
    called: Option<Arc<str>>,
}

/// Every process that another process started: whoever starts it can start it again.
pub fn any_process() -> Who {
    Who { under: None, called: None }
}

impl Who {
    /// Of them, those below the process of this name: its registered name, its id as a child, or
    /// its type's name.
    #[must_use]
    pub fn under(mut self, name: &str) -> Self {
        self.under = Some(name.into());
        self
    }

    /// Of them, those of this name: registered, as a child, or the type's.
    #[must_use]
    pub fn called(mut self, name: &str) -> Self {
        self.called = Some(name.into());
        self
    }

    pub(super) fn is_met(
        &self,
        has_parent: bool,
        is_called: impl Fn(&str) -> bool,
        is_under: impl Fn(&str) -> bool,
    ) -> bool {
        has_parent
            && self.called.as_deref().is_none_or(is_called)
            && self.under.as_deref().is_none_or(is_under)
    }
}
