//! The clock: tokio's, so that a paused test clock is ours too.
pub(crate) use tokio::time::{Instant, sleep_until, timeout};
