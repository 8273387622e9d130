//! How long others wait beside a flood, and how soon a flooded process sees a signal: figures of
//! `cargo xtask soak fairness`, which are claims where code is optimised.
//!
//! The counts behind them are claimed in `fairness`, however long they take.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]
#![allow(clippy::print_stdout, reason = "figures are what a soak is for")]

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cordial::prelude::*;
use cordial::process::{self, Mailbox, Spawned};
use cordial::{RawRef, gen_server};
use tokio::runtime::Builder;
use tokio::time::Instant;

/// So many in full length, and so many where code is not optimised.
const fn so_many(full: usize, small: usize) -> usize {
    if cfg!(debug_assertions) { small } else { full }
}

/// One test at a time, on two workers.
fn run(test: impl Future) {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.unwrap().block_on(test);
}

/// What takes too long is told when everything has been measured.
struct Claims {
    bound: Duration,
    broken: Vec<String>,
}

impl Claims {
    fn of(bound: Duration) -> Self {
        Self { bound, broken: Vec::new() }
    }

    /// Prints the middle, the 99th of a hundred and the last, and claims the bound of the second.
    fn check(&mut self, what: &str, mut times: Vec<Duration>) {
        times.sort();
        let [p50, p99, max] =
            [50, 99, 100].map(|part| times[(times.len() * part / 100).max(1) - 1]);
        println!("{what}: p50 {p50:.1?}, p99 {p99:.1?}, max {max:.1?} of {}", times.len());
        if p99 > self.bound {
            self.broken.push(what.to_owned());
        }
    }
}

impl Drop for Claims {
    fn drop(&mut self) {
        let Self { bound, broken } = self;
        let is_claimed = !cfg!(debug_assertions) && !std::thread::panicking();
        assert!(broken.is_empty() || !is_claimed, "p99 is over {bound:?}: {}", broken.join("; "));
    }
}

/// A server that answers, and that floods go to.
#[gen_server(restart = Temporary)]
struct Echo;

#[gen_server]
impl Echo {
    #[init]
    fn new() -> Self {
        Self
    }

    /// In its own turn.
    #[call(inline = never)]
    fn echo(&self, n: u64) -> u64 {
        n
    }

    /// By the caller, where the server is idle.
    #[call]
    fn echo_here(&self, n: u64) -> u64 {
        n
    }

    #[cast]
    fn pour(&self) {}
}

/// A process that sends as fast as it can, as long as the other lives.
fn flood(flooded: &EchoRef) -> (RawRef<()>, Spawned<()>) {
    let flooded = flooded.clone();
    process::spawn_monitor(async move |_: Mailbox<()>| {
        while gen_server::whereis(&flooded).is_some() {
            (0..256).for_each(|_| _ = flooded.pour());
            tokio::task::yield_now().await;
        }
    })
}

/// Times so many calls one after another.
async fn calls(echo: &EchoRef, own_turn: bool) -> Vec<Duration> {
    let mut times = Vec::new();
    for n in 0..so_many(20_000, 200) as u64 {
        let began = Instant::now();
        let answer = if own_turn { echo.echo(n).await } else { echo.echo_here(n).await };
        times.push(began.elapsed());
        assert_eq!(answer, Ok(n));
    }
    times
}

#[test]
fn call_beside_a_flood_takes_less_than_a_millisecond() {
    run(async {
        let mut claims = Claims::of(millis(1));
        let (flooded, echo) = (Echo::start().await.unwrap(), Echo::start().await.unwrap());
        let flood = flood(&flooded);
        claims.check("call of a task, own turn", calls(&echo, true).await);
        claims.check("call of a task", calls(&echo, false).await);
        let (from, answer) = ReplyTo::pair();
        process::spawn(async move |_: Mailbox<()>| {
            from.reply((calls(&echo, true).await, calls(&echo, false).await));
        });
        let (own_turn, here) = answer.await.unwrap();
        claims.check("call of a process, own turn", own_turn);
        claims.check("call of a process", here);
        process::exit(&flooded, ExitReason::Kill);
        flood.1.await;
    });
}

/// Times from a signal's sending to its effect, each on a server that has been flooded for a while.
async fn signals(signal: impl AsyncFn(&EchoRef)) -> Vec<Duration> {
    let mut times = Vec::new();
    for _ in 0..so_many(200, 5) {
        let flooded = Echo::start().await.unwrap();
        let flood = flood(&flooded);
        let until = Instant::now() + millis(20);
        while Instant::now() < until {
            tokio::task::yield_now().await;
        }
        let began = Instant::now();
        signal(&flooded).await;
        times.push(began.elapsed());
        process::exit(&flooded, ExitReason::Kill);
        flood.1.await;
    }
    times
}

#[test]
fn signal_reaches_a_flooded_process_within_ten_milliseconds() {
    run(async {
        let mut claims = Claims::of(millis(10));
        let times = signals(async |flooded| {
            let down = process::monitor(flooded);
            process::exit(flooded, ExitReason::Kill);
            assert_eq!(down.await.reason, ExitReason::Killed);
        });
        claims.check("kill, and its DOWN", times.await);
        let times = signals(async |flooded| {
            let down = process::monitor(flooded);
            process::exit(flooded, ExitReason::Shutdown);
            assert_eq!(down.await.reason, ExitReason::Shutdown);
        });
        claims.check("exit signal, and its DOWN", times.await);
        let times = signals(async |flooded| drop(process::monitor(flooded)));
        claims.check("monitor and demonitor", times.await);
        let times = signals(async |flooded| gen_server::stop(flooded).await.unwrap());
        claims.check("stop", times.await);
        let times = signals(async |flooded| assert_eq!(flooded.echo(1).await, Ok(1)));
        claims.check("call of the flooded itself", times.await);
    });
}
