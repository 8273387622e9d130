//! What the operating system gets back: after a burst of messages, and after many short lives.
//! Figures of `cargo xtask soak memory`, which are claims where code is optimised: with small
//! numbers most of the pages are the allocator's, which keeps some for the next time.
//!
//! Pages are counted here; bytes are in `faults_scale` and `idle_bytes`, and claimed always.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]
#![allow(clippy::print_stdout, reason = "figures are what a soak is for")]

mod full_length;

use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::{Node, gen_server};
use full_length::{run, so_many};

const MIB: usize = 1024 * 1024;
const PAGE: usize = 4096;

/// What comes and goes beside what is measured: stacks, tables that grow once.
const SLACK: usize = 4 * MIB;

/// Bytes of memory that this OS process really holds.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = statm.split_whitespace().nth(1).unwrap().parse().unwrap();
    pages * PAGE
}

/// So many mebibytes, to a tenth.
fn mib(bytes: usize) -> f64 {
    (bytes as f64 / MIB as f64 * 10.0).round() / 10.0
}

#[gen_server(restart = Temporary)]
#[derive(Default)]
struct Tally(u64);

#[gen_server]
impl Tally {
    #[init]
    fn new() -> Self {
        Self(0)
    }
    #[cast]
    fn add(&mut self, points: u64) {
        self.0 += points;
    }
    #[call]
    fn sum(&self) -> u64 {
        self.0
    }
}

#[test]
fn burst_of_messages_to_a_server_gives_its_memory_back() {
    const MESSAGES: usize = so_many(10_000_000, 1_000_000);
    run(0, async {
        let tally = Tally::start().await.unwrap();
        tally.add(0);
        tally.sum().await.unwrap();
        let before = resident();
        (0..MESSAGES).for_each(|_| _ = tally.add(1));
        let full = resident();
        assert_eq!(tally.sum().await.unwrap(), MESSAGES as u64);
        check_given_back("server", MESSAGES, before, full);
    });
}

#[test]
fn burst_of_messages_to_a_plain_process_gives_its_memory_back() {
    const MESSAGES: usize = so_many(10_000_000, 1_000_000);
    run(0, async {
        let (done, is_done) = ReplyTo::pair();
        let (inbox, ends) = process::spawn_monitor(async |mut mail: Mailbox<()>| {
            for _ in 0..MESSAGES {
                mail.next().await;
            }
            done.reply(());
            mail.next().await; // It lives on with an empty mailbox until this comes.
        });
        tokio::task::yield_now().await;
        let before = resident();
        (0..MESSAGES).for_each(|_| _ = inbox.send(()));
        let full = resident();
        is_done.await.unwrap();
        check_given_back("plain process", MESSAGES, before, full);
        inbox.send(());
        assert_eq!(ends.await.reason, ExitReason::Normal);
    });
}

fn check_given_back(what: &str, messages: usize, before: usize, full: usize) {
    let (grown, left) = (full - before, resident().saturating_sub(before));
    let back = 100.0 - 100.0 * left as f64 / grown as f64;
    println!(
        "burst of {messages} to a {what}: {:.1} bytes a message, {back:.1} % given back",
        grown as f64 / messages as f64
    );
    let is_enough = cfg!(debug_assertions) || back >= 90.0;
    assert!(is_enough, "{} of {} MiB are kept", mib(left), mib(grown));
}

#[test]
fn processes_that_come_and_go_leave_memory_where_it_was() {
    const LIVES: usize = so_many(10_000_000, 5_000);
    for workers in [0, 2] {
        run(workers, async {
            lives(LIVES / 100).await;
            let before = resident();
            lives(LIVES).await;
            let grown = resident().saturating_sub(before);
            println!("{LIVES} lives on {workers} workers: {} MiB more", mib(grown));
            let is_little = cfg!(debug_assertions) || grown < SLACK;
            assert!(is_little, "{} MiB more after {LIVES} lives", mib(grown));
            assert_eq!(Node::current().unwrap().processes(), 0);
        });
    }
}

/// A few at once, as plain processes and as servers.
async fn lives(number: usize) {
    const AT_ONCE: usize = 100;
    for _ in 0..number / AT_ONCE {
        let plain: Vec<_> =
            (0..AT_ONCE / 2).map(|_| process::spawn_monitor(async |_: Mailbox<()>| {}).1).collect();
        let mut servers = Vec::with_capacity(AT_ONCE / 2);
        for _ in 0..AT_ONCE / 2 {
            servers.push(Tally::start().await.unwrap());
        }
        for ends in plain {
            assert_eq!(ends.await.reason, ExitReason::Normal);
        }
        for server in servers {
            gen_server::stop(&server).await.unwrap();
        }
    }
}
