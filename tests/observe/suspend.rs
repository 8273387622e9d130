//! `sys::suspend` and `resume`, and what reaches a server that stands still.
use crate::support::{Clerk, ClerkRef, Door, ENDED};
use cordial::prelude::*;
use cordial::process;
use cordial::sys::{self, SysError};
use cordial::test::{start_supervised, stop_supervised, sync};

async fn clerk() -> ClerkRef {
    start_supervised!(Clerk::child_spec(Clerk::default()).temporary())
}

/// GS-44: mail of a suspended server waits, and is handled in order when it is resumed.
// break: GS-44 runtime/cordial/src/process/lane.rs `if turn.cell.inner.lock().is_suspended() {` =>
//     `if turn.is_interrupted() && turn.cell.inner.lock().is_suspended() {`
#[cordial::test]
async fn suspended_server_handles_nothing_until_it_is_resumed_and_then_all_in_order() {
    let clerk = clerk().await;
    clerk.note(1);
    sys::suspend(&clerk).await.unwrap();
    for number in 2..5 {
        clerk.note(number);
    }
    let asked = clerk.done();
    let done = sys::with_state(&clerk, |clerk| clerk.done.clone()).await.unwrap();
    assert!(done.is_empty() || done == [1], "{done:?}");
    assert_eq!(process::info(&clerk).unwrap().message_queue_len, 5 - done.len());
    sys::resume(&clerk).await.unwrap();
    assert_eq!(asked.await, Ok(vec![1, 2, 3, 4]));
}

/// GS-44: its state can be looked at and replaced meanwhile.
#[cordial::test]
async fn state_of_a_suspended_server_can_be_looked_at_and_replaced() {
    let clerk = clerk().await;
    sys::suspend(&clerk).await.unwrap();
    clerk.note(2);
    sys::replace_state(&clerk, |_| Clerk { done: vec![7] }).await.unwrap();
    assert_eq!(sys::get_state(&clerk).await.unwrap().done, [7]);
    sys::resume(&clerk).await.unwrap();
    assert_eq!(clerk.done().await, Ok(vec![7, 2]));
}

#[cordial::test]
async fn server_suspended_twice_is_resumed_once() {
    let clerk = clerk().await;
    sys::suspend(&clerk).await.unwrap();
    sys::suspend(&clerk).await.unwrap();
    clerk.note(1);
    sys::resume(&clerk).await.unwrap();
    assert_eq!(clerk.done().await, Ok(vec![1]));
    sys::resume(&clerk).await.unwrap();
    assert_eq!(clerk.done().await, Ok(vec![1]));
}

#[cordial::test]
async fn stop_ends_a_suspended_server_at_once_and_its_mail_is_not_handled() {
    let clerk = clerk().await;
    sys::suspend(&clerk).await.unwrap();
    clerk.note(1);
    gen_server::stop(&clerk).await.unwrap();
    assert_eq!(ENDED.take(), [(vec![], ExitReason::Normal)]);
}

#[gen_server]
#[derive(Clone)]
struct Trapper;

#[gen_server]
impl Trapper {
    #[info]
    fn exit(&mut self, _exit: Exit) {}
    #[terminate]
    fn terminate(&mut self, reason: &ExitReason) {
        ENDED.with_borrow_mut(|ended| ended.push((vec![], reason.clone())));
    }
}

#[cordial::test]
async fn supervisor_stops_a_suspended_child_that_traps_exits_without_waiting() {
    let trapper = start_supervised!(Trapper::child_spec(Trapper));
    sys::suspend(&trapper).await.unwrap();
    let began = process::now();
    stop_supervised!(trapper);
    assert_eq!(process::now(), began);
    assert_eq!(ENDED.take(), [(vec![], ExitReason::Shutdown)]);
}

#[cordial::test]
async fn kill_ends_a_suspended_server() {
    let clerk = clerk().await;
    let down = process::monitor(&clerk);
    sys::suspend(&clerk).await.unwrap();
    process::exit(&clerk, ExitReason::Kill);
    assert_eq!(down.await.reason, ExitReason::Killed);
    assert_eq!(sys::resume(&clerk).await, Err(SysError::NoProc));
}

#[cordial::test]
async fn flooded_server_is_suspended_before_its_mail() {
    let clerk = clerk().await;
    let waits = Door::default();
    clerk.wait_for(waits.clone(), 0);
    sync_turn(&clerk).await;
    for number in 1..50_000 {
        clerk.note(number);
    }
    let suspended = sys::suspend(&clerk);
    waits.open();
    suspended.await.unwrap();
    assert_eq!(sys::with_state(&clerk, |clerk| clerk.done.clone()).await, Ok(vec![0]));
    let status = sys::get_status(&clerk).await.unwrap();
    assert!(status.is_suspended);
    assert_eq!(status.info.message_queue_len, 49_999);
    assert_eq!(status.state.unwrap().as_str(), "1 done");
    sys::resume(&clerk).await.unwrap();
    sync(&clerk).await;
    assert_eq!(clerk.done().await.unwrap().len(), 50_000);
}

/// Until the clerk waits at its door.
async fn sync_turn(clerk: &ClerkRef) {
    while sys::get_status(clerk).await.unwrap().handling.is_none() {
        tokio::task::yield_now().await;
    }
}

#[cordial::test]
async fn server_whose_handler_awaits_tells_its_status_and_is_suspended_when_that_is_done() {
    let (clerk, door) = (clerk().await, Door::default());
    clerk.wait_for(door.clone(), 1);
    clerk.note(2);
    sync_turn(&clerk).await;
    let status = sys::get_status(&clerk).await.unwrap();
    assert_eq!((status.handling, status.is_suspended), (Some("wait_for"), false));
    assert_eq!(status.state, None);
    assert_eq!(sys::suspend(&clerk).await, Err(SysError::Timeout));
    door.open();
    sys::suspend(&clerk).await.unwrap();
    assert_eq!(sys::with_state(&clerk, |clerk| clerk.done.clone()).await, Ok(vec![1]));
    sys::resume(&clerk).await.unwrap();
    assert_eq!(clerk.done().await, Ok(vec![1, 2]));
}

#[cordial::test]
async fn what_is_no_server_or_gone_or_oneself_says_so() {
    let plain = process::spawn(async |mut mail: process::Mailbox<()>| mail.next().await);
    assert_eq!(sys::suspend(&plain).await, Err(SysError::NoServer));
    assert_eq!(sys::resume(&plain).await, Err(SysError::NoServer));
    assert_eq!(sys::get_status(&plain).await.unwrap().state, None);
    assert_eq!(sys::suspend("nobody").await, Err(SysError::NoProc));
    assert_eq!(sys::keep_log("nobody", 3), Err(SysError::NoProc));
    process::spawn_monitor(async |_: process::Mailbox<()>| {
        assert_eq!(sys::suspend(&process::self_pid()).await, Err(SysError::CallingSelf));
    })
    .1
    .await;
}

/// GS-44: whoever suspends and resumes while others send loses and reorders nothing.
#[cordial::test(workers = 2)]
async fn server_that_is_suspended_again_and_again_under_load_keeps_the_order_of_its_mail() {
    let clerk = clerk().await;
    let sender = {
        let clerk = clerk.clone();
        process::spawn_monitor(async move |_: process::Mailbox<()>| {
            for number in 0..20_000 {
                clerk.note(number);
                if number % 100 == 0 {
                    tokio::task::yield_now().await;
                }
            }
        })
    };
    for _ in 0..100 {
        sys::suspend(&clerk).await.unwrap();
        sys::resume(&clerk).await.unwrap();
    }
    sender.1.await;
    assert_eq!(clerk.done().await.unwrap(), (0..20_000).collect::<Vec<_>>());
}
