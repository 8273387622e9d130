//! The fault table, one test a row: what needs many processes or many bytes. See `faults_lives`.
//!
//! Without optimisation the numbers are small; `cargo xtask soak faults` runs them in full length.
//! The allocator counts, so this is a process of its own, and its tests run one after the other.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]
#![allow(clippy::print_stdout, reason = "figures are what a soak is for")]

mod counting;
mod full_length;

use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::{DynamicSpec, Message, Node, gen_server, supervisor};
use counting::{count, in_use};
use full_length::{run, so_many};

const MIB: isize = 1024 * 1024;

/// Eight bytes.
struct Number(u64);

impl Message for Number {
    fn kind(&self) -> &'static str {
        "number"
    }
}

#[test]
fn fault_16_queued_messages_are_small_and_their_memory_comes_back() {
    const MESSAGES: usize = so_many(10_000_000, 200_000);
    run(0, async {
        let (done, is_done) = ReplyTo::pair();
        let (inbox, ends) = process::spawn_monitor(async |mut mail: Mailbox<Number>| {
            for n in 0..MESSAGES as u64 {
                assert_eq!(mail.next().await.0, n);
            }
            done.reply(());
            mail.next().await; // It lives on with an empty mailbox until this comes.
        });
        tokio::task::yield_now().await;
        let before = in_use();
        (0..MESSAGES as u64).for_each(|n| _ = inbox.send(Number(n)));
        let each = (in_use() - before) / count(MESSAGES);
        is_done.await.unwrap();
        let left = in_use() - before;
        println!("fault 16: {each} bytes a message of {MESSAGES}, {left} left when all are read");
        assert!(each <= 64 && left < MIB, "{each} bytes a message, {left} left");
        inbox.send(Number(0));
        assert_eq!(ends.await.reason, ExitReason::Normal);
    });
}

/// And those that nobody reads go with their process.
#[test]
fn fault_16_memory_of_unread_messages_goes_with_the_process() {
    const MESSAGES: usize = so_many(10_000_000, 200_000);
    run(0, async {
        let before = in_use();
        let (inbox, ends) = process::spawn_monitor(async |_: Mailbox<Number>| -> ExitReason {
            std::future::pending().await
        });
        (0..MESSAGES as u64).for_each(|n| _ = inbox.send(Number(n)));
        process::exit(&inbox, ExitReason::Kill);
        assert_eq!(ends.await.reason, ExitReason::Killed);
        drop(inbox);
        let left = in_use() - before;
        println!("fault 16: {left} bytes left of {MESSAGES} unread messages");
        assert!(left < MIB, "{left} bytes are left");
    });
}

#[gen_server(restart = Temporary)]
struct Short;

#[gen_server]
impl Short {
    #[init]
    fn new() -> Self {
        Self
    }
    #[cast]
    fn end(&self) -> Flow {
        Flow::Stop(ExitReason::Normal)
    }
}

/// Bytes that `lives` rounds leave behind after as many before them.
async fn growth(lives: usize, mut round: impl AsyncFnMut()) -> isize {
    let mut after = [0; 2];
    for after in &mut after {
        for _ in 0..lives / 2 {
            round().await;
        }
        *after = in_use();
    }
    after[1] - after[0]
}

#[test]
fn fault_43_processes_that_come_and_go_leave_nothing() {
    const LIVES: usize = so_many(500_000, 10_000);
    for workers in [0, 2] {
        run(workers, async {
            let grown = growth(LIVES, async || {
                let server = Short::start().await.unwrap();
                gen_server::stop(&server).await.unwrap();
            });
            let grown = grown.await;
            println!("fault 43: {grown} bytes more after {LIVES} lives, {workers} workers");
            assert!(grown < MIB, "{grown} bytes are left");
            assert_eq!(Node::current().unwrap().processes(), 0);
        });
    }
}

#[test]
fn fault_44_temporary_children_leave_nothing() {
    const LIVES: usize = so_many(100_000, 5_000);
    run(0, async {
        let sup = DynamicSpec::<Short>::new().start().await.unwrap();
        let grown = growth(LIVES, async || {
            let child = sup.start_child(()).await.unwrap();
            let down = process::monitor(&child);
            child.end();
            assert_eq!(down.await.reason, ExitReason::Normal);
        });
        let grown = grown.await;
        println!("fault 44: {grown} bytes more after {LIVES} children");
        assert!(grown < MIB, "{grown} bytes are left");
        assert_eq!(sup.count_children().await.unwrap().specs, 0);
        supervisor::stop(&sup).await.unwrap();
    });
}
