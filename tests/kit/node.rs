//! The test kit itself: probes, bounded waits, the clock, and the check for leaks.
use crate::gen_server_support::{Log, pass};
use cordial::__private::run_test;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::test::{expect_down, sync};
use cordial::{Node, gen_server, probe};
use tokio::time::Instant;

#[gen_server]
struct Lamp {
    log: Log,
    is_on: bool,
    never_answered: Vec<ReplyTo<()>>,
}

struct Flicker;

#[gen_server]
impl Lamp {
    #[cast]
    fn switch(&mut self, on: bool) {
        self.is_on = on;
        self.log.write(format!("on: {on}"));
    }
    #[call]
    fn is_on(&self) -> bool {
        self.is_on
    }
    #[call(timeout = infinity)]
    fn wait_for_ever(&mut self, from: ReplyTo<()>) {
        self.never_answered.push(from);
    }
    #[info]
    fn flicker(&self, _: Flicker) {}
    #[info]
    fn exit(&self, _: Exit) {}
    #[terminate]
    fn bye(&mut self, reason: &ExitReason) {
        self.log.write(format!("terminate: {reason}"));
    }
}

async fn lamp() -> (LampRef, Log) {
    let log = Log::default();
    let lamp = Lamp { log: log.clone(), is_on: false, never_answered: Vec::new() };
    (Lamp::start(lamp).await.unwrap(), log)
}

// ===== Probes =====

#[cordial::test]
async fn probe_gets_what_is_sent_to_the_real_handle_in_order() {
    let (lamp, mut probe) = probe::<Lamp>();
    lamp.switch(true);
    cordial::send(&lamp, Flicker);
    let call = lamp.is_on();
    assert!(matches!(probe.next().await, Some(LampMsg::Switch { on: true })));
    assert!(matches!(probe.next().await, Some(LampMsg::Flicker { msg: Flicker })));
    let Some(LampMsg::IsOn { from }) = probe.next().await else { panic!("no call came") };
    from.reply(true);
    assert_eq!(call.await, Ok(true));
    assert!(probe.try_next().is_none());
}

#[cordial::test]
async fn probe_gives_nothing_when_nothing_comes_in_twenty_seconds() {
    let (_lamp, mut probe) = probe::<Lamp>();
    let began = Instant::now();
    assert!(probe.next().await.is_none());
    assert_eq!(began.elapsed(), secs(20));
}

#[cordial::test]
async fn probe_that_drops_a_call_tells_the_caller() {
    let (lamp, mut probe) = probe::<Lamp>();
    let call = lamp.is_on();
    drop(probe.next().await);
    assert!(matches!(call.await, Err(CallError::ReplyDropped(_))));
}

#[cordial::test]
async fn probe_can_be_watched_and_stopped_like_a_server() {
    let (lamp, _probe) = probe::<Lamp>();
    let down = process::monitor(&lamp);
    gen_server::stop(&lamp).await.unwrap();
    expect_down(down, ExitReason::Normal).await;
    assert_eq!(lamp.switch(true).sent(), Err(SendError::NoProc));
}

// ===== Waits =====

#[cordial::test]
async fn sync_returns_when_everything_before_it_is_handled() {
    let (lamp, log) = lamp().await;
    lamp.switch(true);
    cordial::send(&lamp, Flicker);
    lamp.switch(false);
    assert!(log.take().is_empty());
    sync(&lamp).await;
    assert_eq!(log.take(), ["on: true", "on: false"]);
}

#[cordial::test]
#[should_panic(expected = "`sync` needs a living process")]
async fn sync_with_a_process_that_is_gone_fails() {
    let (lamp, _) = lamp().await;
    gen_server::stop(&lamp).await.unwrap();
    sync(&lamp).await;
}

#[cordial::test]
#[should_panic(expected = "sync: nothing within 20s")]
async fn sync_with_a_process_that_does_not_answer_fails() {
    let stuck = process::spawn(async |_: Mailbox<()>| std::future::pending::<()>().await);
    sync(&stuck).await;
}

#[cordial::test]
async fn expect_down_gives_the_down_it_waited_for() {
    let (lamp, _) = lamp().await;
    let pid = gen_server::whereis(&lamp).unwrap();
    let down = process::monitor(&lamp);
    process::exit(&lamp, ExitReason::Kill);
    assert_eq!(expect_down(down, ExitReason::Killed).await.pid, pid);
}

#[cordial::test]
#[should_panic(expected = "ended for another reason")]
async fn expect_down_fails_on_another_reason() {
    let (lamp, _) = lamp().await;
    let down = process::monitor(&lamp);
    process::exit(&lamp, ExitReason::Kill);
    expect_down(down, ExitReason::Normal).await;
}

#[cordial::test]
#[should_panic(expected = "expect_down: nothing within 20s")]
async fn expect_down_fails_when_nothing_ends() {
    let (lamp, _) = lamp().await;
    expect_down(process::monitor(&lamp), ExitReason::Normal).await;
}

// ===== Clock and node =====

#[cordial::test]
async fn hours_pass_at_once_on_the_paused_clock() {
    let began = std::time::SystemTime::now();
    pass(hours(1000)).await;
    assert!(began.elapsed().unwrap() < secs(10));
}

#[cordial::test(workers = 2)]
async fn clock_is_real_with_workers() {
    let began = std::time::SystemTime::now();
    pass(millis(20)).await;
    assert!(began.elapsed().unwrap() >= millis(20));
}

#[test]
fn every_test_has_a_node_of_its_own() {
    let number = || run_test(None, async { Node::current().unwrap().number() });
    assert_ne!(number(), number());
    run_test(None, async {
        let node = Node::current().unwrap();
        assert_eq!((node.processes(), node.names(), node.timers()), (0, 0, 0));
    });
}

// ===== The end of a test =====

#[test]
fn what_the_test_started_last_is_ended_first_and_in_order() {
    let log = Log::default();
    run_test(None, async {
        for name in ["first", "second"] {
            let log = log.clone();
            let lamp = Named { name, log };
            Named::start(lamp).name(name).await.unwrap();
        }
    });
    assert_eq!(log.take(), ["second: shutdown", "first: shutdown"]);
}

#[gen_server]
struct Named {
    name: &'static str,
    log: Log,
}

#[gen_server]
impl Named {
    #[info]
    fn exit(&self, _: Exit) {}
    #[terminate]
    fn bye(&mut self, reason: &ExitReason) {
        self.log.write(format!("{}: {reason}", self.name));
    }
}

#[test]
fn output_of_the_test_is_given_back() {
    assert_eq!(run_test(None, async { Err::<(), _>("no") }), Err("no"));
    assert_eq!(run_test(Some(2), async { Ok::<_, ()>(1) }), Ok(1));
}

#[test]
#[should_panic(expected = "as the test says")]
fn panic_of_the_test_is_its_own() {
    run_test(None, async {
        let _lamp = lamp().await;
        panic!("as the test says");
    });
}

/// A call that waits, and is never dropped.
async fn leak_a_timer() {
    let (lamp, _) = lamp().await;
    let call = Box::leak(Box::new(lamp.wait_for_ever().timeout(hours(1))));
    assert!(tokio::time::timeout(millis(1), call).await.is_err());
}

#[cordial::test]
#[should_panic(expected = "the test leaked: 0 processes, 0 names, 1 timers")]
async fn leaked_timer_fails_the_test() {
    leak_a_timer().await;
}

#[cordial::test(workers = 2)]
#[should_panic(expected = "the test leaked: 0 processes, 0 names, 1 timers")]
async fn leaked_timer_fails_the_test_on_two_workers() {
    leak_a_timer().await;
}

/// A task outside of every process that waits for an answer when the test ends.
async fn leave_a_caller_waiting() {
    let (lamp, _) = lamp().await;
    for _ in 0..200 {
        let mut call = lamp.wait_for_ever().timeout(hours(1));
        let waits = std::future::poll_fn(|cx| {
            let polled = std::pin::Pin::new(&mut call).poll(cx);
            std::task::Poll::Ready(polled.is_pending())
        });
        assert!(waits.await);
        #[expect(clippy::disallowed_methods, reason = "a task that is no process")]
        tokio::spawn(call);
    }
}

#[cordial::test]
async fn caller_that_is_told_at_the_end_is_no_leak() {
    leave_a_caller_waiting().await;
}

#[cordial::test(workers = 2)]
async fn caller_that_is_told_at_the_end_is_no_leak_on_two_workers() {
    leave_a_caller_waiting().await;
}
