//! What awaiting a task gives, and what it leaves.
use crate::support::{check_everywhere, check_silent, custom, in_process, next_exit};
use crate::{check_empty, exits_with, links, never, reason_of};
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::{Task, TaskError};

/// TASK-1
// break: TASK-1 runtime/cordial/src/task/work.rs
//     `(ExitReason::Normal, Some(Box::new(move || self.answer(value))))`
//     => `(ExitReason::Shutdown, Some(Box::new(move || self.answer(value))))`
#[test]
fn result_is_given_and_nothing_is_left_in_the_mailbox() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            let task = Task::spawn(async { 7 });
            let pid = task.pid().unwrap();
            assert_eq!(task.await, Ok(7));
            assert!(!process::is_alive(&pid).await);
            check_empty(&mut mail).await;
            assert!(links().is_empty());
        })
        .await;
    });
}

/// TASK-1
#[cordial::test]
async fn task_is_linked_to_its_owner_and_descends_from_it() {
    in_process(async |_| {
        let me = process::self_pid();
        let task = Task::spawn(async { process::ancestors()[0].pid() });
        assert_eq!(links(), [task.pid().unwrap()]);
        assert_eq!((task.owner(), task.await), (me, Ok(me)));
    })
    .await;
}

/// TASK-1
#[cordial::test]
async fn task_outside_of_processes_is_linked_to_nobody() {
    let task = Task::spawn(async { process::info(&process::self_pid()).unwrap().links });
    assert_eq!(task.await, Ok(Vec::new()));
    let crash = Task::spawn(async { panic!("alone") });
    let result: Result<(), _> = crash.await;
    assert_eq!(reason_of(result).panic().unwrap().message(), "alone");
}

/// TASK-2: five seconds, then the task goes on, linked.
// break: TASK-2 runtime/cordial/src/process/bound.rs
//     `DEFAULT_LIMIT: Duration = Duration::from_secs(5)`
//     => `DEFAULT_LIMIT: Duration = Duration::from_secs(6)`
#[cordial::test]
async fn await_gives_up_after_five_seconds() {
    let began = process::now();
    let error = Task::spawn(never::<()>()).await.unwrap_err();
    assert!(matches!(error, TaskError::Timeout(limit, _) if limit == secs(5)), "{error}");
    assert_eq!(process::now() - began, secs(5));
}

/// TASK-2
#[cordial::test]
async fn task_that_was_late_goes_on_and_stays_linked() {
    let (_, owner) = process::spawn_monitor(async |mut mail: Mailbox<()>| {
        let (from, answer) = ReplyTo::<()>::pair();
        let task = Task::spawn(async {
            answer.await;
            panic!("late");
        });
        let pid = task.pid().unwrap();
        let late: Result<(), _> = task.timeout(millis(10)).await;
        assert!(late.unwrap_err().is_timeout());
        check_empty(&mut mail).await;
        assert!(process::is_alive(&pid).await && links() == [pid]);
        from.reply(());
        never::<()>().await;
    });
    assert_eq!(owner.await.reason.panic().unwrap().message(), "late");
}

/// TASK-2
#[cordial::test]
async fn result_that_comes_after_the_timeout_goes_nowhere() {
    in_process(async |mut mail| {
        let mut task = Task::spawn(process::sleep(millis(20))).timeout(millis(10));
        assert!((&mut task).await.unwrap_err().is_timeout());
        check_silent(&mut mail).await;
        assert_eq!(reason_of(task.await), ExitReason::NoProc);
    })
    .await;
}

/// TASK-3
// break: TASK-3 runtime/cordial/src/task/mod.rs `Lost::Down(reason) => reason,`
//     => `Lost::Down(_) => ExitReason::Shutdown,`
#[test]
fn end_without_a_result_is_told_with_its_reason() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            process::trap_exit(true);
            for reason in [ExitReason::Normal, ExitReason::Shutdown, custom()] {
                let task = Task::<()>::spawn(exits_with(reason.clone()));
                assert_eq!(reason_of(task.await), reason);
                assert_eq!(next_exit(&mut mail).await.reason, reason);
            }
            let killed = Task::spawn(never::<()>());
            process::exit(&killed, ExitReason::Kill);
            assert_eq!(reason_of(killed.await), ExitReason::Killed);
            next_exit(&mut mail).await;
            let crash = Task::<()>::spawn(async { panic!("boom") });
            assert_eq!(reason_of(crash.await).panic().unwrap().message(), "boom");
            next_exit(&mut mail).await;
            check_empty(&mut mail).await;
        })
        .await;
    });
}

/// TASK-4: the owner does not go on, not even for a moment.
// break: TASK-4 runtime/cordial/src/task/work.rs `Tie::None | Tie::Link => false,`
//     => `Tie::None => false, Tie::Link => true,`
#[test]
fn crash_takes_the_owner_along_before_it_can_look() {
    check_everywhere(async || {
        for _ in 0..50 {
            let (_, owner) = process::spawn_monitor(async |_: Mailbox<()>| {
                let task =
                    Task::<()>::spawn(async { exits_with(ExitReason::custom("deep")).await });
                let result = task.await;
                panic!("it went on: {result:?}");
            });
            assert_eq!(owner.await.reason, custom());
        }
    });
}

/// TASK-5
// break: TASK-5 runtime/cordial/src/task/mod.rs `let parent = owner.filter(|_| is_linked);`
//     => `let parent = owner.filter(|_| false);`
#[test]
fn unclean_end_of_the_owner_is_the_tasks_and_a_normal_one_is_not() {
    check_everywhere(async || {
        for reason in [custom(), ExitReason::Shutdown, ExitReason::Normal] {
            let (from, pid) = ReplyTo::pair();
            let ends = reason.clone();
            let (_, owner) = process::spawn_monitor(async move |mut mail: Mailbox<()>| {
                let task = Task::spawn(never::<()>());
                from.reply(task.pid().unwrap());
                mail.next().await;
                ends
            });
            let task = pid.await.unwrap();
            let end = process::monitor(&task);
            let address = owner.address().clone();
            address.send(());
            assert_eq!(owner.await.reason, reason);
            if reason == ExitReason::Normal {
                assert!(process::is_alive(&task).await);
                process::exit(&task, ExitReason::Kill);
            } else {
                assert_eq!(end.await.reason, reason);
            }
        }
    });
}

/// TASK-6
// break: TASK-6 runtime/cordial/src/task/mod.rs `if !self.is_owner() {` => `if false {`
#[cordial::test]
async fn only_the_owner_awaits() {
    let mut task = Task::spawn(async { 1 });
    let owner = task.owner();
    let (pid, task_pid) = (process::self_pid(), task.pid().unwrap());
    assert_eq!(owner, pid);
    let thief = Task::spawn(async move {
        let caller = process::self_pid();
        let awaited = (&mut task).await.unwrap_err();
        let yielded = task.yield_for(secs(1)).await.unwrap().unwrap_err();
        let stopped = task.shutdown().await.unwrap().unwrap_err();
        (caller, [awaited, yielded, stopped])
    });
    let (caller, errors) = thief.await.unwrap();
    let error = TaskError::NotOwner { owner, caller, task: task_pid };
    assert!(errors.iter().all(|one| *one == error), "{errors:?}");
    let text = format!("task {task_pid} is awaited by its owner {owner} only, and not by {caller}");
    assert_eq!(error.to_string(), text);
}

/// TASK-7: awaiting takes the handle; by reference the second time finds nothing.
// break: TASK-7 runtime/cordial/src/task/mod.rs
//     `State::Told => return Poll::Ready(Err(self.exited(ExitReason::NoProc))),`
//     => `State::Told => return Poll::Ready(Err(self.exited(ExitReason::Normal))),`
#[cordial::test]
async fn second_await_finds_no_task() {
    let mut task = Task::spawn(async { 1 });
    assert_eq!((&mut task).await, Ok(1));
    assert_eq!(reason_of(task.await), ExitReason::NoProc);
}

/// TASK-9
// break: TASK-9 runtime/cordial/src/task/mod.rs
//     `Poll::Pending if Instant::now() >= due => Poll::Ready(None),`
//     => `Poll::Pending if Instant::now() >= due => Poll::Ready(Some(Err(self.timed_out()))),`
#[cordial::test]
async fn yield_may_be_repeated_until_it_answers() {
    in_process(async |mut mail| {
        let mut task = Task::spawn(process::sleep(millis(30)));
        assert_eq!(task.yield_for(millis(10)).await, None);
        assert_eq!(task.yield_for(millis(0)).await, None);
        assert_eq!(task.yield_for(millis(100)).await, Some(Ok(())));
        assert_eq!(task.yield_for(millis(100)).await, None);
        process::trap_exit(true);
        let mut crash = Task::<()>::spawn(exits_with(custom()));
        assert_eq!(reason_of(crash.yield_for(secs(1)).await.unwrap()), custom());
        next_exit(&mut mail).await;
        let mut late = Task::spawn(async { 5 });
        assert_eq!(late.yield_for(millis(10)).await, Some(Ok(5)));
    })
    .await;
}

/// TASK-10
// break: TASK-10 runtime/cordial/src/task/work.rs `After::End(Ending { told, ..ending })`
//     => `After::End(Ending { told: told.filter(|_| !turn.is_interrupted()), ..ending })`
#[test]
fn result_wins_over_the_exit_that_comes_with_it() {
    check_everywhere(async || {
        let task = Task::spawn(async {
            process::exit(&process::self_pid(), custom());
            5
        });
        let pid = task.pid().unwrap();
        let down = process::monitor(&pid);
        assert_eq!(task.await, Ok(5));
        assert!([custom(), ExitReason::NoProc].contains(&down.await.reason));
    });
}

/// TASK-19
// break: TASK-19 runtime/cordial/src/task/mod.rs `slot.fill(Ok(value));` => `drop(value);`
#[cordial::test]
async fn completed_task_needs_no_process() {
    let mut task = Task::completed(5);
    assert_eq!(task.pid(), None);
    assert_eq!(task.yield_for(millis(0)).await, Some(Ok(5)));
    assert_eq!(Task::completed(6).await, Ok(6));
    assert_eq!(Task::completed(7).ignore().await, Some(Ok(7)));
    assert_eq!(Task::completed(8).shutdown().await, Some(Ok(8)));
}

/// TASK-20
// break: TASK-20 runtime/cordial/src/task/mod.rs `start_as(future, Tie::None)`
//     => `start_as(future, Tie::Link)`
#[test]
fn start_ties_to_nobody_and_start_link_ties_both() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            process::trap_exit(true);
            let pid = Task::start(never::<()>()).unwrap();
            assert!(links().is_empty());
            process::exit(&pid, ExitReason::Kill);
            let pid = Task::start_link(never::<()>()).unwrap();
            assert_eq!(links(), [pid]);
            process::exit(&pid, ExitReason::Kill);
            let exit = next_exit(&mut mail).await;
            assert_eq!((exit.from, exit.reason), (pid, ExitReason::Killed));
            Task::start(async { Err::<(), _>("deep") }).unwrap();
            Task::start_link(async { Err::<(), _>("deep") }).unwrap();
            assert_eq!(next_exit(&mut mail).await.reason, custom());
            check_empty(&mut mail).await;
        })
        .await;
    });
}

/// TASK-20
#[cordial::test]
async fn start_link_outside_of_a_process_has_nobody_to_link_to() {
    assert_eq!(Task::start_link(async {}), Err(StartError::NoParent));
}
