//! The clock: tokio's, so that a paused test clock is ours too.
use std::time::Duration;

pub(crate) use tokio::time::{Instant, Sleep, sleep_until, timeout};

/// Fails unless the clock stands still, as `#[cordial::test]` makes it.
#[cfg(feature = "test-util")]
pub(crate) async fn check_paused() {
    tokio::time::advance(Duration::ZERO).await;
}

/// As good as never, and far from where the clock overflows.
const NEVER: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

/// `from` and so much more; a time beyond the clock's end is thirty years.
pub(crate) fn after(from: Instant, time: Duration) -> Instant {
    from.checked_add(time).unwrap_or_else(|| from + NEVER)
}
