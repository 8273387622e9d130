//! Storms on real threads: calls, monitors, links, names, registries, tasks and topics while
//! processes die, counted on the side of who asks. Small where code is not optimised; `cargo xtask
//! soak storms` is the full length.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]
#![allow(clippy::print_stdout, reason = "figures are what a storm is for")]

mod calls;
mod cancelled;
mod dice;
#[path = "../full_length.rs"]
mod full_length;
mod links;
mod monitors;
mod names;
mod registries;
mod tasks;
mod topics;
mod unread;

use std::time::Duration;

use cordial::prelude::*;
use cordial::process::{self, Mailbox, Spawned};
use cordial::{Message, Node};
use dice::Dice;
use tokio::task::yield_now;
use tokio::time::timeout;
use unread::Unread;

/// Who waits longer than this waits for ever; the machine may have others to serve.
const PATIENCE: Duration = hours(1);

/// What the plain processes of a storm get.
struct Marker;

impl Message for Marker {
    fn kind(&self) -> &'static str {
        "marker"
    }
}

/// A storm on two workers, which leaves nothing behind.
fn storm(test: impl AsyncFnOnce()) {
    // Crash reports are made, and nobody reads them.
    let _ = tracing::subscriber::set_global_default(Unread);
    full_length::run(2, async {
        let node = Node::current().unwrap();
        timeout(PATIENCE, test()).await.expect("nobody waits for ever");
        timeout(PATIENCE, node.shutdown()).await.expect("everybody can be stopped");
        assert_eq!((node.processes(), node.timers(), node.names()), (0, 0, 0), "what is left");
    });
}

/// A process whose assertions fail the test that waits for it.
fn player<F: Future<Output = ()> + Send + 'static>(
    run: impl FnOnce(Mailbox<Marker>) -> F + Send + 'static,
) -> Spawned<Marker> {
    process::spawn_monitor(run).1
}

/// Waits for the end of all of them.
async fn over(players: impl IntoIterator<Item = Spawned<Marker>>) {
    let players: Vec<_> = players.into_iter().collect();
    for player in players {
        let down = player.await;
        assert_eq!(down.reason, ExitReason::Normal, "{}", down.reason);
    }
}

/// Somebody who will soon be gone.
fn victim(turns: u64) -> Spawned<()> {
    let run = async move |_: Mailbox<()>| a_while(turns).await;
    process::spawn_monitor(run).1
}

/// So many times others may run.
async fn a_while(turns: u64) {
    for _ in 0..turns {
        yield_now().await;
    }
}
