//! Trees that are deeper than any stack: ten thousand supervisors, each the child of the next.
use crate::supervisor_support::*;
use cordial::prelude::*;
use cordial::supervisor::{self, Builder};
use cordial::test::expect_down;
use cordial::{Node, SupervisorRef, gen_server, process};

const DEPTH: usize = 10_000;

/// A child below so many supervisors, built from the leaf up; the innermost one is given too.
fn tower(script: &Script) -> (Builder, SupervisorRef, Ref<Part>) {
    let mut tree = Supervisor::builder();
    let leaf = tree.add(script.spec());
    let innermost = tree.supervisor();
    for _ in 1..DEPTH {
        let mut outer = Supervisor::builder();
        outer.add(tree);
        tree = outer;
    }
    (tree, innermost, leaf)
}

fn script() -> Script {
    Script::new("leaf", &Log::default())
}

#[cordial::test]
async fn tree_of_any_depth_starts_and_stops() {
    start_and_stop().await;
}

#[cordial::test(workers = 2)]
async fn tree_of_any_depth_starts_and_stops_on_two_workers() {
    start_and_stop().await;
}

pub(crate) async fn start_and_stop() {
    let script = script();
    let (tree, innermost, leaf) = tower(&script);
    let root = tree.start().await.unwrap();
    assert_eq!(Node::current().unwrap().processes(), DEPTH + 1);
    assert_eq!(counts(&root).await, (1, 1));

    crash(&leaf, &innermost).await;
    while gen_server::whereis(&leaf).is_none() {
        settle(&innermost).await;
    }
    let down = process::monitor(&leaf);
    supervisor::stop(&root).await.unwrap();
    expect_down(down, ExitReason::Shutdown).await;
    assert_eq!(Node::current().unwrap().processes(), 0);
}

#[cordial::test]
async fn tree_of_any_depth_that_is_killed_goes_to_its_last_leaf() {
    let (tree, _innermost, leaf) = tower(&script());
    let root = tree.start().await.unwrap();
    let down = process::monitor(&leaf);
    process::exit(&root, ExitReason::Kill);
    // Killed is the root only; the supervisor below it stops in order.
    expect_down(down, ExitReason::Shutdown).await;
}

#[cordial::test]
async fn tree_of_any_depth_is_dropped_without_being_started() {
    let (tree, _innermost, leaf) = tower(&script());
    drop(tree);
    assert_eq!(gen_server::whereis(&leaf), None);
    let (tree, _innermost, leaf) = tower(&script());
    drop(tree.start());
    assert_eq!(gen_server::whereis(&leaf), None);
}

#[cordial::test]
async fn tree_of_any_depth_whose_leaf_does_not_start_leaves_nobody() {
    let script = script();
    script.will_always(Outcome::Stop);
    let (tree, _innermost, leaf) = tower(&script);
    let error = tree.start().await.unwrap_err();
    assert!(matches!(&error, StartError::Child(..)));
    assert!(error.to_string().ends_with("child `leaf` did not start: `init` failed: no start"));
    assert_eq!(gen_server::whereis(&leaf), None);
    assert_eq!(Node::current().unwrap().processes(), 0);
}
