//! A test's node and clock, and the check that it leaves nothing.
use crate::support::{Notes, lamp};
use cordial::__private::run_test;
use cordial::Node;
use cordial::prelude::*;
use cordial::test::advance;

// ===== Clock and node =====

#[cordial::test]
async fn hours_pass_at_once_on_the_paused_clock() {
    let began = std::time::SystemTime::now();
    advance(hours(1000)).await;
    assert!(began.elapsed().unwrap() < secs(10));
}

#[cordial::test(workers = 2)]
async fn clock_is_real_with_workers() {
    let began = std::time::SystemTime::now();
    let _ = tokio::time::timeout(millis(20), std::future::pending::<()>()).await;
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
    let log = Notes::default();
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
    log: Notes,
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
