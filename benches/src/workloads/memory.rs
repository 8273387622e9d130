//! Memory, as the operating system sees it: pages that are really held.

use std::fs;
use std::time::Duration;

use tokio::time::sleep;

use crate::job::{Figure, Job};
use crate::latch::Latch;
use crate::payload::Payload;
use crate::peer::Peer;

const ACTORS: u64 = 200_000;
const PAGE: f64 = 4096.0;
/// What is freed in the background is gone by then.
const SETTLED: Duration = Duration::from_millis(300);

/// What is mapped from files, as the program itself is, does not count.
fn resident_bytes() -> f64 {
    let statm = fs::read_to_string("/proc/self/statm").expect("Linux tells what a process holds");
    let mut pages = statm.split_whitespace().skip(1).map_while(|pages| pages.parse::<f64>().ok());
    let (resident, of_files) = pages.next().zip(pages.next()).expect("the second and third field");
    (resident - of_files) * PAGE
}

/// Bytes of an actor that has received nothing.
pub(super) async fn fresh<P: Peer<1>>(job: Job) -> Figure {
    let before = resident_bytes();
    let actors = started::<P>(job).await;
    held_by::<P>(&actors, before).await
}

/// Bytes of an actor that has answered one call.
pub(super) async fn used<P: Peer<1>>(job: Job) -> Figure {
    let before = resident_bytes();
    let actors = started::<P>(job).await;
    for actor in &actors {
        P::call(actor, Payload::new(1)).await;
    }
    held_by::<P>(&actors, before).await
}

async fn started<P: Peer<1>>(job: Job) -> Vec<P::Address> {
    let times = job.times(ACTORS);
    let mut actors = Vec::with_capacity(times as usize);
    for _ in 0..times {
        actors.push(P::start().await);
    }
    actors
}

/// The addresses are the caller's, and do not count.
async fn held_by<P: Peer<1>>(actors: &[P::Address], before: f64) -> Figure {
    sleep(SETTLED).await;
    let bytes = resident_bytes() - before - size_of_val(actors) as f64;
    Figure::Bytes(bytes / actors.len() as f64)
}

const MESSAGES: u64 = 4_000_000;

/// Bytes of a small message that waits; nobody else runs until all of them stand in line.
pub(super) async fn queued<P: Peer<1>>(job: Job) -> Option<Figure> {
    let burst = burst::<P>(job).await?;
    Some(Figure::Bytes((burst.full - burst.empty) / burst.messages))
}

/// How much of that is given back when the line is empty.
pub(super) async fn returned<P: Peer<1>>(job: Job) -> Option<Figure> {
    let burst = burst::<P>(job).await?;
    Some(Figure::Percent(100.0 * (burst.full - burst.drained) / (burst.full - burst.empty)))
}

/// What was held before a burst, with all of it in line, and after it.
struct Burst {
    messages: f64,
    empty: f64,
    full: f64,
    drained: f64,
}

/// `None` where another thread takes the messages away meanwhile.
async fn burst<P: Peer<1>>(job: Job) -> Option<Burst> {
    if !P::KEEPS_TO_WORKERS {
        return None;
    }
    let messages = job.times(MESSAGES);
    let end = Latch::new(1);
    let actor = P::start().await;
    P::call(&actor, Payload::new(1)).await;
    let empty = resident_bytes();
    for number in 0..messages {
        P::cast(&actor, Payload::new(number)).await;
    }
    let full = resident_bytes();
    P::report(&actor, end.clone()).await;
    end.opened().await;
    sleep(SETTLED).await;
    Some(Burst { messages: messages as f64, empty, full, drained: resident_bytes() })
}
