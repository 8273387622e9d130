//! One at a time per key.
use crate::puppet::Only;
use crate::support::{check_everywhere, check_races, in_process};
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// REG-23: never two at once, and all get their turn.
// break: REG-23 runtime/cordial/src/registry/gate.rs `state.taken = true;` =>
//     `state.taken = false;`
#[test]
fn lock_excludes_per_key() {
    check_everywhere(async || {
        Only::start().await.unwrap();
        let (inside, most, turns) =
            <(Arc<AtomicUsize>, Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
        let ends: Vec<_> = (0..20)
            .map(|_| {
                let (inside, most, turns) = (inside.clone(), most.clone(), turns.clone());
                process::spawn_monitor(async move |_: Mailbox<()>| {
                    let guard = Only::lock("tea").await.unwrap();
                    most.fetch_max(inside.fetch_add(1, SeqCst) + 1, SeqCst);
                    tokio::task::yield_now().await;
                    inside.fetch_sub(1, SeqCst);
                    turns.fetch_add(1, SeqCst);
                    drop(guard);
                })
                .1
            })
            .collect();
        for end in ends {
            assert_eq!(end.await.reason, ExitReason::Normal);
        }
        assert_eq!((most.load(SeqCst), turns.load(SeqCst)), (1, 20));
        let _tea = Only::lock("tea").await.unwrap();
        drop(Only::lock("milk").await.unwrap());
    });
}

/// REG-23: whoever has it may die, and so may whoever waits.
#[test]
fn lock_is_passed_on_by_the_dead() {
    check_races(async || {
        Only::start().await.ok();
        let (has, is_had) = ReplyTo::pair();
        let holder = process::spawn(async move |mut mail: Mailbox<()>| {
            let _guard = Only::lock("tea").await.unwrap();
            has.reply(());
            mail.next().await;
        });
        is_had.await.unwrap();
        let waiter = process::spawn(async |_: Mailbox<()>| {
            drop(Only::lock("tea").await.unwrap());
        });
        let last = process::spawn_monitor(async |_: Mailbox<()>| {
            drop(Only::lock("tea").await.unwrap());
        });
        process::exit(&waiter, ExitReason::Kill);
        process::exit(&holder, ExitReason::Kill);
        assert_eq!(last.1.await.reason, ExitReason::Normal);
    });
}

/// REG-23: a panic passes it on, too.
#[test]
fn lock_is_passed_on_by_a_panic() {
    check_everywhere(async || {
        Only::start().await.unwrap();
        let (_, down) = process::spawn_monitor(async |_: Mailbox<()>| {
            let _guard = Only::lock("tea").await.unwrap();
            panic!("inside");
        });
        assert!(down.await.reason.panic().is_some());
        in_process(async |_| drop(Only::lock("tea").await.unwrap())).await;
    });
}

/// REG-23: those who wait get it in the order in which they came.
#[cordial::test]
async fn lock_is_passed_on_in_the_order_of_those_who_wait() {
    Only::start().await.unwrap();
    let turns = Arc::new(std::sync::Mutex::new(Vec::new()));
    let held = Only::lock("tea").await.unwrap();
    let mut ends = Vec::new();
    for number in 0..5 {
        let turns = turns.clone();
        let (_, end) = process::spawn_monitor(async move |_: Mailbox<()>| {
            let _guard = Only::lock("tea").await.unwrap();
            turns.lock().unwrap().push(number);
        });
        cordial::test::advance(millis(1)).await; // It waits.
        ends.push(end);
    }
    drop(held);
    for end in ends {
        assert_eq!(end.await.reason, ExitReason::Normal);
    }
    assert_eq!(*turns.lock().unwrap(), [0, 1, 2, 3, 4]);
}
