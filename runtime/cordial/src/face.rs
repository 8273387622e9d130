//! Durations as words: `secs(5)` in code is what `5s` is in a macro.
use std::time::Duration;

/// So many milliseconds.
pub const fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// So many seconds.
pub const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// So many minutes.
pub const fn mins(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

/// So many hours.
pub const fn hours(n: u64) -> Duration {
    Duration::from_secs(3600 * n)
}
