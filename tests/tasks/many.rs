//! Waiting for several tasks.
use crate::support::{Note, check_everywhere, check_silent, custom, in_process, next_exit};
use crate::{Gauge, check_empty, counted, exits_with, links, never, reason_of};
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::task::{self, OnTimeout};
use cordial::{Task, TaskError};

/// A task that takes so many milliseconds, and gives them.
fn nap(ms: u64) -> Task<u64> {
    Task::spawn(async move {
        process::sleep(millis(ms)).await;
        ms
    })
}

/// TASK-11
// break: TASK-11 runtime/cordial/src/task/many.rs
//     `for (task, result) in left.iter_mut().filter(|(_, result)| result.is_none()) {`
//     => `for (task, result) in left.iter_mut().filter(|_| false) {`
#[cordial::test]
async fn yield_many_kills_what_is_late_and_it_is_gone_then() {
    in_process(async |mut mail| {
        let gauge = Gauge::default();
        let mut tasks = [Task::spawn(async {}), counted(&gauge), Task::spawn(async {})];
        let results = task::yield_many(&mut tasks).timeout(millis(20));
        let results = results.on_timeout(OnTimeout::KillTask).await;
        assert_eq!(results, [Some(Ok(())), None, Some(Ok(()))]);
        assert_eq!((gauge.now(), gauge.most()), (0, 1));
        assert!(links().is_empty());
        check_empty(&mut mail).await;
    })
    .await;
}

/// TASK-11
#[cordial::test]
async fn yield_many_answers_in_input_order_and_leaves_the_rest() {
    in_process(async |mut mail| {
        process::trap_exit(true);
        let mut tasks = [nap(30), Task::spawn(exits_with(custom())), nap(300), nap(1)];
        let results = task::yield_many(&mut tasks).timeout(millis(100)).await;
        assert_eq!((&results[0], &results[2], &results[3]), (&Some(Ok(30)), &None, &Some(Ok(1))));
        let failed = results.into_iter().nth(1).unwrap().unwrap();
        assert_eq!(reason_of(failed), custom());
        let results = task::yield_many(&mut tasks).timeout(millis(300)).await;
        assert_eq!(results, [None, None, Some(Ok(300)), None]);
        for _ in 0..4 {
            next_exit(&mut mail).await;
        }
        check_empty(&mut mail).await;
    })
    .await;
}

/// TASK-18: what is ignored is not waited for again.
#[cordial::test]
async fn yield_many_may_let_the_rest_go() {
    in_process(async |mut mail| {
        let mut tasks = [nap(1), nap(200)];
        let results = task::yield_many(&mut tasks).timeout(millis(20));
        assert_eq!(results.on_timeout(OnTimeout::Ignore).await, [Some(Ok(1)), None]);
        assert!(links().is_empty());
        let [_, ignored] = tasks;
        let pid = ignored.pid().unwrap();
        assert!(ignored.await.unwrap_err().is_timeout());
        assert!(process::is_alive(&pid).await);
        process::monitor(&pid).await;
        check_empty(&mut mail).await;
    })
    .await;
}

/// TASK-12
// break: TASK-12 runtime/cordial/src/task/many.rs
//     `if results.iter().flatten().count() >= most {`
//     => `if results.iter().flatten().count() >= tasks.len() {`
#[cordial::test]
async fn yield_many_stops_at_its_limit_and_leaves_the_others() {
    in_process(async |_| {
        let gauge = Gauge::default();
        let mut tasks = [Task::spawn(async {}), counted(&gauge), Task::spawn(async {})];
        let began = process::now();
        let two = task::yield_many(&mut tasks).limit(2).on_timeout(OnTimeout::KillTask).await;
        assert_eq!(two, [Some(Ok(())), None, Some(Ok(()))]);
        assert_eq!((gauge.now(), process::now() - began), (1, millis(0)));
        let mut tasks = [1, 2, 3].map(Task::completed);
        assert_eq!(task::yield_many(&mut tasks).limit(1).await, [Some(Ok(1)), None, None]);
    })
    .await;
}

/// TASK-13
// break: TASK-13 runtime/cordial/src/task/many.rs `let values = waits.drain(..)`
//     => `let values = waits.drain(..).rev()`
#[test]
fn await_many_gives_the_values_in_input_order() {
    check_everywhere(async || {
        let (from, finished) = ReplyTo::pair();
        let ended = process::spawn_monitor(async move |mut mail: Mailbox<Note<u8>>| {
            mail.send_self(Note(1));
            mail.send_self(Note(2));
            assert_eq!(task::await_many([nap(20), nap(1), nap(10)]).await, Ok(vec![20, 1, 10]));
            assert_eq!(task::await_many(Vec::<Task<u8>>::new()).await, Ok(Vec::new()));
            assert_eq!((mail.next().await, mail.next().await), (Note(1), Note(2)));
            from.reply(());
        });
        assert_eq!(ended.1.await.reason, ExitReason::Normal);
        assert_eq!(finished.await, Some(()));
    });
}

/// TASK-13
#[cordial::test]
async fn await_many_has_one_time_for_all() {
    let began = process::now();
    let error = task::await_many([nap(3_000), nap(6_000), nap(7_000)]).await.unwrap_err();
    assert!(matches!(error, TaskError::Timeout(limit, _) if limit == secs(5)));
    assert_eq!(process::now() - began, secs(5));
    let napped = task::await_many([nap(3_000), nap(6_000)]).timeout(secs(7)).await;
    assert_eq!(napped, Ok(vec![3_000, 6_000]));
}

/// TASK-14
// break: TASK-14 runtime/cordial/src/task/many.rs
//     `Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),`
//     => `Poll::Ready(Err(_)) => late = Some(task.task()),`
#[cordial::test]
async fn await_many_fails_with_the_first_failure_at_once() {
    in_process(async |mut mail| {
        process::trap_exit(true);
        for reason in [custom(), ExitReason::Normal] {
            let slow = Task::spawn(never::<u64>());
            let slow_pid = slow.pid().unwrap();
            let (began, fails) = (process::now(), Task::spawn(exits_with(reason.clone())));
            let result = task::await_many([slow, fails]).await;
            assert_eq!(reason_of(result), reason);
            assert_eq!(process::now() - began, millis(0));
            assert!(process::is_alive(&slow_pid).await);
            assert_eq!(process::info(&slow_pid).unwrap().monitored_by, []);
            next_exit(&mut mail).await;
            process::exit(&slow_pid, ExitReason::Kill);
            next_exit(&mut mail).await;
        }
        check_silent(&mut mail).await;
    })
    .await;
}
