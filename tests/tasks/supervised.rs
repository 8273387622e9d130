//! Tasks under a supervisor.
use crate::support::{check_everywhere, check_silent, custom, in_process, next_exit};
use crate::{Gauge, check_empty, exits_with, links, never, reason_of};
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::supervisor::{self, StartChildError};
use cordial::{Task, TaskSpec, TaskSupervisor, TaskSupervisorRef, task};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

async fn tasks() -> TaskSupervisorRef {
    TaskSupervisor::start().await.unwrap()
}

/// TSUP-1
// break: TSUP-1 runtime/cordial/src/task_supervisor/mod.rs `Under::new(self, Tie::Link)`
//     => `Under::new(self, Tie::None)`
#[test]
fn tasks_run_under_the_supervisor_linked_or_not() {
    check_everywhere(async || {
        let tasks = tasks().await;
        in_process(async move |mut mail| {
            process::trap_exit(true);
            let linked = tasks.spawn(never::<()>()).await.unwrap();
            let other = tasks.async_nolink(never::<()>()).await.unwrap();
            let (linked_pid, other_pid) = (linked.pid().unwrap(), other.pid().unwrap());
            assert_eq!(tasks.children().await.unwrap(), [other_pid, linked_pid]);
            let told = tasks.spawn(async { process::ancestors()[0].pid() }).await.unwrap();
            assert_eq!(told.await.ok(), tasks.pid());
            next_exit(&mut mail).await;
            process::exit(&linked_pid, custom());
            assert_eq!(next_exit(&mut mail).await.from, linked_pid);
            assert_eq!(reason_of(linked.await), custom());
            process::exit(&other_pid, custom());
            assert_eq!(reason_of(other.await), custom());
            check_empty(&mut mail).await;
            while !tasks.children().await.unwrap().is_empty() {}
        })
        .await;
    });
}

/// TSUP-2
// break: TSUP-2 runtime/cordial/src/task_supervisor/mod.rs `Under::new(self, Tie::None)`
//     => `Under::new(self, Tie::Link)`
#[test]
fn crash_of_an_unlinked_task_is_an_error_of_who_awaits_it() {
    check_everywhere(async || {
        let tasks = tasks().await;
        in_process(async move |mut mail| {
            let crash = tasks.async_nolink(exits_with::<()>(custom())).await.unwrap();
            assert_eq!(reason_of(crash.await), custom());
            let task = tasks.async_nolink(async { 5 }).await.unwrap();
            assert_eq!(task.await, Ok(5));
            assert!(links().is_empty());
            check_empty(&mut mail).await;
        })
        .await;
    });
}

/// TSUP-1: the unclean end of the owner takes a linked task along, and no other.
#[test]
fn linked_task_goes_with_its_owner() {
    check_everywhere(async || {
        let tasks = tasks().await;
        let theirs = tasks.clone();
        let (_, owner) = process::spawn_monitor(async move |_: Mailbox<()>| {
            let linked = theirs.spawn(never::<()>()).await.unwrap();
            let other = theirs.async_nolink(never::<()>()).await.unwrap();
            ExitReason::custom(format!("{:?}", (linked.pid(), other.pid())))
        });
        let down = owner.await.reason.to_string();
        loop {
            let left = tasks.children().await.unwrap();
            if left.len() == 1 {
                assert!(down.ends_with(&format!("Some({}))", left[0])), "{down} {left:?}");
                break;
            }
        }
    });
}

/// TSUP-3
// break: TSUP-3 runtime/cordial/src/task_supervisor/child.rs
//     `let shutdown = Shutdown::Timeout(DEFAULT_LIMIT);` => `let shutdown = Shutdown::BrutalKill;`
#[cordial::test]
async fn started_child_is_tied_to_nobody_and_has_five_seconds_to_end() {
    let tasks = tasks().await;
    in_process(async move |mut mail| {
        let (ready, is_ready) = ReplyTo::pair();
        let pid = tasks.start_child(async {
            process::trap_exit(true);
            ready.reply(());
            never::<()>().await;
        });
        let pid = pid.await.unwrap();
        is_ready.await.unwrap();
        assert!(links().is_empty());
        assert_eq!(tasks.children().await.unwrap(), [pid]);
        let began = process::now();
        tasks.terminate_child(pid).no_timeout().await.unwrap();
        assert_eq!(process::now() - began, secs(5));
        check_silent(&mut mail).await;
    })
    .await;
}

/// TSUP-3
#[cordial::test]
async fn started_child_is_not_started_again() {
    let tasks = tasks().await;
    let pid = tasks.start_child(async { Err::<(), _>("deep") }).await.unwrap();
    process::monitor(&pid).await;
    assert_eq!(tasks.children().await.unwrap(), []);
    assert_eq!(tasks.count_children().await.unwrap().specs, 0);
}

/// How often a task has begun, which ends like this.
fn begins(ends: Result<(), &'static str>) -> (Arc<AtomicU32>, TaskSpec) {
    let count = Arc::new(AtomicU32::new(0));
    let counted = count.clone();
    let spec = TaskSpec::new(move || {
        let nth = counted.fetch_add(1, SeqCst);
        async move { if nth < 2 { ends } else { never().await } }
    });
    (count, spec)
}

/// TSUP-4
// break: TSUP-4 runtime/cordial/src/task_supervisor/child.rs `self.options.restart = restart;`
//     => `self.options.restart = if restart == Restart::Transient { Restart::Permanent } else {
//     restart };`
#[cordial::test]
async fn started_child_is_restarted_as_its_spec_says() {
    for (restart, ends, expected) in [
        (Restart::Permanent, Ok(()), 3),
        (Restart::Permanent, Err("deep"), 3),
        (Restart::Transient, Ok(()), 1),
        (Restart::Transient, Err("deep"), 3),
        (Restart::Temporary, Err("deep"), 1),
    ] {
        let tasks = tasks().await;
        let (count, spec) = begins(ends);
        tasks.start_spec(spec.restart(restart)).await.unwrap();
        process::sleep(millis(5)).await;
        assert_eq!(count.load(SeqCst), expected, "{restart:?} {ends:?}");
    }
}

/// TASK-21
// break: TASK-21 runtime/cordial/src/task_supervisor/child.rs
//     `Self { options: options(runs, Restart::Temporary), runs, source }`
//     => `Self { options: options(runs, Restart::Permanent), runs, source }`
#[cordial::test]
async fn task_as_a_child_is_temporary_unless_it_is_said() {
    for (restart, expected) in [(None, 1), (Some(Restart::Permanent), 3)] {
        let (count, spec) = begins(Err("deep"));
        let mut tree = Supervisor::builder();
        let task = match restart {
            None => tree.add(spec),
            Some(restart) => tree.add(spec.restart(restart)),
        };
        let supervisor = tree.start().await.unwrap();
        process::sleep(millis(5)).await;
        assert_eq!(count.load(SeqCst), expected);
        assert_eq!(task.pid().is_some(), restart.is_some());
        supervisor::stop(&supervisor).await.unwrap();
    }
}

/// TSUP-5
// break: TSUP-5 runtime/cordial/src/task_supervisor/mod.rs
//     `Self(self.0.max_children(max_children))` => `Self(self.0.max_children(max_children + 1))`
#[cordial::test]
async fn there_are_no_more_tasks_than_may_be() {
    let tasks = TaskSupervisor::spec().max_children(2).start().await.unwrap();
    in_process(async move |mut mail| {
        let gauge = Gauge::default();
        let inside = gauge.clone();
        let first = tasks.start_child(never::<()>()).await.unwrap();
        let stream = tasks.stream(0..9_u32, 3, move |_| {
            let inside = inside.enter();
            async move {
                let _inside = inside;
                never::<()>().await;
            }
        });
        let results = stream.collect().await;
        let [Err(cordial::TaskError::NotStarted(reason))] = &results[..] else {
            panic!("{results:?}")
        };
        assert_eq!(reason.downcast_ref(), Some(&StartChildError::MaxChildren(2)));
        process::sleep(millis(1)).await;
        assert_eq!((gauge.now(), links()), (0, vec![]));
        assert_eq!(tasks.children().await.unwrap(), [first]);
        tasks.start_child(never::<()>()).await.unwrap();
        let full = StartChildError::MaxChildren(2);
        assert_eq!(tasks.spawn(never::<()>()).await.unwrap_err(), full);
        assert_eq!(tasks.async_nolink(never::<()>()).await.unwrap_err(), full);
        assert_eq!(tasks.start_child(never::<()>()).await.unwrap_err(), full);
        check_empty(&mut mail).await;
    })
    .await;
}

/// TSUP-6
// break: TSUP-6 runtime/cordial/src/task_supervisor/child.rs
//     `self.options.shutdown = shutdown.into();` => `let _: Shutdown = shutdown.into();`
#[cordial::test]
async fn shutdown_of_a_task_is_its_own() {
    let tasks = tasks().await;
    let spec = TaskSpec::new(async || never::<()>().await).shutdown(Shutdown::BrutalKill);
    let brutal = tasks.start_spec(spec).await.unwrap();
    let gentle = tasks.start_child(never::<()>()).await.unwrap();
    let ends = (process::monitor(&brutal), process::monitor(&gentle));
    supervisor::stop(&tasks).await.unwrap();
    assert_eq!(ends.0.await.reason, ExitReason::Killed);
    assert_eq!(ends.1.await.reason, ExitReason::Shutdown);
}

/// TSUP-7
// break: TSUP-7 runtime/cordial/src/task_supervisor/mod.rs `self.0.terminate_pid(task)`
//     => `self.0.terminate_pid(self.pid().unwrap_or(task))`
#[test]
fn terminate_child_ends_a_task_once() {
    check_everywhere(async || {
        let tasks = tasks().await;
        let pid = tasks.start_child(never::<()>()).await.unwrap();
        let other = tasks.start_child(never::<()>()).await.unwrap();
        tasks.terminate_child(pid).await.unwrap();
        assert!(!process::is_alive(&pid).await);
        assert_eq!(tasks.children().await.unwrap(), [other]);
        let again = tasks.terminate_child(pid).await.unwrap_err().handler().unwrap();
        assert_eq!(again.to_string(), format!("the supervisor has no child {pid}"));
    });
}

/// TSUP-9
// break: TSUP-9 runtime/cordial/src/task/callers.rs
//     `Some(std::iter::once(owner).chain(above).take(MOST).collect())`
//     => `Some(std::iter::once(owner).chain(above).take(1).collect())`
#[cordial::test]
async fn callers_and_ancestors_are_known() {
    let tasks = tasks().await;
    in_process(async move |_| {
        let (me, supervisor) = (process::self_pid(), tasks.pid().unwrap());
        assert_eq!(task::callers(), []);
        let inner = tasks.clone();
        let outer = tasks.async_nolink(async move {
            let own = process::self_pid();
            let ancestors = async || process::ancestors()[0].pid();
            let told = async move { (task::callers(), ancestors().await) };
            let by_link = Task::spawn(async { task::callers() }).await.unwrap();
            (own, task::callers(), inner.async_nolink(told).await.unwrap().await.unwrap(), by_link)
        });
        let (own, callers, (inner, ancestor), by_link) = outer.await.unwrap().await.unwrap();
        assert_eq!(callers, [me]);
        assert_eq!((inner, by_link), (vec![own, me], vec![own, me]));
        assert_eq!(ancestor, supervisor);
        assert_eq!(task::callers(), []);
    })
    .await;
}

/// TSUP-1: a start that is not waited for leaves no task behind.
#[test]
fn start_that_is_dropped_leaves_no_task() {
    check_everywhere(async || {
        let tasks = tasks().await;
        in_process(async move |mut mail| {
            let gauge = Gauge::default();
            for _ in 0..20 {
                let inside = gauge.enter();
                drop(tasks.spawn(async move {
                    let _inside = inside;
                    never::<()>().await;
                }));
            }
            while tasks.count_children().await.unwrap().specs > 0 {}
            assert_eq!((gauge.now(), links()), (0, vec![]));
            check_empty(&mut mail).await;
        })
        .await;
    });
}
