//! Calls: when they are sent, how long they wait, who answers them.
use crate::calls_desk::{Way, begin, desk, desk_with_log, outside, timers};
use crate::gen_server_support::{in_process, is_silent, pass};
use crate::support::check_rounds;
use cordial::prelude::*;
use cordial::process::{self, Mailbox, Received};
use cordial::test::sync;
use cordial::{Call, gen_server};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

// ===== Sending =====

#[cordial::test]
async fn call_is_sent_when_its_method_is_called() {
    let (desk, log, _) = desk_with_log().await;
    desk.note(1);
    let first = desk.echo(2);
    desk.note(3);
    let second = desk.echo(4);
    desk.note(5);
    assert_eq!(second.await, Ok(4));
    assert_eq!(log.take()[..4], ["note 1", "echo 2", "note 3", "echo 4"]);
    assert_eq!(first.await, Ok(2));
}

#[cordial::test]
async fn dropped_call_is_handled_all_the_same_and_leaves_nothing() {
    let (desk, log, _) = desk_with_log().await;
    drop(desk.echo(1));
    let mut begun = desk.keep();
    begin(&mut begun).await;
    assert_eq!(timers(), 1);
    drop(begun);
    assert_eq!(timers(), 0);
    desk.answer_oldest(2);
    assert_eq!(desk.echo(3).await, Ok(3));
    assert_eq!(log.take(), ["echo 1", "echo 3"]);
    assert_eq!(timers(), 0);
}

#[cordial::test]
async fn answered_call_leaves_no_timer() {
    let desk = desk().await;
    let mut call = desk.keep();
    begin(&mut call).await;
    desk.answer_oldest(1);
    assert_eq!(call.await, Ok(1));
    assert_eq!(timers(), 0);
}

/// GS-13
// break: GS-13 runtime/cordial/src/gen_server/client.rs
//     `Unsent::NoProc => CallError::NoProc(self.callee()),` =>
//     `Unsent::NoProc => CallError::ReplyDropped(self.callee()),`
#[cordial::test]
async fn call_to_who_is_gone_fails_at_once() {
    let desk = desk().await;
    gen_server::stop(&desk).await.unwrap();
    let began = Instant::now();
    let error = desk.echo(1).no_timeout().await.unwrap_err();
    assert!(matches!(error, CallError::NoProc(_)), "{error}");
    assert_eq!((error.reason(), began.elapsed()), (Some(ExitReason::NoProc), Duration::ZERO));
    assert_eq!(timers(), 0);
}

/// GS-14
// break: GS-14 runtime/cordial/src/gen_server/client.rs
//     `Unsent::ToSelf => self.deadlock(self.pid.as_slice()),` =>
//     `Unsent::ToSelf => CallError::NoProc(self.callee()),`
#[cordial::test]
async fn call_to_oneself_fails_at_once_whatever_its_limit() {
    let desk = desk().await;
    let pid = gen_server::whereis(&desk).unwrap();
    for limit in [None, Some(secs(1))] {
        let began = Instant::now();
        let error = desk.call_itself(limit).await.unwrap();
        let CallError::Deadlock(path, _) = error else { panic!("{error}") };
        assert_eq!((path.pids(), began.elapsed()), (&[pid][..], Duration::ZERO));
    }
    assert_eq!(desk.echo(1).await, Ok(1), "it lives on");
}

// ===== Limits =====

/// How long the call waited, in milliseconds, before it gave up.
async fn gives_up(call: Call<u32>) -> u128 {
    let began = Instant::now();
    let error = call.await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(timers(), 0);
    began.elapsed().as_millis()
}

/// GS-16
// break: GS-16 runtime/cordial/src/private.rs
//     `Some(DEFAULT_LIMIT)` => `Some(Duration::from_secs(50))`
#[cordial::test]
async fn call_waits_five_seconds_unless_handler_or_caller_say_otherwise() {
    let desk = desk().await;
    assert_eq!(gives_up(desk.keep()).await, 5000);
    assert_eq!(gives_up(desk.keep_for_two()).await, 2000);
    assert_eq!(gives_up(desk.keep_for_two().timeout(millis(7))).await, 7);
    assert_eq!(gives_up(desk.keep_for_ever().timeout(secs(9))).await, 9000);
}

/// GS-16
#[cordial::test(workers = 2)]
async fn call_gives_up_in_time_on_a_real_clock() {
    let desk = desk().await;
    let took = gives_up(desk.keep().timeout(millis(20))).await;
    assert!((20..2000).contains(&took), "{took} ms");
}

/// GS-16
#[cordial::test]
async fn request_is_handled_though_its_caller_has_given_up() {
    let (desk, log, gate) = desk_with_log().await;
    gives_up(desk.echo_slowly(1)).await;
    gives_up(desk.echo(2)).await;
    gate.open();
    assert_eq!(desk.echo(3).await, Ok(3));
    assert_eq!(log.take(), ["slow echo 1", "echo 2", "echo 3"]);
}

#[cordial::test]
async fn limit_counts_from_the_call_and_not_from_the_await() {
    let desk = desk().await;
    let call = desk.keep().timeout(millis(50));
    pass(millis(30)).await;
    assert_eq!(gives_up(call).await, 20);
}

/// GS-16: a process has one bell for all its calls, and the one before may have set it.
#[cordial::test]
async fn process_that_calls_again_gives_up_in_time() {
    let desk = desk().await;
    in_process(async move |_| {
        let waits = async |call: Call<u32>| {
            let began = Instant::now();
            assert!(call.await.unwrap_err().is_timeout());
            began.elapsed().as_millis()
        };
        assert_eq!(desk.echo(1).await, Ok(1));
        pass(secs(1)).await;
        assert_eq!(waits(desk.keep()).await, 5000);
        assert_eq!(waits(desk.keep_for_two().timeout(millis(7))).await, 7);
        let (long, short) = (desk.keep(), desk.keep_for_two());
        assert_eq!(tokio::join!(waits(long), waits(short)), (5000, 2000));
        assert_eq!(desk.echo(2).await, Ok(2));
        let held = desk.keep();
        pass(secs(4)).await;
        assert_eq!(waits(held).await, 1000);
    })
    .await;
    assert_eq!(timers(), 0);
}

/// GS-19
// break: GS-19 runtime/cordial/src/gen_server/client.rs
//     `let may_wait = self.bound.limit != Some(Duration::ZERO);` => `let may_wait = true;`
#[cordial::test]
async fn limit_of_zero_gives_what_has_been_answered_already() {
    let desk = desk().await;
    assert_eq!(gives_up(desk.echo(1).timeout(Duration::ZERO)).await, 0);
    let call = desk.echo(2).timeout(Duration::ZERO);
    sync(&desk).await;
    assert_eq!(call.await, Ok(2));
}

/// GS-19
#[cordial::test]
async fn call_without_a_limit_waits_for_years() {
    let desk = desk().await;
    let (by_caller, by_handler) = (desk.keep().no_timeout(), desk.keep_for_ever());
    let both = async { tokio::join!(by_caller, by_handler) };
    let (answers, ()) = tokio::join!(both, async {
        pass(hours(24 * 365 * 2)).await;
        desk.answer_oldest(1);
        desk.answer_oldest(2);
    });
    assert_eq!(answers, (Ok(1), Ok(2)));
}

// ===== Answers =====

/// GS-18
#[cordial::test]
async fn late_answer_is_never_that_of_another_call() {
    let desk = desk().await;
    gives_up(desk.keep().timeout(millis(1))).await;
    let next = desk.keep();
    desk.answer_oldest(1);
    desk.answer_oldest(2);
    assert_eq!(next.await, Ok(2));
}

/// GS-18: the end of the server is not a second answer.
// break: GS-18 runtime/cordial/src/mailbox/reply.rs
//     `if matches!(*state, State::Full(_) | State::Gone) {` =>
//     `if matches!(*state, State::Gone) {`
#[cordial::test]
async fn answer_that_was_given_stands_when_the_server_ends() {
    let desk = desk().await;
    let call = desk.keep();
    desk.answer_oldest(1);
    sync(&desk).await;
    process::exit(&desk, ExitReason::Kill);
    process::monitor(&desk).await;
    assert_eq!(call.await, Ok(1));
}

/// Calls that are answered just when their limit ends.
async fn race_of_answer_and_limit(rounds: usize) {
    let desk = desk().await;
    let value = Arc::new(());
    for round in 0..rounds as u64 {
        let (desk, value) = (desk.clone(), value.clone());
        in_process(async move |mut mail| {
            let (early, late) = (Duration::from_micros(round % 7 * 300), millis(1));
            match desk.answer_after(early, value).timeout(late).await {
                Ok(_) => {}
                Err(error) => assert!(error.is_timeout(), "{error}"),
            }
            mail.send_self(());
            assert!(matches!(mail.receive().await, Received::Message(())));
            assert_eq!(desk.echo(7).await, Ok(7));
            assert!(tokio::time::timeout(Duration::ZERO, mail.receive()).await.is_err());
        })
        .await;
    }
    // The last answers may still be on their way.
    pass(millis(10)).await;
    sync(&desk).await;
    assert_eq!((Arc::strong_count(&value), timers()), (1, 0));
}

/// GS-17
// break: GS-17 runtime/cordial/src/mailbox/reply.rs
//     `drop(answer);` => `std::mem::forget(answer);`
#[test]
fn answer_after_the_limit_leaves_nothing() {
    check_rounds(race_of_answer_and_limit);
}

/// GS-21
// break: GS-21 runtime/cordial/src/mailbox/reply.rs
//     `slot.fill(Ok(value));` =>
//     `slot.fill(if slot.is_handed_out() { Err(Lost::Dropped) } else { Ok(value) });`
#[cordial::test]
async fn anybody_who_has_the_handle_may_answer() {
    let desk = desk().await;
    let (to, mut handed) = outside();
    let mut call = desk.hand_out(to.clone());
    begin(&mut call).await;
    let from = handed.recv().await.unwrap();
    assert!(is_silent(&mut call).await);
    in_process(async |_| from.reply(1)).await;
    assert_eq!(call.await, Ok(1));
    let call = desk.hand_out(to);
    let from = handed.recv().await.unwrap();
    tokio::task::spawn_blocking(move || from.reply(2)).await.unwrap();
    assert_eq!(call.await, Ok(2));
}

#[cordial::test]
async fn handle_names_the_process_that_waits() {
    let desk = desk().await;
    let asked = desk.clone();
    let (pid, answer) =
        in_process(async move |mail| (mail.pid(), asked.who_asks().await.unwrap())).await;
    assert_eq!(answer, (pid, format!("ReplyTo({pid})")));
}

#[cordial::test]
async fn caller_that_is_no_process_never_goes_down() {
    let (desk, log, _) = desk_with_log().await;
    let (nobody, _) = desk.who_asks().await.unwrap();
    assert_eq!(nobody, process::self_pid());
    assert!(is_silent(process::monitor(&nobody)).await);
    assert!(process::is_alive(&nobody).await);
    desk.watch(nobody).await.unwrap();
    let short = process::spawn(async |_: Mailbox<()>| {});
    desk.watch(short.pid().unwrap()).await.unwrap();
    process::monitor(&short).await;
    sync(&desk).await;
    assert_eq!(log.take(), ["down"], "of the process alone");
}

/// GS-22
// break: GS-22 runtime/cordial/src/mailbox/reply.rs
//     `drop(answer);` => `unreachable!("somebody waits");`
#[cordial::test]
async fn answer_to_a_caller_that_is_dead_is_dropped() {
    let desk = desk().await;
    let caller = desk.clone();
    let (caller, down) = process::spawn_monitor(async move |_: Mailbox<()>| {
        let _ = caller.keep().await;
    });
    sync(&desk).await;
    process::exit(&caller, ExitReason::Kill);
    assert_eq!(down.await.reason, ExitReason::Killed);
    desk.answer_oldest(1);
    assert_eq!(desk.echo(2).await, Ok(2));
}

#[cordial::test]
async fn handle_that_is_dropped_tells_the_caller_at_once() {
    let desk = desk().await;
    let mut call = desk.keep_for_ever();
    begin(&mut call).await;
    desk.let_go();
    assert!(matches!(call.await, Err(CallError::ReplyDropped(_))));
    let (to, mut handed) = outside();
    let call = desk.hand_out(to);
    drop(handed.recv().await);
    assert!(matches!(call.await, Err(CallError::ReplyDropped(_))));
}

#[cordial::test]
async fn end_of_somebody_else_who_has_the_handle_is_not_the_end_of_the_server() {
    let desk = desk().await;
    for way in [Way::Killed, Way::Panic] {
        let (to, mut handed) = outside();
        let call = desk.hand_out(to);
        let from = handed.recv().await.unwrap();
        let (holder, down) = process::spawn_monitor(async move |mut mail: Mailbox<()>| {
            mail.next().await;
            let _from = from;
            panic!("x");
        });
        match way {
            Way::Killed => process::exit(&holder, ExitReason::Kill),
            _ => drop(holder.send(())),
        }
        down.await;
        let error = call.await.unwrap_err();
        assert!(matches!(error, CallError::ReplyDropped(_)), "{error}");
    }
    assert_eq!(desk.echo(1).await, Ok(1));
}
