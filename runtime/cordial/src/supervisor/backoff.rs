//! Pure: how long a supervisor waits before it tries a failed start again.
use std::time::Duration;

/// How long a supervisor waits between the tries to restart a child whose start fails.
///
/// Without it the next try comes at once, as in OTP. The restart that follows a crash never waits;
/// each try counts as a restart, as ever, so a wait that is longer than the supervisor's period
/// divided by `max_restarts` keeps it trying for ever.
///
/// # Examples
/// ```
/// use cordial::prelude::*;
/// use cordial::supervisor::Backoff;
///
/// #[gen_server]
/// #[derive(Default, Clone)]
/// struct Uplink;
/// #[gen_server]
/// impl Uplink {
///     #[cast]
///     fn publish(&self) {}
/// }
///
/// // 100 ms, 200 ms, 400 ms, .. 10 s, 10 s, ..
/// let spec = Uplink::child_spec(Uplink).backoff(Backoff::exp(millis(100), secs(10)));
/// # let _ = spec;
/// ```
///
/// # Differences from OTP
/// OTP has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    most: Duration,
}

impl Backoff {
    /// Waits `first`, then twice as long each time, and never longer than `most`.
    pub const fn exp(first: Duration, most: Duration) -> Self {
        Self { first, most }
    }

    /// After so many failed starts in a row.
    pub(crate) fn after(self, failures: u32) -> Duration {
        let times = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        self.first.saturating_mul(times).min(self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wait_doubles_from_the_first_to_the_longest() {
        let (first, most) = (Duration::from_millis(100), Duration::from_secs(10));
        let backoff = Backoff::exp(first, most);
        let waits = [1, 2, 3, 7, 8, 9, 32, 33, u32::MAX].map(|n| backoff.after(n).as_millis());
        assert_eq!(waits, [100, 200, 400, 6_400, 10_000, 10_000, 10_000, 10_000, 10_000]);
        assert_eq!(Backoff::exp(most, first).after(1), first);
    }
}
