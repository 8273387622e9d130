//! Children of a running supervisor: started, stopped, started again and deleted by id.
use crate::supervisor_support::*;
use cordial::prelude::*;
use cordial::supervisor::{
    self, Backoff, ChildState, DeleteChildError, NotFound, RestartChildError, StartChildError,
};
use cordial::test::expect_down;
use cordial::{SupervisorRef, gen_server, process};
use std::time::Duration;
use tokio::time::advance;

/// A supervisor with one child `a` of this restart type.
async fn with_child(restart: Restart) -> (Script, SupervisorRef, Ref<Part>) {
    let script = Script::new("a", &Log::default());
    let mut tree = Supervisor::builder().max_restarts(1_000_000, secs(5));
    let child = tree.add(script.spec().restart(restart));
    let supervisor = tree.start().await.unwrap();
    script.log.take();
    (script, supervisor, child)
}

/// The same, and the child's restart fails, as often as it is tried.
async fn with_restarting_child() -> (Script, SupervisorRef, Ref<Part>) {
    let (script, supervisor, child) = with_child(Restart::Permanent).await;
    script.will_always(Outcome::Stop);
    crash(&child, &supervisor).await;
    script.log.take();
    (script, supervisor, child)
}

fn handler<T, E>(answer: Result<T, TryCallError<E>>) -> Option<E> {
    answer.err().and_then(TryCallError::handler)
}

async fn state(of: &SupervisorRef) -> ChildState {
    supervisor::which_children(of).await.unwrap()[0].state
}

/// SUP-7, SUP-40
// break: SUP-40 runtime/cordial/src/supervisor/requests.rs
//     `Err(error) => {` =>
//     `Err(error) if self.kind.has_ids() => Err(StartChildError::Start(error)), Err(error) => {`
#[cordial::test]
async fn start_child_keeps_nothing_of_a_failed_start_and_harms_nobody() {
    let (script, supervisor, child) = with_child(Restart::Permanent).await;
    let before = gen_server::whereis(&child);
    for outcome in [Outcome::Stop, Outcome::Panic] {
        script.will_start([outcome]);
        let failed = supervisor::start_child(&supervisor, script.spec().id("b")).await;
        let error = failed.unwrap_err();
        assert!(matches!(error, StartChildError::Start(StartError::Init(_))));
        assert!(error.to_string().starts_with("the child did not start: `init` failed: "));
    }
    assert_eq!((gen_server::whereis(&child), counts(&supervisor).await), (before, (1, 1)));
}

/// SUP-7, SUP-40
// break: SUP-7 runtime/cordial/src/supervisor/requests.rs
//     `Err(StartError::Ignore) => self.start_ignored(key),` =>
//     `Err(StartError::Ignore) => Err(StartChildError::Start(StartError::Ignore)),`
#[cordial::test]
async fn ignored_child_is_kept_and_lives_once_it_is_restarted() {
    let (log, supervisor) = (Log::default(), Supervisor::builder().start().await.unwrap());
    for (restart, kept) in
        [(Restart::Permanent, 1), (Restart::Transient, 1), (Restart::Temporary, 0)]
    {
        let script = Script::new("a", &log);
        script.will_start([Outcome::Ignore]);
        let spec = script.spec().restart(restart);
        let child = supervisor::start_child(&supervisor, spec).await.unwrap();
        assert_eq!(gen_server::whereis(&child), None);
        assert_eq!(counts(&supervisor).await, (kept, 0), "{restart:?}");
        if kept == 1 {
            let pid = supervisor::restart_child(&supervisor, "a").await.unwrap();
            assert!(pid.is_some() && gen_server::whereis(&child) == pid);
            supervisor::terminate_child(&supervisor, "a").await.unwrap();
            supervisor::delete_child(&supervisor, "a").await.unwrap();
        }
    }
}

/// SUP-39
// break: SUP-39 runtime/cordial/src/supervisor/requests.rs
//     `Some(Busy::Running(pid)) => StartChildError::AlreadyStarted(pid),` =>
//     `Some(Busy::Running(_)) => StartChildError::AlreadyPresent,`
#[cordial::test]
async fn start_child_refuses_a_taken_id_and_says_who_has_it() {
    let (script, supervisor, child) = with_child(Restart::Transient).await;
    let pid = gen_server::whereis(&child).unwrap();
    let taken = supervisor.start_child(script.spec()).await.unwrap_err();
    assert_eq!(taken, StartChildError::AlreadyStarted(pid));
    assert_eq!(taken.to_string(), format!("a child with this id runs as {pid}"));
    end(&child, ExitReason::Normal, &supervisor).await;
    let taken = supervisor.start_child(script.spec()).await;
    assert_eq!(taken, Err(StartChildError::AlreadyPresent));
}

/// SUP-41
// break: SUP-41 runtime/cordial/src/supervisor/plan.rs
//     `actions.extend(self.end_for_good(key));` => `actions.push(Action::Forget(key));`
#[cordial::test]
async fn terminated_child_is_dead_and_its_spec_is_kept() {
    let (script, supervisor, child) = with_child(Restart::Permanent).await;
    let down = process::monitor(&child);
    supervisor::terminate_child(&supervisor, "a").await.unwrap();
    assert_eq!(gen_server::whereis(&child), None);
    expect_down(down, ExitReason::Shutdown).await;
    assert_eq!(state(&supervisor).await, ChildState::Stopped);
    assert_eq!(counts(&supervisor).await, (1, 0));

    supervisor::terminate_child(&supervisor, "a").await.unwrap();
    settle(&supervisor).await;
    assert_eq!(script.log.take(), "a stops: shutdown, a stopped", "and nothing else");
}

/// SUP-41
#[cordial::test]
async fn terminated_temporary_child_is_forgotten_and_unknown_ones_are_not_found() {
    let (script, supervisor, child) = with_child(Restart::Temporary).await;
    supervisor::terminate_child(&supervisor, "a").await.unwrap();
    assert_eq!(counts(&supervisor).await, (0, 0));
    let unknown = supervisor::terminate_child(&supervisor, "a").await.unwrap_err();
    assert_eq!(unknown.to_string(), "the supervisor has no child `a`");
    assert!(matches!(unknown, TryCallError::Handler(NotFound { .. })));
    assert_eq!(gen_server::whereis(&child), None);
    supervisor.start_child(script.spec()).await.unwrap();
}

/// SUP-41
#[cordial::test]
async fn termination_is_not_counted_as_a_restart() {
    let script = Script::new("a", &Log::default());
    let mut tree = Supervisor::builder().max_restarts(0, secs(5));
    let child = tree.add(script.spec());
    let supervisor = tree.start().await.unwrap();
    for _ in 0..3 {
        supervisor::terminate_child(&supervisor, "a").await.unwrap();
        supervisor::restart_child(&supervisor, "a").await.unwrap();
    }
    assert!(gen_server::whereis(&child).is_some());
}

/// SUP-42
#[cordial::test]
async fn restart_child_starts_what_is_stopped_at_the_same_address() {
    let (script, supervisor, child) = with_child(Restart::Transient).await;
    let first = gen_server::whereis(&child).unwrap();
    let running = supervisor::restart_child(&supervisor, "a").await.unwrap_err();
    assert_eq!(running, TryCallError::Handler(RestartChildError::Running(first)));
    assert_eq!(running.to_string(), format!("the child runs, as {first}"));

    // SUP-17: also one that had ended cleanly by itself.
    end(&child, ExitReason::Normal, &supervisor).await;
    let second = supervisor::restart_child(&supervisor, "a").await.unwrap();
    assert_ne!(second, Some(first));
    assert_eq!(gen_server::whereis(&child), second);
    crash(&child, &supervisor).await;
    assert_eq!(counts(&supervisor).await, (1, 1), "it is supervised as before");

    let unknown = handler(supervisor::restart_child(&supervisor, "b").await).unwrap();
    assert!(matches!(unknown, RestartChildError::NotFound(_)));
    assert_eq!(unknown.to_string(), "the supervisor has no child `b`");
    drop(script);
}

/// SUP-42
// break: SUP-42 runtime/cordial/src/supervisor/requests.rs
//     `Err(error) => Err(RestartChildError::Start(error)),` =>
//     `Err(error) => { self.plan.on_start_failed(key); Err(RestartChildError::Start(error)) }`
#[cordial::test]
async fn child_whose_restart_on_request_fails_stays_stopped() {
    let (script, supervisor, child) = with_child(Restart::Permanent).await;
    supervisor::terminate_child(&supervisor, "a").await.unwrap();
    for outcome in [Outcome::Stop, Outcome::Panic, Outcome::Ignore] {
        script.will_start([outcome]);
        let answer = supervisor::restart_child(&supervisor, "a").await;
        match outcome {
            Outcome::Ignore => assert_eq!(answer, Ok(None)),
            _ => assert!(matches!(handler(answer), Some(RestartChildError::Start(_)))),
        }
        settle(&supervisor).await;
        assert_eq!(state(&supervisor).await, ChildState::Stopped, "{outcome:?}");
    }
    assert_eq!(gen_server::whereis(&child), None);
    assert!(supervisor::restart_child(&supervisor, "a").await.unwrap().is_some());
}

/// SUP-43
// break: SUP-43 runtime/cordial/src/supervisor/requests.rs
//     `self.plan.on_delete_child(key).is_err()` =>
//     `self.plan.on_delete_child(key) == Err(Status::Restarting)`
#[cordial::test]
async fn only_a_stopped_child_is_deleted() {
    let (script, supervisor, child) = with_child(Restart::Permanent).await;
    let pid = gen_server::whereis(&child).unwrap();
    let running = handler(supervisor::delete_child(&supervisor, "a").await).unwrap();
    assert_eq!(running, DeleteChildError::Running(pid));
    assert_eq!(running.to_string(), format!("the child runs, as {pid}: terminate it first"));

    supervisor::terminate_child(&supervisor, "a").await.unwrap();
    supervisor::delete_child(&supervisor, "a").await.unwrap();
    assert_eq!(counts(&supervisor).await, (0, 0));
    let unknown = handler(supervisor::delete_child(&supervisor, "a").await).unwrap();
    assert!(matches!(unknown, DeleteChildError::NotFound(_)));

    // The id is free, and the address closed for ever.
    let successor = supervisor.start_child(script.spec()).await.unwrap();
    assert_eq!(gen_server::whereis(&child), None);
    assert!(gen_server::whereis(&successor).is_some());
}

/// SUP-27
// break: SUP-27 runtime/cordial/src/supervisor/plan.rs
//     `Some(busy @ (Status::Running | Status::Restarting)) => Err(busy),` =>
//     `Some(busy @ Status::Running) => Err(busy), Some(Status::Restarting) => Ok(()),`
#[cordial::test]
async fn child_that_is_restarting_is_neither_started_nor_deleted() {
    let (script, supervisor, _child) = with_restarting_child().await;
    assert_eq!(state(&supervisor).await, ChildState::Restarting);
    assert_eq!(counts(&supervisor).await, (1, 0));
    let taken = supervisor.start_child(script.spec()).await;
    assert_eq!(taken, Err(StartChildError::AlreadyPresent));
    let busy = handler(supervisor::restart_child(&supervisor, "a").await);
    assert_eq!(busy, Some(RestartChildError::Restarting));
    let busy = handler(supervisor::delete_child(&supervisor, "a").await);
    assert_eq!(busy, Some(DeleteChildError::Restarting));
}

/// SUP-27
#[cordial::test]
async fn terminating_a_child_that_is_restarting_ends_the_retries() {
    let (script, supervisor, child) = with_restarting_child().await;
    supervisor::terminate_child(&supervisor, "a").await.unwrap();
    script.log.take();
    settle(&supervisor).await;
    assert_eq!(state(&supervisor).await, ChildState::Stopped);
    assert_eq!(script.log.take(), "");
    script.will_start([]);
    supervisor::restart_child(&supervisor, "a").await.unwrap();
    assert!(gen_server::whereis(&child).is_some());
}

/// SUP-50
// break: SUP-50 runtime/cordial/src/supervisor/child_spec.rs
//     `self.options.shutdown = shutdown.into();` =>
//     `self.options = Options { shutdown: shutdown.into(), ..Options::of::<S>() };`
#[cordial::test]
async fn changed_spec_differs_in_what_was_changed_and_in_nothing_else() {
    let script = Script::new("a", &Log::default());
    let all = |spec: ChildSpec<Part>| format!("{spec:?}");
    assert_eq!(
        all(script.spec().id("b").shutdown(Shutdown::Infinity)),
        all(script.spec()).replace("\"a\"", "\"b\"").replace("Timeout(5s)", "Infinity")
    );
    assert_eq!(
        all(script.spec().restart(Restart::Transient)),
        all(script.spec()).replace("Permanent", "Transient")
    );
}

/// SUP-55
// break: SUP-55 runtime/cordial/src/supervisor/server.rs
//     `self.pids.insert(pid, key);` => `self.pids.insert(pid, key); self.which_children();`
#[cordial::test]
async fn ten_times_the_children_take_about_ten_times_as_long() {
    // The shortest of some tries: whatever else runs here makes them longer only.
    let (mut few, mut many) = (Duration::MAX, Duration::MAX);
    for _ in 0..4 {
        few = few.min(start_and_stop(1_000).await);
        many = many.min(start_and_stop(10_000).await);
    }
    assert!(many < 50 * few, "1000: {few:?}, 10000: {many:?}");
}

/// How long it takes.
#[allow(clippy::disallowed_methods, reason = "real time is what is measured")]
async fn start_and_stop(children: usize) -> Duration {
    let script = Script::new("a", &Log::default());
    let began = std::time::Instant::now();
    let mut tree = Supervisor::builder();
    for n in 0..children {
        tree.add(script.plain_spec().id(n.to_string()));
    }
    let supervisor = tree.start().await.unwrap();
    supervisor::stop(&supervisor).await.unwrap();
    began.elapsed()
}

// ===== Backoff =====

/// A child whose retries wait 1, 2, 4, 4, .. seconds.
async fn with_backoff() -> (Script, SupervisorRef, Ref<Part>) {
    let script = Script::new("a", &Log::default());
    let mut tree = Supervisor::builder().max_restarts(4, secs(60));
    let backoff = Backoff::exp(secs(1), secs(4));
    let child = tree.add(script.spec().backoff(backoff));
    let supervisor = tree.start().await.unwrap();
    script.will_always(Outcome::Stop);
    crash(&child, &supervisor).await;
    assert!(script.log.take().ends_with("init a"), "the first restart does not wait");
    (script, supervisor, child)
}

/// SUP-25
#[cordial::test]
async fn retries_wait_as_the_backoff_says_and_count_as_ever() {
    let (script, supervisor, _child) = with_backoff().await;
    let down = process::monitor(&supervisor);
    for wait in [1, 2, 4] {
        advance(secs(wait) - millis(1)).await;
        settle(&supervisor).await;
        assert_eq!(script.log.take(), "", "{wait}");
        advance(millis(1)).await;
        settle(&supervisor).await;
        assert_eq!(script.log.take(), "init a", "{wait}");
    }
    advance(secs(4)).await;
    expect_down(down, ExitReason::Shutdown).await;
    assert_eq!(script.log.take(), "", "the fifth within the period is one too many");
}

/// SUP-27
#[cordial::test]
async fn waiting_retry_is_forgotten_when_the_child_is_terminated() {
    let (script, supervisor, child) = with_backoff().await;
    supervisor::terminate_child(&supervisor, "a").await.unwrap();
    advance(secs(10)).await;
    settle(&supervisor).await;
    assert_eq!(state(&supervisor).await, ChildState::Stopped);
    script.will_start([]);
    supervisor::restart_child(&supervisor, "a").await.unwrap();
    assert!(gen_server::whereis(&child).is_some());
}

/// SUP-27
#[cordial::test]
async fn retry_that_was_forgotten_does_not_come_in_the_place_of_a_later_one() {
    // Scenario: half a second after a failed restart the child is taken through stop, start, crash
    // and another failed restart; the next try is due a second after that one.
    let (script, supervisor, child) = with_backoff().await;
    advance(millis(500)).await;
    supervisor::terminate_child(&supervisor, "a").await.unwrap();
    script.will_start([Outcome::Run, Outcome::Stop]);
    supervisor::restart_child(&supervisor, "a").await.unwrap();
    crash(&child, &supervisor).await;
    script.log.take();
    advance(millis(999)).await;
    settle(&supervisor).await;
    assert_eq!(script.log.take(), "");
    advance(millis(1)).await;
    settle(&supervisor).await;
    assert_eq!(script.log.take(), "init a, a runs");
}

/// SUP-27
#[cordial::test]
async fn supervisor_stops_at_once_while_a_retry_waits() {
    let (_script, supervisor, _child) = with_backoff().await;
    let began = tokio::time::Instant::now();
    supervisor::stop(&supervisor).await.unwrap();
    assert_eq!(began.elapsed(), secs(0));
}
