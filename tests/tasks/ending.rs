//! Tasks that are asked to end, killed, or let go.
use crate::support::{check_everywhere, check_silent, custom, in_process};
use crate::{Gauge, check_empty, counted, exits_with, links, never, reason_of};
use cordial::Task;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::test::with_log;

/// A task that heeds no exit signal but a kill; it does when this returns.
async fn stubborn() -> Task<()> {
    let (ready, is_ready) = ReplyTo::pair();
    let task = Task::spawn(async {
        process::trap_exit(true);
        ready.reply(());
        never::<()>().await;
    });
    is_ready.await.unwrap();
    task
}

/// TASK-15
// break: TASK-15 runtime/cordial/src/task/mod.rs
//     `result.filter(|result| !ended_with(result, &ExitReason::Shutdown))` => `result`
#[test]
fn shutdown_gives_the_result_nothing_or_the_exit() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            let gauge = Gauge::default();
            assert_eq!(counted(&gauge).shutdown().await, None);
            assert_eq!(gauge.now(), 0);
            let mut done = Task::spawn(async { 5 });
            while done.pid().is_some_and(|pid| process::info(&pid).is_some()) {
                tokio::task::yield_now().await;
            }
            assert_eq!(done.yield_for(millis(0)).await, Some(Ok(5)));
            check_empty(&mut mail).await;
            assert!(links().is_empty());
        })
        .await;
    });
}

/// TASK-15
#[cordial::test]
async fn shutdown_of_a_task_that_has_its_result_gives_it() {
    in_process(async |mut mail| {
        let task = Task::spawn(async { 5 });
        check_silent(&mut mail).await;
        assert_eq!(task.shutdown().await, Some(Ok(5)));
        let task = Task::<()>::spawn(exits_with(ExitReason::Normal));
        check_silent(&mut mail).await;
        assert_eq!(reason_of(task.shutdown().await.unwrap()), ExitReason::Normal);
    })
    .await;
}

/// TASK-15: five seconds, or as many as are given.
#[cordial::test]
async fn task_that_does_not_end_in_time_is_killed() {
    in_process(async |mut mail| {
        let began = process::now();
        let result = stubborn().await.shutdown().await;
        assert_eq!(reason_of(result.unwrap()), ExitReason::Killed);
        assert_eq!(process::now() - began, secs(5));
        let result = stubborn().await.shutdown_within(millis(20)).await;
        assert_eq!(reason_of(result.unwrap()), ExitReason::Killed);
        assert_eq!(process::now() - began, millis(5_020));
        check_empty(&mut mail).await;
    })
    .await;
}

/// TASK-16
// break: TASK-16 runtime/cordial/src/task/mod.rs
//     `result.filter(|result| !ended_with(result, &ExitReason::Killed))` => `result`
#[test]
fn brutal_kill_needs_no_time() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            let gauge = Gauge::default();
            assert_eq!(counted(&gauge).kill().await, None);
            assert_eq!(gauge.now(), 0);
            assert_eq!(stubborn().await.kill().await, None);
            check_empty(&mut mail).await;
        })
        .await;
    });
}

/// TASK-16
#[cordial::test]
async fn brutal_kill_of_a_task_that_has_ended_tells_how() {
    in_process(async |mut mail| {
        process::trap_exit(true);
        let task = Task::<()>::spawn(exits_with(custom()));
        crate::support::next_exit(&mut mail).await;
        assert_eq!(reason_of(task.kill().await.unwrap()), custom());
        let task = Task::spawn(async { 5 });
        crate::support::next_exit(&mut mail).await;
        assert_eq!(task.kill().await, Some(Ok(5)));
    })
    .await;
}

/// TASK-17
// break: TASK-17 runtime/cordial/src/task/mod.rs
//     `State::Told => return Poll::Ready(Err(self.exited(ExitReason::NoProc))),`
//     => `State::Told => return Poll::Ready(Err(self.exited(ExitReason::Shutdown))),`
#[cordial::test]
async fn shutdown_of_a_task_whose_end_was_told_finds_none() {
    in_process(async |mut mail| {
        let mut task = Task::spawn(async { 5 });
        assert_eq!(task.yield_for(secs(1)).await, Some(Ok(5)));
        assert_eq!(reason_of(task.shutdown().await.unwrap()), ExitReason::NoProc);
        let mut task = Task::spawn(async { 5 });
        assert_eq!(task.yield_for(secs(1)).await, Some(Ok(5)));
        assert_eq!(reason_of(task.kill().await.unwrap()), ExitReason::NoProc);
        check_empty(&mut mail).await;
    })
    .await;
}

/// TASK-18
// break: TASK-18 runtime/cordial/src/task/mod.rs
//     `if std::mem::take(&mut self.is_linked)` => `if !std::mem::take(&mut self.is_linked)`
#[test]
fn ignored_task_goes_on_and_its_crash_reaches_nobody() {
    check_everywhere(async || {
        in_process(async |mut mail: Mailbox<()>| {
            let (from, answer) = ReplyTo::<()>::pair();
            let task = Task::<()>::spawn(async {
                answer.await;
                exits_with::<()>(custom()).await;
            });
            let pid = task.pid().unwrap();
            assert_eq!(task.ignore().await, None);
            assert!(links().is_empty() && process::is_alive(&pid).await);
            let down = process::monitor(&pid);
            from.reply(());
            assert_eq!(down.await.reason, custom());
            check_empty(&mut mail).await;
        })
        .await;
    });
}

/// TASK-18
#[cordial::test]
async fn ignoring_a_task_that_has_ended_tells_how() {
    in_process(async |mut mail| {
        process::trap_exit(true);
        let task = Task::spawn(async { 5 });
        crate::support::next_exit(&mut mail).await;
        assert_eq!(task.ignore().await, Some(Ok(5)));
        let task = Task::<()>::spawn(exits_with(custom()));
        crate::support::next_exit(&mut mail).await;
        assert_eq!(reason_of(task.ignore().await.unwrap()), custom());
    })
    .await;
}

/// TASK-32
// break: TASK-32 runtime/cordial/src/task/work.rs
//     `(crash.runs, crash.client) = (Some(function_of(runs)), owner);`
//     => `(crash.runs, crash.client) = (None, owner.filter(|_| runs.is_empty()));`
#[cordial::test]
async fn crash_report_says_what_ran_and_for_whom() {
    async fn fetch(page: u32) -> u32 {
        process::set_label("page 7");
        panic!("page {page} is torn")
    }
    let (told, log) = with_log(async {
        let (from, told) = ReplyTo::pair();
        let owner = process::spawn_monitor(async move |_: Mailbox<()>| {
            process::trap_exit(true);
            process::register("reader", &process::self_pid()).unwrap();
            let task = Task::spawn(fetch(7));
            let pid = task.pid().unwrap();
            assert!(task.await.is_err());
            from.reply((process::self_pid(), pid));
        });
        assert_eq!(owner.1.await.reason, ExitReason::Normal);
        told.await.unwrap()
    })
    .await;
    let (owner, task) = told;
    assert!(log.contains(&format!("cordial: `Task` {task} crashed")), "{log}");
    assert!(log.contains("page 7 is torn"), "{log}");
    assert!(log.contains("\n  label         page 7\n"), "{log}");
    assert!(log.contains("::fetch\n"), "{log}");
    assert!(log.contains(&format!("\n  owner         {owner}")), "{log}");
    assert!(log.contains("\n  ancestors     reader"), "{log}");
}
