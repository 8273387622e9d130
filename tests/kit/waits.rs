//! Waits with an end: `sync`, `expect_down`, `restarted`, `advance`.
use crate::support::{Flicker, Lamp, check_failure, failure_on, lamp};
use cordial::gen_server;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::test::{advance, expect_down, restarted, start_supervised, sync};
use tokio::time::Instant;

#[gen_server]
#[derive(Clone, Default)]
struct Clock {
    ticks: u32,
    echoes: u32,
}

struct Echo;

#[gen_server]
impl Clock {
    #[every(1s)]
    fn tick(&mut self, ctx: &mut Ctx<Self>) {
        self.ticks += 1;
        ctx.send_after(millis(0), Echo);
    }
    #[info]
    fn echo(&mut self, _: Echo) {
        self.echoes += 1;
    }
    #[call]
    fn counts(&self) -> (u32, u32) {
        (self.ticks, self.echoes)
    }
}

/// Sends itself a message for each that it gets.
#[gen_server]
#[derive(Clone)]
struct Restless;

#[gen_server]
impl Restless {
    #[cast]
    fn go_on(&self, ctx: &mut Ctx<Self>) {
        ctx.me().go_on();
    }
}

// ===== sync =====

#[cordial::test]
async fn sync_returns_when_everything_before_it_is_handled() {
    let (lamp, notes) = lamp().await;
    lamp.switch(true);
    cordial::send(&lamp, Flicker);
    lamp.switch(false);
    assert!(notes.take().is_empty());
    sync(&lamp).await;
    assert_eq!(notes.take(), ["on: true", "on: false"]);
}

#[test]
fn sync_says_whom_it_waited_for() {
    check_failure(
        async || {
            let (lamp, _) = lamp().await;
            gen_server::stop(&lamp).await.unwrap();
            sync(&lamp).await;
        },
        "sync: expected a living process",
    );
    check_failure(
        async || {
            let stuck = process::spawn(async |_: Mailbox<()>| std::future::pending::<()>().await);
            process::register("stuck", &stuck).unwrap();
            sync(&stuck).await;
        },
        "sync: expected `stuck` <pid> to handle its mail within 20s",
    );
}

#[test]
fn sync_fails_when_the_process_ends_before() {
    check_failure(
        async || {
            let (lamp, _) = lamp().await;
            lamp.burst();
            sync(&lamp).await;
        },
        "sync: expected `Lamp` <pid> to handle its mail, but it ended: \
         it ended for another reason: panicked: burst at tests/kit/support.rs:59:9",
    );
}

// ===== expect_down =====

#[cordial::test]
async fn expect_down_gives_the_down_it_waited_for() {
    let (lamp, _) = lamp().await;
    let pid = gen_server::whereis(&lamp).unwrap();
    let down = process::monitor(&lamp);
    process::exit(&lamp, ExitReason::Kill);
    assert_eq!(expect_down(down, ExitReason::Killed).await.pid, pid);
    let short = process::spawn_monitor(async |_: Mailbox<()>| {}).1;
    expect_down(short, ExitReason::Normal).await;
}

#[test]
fn expect_down_says_who_ended_and_why() {
    check_failure(
        async || {
            let (lamp, _) = lamp().await;
            let down = process::monitor(&lamp);
            process::exit(&lamp, ExitReason::Kill);
            expect_down(down, ExitReason::Normal).await;
        },
        "expect_down: expected an end with `normal`, but <pid> ended: `killed`",
    );
    check_failure(
        async || {
            let (lamp, _) = lamp().await;
            expect_down(process::monitor(&lamp), ExitReason::Normal).await;
        },
        "expect_down: expected an end with `normal` within 20s",
    );
}

// ===== restarted =====

#[cordial::test]
async fn restarted_waits_for_the_next_incarnation_and_no_time_passes() {
    let lamp = start_supervised!(Lamp::child_spec(Lamp::default()));
    let (first, began) = (gen_server::whereis(&lamp), Instant::now());
    lamp.burst();
    let second = restarted(&lamp).await;
    assert_ne!(Some(second), first);
    assert_eq!(gen_server::whereis(&lamp), Some(second));
    assert_eq!(began.elapsed(), secs(0));
}

#[cordial::test]
async fn restarted_waits_as_long_as_the_supervisor_does() {
    let slow = supervisor::Backoff::exp(secs(3), secs(3));
    let lamp = start_supervised!(Lamp::child_spec(Lamp::default()).backoff(slow));
    lamp.burst();
    restarted(&lamp).await;
    lamp.switch(true);
    assert_eq!(lamp.is_on().await, Ok(true));
}

#[cordial::test(workers = 2)]
async fn restarted_taken_before_the_crash_misses_no_restart() {
    let lamp = start_supervised!(Lamp::child_spec(Lamp::default()));
    for _ in 0..50 {
        let again = restarted(&lamp);
        lamp.burst();
        again.await;
    }
}

#[test]
fn restarted_says_what_is_there_instead() {
    check_failure(
        async || {
            let lamp = start_supervised!(Lamp::child_spec(Lamp::default()).id("porch"));
            restarted(&lamp).await;
        },
        "restarted: expected a restart within 20s, but `Lamp` <pid> has not ended",
    );
    check_failure(
        async || {
            let lamp = start_supervised!(Lamp::child_spec(Lamp::default()).temporary());
            lamp.burst();
            restarted(&lamp).await;
        },
        "restarted: expected a restart within 20s, but nobody lives there now",
    );
}

// ===== advance =====

#[cordial::test]
async fn advance_fires_every_timer_on_the_way_and_handles_what_is_due_at_the_end() {
    let clock = start_supervised!(Clock::child_spec(Clock::default()));
    let began = Instant::now();
    advance(millis(3_500)).await;
    assert_eq!(began.elapsed(), millis(3_500));
    assert_eq!(clock.counts().await, Ok((3, 3)));
    advance(millis(500)).await;
    assert_eq!(clock.counts().await, Ok((4, 4)));
    advance(hours(1)).await;
    assert_eq!(clock.counts().await, Ok((3_604, 3_604)));
}

#[cordial::test]
async fn advance_by_nothing_handles_what_is_there() {
    let (lamp, notes) = lamp().await;
    lamp.switch(true);
    advance(secs(0)).await;
    assert_eq!(notes.take(), ["on: true"]);
}

#[test]
fn advance_on_real_threads_says_why_it_cannot() {
    let text = failure_on(Some(1), async || advance(secs(1)).await);
    assert!(text.ends_with("this test has `workers`, whose clock nobody can move"), "{text}");
}

#[test]
fn advance_says_that_time_cannot_pass() {
    check_failure(
        async || {
            let restless = Restless::start(Restless).await.unwrap();
            restless.go_on();
            advance(secs(1)).await;
        },
        "advance: there is always a process with something to do",
    );
}
