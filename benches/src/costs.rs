//! What cordial's features cost per message: each measured alone, beside the same without it.
//!
//! Links, monitors and names cost where they are used, so the server that is told something has ten
//! of them, and nobody uses them while the clock runs. A feature that cordial does not have yet has
//! no line here.

use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::time::{Duration, Instant};

use cordial::prelude::*;
use cordial::process::{self, Cast, Mailbox};
use cordial::{Task, protocol::SessionError};
use tokio::task::yield_now;

use crate::job::{Figure, Job};
use crate::latch::Latch;

type Measured = Pin<Box<dyn Future<Output = Duration> + Send>>;

/// One feature, beside what it is compared with.
pub(crate) struct Cost {
    pub(crate) word: &'static str,
    pub(crate) title: &'static str,
    times: u64,
    work: fn(u64) -> Measured,
}

const CASTS: u64 = 2_000_000;
const CALLS: u64 = 300_000;
const ROUNDS: u64 = 1_000_000;

/// The word before the first `+` is what a feature is compared with.
pub(crate) const ALL: &[Cost] = &[
    Cost { word: "cast", title: "a cast", times: CASTS, work: |n| Box::pin(plain(n, Tie::None)) },
    Cost {
        word: "cast+links",
        title: "to a server with ten links",
        times: CASTS,
        work: |n| Box::pin(plain(n, Tie::Links)),
    },
    Cost {
        word: "cast+monitors",
        title: "to a server that watches ten and is watched by ten",
        times: CASTS,
        work: |n| Box::pin(plain(n, Tie::Monitors)),
    },
    Cost {
        word: "cast+trap",
        title: "to a server that traps exits",
        times: CASTS,
        work: |n| Box::pin(plain(n, Tie::Trap)),
    },
    Cost {
        word: "cast+idle",
        title: "to a server with an idle timeout",
        times: CASTS,
        work: |n| Box::pin(idle(n)),
    },
    Cost {
        word: "cast+bound",
        title: "to a mailbox of 1024",
        times: CASTS,
        work: |n| Box::pin(bounded(n)),
    },
    Cost { word: "call", title: "a call of 5 s", times: CALLS, work: |n| Box::pin(calls(n)) },
    Cost {
        word: "call+queued",
        title: "with `inline = never`",
        times: CALLS,
        work: |n| Box::pin(calls_queued(n)),
    },
    Cost {
        word: "call+forever",
        title: "without a limit",
        times: CALLS,
        work: |n| Box::pin(calls_forever(n)),
    },
    Cost {
        word: "call+limit",
        title: "with a limit of its own",
        times: CALLS,
        work: |n| Box::pin(calls_within(n)),
    },
    Cost {
        word: "call+monitor",
        title: "with a monitor around it",
        times: CALLS,
        work: |n| Box::pin(calls_watched(n)),
    },
    Cost {
        word: "round",
        title: "a call, from process to process",
        times: ROUNDS,
        work: |n| Box::pin(calls_of_process(n)),
    },
    Cost {
        word: "round+queued",
        title: "with `inline = never`",
        times: ROUNDS,
        work: |n| Box::pin(queued_calls_of_process(n)),
    },
    Cost {
        word: "round+conversation",
        title: "a question and its answer in a conversation of two processes",
        times: ROUNDS,
        work: |n| Box::pin(conversation(n)),
    },
];

impl Cost {
    /// Nanoseconds per message.
    pub(crate) fn measure(&self, job: &Job) -> Figure {
        let times = job.times(self.times);
        let work = self.work;
        Figure::each(times, job.workers.run(async move { work(times).await }))
    }
}

/// What the server is tied to.
#[derive(Clone, Copy, PartialEq)]
enum Tie {
    None,
    Links,
    Monitors,
    Trap,
}

const TIES: usize = 10;

#[gen_server]
#[derive(Default)]
struct Plain(u64);

#[gen_server]
impl Plain {
    #[cast]
    fn add(&mut self, number: u64) {
        self.0 = self.0.wrapping_add(number);
    }
    #[cast]
    fn report(&self, end: Latch) {
        end.hit();
    }
    #[call]
    fn total(&self, number: u64) -> u64 {
        self.0.wrapping_add(number)
    }
    #[call(inline = never)]
    fn total_queued(&self, number: u64) -> u64 {
        self.0.wrapping_add(number)
    }
    #[call]
    fn tie(&mut self, tie: Tie, others: Vec<Pid>, ctx: &mut Ctx<Self>) {
        ctx.trap_exit(tie == Tie::Trap);
        for other in &others {
            match tie {
                Tie::Links => ctx.link(other).expect("it lives"),
                Tie::Monitors => drop(ctx.monitor(other)),
                Tie::None | Tie::Trap => {}
            }
        }
    }
    #[info]
    fn down(&self, _down: Down) {}
}

#[gen_server]
#[derive(Default)]
struct Patient(u64);

#[gen_server]
impl Patient {
    #[cast]
    fn add(&mut self, number: u64) {
        self.0 = self.0.wrapping_add(number);
    }
    #[cast]
    fn report(&self, end: Latch) {
        end.hit();
    }
    #[idle(30s)]
    fn idle(&self) {}
}

#[gen_server]
#[derive(Default)]
struct Narrow(u64);

#[gen_server(mailbox = 1024, on_full = reject)]
impl Narrow {
    #[cast]
    fn add(&mut self, number: u64) {
        self.0 = self.0.wrapping_add(number);
    }
    #[cast]
    fn report(&self, end: Latch) {
        end.hit();
    }
}

/// Casts in bursts of 256, until the last one is handled.
async fn casts(
    times: u64,
    add: impl Fn(u64) -> Cast,
    report: impl FnOnce(Latch) -> Cast,
) -> Duration {
    let end = Latch::new(1);
    let start = Instant::now();
    for number in 0..times {
        let _ = add(number);
        if number % 256 == 255 {
            yield_now().await;
        }
    }
    let _ = report(end.clone());
    end.opened().await;
    start.elapsed()
}

async fn plain(times: u64, tie: Tie) -> Duration {
    let server = Plain::start(Plain::default()).await.expect("a server starts");
    let others: Vec<_> = (0..TIES).map(|_| process::spawn(forever)).collect();
    let pids = others.iter().filter_map(|other| other.pid()).collect();
    server.tie(tie, pids).await.expect("it answers");
    let watchers: Vec<_> = match tie {
        Tie::Monitors => (0..TIES).map(|_| process::monitor(&server)).collect(),
        Tie::None | Tie::Links | Tie::Trap => Vec::new(),
    };
    let took = casts(times, |n| server.add(n), |end| server.report(end)).await;
    drop(watchers);
    took
}

async fn forever(mut mail: Mailbox<()>) {
    loop {
        mail.next().await;
    }
}

async fn idle(times: u64) -> Duration {
    let server = Patient::start(Patient::default()).await.expect("a server starts");
    casts(times, |n| server.add(n), |end| server.report(end)).await
}

/// A burst of 256 always finds room when the one before it is handled; else it is tried again.
async fn bounded(times: u64) -> Duration {
    let server = Narrow::start(Narrow::default()).await.expect("a server starts");
    let end = Latch::new(1);
    let start = Instant::now();
    for number in 0..times {
        while server.add(number).sent().is_err() {
            yield_now().await;
        }
        if number % 256 == 255 {
            yield_now().await;
        }
    }
    while server.report(end.clone()).sent().is_err() {
        yield_now().await;
    }
    end.opened().await;
    start.elapsed()
}

async fn answering() -> PlainRef {
    let server = Plain::start(Plain::default()).await.expect("a server starts");
    server.total(0).await.expect("it answers");
    server
}

/// One call after the other to a server that has answered before.
async fn calling(times: u64, call: impl AsyncFn(&PlainRef, u64) -> u64) -> Duration {
    let server = answering().await;
    let start = Instant::now();
    for number in 0..times {
        black_box(call(&server, number).await);
    }
    start.elapsed()
}

async fn calls(times: u64) -> Duration {
    calling(times, async |server, n| server.total(n).await.expect("it answers")).await
}

async fn calls_queued(times: u64) -> Duration {
    calling(times, async |server, n| server.total_queued(n).await.expect("it answers")).await
}

async fn calls_forever(times: u64) -> Duration {
    calling(times, async |server, n| server.total(n).no_timeout().await.expect("it answers")).await
}

async fn calls_within(times: u64) -> Duration {
    calling(times, async |server, n| server.total(n).timeout(secs(1)).await.expect("it answers"))
        .await
}

async fn calls_watched(times: u64) -> Duration {
    calling(times, async |server, n| {
        let watched = process::monitor(server);
        let total = server.total(n).await.expect("it answers");
        drop(watched);
        total
    })
    .await
}

// ===== Between processes =====

/// So much time in a process of its own.
async fn in_process(work: impl Future<Output = Duration> + Send + 'static) -> Duration {
    Task::spawn(work).no_timeout().await.expect("it does not fail")
}

async fn calls_of_process(times: u64) -> Duration {
    in_process(calls(times)).await
}

async fn queued_calls_of_process(times: u64) -> Duration {
    in_process(calls_queued(times)).await
}

protocol! {
    /// Asked and answered, again and again.
    Sum: Asker => Adder {
        loop Adding {
            Asker -> Adder: Add(u64);
            Adder -> Asker: Total(u64);
        }
    }
}

async fn conversation(times: u64) -> Duration {
    let (asker, adder) = sum::open();
    let adding = Task::spawn(add(adder));
    let took = in_process(async move {
        let mut asker = asker;
        let start = Instant::now();
        for number in 0..times {
            let (total, next) = asker.add(number).total().await.expect("it answers");
            black_box(total);
            asker = next;
        }
        start.elapsed()
    })
    .await;
    let end = adding.await.expect("it does not fail");
    assert!(end.is_err(), "the asker has left");
    took
}

async fn add(mut adder: sum::adder::Start) -> Result<(), SessionError> {
    let mut total = 0_u64;
    loop {
        let (number, next) = adder.add().await?;
        total = total.wrapping_add(number);
        adder = next.total(total);
    }
}
