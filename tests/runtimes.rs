//! Nodes and the runtimes under them: any kind, many at once, dropped at any time.
use crate::support::*;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::{Node, gen_server};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc;
use std::sync::{Arc, Weak};
use std::thread;
use tokio::runtime::{Builder, Runtime};

/// Says that it was dropped.
struct Dropped(Arc<AtomicBool>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

/// A server that answers some calls, and keeps the callers of others waiting.
#[gen_server(restart = Temporary)]
struct Keeper {
    kept: Vec<ReplyTo<u32>>,
    _dropped: Option<Dropped>,
}

#[gen_server]
impl Keeper {
    #[init]
    fn new(dropped: Option<Arc<AtomicBool>>) -> Self {
        Self { kept: Vec::new(), _dropped: dropped.map(Dropped) }
    }

    #[call]
    fn kept(&self) -> usize {
        self.kept.len()
    }

    #[call]
    fn keep(&mut self, from: ReplyTo<u32>) {
        self.kept.push(from);
    }

    #[call]
    async fn hold(&self) -> u32 {
        std::future::pending().await
    }

    #[cast]
    fn release(&mut self) {
        self.kept.drain(..).for_each(|from| from.reply(7));
    }

    #[call]
    async fn ask(&self, other: Ref<Self>) -> Result<usize, CallError> {
        other.kept().await
    }
}

fn runtimes() -> [Runtime; 3] {
    let one = Builder::new_current_thread().enable_all().build();
    let workers = |n| Builder::new_multi_thread().worker_threads(n).enable_all().build();
    [one, workers(1), workers(2)].map(Result::unwrap)
}

#[test]
fn runtime_that_is_dropped_answers_who_waits_and_leaves_nothing() {
    for runtime in runtimes() {
        let dropped = Arc::new(AtomicBool::new(false));
        let (keeper, node, down) = runtime.block_on(async {
            let keeper = Keeper::start(Some(dropped.clone())).await.unwrap();
            let down = process::monitor(&keeper);
            (keeper, Arc::downgrade(&Node::current().unwrap()), down)
        });
        // One in the state, one in a handler that awaits, one in the mailbox.
        let calls = [keeper.keep(), keeper.hold(), keeper.keep()].map(|call| call.no_timeout());
        let waiting = thread::scope(|scope| {
            let waiting = calls.map(|call| {
                thread::Builder::new().spawn_scoped(scope, move || call.blocking()).unwrap()
            });
            drop(runtime);
            waiting.map(|thread| thread.join().unwrap())
        });
        for answer in waiting {
            let error = answer.unwrap_err();
            assert!(matches!(error, CallError::Down(ExitReason::NodeStopped, _)), "{error}");
        }
        assert_eq!(block_on(down).reason, ExitReason::NodeStopped);
        assert!(dropped.load(SeqCst));

        assert_eq!(keeper.kept().blocking().unwrap_err().reason(), Some(ExitReason::NoProc));
        assert_eq!(gen_server::whereis(&keeper), None);
        drop(keeper);
        assert!(node.upgrade().is_none(), "something keeps the node");
    }
}

#[test]
fn caller_does_not_wait_for_a_handler_that_blocks_a_runtime_that_goes_away() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let ((there, is_there), (release, released)) = (ReplyTo::pair(), mpsc::channel::<()>());
    let (keeper, blocked) = runtime.block_on(async {
        let keeper = Keeper::start(None).await.unwrap();
        let blocker = process::spawn_monitor(async move |_: Mailbox<()>| {
            there.reply(());
            let _ = released.recv_timeout(secs(5));
        });
        is_there.await.unwrap();
        (keeper, blocker.1)
    });
    let call = keeper.keep().no_timeout();
    runtime.shutdown_background();
    let error = call.blocking().unwrap_err();
    assert!(matches!(error, CallError::Down(ExitReason::NodeStopped, _)), "{error}");
    release.send(()).expect("the thread is still blocked");
    // It ended by itself.
    assert_eq!(block_on(blocked).reason, ExitReason::Normal);
}

fn block_on<F: Future>(future: F) -> F::Output {
    Builder::new_current_thread().build().unwrap().block_on(future)
}

#[test]
fn process_of_one_runtime_learns_that_another_was_dropped() {
    for workers in [1, 2] {
        check_on(Some(workers), check_other_dropped);
    }
}

async fn check_other_dropped() {
    let other = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let keeper = other.spawn(async { Keeper::start(None).await.unwrap() }).await.unwrap();
    assert_ne!(Node::current().unwrap().number(), node_of(&other).await);
    let ((ready, is_ready), (from, answer)) = (ReplyTo::pair(), ReplyTo::pair());
    let target = keeper.clone();
    process::spawn(async move |mut mail: Mailbox<()>| {
        process::trap_exit(true);
        process::link(&target).unwrap();
        let monitor = process::monitor_message(&target);
        let call = target.keep().no_timeout();
        ready.reply(());
        let error = call.await.unwrap_err();
        let down = next_down(&mut mail).await;
        assert_eq!(down.monitor, monitor);
        from.reply([error.reason().unwrap(), down.reason, next_exit(&mut mail).await.reason]);
    });
    is_ready.await.unwrap();
    other.shutdown_background();
    assert_eq!(answer.await.unwrap(), [(); 3].map(|()| ExitReason::NodeStopped));
}

/// PROC-28
#[test]
#[allow(clippy::async_yields_async, reason = "the end is awaited on the other runtime")]
fn monitors_of_two_nodes_on_one_process_do_not_mix() {
    check_on(Some(1), async || {
        let other = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (watched, ends) = idler();
        let monitors = (0..100).map(|_| process::monitor(&watched)).collect::<Vec<_>>();
        let target = watched.clone();
        let theirs = other.spawn(async move {
            let (ready, is_ready) = ReplyTo::pair();
            let watcher = process::spawn_monitor(async move |mut mail: Mailbox<()>| {
                (0..100).for_each(|_| _ = process::monitor_message(&target));
                ready.reply(());
                for _ in 0..100 {
                    next_down(&mut mail).await;
                }
            });
            is_ready.await.unwrap();
            watcher.1
        });
        let theirs = theirs.await.unwrap();
        watched.send(());
        check_ends(ends, ExitReason::Normal).await;
        for monitor in monitors {
            check_ends(monitor, ExitReason::Normal).await;
        }
        check_ends(theirs, ExitReason::Normal).await;
        other.shutdown_background();
    });
}

async fn node_of(runtime: &Runtime) -> u32 {
    runtime.spawn(async { Node::current().unwrap().number() }).await.unwrap()
}

/// PROC-1
#[test]
fn many_nodes_live_in_one_program_and_know_each_others_processes() {
    let runtimes: Vec<_> = (0..10).flat_map(|_| runtimes()).collect();
    let mut numbers = HashSet::new();
    let mut keepers: Vec<Ref<Keeper>> = Vec::new();
    for runtime in &runtimes {
        runtime.block_on(async {
            assert!(numbers.insert(Node::current().unwrap().number()));
            let keeper = Keeper::start(None).name("keeper").await.unwrap();
            assert_eq!(process::whereis("keeper"), gen_server::whereis(&keeper));
            keepers.push(keeper);
        });
    }
    let pids: HashSet<_> = keepers.iter().filter_map(gen_server::whereis).collect();
    assert_eq!(pids.len(), runtimes.len());
    // Between those with threads of their own: one that nobody drives answers nobody.
    let driven: Vec<_> = keepers.chunks(3).flat_map(|kinds| &kinds[1..]).collect();
    for pair in driven.windows(2) {
        assert_eq!(pair[0].ask(pair[1].clone()).blocking(), Ok(0));
    }
}

#[test]
fn processes_work_inside_a_runtime_that_the_user_has() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let keeper = Keeper::start(None).await.unwrap();
            let kept = keeper.keep();
            let from_task = tokio::task::JoinSet::from_iter([{
                let keeper = keeper.clone();
                async move {
                    keeper.release();
                    keeper.kept().await
                }
            }]);
            assert_eq!(kept.await, Ok(7));
            assert_eq!(from_task.join_all().await, [Ok(0)]);
            let local = tokio::task::LocalSet::new();
            let here = local.run_until(async { Keeper::start(None).await.unwrap().kept().await });
            assert_eq!(here.await, Ok(0));
            Node::current().unwrap().shutdown().await;
        });
    }
}

#[test]
fn plain_thread_casts_and_calls() {
    check_on(Some(2), async || {
        let keeper = Keeper::start(None).await.unwrap();
        let kept = keeper.keep();
        let thread = thread::Builder::new().spawn(move || {
            keeper.release();
            keeper.kept().blocking()
        });
        assert_eq!(kept.await, Ok(7));
        assert_eq!(thread.unwrap().join().unwrap(), Ok(0));
    });
}

#[test]
fn nothing_starts_without_a_runtime() {
    let spawned = process::try_spawn(async |_: Mailbox<()>| {});
    assert_eq!(spawned.unwrap_err(), StartError::NoRuntime);
    assert!(Node::current().is_none());
    assert_eq!(process::whereis("keeper"), None);
}

#[test]
fn nothing_starts_on_a_node_that_was_shut_down() {
    check_everywhere(async || {
        let node = Node::current().unwrap();
        let (idler, ends) = idler();
        node.shutdown().await;
        check_ends(ends, ExitReason::Shutdown).await;
        assert_eq!(idler.send(()).sent(), Err(SendError::NoProc));
        let spawned = process::try_spawn(async |_: Mailbox<()>| {});
        assert_eq!(spawned.unwrap_err(), StartError::NodeStopping);
        assert_eq!(Keeper::start(None).await.unwrap_err(), StartError::NodeStopping);
    });
}

#[test]
fn node_goes_with_its_runtime_also_when_processes_hold_each_other() {
    for runtime in runtimes() {
        let node: Weak<Node> = runtime.block_on(async {
            let one = Keeper::start(None).await.unwrap();
            let other = Keeper::start(None).await.unwrap();
            drop(one.keep());
            let held = (one.clone(), other.clone());
            process::spawn(async move |mut mail: Mailbox<()>| {
                let _held = held;
                process::link(&one).unwrap();
                process::monitor_message(&other);
                process::send_after(&mail.address(), secs(3600), ()).unwrap();
                mail.next().await;
            });
            Arc::downgrade(&Node::current().unwrap())
        });
        drop(runtime);
        assert!(node.upgrade().is_none());
    }
}
