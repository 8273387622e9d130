//! What is told through `tracing` of handlers that block their worker. A test binary of its own,
//! for it sets the subscriber of the whole OS process.
//!
//! Each handler blocks its thread until that has been told, so no test knows how long it takes.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]

use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::telemetry::{self, events::SlowHandler};
use cordial::{Node, gen_server};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, Once};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

// ===== The subscriber =====

/// What an event says, by field.
type Told = BTreeMap<&'static str, String>;

static TOLD: Mutex<Vec<Told>> = Mutex::new(Vec::new());
static MORE: Condvar = Condvar::new();

struct Listener;

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        ["cordial::slow_handler", "cordial::blocking"].contains(&metadata.target())
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        assert_eq!(*event.metadata().level(), Level::WARN);
        let mut fields = Fields(Told::from([("target", event.metadata().target().to_owned())]));
        event.record(&mut fields);
        TOLD.lock().unwrap().push(fields.0);
        MORE.notify_all();
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Fields(Told);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

/// What was told of a process; the tests of this binary run side by side.
fn told_of(pid: Pid) -> Vec<Told> {
    let told = TOLD.lock().unwrap();
    told.iter().filter(|told| told["pid"] == pid.to_string()).cloned().collect()
}

/// Blocks this thread until an event tells of the process that runs here.
fn block_until_told() {
    let own = process::self_pid();
    let tells = |told: &[Told]| told.iter().filter(|told| told["pid"] == own.to_string()).count();
    let mut told = TOLD.lock().unwrap();
    let before = tells(&told);
    while tells(&told) == before {
        let (next, timeout) = MORE.wait_timeout(told, secs(60)).unwrap();
        assert!(!timeout.timed_out(), "nobody tells that {own} blocks its worker");
        told = next;
    }
}

// ===== The processes =====

#[gen_server(restart = Temporary)]
struct Slow {
    blocks_at_the_end: bool,
}

/// What work waits for on its thread.
struct Released(Receiver<()>);

/// Told when it does.
struct Entered(ReplyTo<()>);

#[gen_server]
impl Slow {
    #[init]
    fn init(blocks_now: bool, blocks_at_the_end: bool) -> Self {
        if blocks_now {
            block_until_told();
        }
        Self { blocks_at_the_end }
    }

    #[call]
    fn grind(&self) -> Pid {
        block_until_told();
        process::self_pid()
    }

    #[call(inline = never)]
    fn grind_twice(&self) {
        block_until_told();
    }

    #[cast]
    fn grind_again(&self) {
        block_until_told();
    }

    /// Blocks in its first poll, and waits in the next.
    #[call]
    async fn grind_and_wait(&self) {
        block_until_told();
        tokio::task::yield_now().await;
    }

    #[call]
    fn grind_and_fall(&self) {
        block_until_told();
        panic!("the mill is broken");
    }

    #[cast]
    fn quick(&self) {}

    #[call]
    async fn leave_work_alone(&self, there: Entered, release: Released) {
        let work = process::blocking(move || {
            there.0.reply(());
            release.0.recv_timeout(secs(60)).unwrap();
        });
        work.await;
    }

    #[terminate]
    fn bye(&self) {
        if self.blocks_at_the_end {
            block_until_told();
        }
    }
}

/// Far more than a turn takes that does not block, also on a machine with other things to do.
const LIMIT: std::time::Duration = millis(200);

/// Runs a scenario on one thread with a paused clock, on one worker and on two, with a subscriber
/// and a short limit.
fn check_everywhere(scenario: impl AsyncFn()) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(Listener).unwrap());
    for workers in [None, Some(1), Some(2)] {
        cordial::__private::run_test(workers, async {
            let node = Node::current().unwrap();
            node.set_slow_handler_limit(Some(LIMIT));
            scenario().await;
        });
    }
}

async fn slow() -> (SlowRef, Pid) {
    let slow = Slow::start(false, false).await.unwrap();
    let pid = gen_server::whereis(&slow).unwrap();
    (slow, pid)
}

/// Told once while it blocked and once when that was over, the second with the message; all else
/// that was told of it before is forgotten.
#[track_caller]
fn check_told(pid: Pid, message: &str) {
    check_told_as(pid, "Slow", message);
}

#[track_caller]
fn check_told_as(pid: Pid, server: &str, message: &str) {
    let told = told_of(pid);
    TOLD.lock().unwrap().retain(|told| told["pid"] != pid.to_string());
    let [first, second] = &told[..] else { panic!("{told:?}") };
    for one in [first, second] {
        assert_eq!((&*one["target"], &*one["server"]), ("cordial::slow_handler", server));
        let millis: u64 = one["millis"].parse().unwrap();
        assert!(u128::from(millis) >= LIMIT.as_millis(), "{one:?}");
    }
    assert_eq!((&*first["is_over"], &*second["is_over"]), ("false", "true"));
    assert!(first["message"].contains("has kept its worker for "), "{first:?}");
    assert!(!first.contains_key("last_message"), "nobody can know it yet: {first:?}");
    assert_eq!(second["last_message"], message);
    assert!(second["message"].ends_with(&format!("last message: {message}")), "{second:?}");
}

// ===== The tests =====

#[test]
fn handler_that_blocks_its_worker_is_told_with_its_message() {
    check_everywhere(async || {
        let (slow, pid) = slow().await;
        slow.grind_twice().await.unwrap();
        cordial::test::sync(&slow).await;
        check_told(pid, "grind_twice");
        // What comes after it is timed by itself, in the same turn, too.
        slow.grind_again();
        slow.grind_again();
        cordial::test::sync(&slow).await;
        let told = told_of(pid);
        let over: Vec<&str> = told.iter().map(|told| told["is_over"].as_str()).collect();
        assert_eq!(over, ["false", "true", "false", "true"], "{told:?}");
        TOLD.lock().unwrap().retain(|told| told["pid"] != pid.to_string());
        slow.grind_again();
        slow.quick();
        cordial::test::sync(&slow).await;
        check_told(pid, "grind_again");
    });
}

/// Handlers of events are told the same.
#[test]
fn events_tell_whether_it_is_over() {
    check_everywhere(async || {
        let events = Arc::new(Mutex::new(Vec::new()));
        let told = events.clone();
        telemetry::attach(move |event: &SlowHandler| {
            told.lock().unwrap().push((event.is_over, event.last_message));
        });
        let (slow, _) = slow().await;
        slow.grind_twice().await.unwrap();
        cordial::test::sync(&slow).await;
        assert_eq!(*events.lock().unwrap(), [(false, None), (true, Some("grind_twice"))]);
    });
}

/// The caller is the one whose thread is blocked, and the handler is whose fault it is.
#[test]
fn handler_that_blocks_its_caller_s_thread_is_told_as_itself() {
    check_everywhere(async || {
        let (slow, pid) = slow().await;
        assert_eq!(slow.grind().await, Ok(pid));
        cordial::test::sync(&slow).await;
        check_told(pid, "grind");
        let (caller, down) = process::spawn_monitor(async |_: Mailbox<()>| {
            let (slow, pid) = self::slow().await;
            assert_eq!(slow.grind().await, Ok(pid));
            cordial::test::sync(&slow).await;
            check_told(pid, "grind");
        });
        let caller = caller.pid().unwrap();
        assert_eq!(down.await.reason, ExitReason::Normal);
        assert_eq!(told_of(caller), [], "it only asked");
    });
}

#[test]
fn handler_that_blocks_before_it_waits_is_told_with_its_message() {
    check_everywhere(async || {
        let (slow, pid) = slow().await;
        slow.grind_and_wait().await.unwrap();
        check_told(pid, "grind_and_wait");
    });
}

#[test]
fn handler_that_blocks_and_panics_is_told_with_its_message() {
    check_everywhere(async || {
        let (slow, pid) = slow().await;
        let down = process::monitor(&slow);
        assert!(slow.grind_and_fall().await.is_err());
        down.await;
        check_told(pid, "grind_and_fall");
    });
}

#[test]
fn init_and_terminate_that_block_are_told() {
    check_everywhere(async || {
        let slow = Slow::start(true, true).await.unwrap();
        let pid = gen_server::whereis(&slow).unwrap();
        cordial::test::sync(&slow).await;
        check_told(pid, "none");
        let slow = Slow::start(false, true).await.unwrap();
        let pid = gen_server::whereis(&slow).unwrap();
        gen_server::stop(&slow).await.unwrap();
        check_told(pid, "none");
    });
}

#[test]
fn plain_process_that_blocks_is_told() {
    check_everywhere(async || {
        let (plain, down) = process::spawn_monitor(async |mut mail: Mailbox<()>| {
            mail.next().await;
            block_until_told();
            mail.next().await;
        });
        let pid = plain.pid().unwrap();
        plain.send(());
        plain.send(());
        assert_eq!(down.await.reason, ExitReason::Normal);
        check_told_as(pid, "()", "none");
    });
}

#[test]
fn node_without_a_limit_tells_nothing() {
    check_everywhere(async || {
        Node::current().unwrap().set_slow_handler_limit(None);
        let (server, pid) = slow().await;
        let (ends, end): (Sender<()>, _) = channel();
        let down = process::spawn_monitor(async move |_: Mailbox<()>| {
            let _ = end.recv_timeout(2 * LIMIT);
        });
        let plain = down.0.pid().unwrap();
        server.quick();
        cordial::test::sync(&server).await;
        assert_eq!(down.1.await.reason, ExitReason::Normal);
        drop(ends);
        assert_eq!((told_of(pid), told_of(plain)), (vec![], vec![]));
    });
}

/// Whoever is killed is gone; its work is not.
#[test]
fn blocking_work_that_nobody_waits_for_any_more_is_told() {
    check_everywhere(async || {
        let (slow, pid) = slow().await;
        let ((there, is_there), (release, released)) = (ReplyTo::pair(), channel());
        let call = slow.leave_work_alone(Entered(there), Released(released));
        is_there.await.unwrap();
        assert_eq!(told_of(pid), [], "it blocks nobody");
        process::exit(&slow, ExitReason::Kill);
        assert!(call.await.is_err());
        let told = told_of(pid);
        let [left] = &told[..] else { panic!("{told:?}") };
        assert_eq!(left["target"], "cordial::blocking");
        release.send(()).unwrap();
    });
}
