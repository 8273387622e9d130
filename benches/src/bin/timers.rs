//! `timers [share]`: what it costs to set timers and to cancel them, beside tokio's.
//!
//! Each line is a peer, a row and nanoseconds per timer; `cargo xtask bench --timers` runs it
//! several times.
#![allow(
    clippy::disallowed_methods,
    reason = "what is measured stands beside tokio's own, on the real clock"
)]
#![allow(clippy::print_stdout, reason = "a command talks to a person")]

use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use cordial::Message;
use cordial::prelude::*;
use cordial::process::{self, Mailbox, RawRef};
use tokio::time::{Sleep, sleep};

/// How many timers there are at once.
const TIMERS: u64 = 1_000_000;

/// It rang.
struct Tick;

impl Message for Tick {
    fn kind(&self) -> &'static str {
        "tick"
    }
}

fn tell(peer: &str, row: &str, begin: Instant, timers: u64) {
    let nanos = begin.elapsed().as_nanos() as f64 / timers as f64;
    println!("{peer}\t{row}\t{nanos:.1}");
}

/// A limit as calls have it: seconds away, spread over an hour.
fn far(nth: u64) -> Duration {
    millis(5_000 + nth.wrapping_mul(0x9E37_79B9) % 3_600_000)
}

/// When the how many-th is due.
type Due = fn(u64) -> Duration;

/// Spread, or all the same.
const DUES: [(&str, Due); 2] = [("spread", far), ("at one moment", |_| secs(5))];

/// A little later, so that all are set when the first rings.
fn soon(nth: u64) -> Duration {
    millis(1_000 + nth % 100)
}

/// Counts what rings, and says when that is all.
async fn listen(mut mail: Mailbox<Tick>, most: u64, all: ReplyTo<()>) {
    for _ in 0..most {
        mail.next().await;
    }
    all.reply(());
    mail.next().await;
}

fn listener(most: u64) -> (RawRef<Tick>, impl Future<Output = Option<()>>) {
    let (from, all) = ReplyTo::pair();
    (process::spawn(move |mail| listen(mail, most, from)), all)
}

async fn cordial_timers(timers: u64) {
    let peer = "cordial send_after";
    let (address, _all) = listener(u64::MAX);
    let set = |after| process::send_after(&address, after, Tick).expect("it lives");
    for (dues, due) in DUES {
        let begin = Instant::now();
        let all: Vec<_> = (0..timers).map(|nth| set(due(nth))).collect();
        tell(peer, &format!("set, {dues}"), begin, timers);
        let begin = Instant::now();
        for timer in &all {
            black_box(process::cancel_timer(timer));
        }
        tell(peer, &format!("cancel, {dues}"), begin, timers);
    }
    let begin = Instant::now();
    for nth in 0..timers {
        black_box(process::cancel_timer(&set(far(nth))));
    }
    tell(peer, "set and cancel, one at a time", begin, timers);
    let (address, all) = listener(timers);
    let begin = Instant::now();
    for nth in 0..timers {
        drop(process::send_after(&address, soon(nth), Tick));
    }
    all.await.expect("all ring");
    tell_rung(peer, begin, timers);
}

/// The time until the last one is due does not count.
fn tell_rung(peer: &str, begin: Instant, timers: u64) {
    tell(peer, "set and rung", begin + soon(99), timers);
}

fn asleep(after: Duration) -> Pin<Box<Sleep>> {
    let mut timer = Box::pin(sleep(after));
    // A timer of tokio's is set by its first poll.
    let _ = timer.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    timer
}

async fn tokio_timers(timers: u64) {
    let peer = "tokio sleep";
    for (dues, due) in DUES {
        let begin = Instant::now();
        let all: Vec<_> = (0..timers).map(|nth| asleep(due(nth))).collect();
        tell(peer, &format!("set, {dues}"), begin, timers);
        let begin = Instant::now();
        drop(all);
        tell(peer, &format!("cancel, {dues}"), begin, timers);
    }
    let begin = Instant::now();
    for nth in 0..timers {
        drop(black_box(asleep(far(nth))));
    }
    tell(peer, "set and cancel, one at a time", begin, timers);
    let (send, mut rung) = tokio::sync::mpsc::unbounded_channel();
    let begin = Instant::now();
    for nth in 0..timers {
        let send = send.clone();
        tokio::spawn(async move {
            sleep(soon(nth)).await;
            let _ = send.send(());
        });
    }
    for _ in 0..timers {
        rung.recv().await;
    }
    tell_rung(peer, begin, timers);
}

fn main() {
    let share: f64 = std::env::args().nth(1).and_then(|share| share.parse().ok()).unwrap_or(1.0);
    let timers = (TIMERS as f64 * share) as u64;
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_time().build();
    let runtime = runtime.expect("a runtime can be built");
    runtime.block_on(cordial_timers(timers));
    runtime.block_on(tokio_timers(timers));
}
