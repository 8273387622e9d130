//! Casts: one to one, many to one, one to many, and round in circles.

use std::time::Instant;

use tokio::task::yield_now;

use crate::job::{Figure, Job};
use crate::latch::Latch;
use crate::payload::Payload;
use crate::peer::{CROWD, Consumer, Peer};

/// An actor that has answered once.
async fn consumer<P: Consumer<WORDS>, const WORDS: usize>() -> P::Address {
    let consumer = P::start().await;
    P::call(&consumer, Payload::new(1)).await;
    consumer
}

/// All at once, as fast as the producer can.
pub(super) async fn burst<P: Consumer<WORDS>, const WORDS: usize>(job: Job) -> Figure {
    let times = job.times(5_000_000);
    let end = Latch::new(1);
    let consumer = consumer::<P, WORDS>().await;
    let start = Instant::now();
    for number in 0..times {
        P::cast(&consumer, Payload::new(number)).await;
    }
    P::report(&consumer, end.clone()).await;
    end.opened().await;
    Figure::rate(times, start.elapsed())
}

/// The producer lets others run every 256 messages.
pub(super) async fn paced<P: Consumer<WORDS>, const WORDS: usize>(job: Job) -> Figure {
    let times = job.times(5_000_000);
    let end = Latch::new(1);
    let consumer = consumer::<P, WORDS>().await;
    let start = Instant::now();
    produce::<P, WORDS>(&consumer, times, end.clone()).await;
    end.opened().await;
    Figure::rate(times, start.elapsed())
}

async fn produce<P: Consumer<WORDS>, const WORDS: usize>(
    consumer: &P::Address,
    times: u64,
    end: Latch,
) {
    for number in 0..times {
        P::cast(consumer, Payload::new(number)).await;
        if number % 256 == 255 {
            yield_now().await;
        }
    }
    P::report(consumer, end).await;
}

const PRODUCERS: u64 = 8;

/// Eight tasks, one consumer.
pub(super) async fn producers<P: Consumer<WORDS>, const WORDS: usize>(job: Job) -> Figure {
    let times = job.times(400_000);
    let end = Latch::new(PRODUCERS as usize);
    let consumer = consumer::<P, WORDS>().await;
    let start = Instant::now();
    for _ in 0..PRODUCERS {
        let (consumer, end) = (consumer.clone(), end.clone());
        tokio::spawn(async move { produce::<P, WORDS>(&consumer, times, end).await });
    }
    end.opened().await;
    Figure::rate(PRODUCERS * times, start.elapsed())
}

const RING: usize = 1000;

/// One token, a thousand actors: each hop wakes another one.
pub(super) async fn ring<P: Peer<WORDS>, const WORDS: usize>(job: Job) -> Figure {
    let hops = job.times(1_000_000);
    let end = Latch::new(1);
    let ring = circle::<P, WORDS>(RING, &end, |at| (at + 1) % RING).await;
    let start = Instant::now();
    P::pass(&ring[0], hops).await;
    end.opened().await;
    Figure::rate(hops, start.elapsed())
}

const PAIRS: usize = 64;

/// 64 pairs, all at the same time.
pub(super) async fn pingpong<P: Peer<1>>(job: Job) -> Figure {
    let hops = job.times(20_000);
    let end = Latch::new(PAIRS);
    let players = circle::<P, 1>(2 * PAIRS, &end, |at| at ^ 1).await;
    let start = Instant::now();
    for pair in players.chunks(2) {
        P::pass(&pair[0], hops).await;
    }
    end.opened().await;
    Figure::rate(PAIRS as u64 * hops, start.elapsed())
}

/// So many actors, each of which knows its next one; all have answered once.
async fn circle<P: Peer<WORDS>, const WORDS: usize>(
    size: usize,
    end: &Latch,
    next: impl Fn(usize) -> usize,
) -> Vec<P::Address> {
    let mut actors = Vec::with_capacity(size);
    for _ in 0..size {
        actors.push(P::start().await);
    }
    for (at, actor) in actors.iter().enumerate() {
        P::meet(actor, actors[next(at)].clone(), end.clone()).await;
    }
    for actor in &actors {
        P::call(actor, Payload::new(0)).await;
    }
    actors
}

/// One tells ten thousand, a hundred times.
pub(super) async fn fanout<P: Peer<1>>(job: Job) -> Figure {
    let rounds = job.times(100);
    let end = Latch::new(CROWD);
    let crowd = circle::<P, 1>(CROWD, &end, |at| at).await;
    let start = Instant::now();
    for round in 0..rounds {
        for actor in &crowd {
            P::cast(actor, Payload::new(round)).await;
        }
        yield_now().await;
    }
    for actor in &crowd {
        P::report(actor, end.clone()).await;
    }
    end.opened().await;
    Figure::rate(rounds * CROWD as u64, start.elapsed())
}
