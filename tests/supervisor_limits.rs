//! When a supervisor gives up, and how it retries starts that fail.
use crate::supervisor_support::*;
use cordial::prelude::*;
use cordial::supervisor::{self, ChildState, Flags, TreeSpec};
use cordial::test::expect_down;
use cordial::{SupervisorRef, gen_server, process};
use std::sync::{Arc, Mutex};
use tokio::time::advance;

async fn one_child(max_restarts: u32, period: std::time::Duration) -> (SupervisorRef, Ref<Part>) {
    let mut tree = Supervisor::builder().max_restarts(max_restarts, period);
    let child = tree.add(Script::new("a", &Log::default()).spec());
    (tree.start().await.unwrap(), child)
}

/// SUP-20
#[cordial::test]
async fn crash_after_max_restarts_ends_the_supervisor() {
    for max_restarts in [0, 1, 3] {
        let (supervisor, child) = one_child(max_restarts, secs(5)).await;
        for _ in 0..max_restarts {
            crash(&child, &supervisor).await;
            assert!(gen_server::whereis(&child).is_some(), "{max_restarts}");
        }
        let down = process::monitor(&supervisor);
        crash(&child, &supervisor).await;
        expect_down(down, ExitReason::Shutdown).await;
        assert_eq!(gen_server::whereis(&child), None);
    }
}

/// SUP-20
#[cordial::test]
async fn restart_exactly_one_period_old_still_counts() {
    for (between, lives) in [(secs(5), false), (secs(5) + millis(1), true)] {
        let (supervisor, child) = one_child(1, secs(5)).await;
        crash(&child, &supervisor).await;
        advance(between).await;
        crash(&child, &supervisor).await;
        assert_eq!(process::is_alive(&supervisor).await, lives, "{between:?}");
    }
}

/// SUP-21
#[cordial::test]
async fn crashes_further_apart_than_the_period_never_add_up() {
    let (supervisor, child) = one_child(1, secs(1)).await;
    for _ in 0..50 {
        crash(&child, &supervisor).await;
        advance(millis(2100)).await;
    }
    crash(&child, &supervisor).await;
    assert!(process::is_alive(&supervisor).await);
    crash(&child, &supervisor).await;
    assert!(!process::is_alive(&supervisor).await);
}

/// SUP-22
// break: SUP-22 runtime/cordial/src/supervisor/plan.rs
//     `starts.push(Action::Start(*key));` =>
//     `starts.push(Action::Start(*key)); self.policy.intensity.add(Duration::ZERO);`
#[cordial::test]
async fn crash_under_one_for_all_counts_once() {
    let log = Log::default();
    let mut tree = Supervisor::builder().strategy(Strategy::OneForAll).max_restarts(2, secs(5));
    let names = ["a", "b", "c", "d", "e"];
    let children = names.map(|name| tree.add(Script::new(name, &log).spec()));
    let supervisor = tree.start().await.unwrap();
    crash(&children[0], &supervisor).await;
    crash(&children[4], &supervisor).await;
    assert_eq!(counts(&supervisor).await, (5, 5));
    crash(&children[2], &supervisor).await;
    assert!(!process::is_alive(&supervisor).await);
}

/// SUP-23
// break: SUP-23 runtime/cordial/src/supervisor/plan.rs
//     `return vec![Action::GiveUp(key)];` =>
//     `return vec![Action::Start(key), Action::GiveUp(key)];`
#[cordial::test]
async fn supervisor_that_gives_up_stops_the_others_in_reverse_order() {
    let log = Log::default();
    let mut tree = Supervisor::builder().max_restarts(0, secs(5));
    let children = ["a", "b", "c"].map(|name| tree.add(Script::new(name, &log).spec()));
    let supervisor = tree.start().await.unwrap();
    log.take();
    let down = process::monitor(&supervisor);
    crash(&children[1], &supervisor).await;
    expect_down(down, ExitReason::Shutdown).await;
    assert_eq!(
        log.take(),
        "b stops: crash, b stopped, c stops: shutdown, c stopped, a stops: shutdown, a stopped"
    );
}

/// SUP-24
// break: SUP-24 runtime/cordial/src/supervisor/server.rs
//     `return Flow::Stop(ExitReason::Shutdown);` => `return Flow::Stop(ExitReason::Killed);`
#[cordial::test]
async fn transient_supervisor_that_gives_up_is_not_restarted_and_a_permanent_one_is() {
    for (restart, lives) in [(Restart::Permanent, true), (Restart::Transient, false)] {
        let part = Script::new("a", &Log::default());
        let flags = Flags { max_restarts: 0, ..Flags::default() };
        let inner =
            TreeSpec::new(flags, "inner", move |tree| (tree.supervisor(), tree.add(part.spec())));
        let mut tree = Supervisor::builder();
        let (inner, child) = tree.add(inner.restart(restart));
        let outer = tree.start().await.unwrap();

        let down = process::monitor(&inner);
        crash(&child, &inner).await;
        expect_down(down, ExitReason::Shutdown).await;
        settle(&outer).await;
        assert_eq!(process::is_alive(&inner).await, lives, "{restart:?}");
        assert_eq!(gen_server::whereis(&child).is_some(), lives, "{restart:?}");
    }
}

/// SUP-25
// break: SUP-25 runtime/cordial/src/supervisor/plan.rs
//     `vec![Action::Retry(key)]` => `vec![Action::GiveUp(key)]`
#[cordial::test]
async fn failing_restart_is_tried_as_often_as_max_restarts_allows() {
    for outcome in [Outcome::Stop, Outcome::Panic] {
        let log = Log::default();
        let script = Script::new("a", &log);
        let mut tree = Supervisor::builder().max_restarts(5, secs(5));
        let child = tree.add(script.spec());
        let supervisor = tree.start().await.unwrap();
        script.will_always(outcome);
        log.take();

        let down = process::monitor(&supervisor);
        crash(&child, &supervisor).await;
        expect_down(down, ExitReason::Shutdown).await;
        assert_eq!(log.take(), format!("a stops: crash, a stopped{}", ", init a".repeat(5)));
    }
}

/// SUP-25
#[cordial::test]
async fn restart_that_succeeds_at_a_later_try_ends_the_retries() {
    let script = Script::new("a", &Log::default());
    let mut tree = Supervisor::builder().max_restarts(3, secs(5));
    let child = tree.add(script.spec());
    let supervisor = tree.start().await.unwrap();
    script.will_start([Outcome::Stop, Outcome::Stop]);
    crash(&child, &supervisor).await;
    assert_eq!(counts(&supervisor).await, (1, 1));
    assert!(gen_server::whereis(&child).is_some());
}

/// SUP-26
// break: SUP-26 runtime/cordial/src/supervisor/plan.rs
//     `vec![Action::Retry(key)]` => `vec![Action::Start(key)]`
#[cordial::test]
async fn supervisor_answers_between_retries_and_shows_the_child_restarting() {
    // Scenario: every `init` asks the supervisor for its children and does not wait for the answer,
    // so the question stands in the mailbox when the failed start queues the retry behind it.
    let script = Script::new("a", &Log::default());
    let supervisor: Arc<Mutex<Option<SupervisorRef>>> = Arc::default();
    let answers = Arc::new(Mutex::new(Vec::new()));
    let (asked, asks) = (supervisor.clone(), answers.clone());
    let in_init = Arc::new(move || {
        if let Some(supervisor) = &*asked.lock().unwrap() {
            asks.lock().unwrap().push(supervisor::which_children(supervisor));
        }
    });
    let mut tree = Supervisor::builder();
    let child = tree.add(Script { in_init, ..script.clone() }.spec());
    *supervisor.lock().unwrap() = Some(tree.supervisor());
    let supervisor = tree.start().await.unwrap();
    script.will_start([Outcome::Stop, Outcome::Stop]);
    answers.lock().unwrap().clear();

    crash(&child, &supervisor).await;
    let mut states = Vec::new();
    let answers = std::mem::take(&mut *answers.lock().unwrap());
    for answer in answers {
        states.push(answer.await.unwrap()[0].state);
    }
    let pid = gen_server::whereis(&child).unwrap();
    let expected = [ChildState::Restarting, ChildState::Restarting, ChildState::Running(pid)];
    assert_eq!(states, expected);
}

/// SUP-27
#[cordial::test]
async fn supervisor_stops_at_once_while_a_child_is_restarting() {
    let log = Log::default();
    let (good, bad) = (Script::new("a", &log), Script::new("b", &log));
    let mut tree = Supervisor::builder().max_restarts(1_000_000, secs(5));
    tree.add(good.spec());
    let child = tree.add(bad.spec());
    let supervisor = tree.start().await.unwrap();
    bad.will_always(Outcome::Stop);
    child.cast(PartMsg::Exit(crash_reason()));
    process::monitor(&child).await;
    settle(&supervisor).await;
    supervisor::stop(&supervisor).await.unwrap();
    assert!(log.take().ends_with("init b, a stops: shutdown, a stopped"));
}

/// SUP-28
// break: SUP-28 runtime/cordial/src/supervisor/plan.rs
//     `Some(Status::Restarting) => self.restart(key, now),` =>
//     `Some(Status::Restarting) => { self.restart(key, now); vec![Action::Start(key)] }`
#[cordial::test]
async fn retry_of_a_failed_group_restart_has_the_scope_of_the_strategy() {
    let stop_a_b = "b stops: shutdown, b stopped, a stops: shutdown, a stopped";
    let all = format!("{stop_a_b}, init a, a runs, init b, b runs, init c, c runs");
    for (strategy, retry) in
        [(Strategy::OneForAll, all.as_str()), (Strategy::RestForOne, "init c, c runs")]
    {
        let log = Log::default();
        let mut tree = Supervisor::builder().strategy(strategy);
        let scripts = ["a", "b", "c"].map(|name| Script::new(name, &log));
        let children = scripts.clone().map(|script| tree.add(script.spec()));
        let supervisor = tree.start().await.unwrap();
        scripts[2].will_start([Outcome::Stop]);
        log.take();

        crash(&children[0], &supervisor).await;
        let stops = "c stops: shutdown, c stopped, b stops: shutdown, b stopped";
        let first = "init a, a runs, init b, b runs, init c";
        let expected = format!("a stops: crash, a stopped, {stops}, {first}, {retry}");
        assert_eq!(log.take(), expected, "{strategy:?}");
    }
}
