//! Streams of tasks that are late, crash, or are not consumed to their end.
use crate::support::{check_everywhere, check_silent, custom, in_process};
use crate::{Gauge, exits_with, links, never, reason_of};
use cordial::Task;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::task::OnLate;

/// Never done, and counted until it is gone.
fn stays(gauge: &Gauge) -> impl Future<Output = ()> + Send + use<> {
    let inside = gauge.enter();
    async move {
        let _inside = inside;
        never::<()>().await;
    }
}

/// TASK-25: the default ends the stream.
// break: TASK-25 runtime/cordial/src/task/stream.rs `self.fail(number, (input, error));`
//     => `self.finish(number, (input, Err(error)));`
#[cordial::test]
async fn late_task_ends_the_stream_and_all_that_runs() {
    in_process(async |mut mail| {
        for is_ordered in [true, false] {
            let (gauge, began) = (Gauge::default(), process::now());
            let tasks = gauge.clone();
            let mut stream = Task::stream(0..9, 3, move |_| stays(&tasks)).ordered(is_ordered);
            let error = stream.next().await.unwrap().unwrap_err();
            assert!(error.is_timeout() && process::now() - began == secs(5), "{error}");
            assert_eq!(stream.next().await, None);
            check_silent(&mut mail).await;
            assert_eq!((gauge.now(), gauge.most(), links().len()), (0, 3, 0));
        }
    })
    .await;
}

/// TASK-25
#[cordial::test]
async fn late_task_may_be_killed_in_its_place() {
    in_process(async |mut mail| {
        let gauge = Gauge::default();
        let tasks = gauge.clone();
        let stream = Task::stream([1, 900, 2], 3, move |ms: u64| {
            let inside = tasks.enter();
            async move {
                let _inside = inside;
                process::sleep(millis(ms)).await;
                ms
            }
        });
        let results = stream.timeout(millis(50)).on_timeout(OnLate::KillTask).collect().await;
        assert_eq!((&results[0], &results[2]), (&Ok(1), &Ok(2)));
        assert!(results[1].as_ref().unwrap_err().is_timeout());
        check_silent(&mut mail).await;
        assert_eq!((gauge.now(), links().len()), (0, 0));
    })
    .await;
}

/// TASK-26
// break: TASK-26 runtime/cordial/src/task/stream.rs
//     `let kept = self.keep.map(|keep| keep(&input));`
//     => `let kept = self.keep.filter(|_| self.started == 0).map(|keep| keep(&input));`
#[cordial::test]
async fn failure_may_carry_its_input() {
    in_process(async |_| {
        process::trap_exit(true);
        let stream = Task::stream(["a", "b", "c"], 2, |word| async move {
            match word {
                "b" => exits_with(custom()).await,
                word => word.len(),
            }
        });
        let mut results = stream.zip_input_on_exit().collect().await.into_iter();
        assert_eq!(results.next(), Some(Ok(1)));
        let (input, error) = results.next().unwrap().unwrap_err();
        assert_eq!((input, error.reason()), ("b", Some(&custom())));
        assert_eq!(results.next(), Some(Ok(1)));
    })
    .await;
}

/// TASK-27
// break: TASK-27 runtime/cordial/src/task/stream.rs `for mut task in mem::take(&mut self.running)`
//     => `for mut task in Vec::<Running<I, T>>::new()`
#[test]
fn stream_that_is_dropped_kills_what_runs_and_leaves_nothing() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            let gauge = Gauge::default();
            let tasks = gauge.clone();
            let mut stream = Task::stream(0..9_u32, 3, move |n| {
                let stays = stays(&tasks);
                async move {
                    if n > 0 {
                        stays.await;
                    }
                    n
                }
            });
            assert_eq!(stream.next().await, Some(Ok(0)));
            let running = links();
            drop(stream);
            for pid in running {
                assert!(!process::is_alive(&pid).await);
            }
            assert_eq!((gauge.now(), links().len()), (0, 0));
            check_silent(&mut mail).await;
        })
        .await;
    });
}

/// TASK-27: the end of the consumer is that of its stream, however it ends.
#[test]
fn stream_goes_with_its_consumer() {
    check_everywhere(async || {
        for reason in [ExitReason::Normal, ExitReason::Killed, custom()] {
            let gauge = Gauge::default();
            let (tasks, ends) = (gauge.clone(), reason.clone());
            let (from, pids) = ReplyTo::pair();
            let (_, consumer) = process::spawn_monitor(async move |_: Mailbox<()>| {
                let mut stream = Task::stream(0..9, 3, move |_| stays(&tasks));
                let next = tokio::time::timeout(millis(5), stream.next()).await;
                assert!(next.is_err());
                from.reply(links());
                if ends == ExitReason::Killed {
                    process::exit(&process::self_pid(), ExitReason::Kill);
                    never::<()>().await;
                }
                ends
            });
            let pids = pids.await.unwrap();
            assert_eq!((consumer.await.reason, pids.len()), (reason, 3));
            for pid in pids {
                process::monitor(&pid).await;
            }
            assert_eq!(gauge.now(), 0);
        }
    });
}

/// TASK-28
// break: TASK-28 runtime/cordial/src/task/work.rs
//     `Tie::LinkUnlessTrapped => owner.process.traps(owner.pid),`
//     => `Tie::LinkUnlessTrapped => false,`
#[test]
fn crash_is_yielded_to_who_traps_exits_without_a_message() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            process::trap_exit(true);
            let stream = Task::stream(0..5_u32, 2, |n| async move {
                match n {
                    2 => exits_with(custom()).await,
                    n => n,
                }
            });
            let mut results = stream.collect().await;
            assert_eq!(reason_of(results.remove(2)), custom());
            assert_eq!(results, [0, 1, 3, 4].map(Ok));
            check_silent(&mut mail).await;
        })
        .await;
    });
}

/// TASK-28
#[test]
fn crash_ends_who_does_not_trap_exits_with_its_reason() {
    check_everywhere(async || {
        let gauge = Gauge::default();
        let tasks = gauge.clone();
        let (_, consumer) = process::spawn_monitor(async move |_: Mailbox<()>| {
            let mut stream = Task::stream(0..5_u32, 2, move |n| {
                let stays = stays(&tasks);
                async move {
                    match n {
                        1 => exits_with(custom()).await,
                        _ => stays.await,
                    }
                }
            });
            let result = stream.next().await;
            panic!("it went on: {result:?}");
        });
        assert_eq!(consumer.await.reason, custom());
    });
}

/// TASK-29
// break: TASK-29 runtime/cordial/src/task/stream.rs `assert!(max > 0,`
//     => `assert!(max < usize::MAX,`
#[cordial::test]
async fn stream_with_room_for_none_is_refused_at_once() {
    let refused = Task::spawn(async {
        let stream = Task::stream([1], 0, |n| async move { n });
        stream.collect().await.len()
    });
    let reason = reason_of(refused.await);
    let text = reason.panic().unwrap().message();
    assert_eq!(text, "a stream of tasks runs at least one at a time: `max` is 0");
}

/// TASK-31
// break: TASK-31 runtime/cordial/src/task/stream.rs `drop(self.inputs.take());`
//     => `drop(self.inputs.iter());`
#[cordial::test]
async fn inputs_and_tasks_are_let_go_of_when_the_stream_halts() {
    in_process(async |_| {
        let (inputs, tasks) = (Gauge::default(), Gauge::default());
        let (held, counted) = (inputs.enter(), tasks.clone());
        let iterator = (0..9).inspect(move |_| {
            let _ = &held;
        });
        let stream = Task::stream(iterator, 3, move |_| stays(&counted));
        let mut stream = stream.timeout(millis(20));
        assert!(stream.next().await.unwrap().unwrap_err().is_timeout());
        process::sleep(millis(1)).await;
        assert_eq!((inputs.now(), tasks.now()), (0, 0), "{stream:?}");
        assert_eq!(stream.next().await, None);
    })
    .await;
}
