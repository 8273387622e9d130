//! The clock: tokio's, so that a paused test clock is ours too.
use std::time::Duration;

pub(crate) use tokio::time::{Instant, Interval};
#[cfg(not(all(test, any(loom, shuttle))))]
pub(crate) use tokio::time::{Sleep, sleep_until, timeout};

#[cfg(all(test, any(loom, shuttle)))]
pub(crate) use still::{Sleep, sleep_until, timeout};

/// In models no time is ever over.
#[cfg(all(test, any(loom, shuttle)))]
mod still {
    use super::Instant;
    use std::pin::Pin;
    use std::task::{Context, Poll};
    use std::time::Duration;

    pub(crate) struct Sleep(Instant);

    impl Sleep {
        pub(crate) fn deadline(&self) -> Instant {
            self.0
        }

        pub(crate) fn reset(mut self: Pin<&mut Self>, due: Instant) {
            self.0 = due;
        }
    }

    impl Future for Sleep {
        type Output = ();
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            Poll::Pending
        }
    }

    pub(crate) fn sleep_until(due: Instant) -> Sleep {
        Sleep(due)
    }

    pub(crate) async fn timeout<F: Future>(_: Duration, fut: F) -> Result<F::Output, ()> {
        Ok(fut.await)
    }
}

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
