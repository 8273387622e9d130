//! Calls: one after the other, from a task and from an actor, and from many at once.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::job::{Figure, Job};
use crate::latch::Latch;
use crate::payload::Payload;
use crate::peer::{Calls, Handler, Peer};

const TIMES: u64 = 500_000;
/// Before the clock starts.
const WARM: u64 = 1000;

/// A plain task calls, and waits for each answer.
pub(super) async fn sequential<P: Peer<WORDS>, const WORDS: usize>(
    handler: Handler,
    job: Job,
) -> Figure {
    let times = job.times(TIMES);
    let to = P::start().await;
    Calls { to: to.clone(), handler, times: WARM }.make::<P, WORDS>().await;
    let start = Instant::now();
    Calls { to, handler, times }.make::<P, WORDS>().await;
    Figure::each(times, start.elapsed())
}

/// The same with a limit of the caller's own.
pub(super) async fn within_a_second<P: Peer<1>>(job: Job) -> Figure {
    let times = job.times(TIMES);
    let to = P::start().await;
    P::call(&to, Payload::new(0)).await;
    let start = Instant::now();
    for number in 0..times {
        let payload = Payload::new(black_box(number));
        black_box(P::call_within(&to, payload, Duration::from_secs(1)).await);
    }
    Figure::each(times, start.elapsed())
}

/// An actor calls another one.
pub(super) async fn driven<P: Peer<WORDS>, const WORDS: usize>(
    handler: Handler,
    job: Job,
) -> Figure {
    let times = job.times(TIMES);
    let (from, to) = (P::start().await, P::start().await);
    let end = Latch::new(1);
    Calls { to: to.clone(), handler, times: WARM }.make::<P, WORDS>().await;
    let start = Instant::now();
    P::drive(&from, Calls { to, handler, times }, end.clone()).await;
    end.opened().await;
    Figure::each(times, start.elapsed())
}

const CALLERS: usize = 64;

/// 64 tasks call the same actor.
pub(super) async fn crowd<P: Peer<1>>(job: Job) -> Figure {
    let times = job.times(15_000);
    let to = P::start().await;
    P::call(&to, Payload::new(1)).await;
    let end = Latch::new(CALLERS);
    let start = Instant::now();
    for _ in 0..CALLERS {
        let (to, end) = (to.clone(), end.clone());
        tokio::spawn(async move {
            Calls { to, handler: Handler::Plain, times }.make::<P, 1>().await;
            end.hit();
        });
    }
    end.opened().await;
    Figure::rate(CALLERS as u64 * times, start.elapsed())
}
