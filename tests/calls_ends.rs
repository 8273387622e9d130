//! Calls whose server or whose caller ends before the answer.
use crate::calls_desk::{Way, begin, desk, desk_with_log, outside, processes, timers};
use crate::support::check_rounds;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::test::sync;
use cordial::{Node, gen_server};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

// ===== The server ends =====

/// GS-20, GS-24
// break: GS-20 runtime/cordial/src/mailbox/reply.rs
//     `if is_server { Lost::Down(reason.clone()) } else { Lost::Dropped }` =>
//     `if is_server { Lost::Down(ExitReason::Killed) } else { Lost::Dropped }`
#[cordial::test]
async fn every_pending_caller_gets_the_reason_of_the_end() {
    for way in [Way::Normal, Way::Shutdown, Way::Panic, Way::Killed] {
        let (desk, _, gate) = desk_with_log().await;
        let down = process::monitor(&desk);
        let (to, _handed) = outside();
        let calls = [
            ("kept in the state", desk.keep_for_ever()),
            ("kept outside", desk.hand_out(to)),
            ("in the handler", desk.end(way)),
            ("queued", desk.echo(1).no_timeout()),
        ];
        gate.reached().await;
        match way {
            Way::Killed => process::exit(&desk, ExitReason::Kill),
            _ => gate.open(),
        }
        let reason = down.await.reason;
        for (place, call) in calls {
            let error = call.await.unwrap_err();
            let expected = matches!(&error, CallError::Down(got, _) if *got == reason);
            assert!(expected, "{way:?}, {place}: {error}");
        }
    }
}

async fn thousand_calls_to_one_who_dies(way: Way) {
    let (desk, _, gate) = desk_with_log().await;
    drop(desk.end(way));
    let mut calls: Vec<_> = (0..1000).map(|n| desk.echo(n)).collect();
    for call in calls.iter_mut().step_by(2) {
        begin(call).await;
    }
    gate.reached().await;
    match way {
        Way::Killed => process::exit(&desk, ExitReason::Kill),
        _ => gate.open(),
    }
    for call in calls {
        let error = call.await.unwrap_err();
        assert!(matches!(error, CallError::Down(..)), "{error}");
    }
    assert_eq!(timers(), 0);
}

/// GS-20
#[cordial::test]
async fn thousand_queued_calls_are_all_answered_when_the_server_dies() {
    for way in [Way::Panic, Way::Killed, Way::Normal] {
        thousand_calls_to_one_who_dies(way).await;
    }
}

/// GS-20
#[cordial::test(workers = 2)]
async fn thousand_queued_calls_are_all_answered_on_two_workers() {
    for way in [Way::Panic, Way::Killed, Way::Normal] {
        thousand_calls_to_one_who_dies(way).await;
    }
}

#[cordial::test]
async fn call_to_a_node_that_shuts_down_is_answered() {
    let desk = desk().await;
    let call = desk.keep_for_ever();
    Node::current().unwrap().shutdown().await;
    assert_eq!(call.await.unwrap_err().reason(), Some(ExitReason::Shutdown));
}

#[test]
fn call_to_a_runtime_that_is_gone_is_answered() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (desk, call) = runtime.block_on(async {
        let desk = desk().await;
        let call = desk.keep_for_ever();
        sync(&desk).await;
        (desk, call)
    });
    drop(runtime);
    assert_eq!(call.blocking().unwrap_err().reason(), Some(ExitReason::NodeStopped));
    assert_eq!(desk.echo(1).blocking().unwrap_err().reason(), Some(ExitReason::NoProc));
}

// ===== The caller ends =====

async fn callers_that_are_killed_while_they_wait(rounds: usize) {
    let (desk, _, gate) = desk_with_log().await;
    for round in 0..rounds {
        let asked = desk.clone();
        let (caller, down) = process::spawn_monitor(async move |_: Mailbox<()>| {
            let watch = process::monitor(&asked);
            let _ = tokio::join!(asked.keep(), asked.echo(1), watch);
        });
        for _ in 0..round % 5 {
            tokio::task::yield_now().await;
        }
        process::exit(&caller, ExitReason::Kill);
        assert_eq!(down.await.reason, ExitReason::Killed);
    }
    // A caller need not be killed to be gone.
    for _ in 0..10 {
        let _ = tokio::time::timeout(Duration::ZERO, desk.keep()).await;
    }
    gate.open();
    assert_eq!(desk.echo_slowly(2).await, Ok(2), "the server lives on");
    assert_eq!((processes(), timers()), (1, 0));
    desk.let_go();
    gen_server::stop(&desk).await.unwrap();
    assert_eq!(processes(), 0);
}

/// GS-52
// break: GS-52 runtime/cordial/src/process/bound.rs
//     `node().timers.cancel_nudge(key);` => `let _ = key;`
#[test]
fn killed_caller_leaves_nothing() {
    check_rounds(callers_that_are_killed_while_they_wait);
}

/// Notes when it is woken.
struct Noted(&'static str, Arc<Mutex<Vec<&'static str>>>);

impl Wake for Noted {
    fn wake(self: Arc<Self>) {
        self.1.lock().unwrap().push(self.0);
    }
}

/// GS-20: wherever their handles are, callers are answered before anybody is told of the end.
#[cordial::test]
async fn callers_learn_of_the_end_before_those_who_watch() {
    for place in ["kept in the state", "kept outside", "queued"] {
        let (desk, _, gate) = desk_with_log().await;
        let ((to, _handed), order) = (outside(), Arc::default());
        let call = match place {
            "kept in the state" => desk.keep_for_ever(),
            "kept outside" => desk.hand_out(to),
            _ => {
                drop(desk.end(Way::Normal));
                gate.reached().await;
                desk.echo(1)
            }
        };
        let (mut call, mut down) = (pin!(call), pin!(process::monitor(&desk)));
        let waker = |name| Waker::from(Arc::new(Noted(name, Arc::clone(&order))));
        let (caller, watcher) = (waker("caller"), waker("watcher"));
        assert!(down.as_mut().poll(&mut Context::from_waker(&watcher)).is_pending());
        assert!(call.as_mut().poll(&mut Context::from_waker(&caller)).is_pending());
        process::exit(&desk, ExitReason::Kill);
        while order.lock().unwrap().len() < 2 {
            tokio::task::yield_now().await;
        }
        assert_eq!(*order.lock().unwrap(), ["caller", "watcher"], "{place}");
    }
}
