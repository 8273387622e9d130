//! The fault table, one test a row: calls, casts and mailboxes. See `faults_lives`.
use crate::calls_knot::{Hop, How, go, is_circle, knots};
use crate::faults_rig::*;
use crate::gen_server_support::Gate;
use crate::support::{Note, check_ends, check_on, next_message};
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::test::sync;
use cordial::{Node, gen_server};
use tokio::time::Instant;

#[cordial::test]
async fn fault_03_panic_in_a_handler_is_told_to_its_caller_with_its_reason() {
    let (rig, _) = rig(Plan::Works).await;
    let down = process::monitor(&rig);
    assert_eq!(why(rig.crash().await), "boom");
    assert_eq!(short(&down.await.reason), "boom");
}

#[cordial::test]
async fn fault_09_kill_during_a_call_is_told_at_once() {
    let ((rig, _), gate) = (rig(Plan::Works).await, Gate::default());
    let began = Instant::now();
    let call = rig.pass(gate.clone());
    gate.reached().await;
    process::exit(&rig, ExitReason::Kill);
    assert_eq!(why(call.await), "killed");
    assert_eq!(began.elapsed(), secs(0));
}

/// GS-17
#[cordial::test]
async fn fault_10_answer_that_comes_too_late_is_dropped() {
    let (rig, _) = rig(Plan::Works).await;
    assert!(rig.keep().timeout(secs(1)).await.unwrap_err().is_timeout());
    rig.answer_all();
    for n in 0..3 {
        assert_eq!(rig.echo(n).await, Ok(n), "and is nobody else's answer");
    }
    assert_eq!(Node::current().unwrap().timers(), 0);
}

/// GS-14
#[cordial::test]
async fn fault_11_circle_of_calls_and_call_to_oneself_fail_at_once() {
    let began = Instant::now();
    let [a, b] = knots().await;
    let hops = [Hop(b.clone(), How::Alone), Hop(a.clone(), How::Alone)];
    assert!(is_circle(&go(&a, hops).await));
    assert!(is_circle(&go(&a, [Hop(a.clone(), How::Alone)]).await));
    assert!(is_circle(&go(&b, [Hop(b.clone(), How::NoTimeout)]).await));
    assert_eq!(began.elapsed(), secs(0));
}

#[cordial::test]
async fn fault_12_call_to_the_dead_fails_at_once() {
    let (rig, _) = dead().await;
    let began = Instant::now();
    assert!(matches!(rig.echo(1).await, Err(CallError::NoProc(_))));
    assert_eq!(began.elapsed(), secs(0));
}

#[cordial::test]
async fn fault_13_thousand_dropped_calls_do_no_damage() {
    let (rig, _) = rig(Plan::Works).await;
    for n in 0..1000 {
        drop(rig.echo(n));
        drop(rig.keep());
    }
    rig.answer_all();
    assert_eq!(rig.echo(7).await, Ok(7));
    assert_eq!(Node::current().unwrap().timers(), 0);
}

/// GS-20
#[cordial::test]
async fn fault_14_thousand_queued_calls_are_told_when_the_server_dies() {
    let ((rig, _), gate) = (rig(Plan::Works).await, Gate::default());
    let busy = rig.pass(gate.clone());
    gate.reached().await;
    let queued: Vec<_> = (0..1000).map(|n| rig.echo(n)).collect();
    process::exit(&rig, ExitReason::Kill);
    assert_eq!(why(busy.await), "killed");
    for call in queued {
        assert_eq!(why(call.await), "killed");
    }
}

/// A server with a bounded mailbox that sends itself more than fits.
#[gen_server(restart = Temporary)]
struct Echoing(u32);

#[gen_server(mailbox = 4, on_full = reject)]
impl Echoing {
    #[init]
    fn new() -> Self {
        Self(0)
    }
    #[call]
    fn send_itself(&self, n: u32, ctx: &mut Ctx<Self>) {
        for _ in 0..n {
            ctx.me().count().sent().expect("what it sends itself is never refused");
        }
    }
    #[cast]
    fn count(&mut self) {
        self.0 += 1;
    }
    #[call]
    fn counted(&self) -> u32 {
        self.0
    }
}

#[cordial::test]
async fn fault_15_handler_may_send_itself_more_than_its_mailbox_takes() {
    let server = Echoing::start().await.unwrap();
    assert_eq!(server.send_itself(100).await, Ok(()));
    assert_eq!(server.counted().await, Ok(100));
}

/// PROC-5
#[test]
fn fault_17_messages_of_each_sender_keep_their_order() {
    const EACH: u32 = 25_000;
    for workers in [1, 2] {
        check_on(Some(workers), async || {
            let (inbox, ends) =
                process::spawn_monitor(async |mut mail: Mailbox<Note<(usize, u32)>>| {
                    let mut next = [0; 4];
                    while next.iter().any(|n| *n < EACH) {
                        let Note((sender, n)) = next_message(&mut mail).await;
                        assert_eq!(n, next[sender]);
                        next[sender] += 1;
                    }
                });
            for sender in 0..4 {
                let inbox = inbox.clone();
                process::spawn(async move |_: Mailbox<()>| {
                    for n in 0..EACH {
                        inbox.send(Note((sender, n)));
                        if n % 1000 == 0 {
                            tokio::task::yield_now().await;
                        }
                    }
                });
            }
            check_ends(ends, ExitReason::Normal).await;
        });
    }
}

/// A message is moved, so its size does not matter.
#[cordial::test]
async fn fault_18_message_of_256_mebibytes_arrives() {
    let (inbox, ends) = process::spawn_monitor(async |mut mail: Mailbox<Note<Vec<u8>>>| {
        let Note(bytes) = next_message(&mut mail).await;
        assert_eq!(bytes.len(), 256 << 20);
    });
    inbox.send(Note(vec![0; 256 << 20]));
    check_ends(ends, ExitReason::Normal).await;
}

/// GS-38
#[cordial::test]
async fn fault_19_stop_is_behind_what_was_accepted() {
    let ((rig, log), gate) = (rig(Plan::Works).await, Gate::default());
    let busy = rig.pass(gate.clone());
    gate.reached().await;
    (0..1000).for_each(|n| _ = rig.write(n));
    gate.open();
    gen_server::stop(&rig).await.unwrap();
    assert_eq!(busy.await, Ok(1));
    let mut expected: Vec<_> = (0..1000).map(|n| n.to_string()).collect();
    expected.extend(["terminate: normal".to_owned(), "dropped".to_owned()]);
    assert_eq!(log.take(), expected);
}

/// And what was accepted before a `sync` is handled when it returns.
#[cordial::test]
async fn fault_19_accepted_casts_are_handled_before_a_later_request() {
    let (rig, log) = rig(Plan::Works).await;
    (0..1000).for_each(|n| _ = rig.write(n));
    sync(&rig).await;
    assert_eq!(log.take().len(), 1000);
}
