//! The thread of the local servers: it ends with the runtime, and what lives there with it.
use crate::support::{Cache, CacheRef, Dropped, Notes};
use cordial::prelude::*;
use cordial::{Node, ReplyTo};
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use tokio::runtime::{Builder, Runtime};

fn runtime(workers: usize) -> Runtime {
    match workers {
        0 => Builder::new_current_thread().enable_all().build().unwrap(),
        _ => Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap(),
    }
}

/// One that rests, one in the middle of a handler, and what that waits for.
async fn two(notes: &Notes) -> (CacheRef, CacheRef, ReplyTo<()>) {
    let first = Cache::start(notes.clone()).await.unwrap();
    let second = Cache::start(notes.clone()).await.unwrap();
    let (gate, opened) = ReplyTo::pair();
    drop(second.put_later(1, opened));
    while !notes.lines().contains(&"waits".to_owned()) {
        tokio::task::yield_now().await;
    }
    (first, second, gate)
}

#[test]
fn runtime_that_is_dropped_takes_the_states_along() {
    for workers in [0, 1, 2] {
        let notes = Notes::default();
        let runtime = runtime(workers);
        let handles = runtime.block_on(two(&notes));
        drop(runtime);
        let lines = notes.lines();
        let dropped = lines.iter().filter(|line| *line == "state dropped").count();
        assert_eq!(dropped, 2, "{workers} workers: {lines:?}");
        assert!(lines.contains(&"future dropped".to_owned()), "{lines:?}");
        assert!(!lines.iter().any(|line| line.starts_with("terminate")), "{lines:?}");
        assert_eq!(notes.threads().len(), 1, "{workers} workers: {notes:?}");
        drop(handles);
    }
}

#[test]
fn node_that_is_shut_down_leaves_nothing() {
    for workers in [0, 2] {
        let notes = Notes::default();
        let runtime = runtime(workers);
        runtime.block_on(async {
            let first = Cache::start(notes.clone()).await.unwrap();
            let node = Node::current().unwrap();
            first.put(1);
            node.shutdown().await;
            assert_eq!((node.processes(), node.timers()), (0, 0));
        });
        assert_eq!(notes.lines(), ["init", "state dropped"]); // It does not trap exits.
        assert_eq!(notes.threads().len(), 1);
    }
}

/// Tells when its thread's locals are dropped.
struct AtExit(#[expect(dead_code, reason = "its drop tells")] mpsc::Sender<()>);

thread_local! {
    static AT_EXIT: std::cell::RefCell<Option<AtExit>> = const { std::cell::RefCell::new(None) };
}

#[gen_server(local)]
struct Bound {
    _rc: Rc<()>,
    _dropped: Dropped,
}

#[gen_server(local)]
impl Bound {
    #[init]
    fn init(notes: Notes, exit: mpsc::Sender<()>) -> Self {
        AT_EXIT.set(Some(AtExit(exit)));
        Self { _rc: Rc::new(()), _dropped: Dropped("state", notes) }
    }

    #[cast]
    fn block(&self, begins: mpsc::Sender<()>, until: mpsc::Receiver<()>) {
        begins.send(()).unwrap();
        let _ = until.recv();
    }

    #[call]
    async fn waits(&self) -> bool {
        let slept = tokio::time::timeout(millis(1), std::future::pending::<()>()).await;
        slept.is_err() && Node::current().is_some()
    }
}

#[test]
fn its_thread_ends_with_the_runtime() {
    let (exit, exits) = mpsc::channel();
    let runtime = runtime(2);
    let bound = runtime.block_on(Bound::start(Notes::default(), exit)).unwrap();
    assert_eq!(runtime.block_on(bound.waits()), Ok(true), "timers of the runtime work there");
    drop(runtime);
    // The sender goes with the thread's locals.
    let ended = exits.recv_timeout(secs(10));
    assert_eq!(ended, Err(mpsc::RecvTimeoutError::Disconnected));
}

#[test]
fn kill_waits_for_who_blocks_the_thread_for_a_while_only() {
    let notes = Notes::default();
    let runtime = runtime(2);
    runtime.block_on(async {
        let (free, until) = mpsc::channel();
        let (exit, _exits) = mpsc::channel();
        let blocks = Bound::start(notes.clone(), exit.clone()).await.unwrap();
        let killed = Bound::start(notes.clone(), exit).await.unwrap();
        let (begins, begun) = mpsc::channel();
        blocks.block(begins, until);
        begun.recv_timeout(secs(10)).unwrap();
        let down = cordial::process::monitor(&killed);
        cordial::process::exit(&killed, ExitReason::Kill);
        assert_eq!(down.await.reason, ExitReason::Killed);
        assert!(notes.lines().is_empty(), "the state waits for the thread");
        free.send(()).unwrap();
        assert_eq!(blocks.waits().await, Ok(true));
    });
    assert_eq!(notes.lines(), ["state dropped"]);
}

#[test]
fn runtime_of_one_thread_driven_by_another_ends_its_local_servers() {
    let notes = Notes::default();
    let runtime = runtime(0);
    let cache = runtime.block_on(Cache::start(notes.clone())).unwrap();
    let elsewhere = thread::Builder::new().spawn(move || {
        runtime.block_on(async {
            let down = cordial::process::monitor(&cache);
            assert!(cache.all().await.is_err());
            down.await.reason
        })
    });
    let reason = elsewhere.unwrap().join().unwrap();
    assert!(reason.to_string().contains("drives it no more"), "{reason}");
    assert_eq!(notes.lines(), ["init"], "its state is nobody else's to drop");
}
