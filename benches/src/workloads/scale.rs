//! What a message and a start cost beside one process, a thousand, a million.

use std::time::{Duration, Instant};

use tokio::task::yield_now;

use crate::job::{Figure, Job};
use crate::latch::Latch;
use crate::payload::Payload;
use crate::peer::Peer;

/// The same number of messages for any number of actors, one for each in turn.
pub(super) async fn cast<P: Peer<1>>(job: Job) -> Figure {
    let times = job.times(2_000_000).max(job.processes);
    let end = Latch::new(job.processes as usize);
    let mut actors = Vec::with_capacity(job.processes as usize);
    for _ in 0..job.processes {
        let actor = P::start().await;
        P::call(&actor, Payload::new(0)).await;
        actors.push(actor);
    }
    let start = Instant::now();
    for (number, actor) in (0..times).zip(actors.iter().cycle()) {
        P::cast(actor, Payload::new(number)).await;
        if number % 256 == 255 {
            yield_now().await;
        }
    }
    for actor in &actors {
        P::report(actor, end.clone()).await;
    }
    end.opened().await;
    Figure::each(times, start.elapsed())
}

/// So many are started while all before them live; then they are stopped, off the clock.
pub(super) async fn start<P: Peer<1>>(job: Job) -> Figure {
    let times = job.times(200_000).max(job.processes);
    let rounds = times.div_ceil(job.processes);
    let mut took = Duration::ZERO;
    for _ in 0..rounds {
        let mut actors = Vec::with_capacity(job.processes as usize);
        let start = Instant::now();
        for _ in 0..job.processes {
            actors.push(P::start().await);
        }
        took += start.elapsed();
        for actor in actors {
            P::stop(actor).await;
        }
    }
    Figure::each(rounds * job.processes, took)
}
