//! What is begun and ended again and again leaves nothing: the bytes that the whole process has in
//! use do not grow, and the node is freed with its runtime. It counts them, so it is a process of
//! its own, with one test.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]
#![allow(clippy::print_stdout, reason = "figures are what it is for")]

#[path = "../counting.rs"]
mod counting;
mod rounds;

use cordial::process::Node;
use counting::{count, in_use};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};

/// A round of something, as the how many-th.
type Round = for<'a> fn(&'a rounds::World, u64) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

/// So many, until all that is made once is there, and so many that must leave nothing.
const WARM: u64 = 800;
const COUNTED: u64 = 3_000;

/// What is given back a little later is more now and less then.
const SLACK: usize = 20_000;

/// Eight bytes a round are found.
const _: () = assert!(COUNTED as usize * 8 > SLACK);

#[test]
fn nothing_grows_by_what_begins_and_ends() {
    // Crash reports are made, and nobody reads them.
    let _ = tracing::subscriber::set_global_default(tracing::subscriber::NoSubscriber::new());
    let mut grown = Vec::new();
    for (name, round) in rounds::ALL {
        let mut node = Weak::new();
        cordial::__private::run_test(None, async {
            node = Arc::downgrade(&Node::current().unwrap());
            let world = rounds::World::new().await;
            let mut nth = 0;
            while nth < WARM {
                round(&world, nth).await;
                tokio::task::yield_now().await; // Others have their turn.
                nth += 1;
            }
            let before = in_use();
            while nth < WARM + COUNTED {
                round(&world, nth).await;
                tokio::task::yield_now().await;
                nth += 1;
            }
            let bytes = in_use() - before;
            println!("{name:<40} {bytes:>8} bytes after {COUNTED} rounds");
            if bytes > count(SLACK) {
                grown.push((name, bytes));
            }
        });
        assert!(node.upgrade().is_none(), "{name}: the node is still there");
    }
    assert!(grown.is_empty(), "these grow: {grown:?}");
}
