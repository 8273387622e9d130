//! A day of the chat server, in virtual time: guests come and go, read slowly, crash rooms, hang
//! up; and now and then somebody kills a process.
//!
//! Half an hour, or as many seconds as the variable `CHAT_DAY_SECONDS` says: `cargo xtask soak
//! chat` runs 24 hours. A binary of its own, because it looks at the memory of its whole OS
//! process.

#[path = "chat_day/guest.rs"]
mod guest;
#[path = "chat/memory.rs"]
mod memory;
#[path = "chat/support.rs"]
mod support;

use std::collections::BTreeMap;
use std::time::Duration;

use cordial::prelude::*;
use cordial::supervisor::ChildState;
use cordial::{Node, process, supervisor};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use guest::{Dice, Guest, Seen};
use support::Server;

/// `ChatSup`, its lobby, rooms and connections; scoreboard, directory and acceptor.
const SUPERVISORS_AND_SERVERS: usize = 7;

const GUESTS: usize = 25;

/// How long a room without members lives.
const EMPTY_FOR: Duration = Duration::from_secs(30);

/// How long the paused clock may jump while bytes are on their way: what stands still but for the
/// network would else be woken by the next timer, however late that is.
const BEAT: Duration = Duration::from_millis(20);

/// How often a process is killed.
const KILL_EVERY: Duration = Duration::from_secs(40);

/// What memory may grow by from the second quarter to the last, in KiB.
const KEPT: usize = 64;

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_day_of_guests_and_kills_keeps_nobody_waiting_and_leaves_nothing_behind() {
    let seconds = std::env::var("CHAT_DAY_SECONDS").map_or(Ok(1_800), |text| text.parse());
    let day = Duration::from_secs(seconds.expect("CHAT_DAY_SECONDS is a number of seconds"));
    let (start, wall) = (Instant::now(), std::time::Instant::now());
    let beat = tokio::spawn(async {
        loop {
            sleep(BEAT).await;
        }
    });
    let server = Server::start_with(EMPTY_FOR).await;
    let (stop, stopping) = watch::channel(());
    let mut guests = JoinSet::new();
    for number in 0..GUESTS {
        let guest = Guest::new(number, server.address, stopping.clone());
        guests.spawn(guest.live());
    }
    let mut live = Vec::new();
    let mut killed = BTreeMap::new();
    let mut dice = Dice::new(7);
    for _ in 0..4 {
        let end = Instant::now() + day / 4;
        let mut samples = Vec::new();
        while Instant::now() < end {
            sleep(KILL_EVERY).await;
            let kind = kill_one(&server, &mut dice).await;
            *killed.entry(kind).or_insert(0) += 1;
            samples.push(memory::live() / 1024);
        }
        samples.sort_unstable();
        live.push(samples[samples.len() / 2]);
    }
    stop.send(()).expect("everybody listens");
    let mut seen = Seen::default();
    while let Some(guest) = guests.join_next().await {
        seen.add(&guest.expect("no guest waits longer than the bound, or hears what was not said"));
    }
    let virtual_seconds = start.elapsed().as_secs();
    check_nothing_is_left().await;
    beat.abort();
    println!("killed: {killed:?}; KiB in use by quarter: {live:?}");
    println!(
        "soak chat: {virtual_seconds} s of virtual time in {} s: {seen}",
        wall.elapsed().as_secs()
    );
    assert!(seen.heard > seen.refused, "most lines get through");
    assert!(live[3] <= live[1] + KEPT, "memory grows: {live:?} KiB");
}

/// Kills a process of the tree: a room, a connection, or one of those that are always there.
async fn kill_one(server: &Server, dice: &mut Dice) -> &'static str {
    let (kind, list) = match dice.below(10) {
        0 => ("directory", supervisor::which_children(&server.chat.lobby).await),
        1 => ("child of the top", supervisor::which_children(&server.chat).await),
        2..=5 => ("connection", supervisor::which_children(&server.chat.connections).await),
        _ => ("room", supervisor::which_children(&server.chat.lobby.rooms).await),
    };
    let Ok(children) = list else { return "nobody: it was restarting" };
    let living = children.iter().filter_map(|child| match child.state {
        ChildState::Running(pid) => Some(pid),
        _ => None,
    });
    let pids: Vec<Pid> = living.collect();
    if pids.is_empty() {
        return "nobody: there was none";
    }
    process::exit(&pids[dice.below(pids.len())], ExitReason::Kill);
    kind
}

/// Every guest is gone: their rooms end by themselves, and no timer runs.
async fn check_nothing_is_left() {
    let node = Node::current().expect("a tokio runtime has a node");
    let settled = async {
        while (node.processes(), node.timers()) != (SUPERVISORS_AND_SERVERS, 0) {
            sleep(BEAT).await;
        }
    };
    let settled = timeout(EMPTY_FOR * 4, settled).await;
    let (live, timers) = (node.processes(), node.timers());
    settled.unwrap_or_else(|_| panic!("{live} processes and {timers} timers are left"));
}
