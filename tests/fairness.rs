//! A flood of one process is nobody else's: told by counts of what is handled meanwhile. How long
//! that takes is told by `cargo xtask soak fairness`.
use crate::support::*;
use cordial::prelude::*;
use cordial::process::{self, Mailbox, Received};
use cordial::{RawRef, gen_server};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

/// Mail that a process handles before others have their turn.
const TURN: u64 = 256;

/// Turns that a dispatcher runs before it lets the executor look around.
const ROUND: u64 = 64;

/// Turns that a server has in a row at most: its own, and those that a round gives beside.
const ALONE: u64 = 17;

/// A server that answers in its own turn.
#[gen_server]
struct Echo;

#[gen_server]
impl Echo {
    #[call(inline = never)]
    fn echo(&self, n: u32) -> u32 {
        n
    }
}

/// A process that always has mail, and counts what it handles.
fn flooded(handled: &Arc<AtomicU64>) -> RawRef<()> {
    let handled = handled.clone();
    process::spawn(async move |mut mail: Mailbox<()>| {
        mail.send_self(());
        loop {
            mail.next().await;
            handled.fetch_add(1, SeqCst);
            mail.send_self(());
        }
    })
}

/// The most that floods handle between a call's sending and its answer.
async fn most_meanwhile(floods: usize, calls: u32) -> u64 {
    let handled = Arc::new(AtomicU64::new(0));
    let floods: Vec<_> = (0..floods).map(|_| flooded(&handled)).collect();
    let echo = Echo::start(Echo).await.unwrap();
    let mut most = 0;
    for n in 0..calls {
        let before = handled.load(SeqCst);
        assert_eq!(echo.echo(n).await, Ok(n));
        most = most.max(handled.load(SeqCst) - before);
    }
    assert!(handled.load(SeqCst) > 0, "there was a flood");
    for flood in floods {
        process::exit(&flood, ExitReason::Kill);
        assert!(!process::is_alive(&flood).await);
    }
    most
}

/// Both sides of the call have their turns from the same queues as the flood: some turns later.
#[test]
fn call_among_processes_waits_for_few_turns_of_a_flood() {
    check_on(Some(1), async || {
        in_process(async |_: Mailbox<()>| {
            let most = most_meanwhile(4, 50).await;
            assert!(most <= 16 * TURN, "a call waited while a flood handled {most} messages");
        })
        .await;
    });
}

/// The executor runs the task, between two rounds of the dispatcher.
#[test]
fn call_of_a_plain_task_waits_for_few_rounds_of_a_flood() {
    check_on(None, async || {
        let most = most_meanwhile(4, 50).await;
        assert!(most <= 4 * ROUND * TURN, "a call waited while a flood handled {most} messages");
    });
}

/// A server that always has mail, by its number, and what all of them handle.
#[gen_server]
struct Spring(u64, Arc<Mutex<Flow>>);

#[derive(Default)]
struct Flow {
    handled: u64,
    /// Who handled the last message, how many it handled in a row, and the longest such row.
    row: (u64, u64),
    longest: u64,
}

#[gen_server]
impl Spring {
    #[cast]
    fn well(&self, ctx: &mut Ctx<Self>) {
        let mut flow = self.1.lock().unwrap();
        let (who, row) = flow.row;
        flow.row = (self.0, if who == self.0 { row + 1 } else { 1 });
        (flow.handled, flow.longest) = (flow.handled + 1, flow.longest.max(flow.row.1));
        ctx.me().well();
    }
}

/// Springs that flow while `meanwhile` runs.
async fn beside_springs(number: u64, meanwhile: impl AsyncFnOnce(&Mutex<Flow>)) {
    let flow = Arc::<Mutex<Flow>>::default();
    let mut springs = Vec::new();
    for n in 1..=number {
        springs.push(Spring::start(Spring(n, flow.clone())).await.unwrap());
    }
    springs.iter().for_each(|spring| _ = spring.well());
    meanwhile(&flow).await;
    for spring in springs {
        process::exit(&spring, ExitReason::Kill);
        assert!(!process::is_alive(&spring).await);
    }
}

/// Nobody else waits for its dispatcher: it has many turns in a row, and then the executor has one.
#[test]
fn server_that_is_flooded_alone_leaves_the_executor_its_turn() {
    check_on(None, async || {
        beside_springs(1, async |flow| {
            let mut most = 0;
            for _ in 0..50 {
                let before = flow.lock().unwrap().handled;
                tokio::task::yield_now().await;
                most = most.max(flow.lock().unwrap().handled - before);
            }
            assert!(most > TURN, "it has more than one turn in a row, and had {most} messages");
            assert!(most <= 2 * ALONE * TURN, "a task waited while it handled {most} messages");
        })
        .await;
    });
}

#[test]
fn servers_that_are_flooded_take_turns() {
    check_on(None, async || {
        beside_springs(2, async |flow| {
            // Nobody is alone any more.
            while flow.lock().unwrap().handled < 8 * ALONE * TURN {
                tokio::task::yield_now().await;
            }
            flow.lock().unwrap().longest = 0;
            while flow.lock().unwrap().handled < 80 * ALONE * TURN {
                tokio::task::yield_now().await;
            }
            let longest = flow.lock().unwrap().longest;
            assert!(longest <= 2 * TURN, "one handled {longest} messages, and the other waited");
        })
        .await;
    });
}

/// A server that is flooded while it handles a message.
#[gen_server(restart = Temporary)]
struct Sink(Arc<AtomicUsize>);

/// Told when a handler has begun, and what it waits for on its thread.
struct Held(ReplyTo<()>, mpsc::Receiver<()>);

#[gen_server]
impl Sink {
    #[init]
    fn init(handled: Arc<AtomicUsize>) -> Self {
        Self(handled)
    }

    #[cast]
    fn hold(&self, held: Held) {
        held.0.reply(());
        held.1.recv_timeout(secs(60)).unwrap();
        self.0.fetch_add(1, SeqCst);
    }

    #[cast]
    fn pour(&self) {
        self.0.fetch_add(1, SeqCst);
    }
}

const FLOOD: usize = 10_000;

/// A server in the middle of a message, with a flood waiting before and behind what `meanwhile`
/// does; gives why it ended, and how much of the flood it handled.
async fn flood_and(meanwhile: impl AsyncFnOnce(&SinkRef)) -> (ExitReason, usize) {
    let handled = Arc::new(AtomicUsize::new(0));
    let sink = Sink::start(handled.clone()).await.unwrap();
    let ends = process::monitor(&sink);
    let ((there, is_there), (release, released)) = (ReplyTo::pair(), mpsc::channel());
    sink.hold(Held(there, released));
    is_there.await.unwrap();
    (0..FLOOD).for_each(|_| _ = sink.pour());
    meanwhile(&sink).await;
    (0..FLOOD).for_each(|_| _ = sink.pour());
    release.send(()).unwrap();
    (ends.await.reason, handled.load(SeqCst))
}

/// PROC-13, PROC-16: what ends a process passes all of its mail.
#[test]
fn exit_signal_reaches_a_flooded_process_before_its_next_message() {
    for workers in [1, 2] {
        check_on(Some(workers), async || {
            let kill = async |sink: &SinkRef| process::exit(sink, ExitReason::Kill);
            assert_eq!(flood_and(kill).await, (ExitReason::Killed, 1));
            let reason = ExitReason::custom("enough");
            let exit = async |sink: &SinkRef| process::exit(sink, reason.clone());
            assert_eq!(flood_and(exit).await, (reason.clone(), 1));
        });
    }
}

/// PROC-25, PROC-29: links and monitors are made at once, however much mail waits.
#[test]
fn link_and_monitor_of_a_flooded_process_wait_for_nothing() {
    // One worker is the flooded one's, which blocks it.
    check_on(Some(2), async || {
        let (from, is_tied) = ReplyTo::pair();
        let (peer, down) = process::spawn_monitor(async |mut mail: Mailbox<Note<SinkRef>>| {
            process::trap_exit(true);
            let Note(sink) = mail.next().await;
            process::monitor_message(&sink);
            process::link(&sink).unwrap();
            from.reply(());
            let tied = [mail.receive().await, mail.receive().await];
            assert!(
                matches!(tied, [Received::Down(_), Received::Exit(_)])
                    || matches!(tied, [Received::Exit(_), Received::Down(_)])
            );
        });
        let ended = flood_and(async |sink: &SinkRef| {
            peer.send(Note(sink.clone()));
            is_tied.await.unwrap();
            process::exit(sink, ExitReason::Kill);
        });
        assert_eq!(ended.await, (ExitReason::Killed, 1));
        assert_eq!(down.await.reason, ExitReason::Normal);
    });
}

/// GS-38, PROC-5: a stop is a message to the server, and keeps its place among its caller's.
#[test]
fn stop_of_a_flooded_server_passes_nothing_and_waits_for_nothing_behind_it() {
    for workers in [1, 2] {
        check_on(Some(workers), async || {
            // Whoever lets go of a stop has asked for it all the same.
            let stop = async |sink: &SinkRef| {
                let stop = pin!(gen_server::stop_with(sink, ExitReason::Shutdown, secs(60)));
                assert!(stop.poll(&mut Context::from_waker(Waker::noop())).is_pending());
            };
            assert_eq!(flood_and(stop).await, (ExitReason::Shutdown, FLOOD + 1));
        });
    }
}
