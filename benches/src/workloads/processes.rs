//! Beginnings and ends.

use std::time::Instant;

use crate::job::{Figure, Job};
use crate::peer::Peer;

/// One actor at a time: it is started, and it is gone before the next one starts.
pub(super) async fn start_and_stop<P: Peer<1>>(job: Job) -> Figure {
    let times = job.times(100_000);
    let start = Instant::now();
    for _ in 0..times {
        P::stop(P::start().await).await;
    }
    Figure::rate(times, start.elapsed())
}
