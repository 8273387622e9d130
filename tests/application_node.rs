//! What the end of an application's tree means for its node.
use crate::application_support::{Base, Log, script};
use cordial::application::{self, Condition, Runner};
use cordial::prelude::*;
use cordial::{Node, process, supervisor};
use std::future::poll_fn;
use std::task::Poll;

/// How the tree ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Normal,
    Shutdown,
    Crash,
}

/// Ends the tree of an application that was started so; whether the node was told to stop.
async fn ends_node(restart: Restart, end: End) -> bool {
    let node = Node::current().unwrap();
    let tree = application::start_as::<Base>(restart).await.unwrap();
    let down = process::monitor(&tree.supervisor);
    match end {
        End::Normal => supervisor::stop(&tree).await.unwrap(),
        End::Shutdown => {
            supervisor::stop_with(&tree, ExitReason::Shutdown, secs(5)).await.unwrap();
        }
        // One crash is more than it tolerates, so the tree gives up: `Shutdown`, as in OTP.
        End::Crash => {
            tree.worker.crash();
        }
    }
    down.await;
    while application::whereis::<Base>().is_some() || is_stopping() {
        tokio::task::yield_now().await;
    }
    asked(&node).await == Some(1)
}

fn is_stopping() -> bool {
    application::health().applications().iter().any(|(_, at)| *at == Condition::Stopping)
}

/// The exit code that was asked for until now.
async fn asked(node: &Node) -> Option<u8> {
    let mut asked = std::pin::pin!(node.stop_requested());
    poll_fn(|cx| {
        Poll::Ready(match asked.as_mut().poll(cx) {
            Poll::Ready(code) => Some(code),
            Poll::Pending => None,
        })
    })
    .await
}

/// APP-9: the end of a permanent application is the end of the node, whatever the reason.
// break: APP-9 runtime/cordial/src/application/master.rs `Restart::Permanent => true,`
//     => `Restart::Permanent => *reason != ExitReason::Normal,`
#[cordial::test]
async fn a_permanent_application_that_ends_normally_ends_the_node() {
    let _log = Log::start();
    assert!(ends_node(Restart::Permanent, End::Normal).await);
}

/// APP-9: the node goes down in order: what else runs is stopped, and the exit code is 1.
#[cordial::test]
async fn a_permanent_application_that_crashes_takes_the_node_down_in_order() {
    let _log = Log::start();
    let other = process::spawn_monitor(async |mut mail: process::Mailbox<()>| mail.next().await).1;
    assert!(ends_node(Restart::Permanent, End::Crash).await);
    assert_eq!(other.await.reason, ExitReason::Shutdown);
    assert_eq!(application::start::<Base>().await.err().unwrap().to_string(), NODE_STOPPING);
}

const NODE_STOPPING: &str = "the node is stopping";

/// APP-10: a transient application may end normally, and only so.
// break: APP-10 runtime/cordial/src/application/master.rs
//     `Restart::Transient => *reason != ExitReason::Normal,`
//     => `Restart::Transient => !reason.is_clean(),`
#[cordial::test]
async fn a_transient_application_that_shuts_down_ends_the_node() {
    let _log = Log::start();
    assert!(!ends_node(Restart::Transient, End::Normal).await);
    assert!(application::which_applications().is_empty());
    assert!(ends_node(Restart::Transient, End::Shutdown).await);
}

/// APP-11: a temporary one never ends the node; its callbacks run, and it is listed no more.
// break: APP-11 runtime/cordial/src/application/master.rs `Restart::Temporary => false,`
//     => `Restart::Temporary => !reason.is_clean() || *reason == ExitReason::Shutdown,`
#[cordial::test]
async fn a_temporary_application_ends_alone_and_its_callbacks_run() {
    let log = Log::start();
    for end in [End::Normal, End::Shutdown, End::Crash] {
        assert!(!ends_node(Restart::Temporary, end).await, "{end:?}");
        assert!(application::which_applications().is_empty());
        let lines = log.take().await;
        let last = ["base prep_stop of state", "base stop of state prepared"];
        assert_eq!(lines[lines.len() - 2..], last, "{end:?}: {lines:?}");
    }
    application::start::<Base>().await.unwrap();
}

/// APP-11: a tree that is gone when `start` returns is an application that has ended.
#[cordial::test]
async fn a_tree_that_has_ended_before_start_returns_is_an_end() {
    let log = Log::start();
    script::<Base>("start", "ended");
    application::start::<Base>().await.unwrap();
    while application::whereis::<Base>().is_some() || is_stopping() {
        tokio::task::yield_now().await;
    }
    assert_eq!(log.take().await.last().unwrap(), "base stop of state prepared");
}

/// APP-9: an application that is asked to stop ends nothing, permanent or not.
#[cordial::test]
async fn a_permanent_application_can_be_stopped() {
    let _log = Log::start();
    let node = Node::current().unwrap();
    application::start_as::<Base>(Restart::Permanent).await.unwrap();
    application::stop::<Base>().await.unwrap();
    assert_eq!(asked(&node).await, None);
}

/// APP-9: a `main` that still runs is dropped, its node goes down, and the first code counts.
#[test]
fn main_ends_with_the_code_that_was_asked_for() {
    let code = cordial::__private::run_main(cordial::__private::Workers::Current, async {
        let node = Node::current().unwrap();
        let child =
            process::spawn_monitor(async |mut mail: process::Mailbox<()>| mail.next().await);
        node.stop(3);
        node.stop(4);
        assert_eq!(child.1.await.reason, ExitReason::Shutdown);
        std::future::pending::<()>().await;
    });
    assert_eq!(text_of(code), text_of(3.into()));
}

fn text_of(code: std::process::ExitCode) -> String {
    format!("{code:?}")
}

/// APP-11: what a runner starts is what it was told, and ends with the code that was asked for.
#[cordial::test]
async fn temporary_application_of_a_runner_ends_alone() {
    let _log = Log::start();
    let node = Node::current().unwrap();
    let runner = Runner::new().application::<Base>().restart(Restart::Temporary);
    let ends = async {
        let tree = loop {
            match application::whereis::<Base>() {
                Some(tree) => break tree,
                None => tokio::task::yield_now().await,
            }
        };
        tree.worker.crash();
        while application::whereis::<Base>().is_some() || is_stopping() {
            tokio::task::yield_now().await;
        }
        assert_eq!(asked(&node).await, None);
        node.stop(7);
    };
    let (code, ()) = tokio::join!(runner.serve(), ends);
    assert_eq!(text_of(code), text_of(7.into()));
}

/// APP-5: a program whose applications do not start ends with 1.
#[cordial::test]
async fn runner_that_cannot_start_ends_with_one() {
    let _log = Log::start();
    script::<Base>("start", "fail");
    let code = Runner::new().application::<Base>().serve().await;
    assert_eq!(text_of(code), text_of(1.into()));
}
