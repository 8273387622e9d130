//! Tasks: one at a time, many at once, under a supervisor and of a server; agents.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]

mod agents;
mod awaiting;
mod calls_as_tasks;
mod deadlock;
mod ended;
mod ending;
mod handlers;
mod intervals;
mod many;
mod stream_ends;
mod streams;
mod supervised;
mod supervised_streams;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "what the tests of processes share; not all of it is needed here")]
mod support;

use cordial::process::{self, Mailbox};
use cordial::{ExitReason, Task, TaskError};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

/// Never done.
async fn never<T>() -> T {
    std::future::pending().await
}

/// Ends the process that calls, as soon as it awaits.
async fn exits_with<T>(reason: ExitReason) -> T {
    process::exit(&process::self_pid(), reason);
    never().await
}

/// The reason of an end without a result.
fn reason_of<T: std::fmt::Debug>(result: Result<T, TaskError>) -> ExitReason {
    result.unwrap_err().reason().unwrap().clone()
}

/// Nothing is in the mailbox now.
async fn check_empty(mail: &mut Mailbox<()>) {
    let found = mail.receive_by(|received| Some(format!("{received:?}")));
    let found = found.after(std::time::Duration::ZERO).await;
    assert!(found.is_none(), "{found:?}");
}

/// Whom the process that calls is linked to.
fn links() -> Vec<cordial::Pid> {
    process::info(&process::self_pid()).unwrap().links
}

/// Counts how many there are, and how many there were at most.
#[derive(Clone, Default)]
struct Gauge(Arc<(AtomicU32, AtomicU32)>);

impl Gauge {
    fn enter(&self) -> Inside {
        let now = self.0.0.fetch_add(1, SeqCst) + 1;
        self.0.1.fetch_max(now, SeqCst);
        Inside(self.clone())
    }

    /// One more, for good.
    fn add(&self) {
        self.0.0.fetch_add(1, SeqCst);
    }

    fn now(&self) -> u32 {
        self.0.0.load(SeqCst)
    }

    fn most(&self) -> u32 {
        self.0.1.load(SeqCst)
    }
}

/// One of those that are counted.
struct Inside(Gauge);

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.0.0.fetch_sub(1, SeqCst);
    }
}

/// A task that is never done, and is counted until it is gone.
fn counted(gauge: &Gauge) -> Task<()> {
    let inside = gauge.enter();
    Task::spawn(async move {
        let _inside = inside;
        never::<()>().await;
    })
}
