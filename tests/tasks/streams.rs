//! Streams of tasks: what runs when, and in which order results come.
use crate::support::{Note, check_everywhere, in_process};
use crate::{Gauge, check_empty, links};
use cordial::Task;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::task::TaskStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

/// Inputs that are counted as they are pulled.
fn pulled(most: u32) -> (Gauge, impl Iterator<Item = u32> + Send) {
    let gauge = Gauge::default();
    let count = gauge.clone();
    (gauge, (0..most).inspect(move |_| count.add()))
}

/// TASK-22
// break: TASK-22 runtime/cordial/src/task/stream.rs
//     `inputs: Some(Box::new(inputs.into_iter())),` => `inputs: { let mut inputs =
//     inputs.into_iter(); inputs.next(); Some(Box::new(inputs)) },`
#[cordial::test]
async fn stream_starts_nothing_until_it_is_consumed() {
    in_process(async |_| {
        let (inputs, iterator) = pulled(3);
        let mut squares = Task::stream(iterator, 2, |n| async move { n * n });
        tokio::task::yield_now().await;
        assert_eq!((inputs.now(), links().len()), (0, 0));
        assert_eq!(squares.next().await, Some(Ok(0)));
        assert_eq!(squares.collect().await, [Ok(1), Ok(4)]);
    })
    .await;
}

/// TASK-23
// break: TASK-23 runtime/cordial/src/task/stream.rs `while self.running.len() < self.max {`
//     => `while self.running.len() <= self.max {`
#[test]
fn at_most_so_many_tasks_are_alive() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            for (max, is_ordered) in [(1, true), (3, true), (3, false), (8, false)] {
                let gauge = Gauge::default();
                let inside = gauge.clone();
                let naps = Task::stream(0..40_u64, max, move |n| {
                    let inside = inside.enter();
                    async move {
                        process::sleep(Duration::from_micros(n % 7 * 300)).await;
                        drop(inside);
                        n
                    }
                });
                let results = naps.ordered(is_ordered).collect().await;
                assert_eq!(results.len(), 40);
                assert_eq!((gauge.now(), gauge.most()), (0, max as u32));
            }
            assert!(links().is_empty());
            check_empty(&mut mail).await;
        })
        .await;
    });
}

/// A stream of naps, and when each began.
type Began = Arc<Mutex<Vec<Duration>>>;

fn naps(times: &'static [u64], max: usize) -> (Began, TaskStream<'static, u64, u64>) {
    let began = Began::default();
    let (noted, start) = (began.clone(), process::now());
    let stream = Task::stream(times.iter().copied(), max, move |ms| {
        let noted = noted.clone();
        async move {
            noted.lock().unwrap().push(process::now() - start);
            process::sleep(millis(ms)).await;
            ms
        }
    });
    (began, stream)
}

/// TASK-24: a place is free when a task ends, not when its result is taken.
// break: TASK-24 runtime/cordial/src/task/stream.rs `while self.running.len() < self.max {`
//     => `while self.running.len() + self.finished.len() < self.max {`
#[cordial::test]
async fn slow_head_holds_back_no_start() {
    in_process(async |_| {
        let (began, stream) = naps(&[200, 1, 1, 1, 1], 2);
        assert_eq!(stream.collect().await, [200, 1, 1, 1, 1].map(Ok));
        let began = began.lock().unwrap();
        assert!(began.len() == 5 && began.iter().all(|at| *at < millis(20)), "{began:?}");
    })
    .await;
}

/// TASK-24
#[cordial::test]
async fn unordered_stream_gives_results_as_they_come() {
    in_process(async |_| {
        let (_, stream) = naps(&[50, 20, 1, 5], 3);
        assert_eq!(stream.ordered(false).collect().await, [1, 5, 20, 50].map(Ok));
    })
    .await;
}

/// TASK-27
#[cordial::test]
async fn no_more_is_pulled_than_is_asked_for() {
    in_process(async |_| {
        let (inputs, iterator) = pulled(100);
        let stream = Task::stream(iterator, 2, |n| async move { n });
        assert_eq!(stream.take(1).await, [Ok(0)]);
        assert_eq!(inputs.now(), 2);
    })
    .await;
}

/// TASK-23: who is slow to ask is not flooded.
#[cordial::test]
async fn nothing_starts_while_nobody_asks() {
    in_process(async |_| {
        let (inputs, iterator) = pulled(100);
        let mut stream = Task::stream(iterator, 4, |n| async move { n });
        assert_eq!(stream.next().await, Some(Ok(0)));
        process::sleep(secs(60)).await;
        assert_eq!(inputs.now(), 4);
    })
    .await;
}

/// TASK-30
// break: TASK-30 runtime/cordial/src/task/stream.rs
//     `Task::launch(job, runs, Tie::LinkUnlessTrapped)` => `Task::launch(job, runs, Tie::Link)`
#[test]
fn strange_mail_is_left_where_it_is() {
    check_everywhere(async || {
        let (from, finished) = ReplyTo::pair();
        let ended = process::spawn_monitor(async move |mut mail: Mailbox<Note<u8>>| {
            process::trap_exit(true);
            mail.send_self(Note(1));
            let me = process::self_pid();
            let stream = Task::stream(0..6_u32, 2, move |n| async move {
                process::exit(&me, ExitReason::custom(n));
                n
            });
            assert_eq!(stream.collect().await, [0, 1, 2, 3, 4, 5].map(Ok));
            assert!(matches!(mail.receive().await, process::Received::Message(Note(1))));
            for _ in 0..6 {
                let process::Received::Exit(exit) = mail.receive().await else { panic!("no exit") };
                assert!(exit.reason.downcast_ref::<u32>().is_some(), "{exit:?}");
            }
            let more = mail.receive_by(|_| Some(())).after(millis(20)).await;
            assert!(more.is_none(), "{more:?}");
            from.reply(());
        });
        assert_eq!(ended.1.await.reason, ExitReason::Normal);
        assert_eq!(finished.await, Some(()));
    });
}

/// TASK-30
#[test]
fn streams_are_consumed_elsewhere_nested_and_side_by_side() {
    check_everywhere(async || {
        let made_here = Task::stream(1..=3_u32, 2, |n| async move {
            let inner = Task::stream(0..n, 2, |m| async move { m });
            inner.collect().await.into_iter().map(Result::unwrap).sum::<u32>()
        });
        in_process(async move |mut mail| {
            assert_eq!(made_here.collect().await, [Ok(0), Ok(1), Ok(3)]);
            let mut left = Task::stream(0..3_u32, 2, |n| async move { n });
            let mut right = Task::stream(10..13_u32, 2, |n| async move { n });
            for n in 0..3 {
                let pair = (left.next().await, right.next().await);
                assert_eq!(pair, (Some(Ok(n)), Some(Ok(10 + n))));
            }
            assert_eq!((left.next().await, right.next().await), (None, None));
            check_empty(&mut mail).await;
        })
        .await;
    });
}
