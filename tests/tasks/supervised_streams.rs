//! Streams of tasks under a supervisor.
use crate::support::{check_everywhere, check_silent, custom, in_process};
use crate::{check_empty, exits_with, links, never, reason_of};
use cordial::TaskSupervisor;
use cordial::process::{self, Mailbox};

/// TSUP-8
// break: TSUP-8 runtime/cordial/src/task_supervisor/mod.rs `Under::new(self, Tie::Down)`
//     => `Under::new(self, Tie::Link)`
#[test]
fn unlinked_stream_yields_crashes_in_order() {
    check_everywhere(async || {
        let tasks = TaskSupervisor::start().await.unwrap();
        in_process(async move |mut mail| {
            let stream = tasks.stream_nolink(1..=3_u32, 2, |n| async move {
                match n {
                    2 => exits_with(custom()).await,
                    n => n,
                }
            });
            let mut results = stream.collect().await;
            assert_eq!(reason_of(results.remove(1)), custom());
            assert_eq!(results, [Ok(1), Ok(3)]);
            assert!(links().is_empty());
            check_silent(&mut mail).await;
            assert_eq!(tasks.children().await.unwrap(), []);
        })
        .await;
    });
}

/// TSUP-8
#[test]
fn linked_stream_takes_its_consumer_along() {
    check_everywhere(async || {
        let tasks = TaskSupervisor::start().await.unwrap();
        let (_, consumer) = process::spawn_monitor(async move |_: Mailbox<()>| {
            let stream = tasks.stream(1..=3_u32, 2, |_| exits_with::<()>(custom()));
            let results = stream.collect().await;
            panic!("it went on: {results:?}");
        });
        assert_eq!(consumer.await.reason, custom());
    });
}

/// TSUP-10
// break: TSUP-10 runtime/cordial/src/task/work.rs
//     `owner.process.remove_link(owner.pid, task.pid);` => `let _ = owner;`
#[test]
fn halted_stream_leaves_no_links() {
    check_everywhere(async || {
        in_process(async move |mut mail| {
            let tasks = TaskSupervisor::start_link().await.unwrap();
            let before = links();
            assert_eq!(before, [tasks.pid().unwrap()]);
            let stream = tasks.stream(0..9_u32, 3, |n| async move {
                if n > 0 {
                    never::<()>().await;
                }
                n
            });
            assert_eq!(stream.take(1).await, [Ok(0)]);
            while tasks.count_children().await.unwrap().specs > 0 {}
            assert_eq!(links(), before);
            check_silent(&mut mail).await;
            assert_eq!(links(), before);
            process::unlink(&tasks);
            cordial::supervisor::stop(&tasks).await.unwrap();
            check_empty(&mut mail).await;
        })
        .await;
    });
}
