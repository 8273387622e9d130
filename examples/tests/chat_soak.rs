//! Hostile clients for a while: nothing that they send ends anything, nothing of them is left.
//!
//! Two minutes, or as many seconds as the variable `CHAT_SOAK_SECONDS` says: `cargo xtask soak
//! hostile` runs an hour. A binary of its own, because it looks at the memory of its whole OS
//! process.

#[path = "chat_soak/hostile.rs"]
mod hostile;
#[path = "chat/memory.rs"]
mod memory;
#[path = "chat/support.rs"]
mod support;

use std::time::Duration;

use cordial::Node;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval, timeout};

use hostile::Scene;
use support::{Client, Server};

/// `ChatSup`, its lobby, rooms and connections; scoreboard, directory and acceptor.
const SUPERVISORS_AND_SERVERS: usize = 7;
/// A room and its supervisor; a connection and its reader.
const PAIR: usize = 2;

/// Rooms whose members behave, and how many of them are in each.
const ROOMS: usize = 10;
const MEMBERS: usize = 5;
/// Each room has a member that crashes it so often: 100 crashes a second in all.
const CRASH_EVERY: Duration = Duration::from_millis(100);

/// Percent that the resident memory may be more in the last quarter than in the second.
const ALLOWED: f64 = 2.0;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_clients_end_nothing_and_leave_nothing_behind() {
    let seconds = std::env::var("CHAT_SOAK_SECONDS").map_or(Ok(120), |text| text.parse());
    let duration =
        Duration::from_secs(seconds.expect("CHAT_SOAK_SECONDS is a number of seconds").max(1));
    let started = Instant::now();
    let server = Server::start_with(Duration::from_millis(500)).await;
    let (stop, stopping) = watch::channel(());
    let scene = Scene { address: server.address, stopping };

    let mut members = JoinSet::new();
    let mut crashers = JoinSet::new();
    let mut others = JoinSet::new();
    for room in 0..ROOMS {
        for member in 0..MEMBERS {
            members.spawn(hostile::behave(scene.clone(), room, member));
        }
        crashers.spawn(hostile::crash(scene.clone(), room, CRASH_EVERY));
    }
    for seed in 1..=6 {
        others.spawn(hostile::fuzz(scene.clone(), seed));
    }
    others.spawn(hostile::keep_half_open(scene.clone()));
    others.spawn(hostile::never_read(scene.clone()));

    let quarters = watch_memory(duration).await;
    stop.send(()).expect("everybody listens");
    let crash_count: usize = crashers.join_all().await.into_iter().sum();
    others.join_all().await;
    // Those who behave are still connected, and quiet.
    let reports = members.join_all().await;

    check_only_the_named_live(&server, reports).await;
    let growth = growth(&quarters);
    println!("KiB by quarter: {quarters:.0?}");
    let seconds = started.elapsed().as_secs();
    println!("soak hostile: {seconds} s, {crash_count} crashes, resident memory {growth:+.2} %");
    assert!(growth < ALLOWED, "memory grows by {growth:.2} % from a quarter to the next but one");
}

/// What there was most of the time in a quarter of the soak, in KiB: no moment's peak.
#[derive(Debug)]
struct Quarter {
    resident: f64,
    #[expect(dead_code, reason = "is printed: whether growth is the allocator's or ours")]
    in_use: f64,
}

/// Looks at the memory for four quarters. Should it have grown then, it looks longer: a step of
/// the allocator does not come again and again, a leak does.
async fn watch_memory(duration: Duration) -> Vec<Quarter> {
    const AT_MOST: usize = 8;
    let mut quarters = Vec::new();
    while quarters.len() < 4 || (growth(&quarters) >= ALLOWED && quarters.len() < AT_MOST) {
        quarters.push(watch_quarter(duration / 4).await);
    }
    quarters
}

/// Percent from the last quarter but two to the last: from the second to the fourth.
fn growth(quarters: &[Quarter]) -> f64 {
    let [.., before, _, last] = quarters else { panic!("three quarters at least") };
    100.0 * (last.resident - before.resident) / before.resident
}

async fn watch_quarter(quarter: Duration) -> Quarter {
    const SAMPLES: u32 = 100;
    let mut every = interval(quarter / SAMPLES);
    let (mut resident, mut live) = (Vec::new(), Vec::new());
    for _ in 0..SAMPLES {
        every.tick().await;
        resident.push(memory::resident());
        live.push(memory::live());
    }
    Quarter { resident: median_kib(resident), in_use: median_kib(live) }
}

#[expect(clippy::cast_precision_loss, reason = "a number of KiB is small")]
fn median_kib(mut bytes: Vec<usize>) -> f64 {
    bytes.sort_unstable();
    bytes[bytes.len() / 2] as f64 / 1024.0
}

/// First the rooms with their quiet members, then nobody: every process has a name, no timer runs.
async fn check_only_the_named_live(server: &Server, members: Vec<(Client, hostile::Report)>) {
    let node = Node::current().expect("a tokio runtime has a node");
    let mut observer = server.client().await;
    let names: Vec<String> =
        (0..ROOMS).map(|room| format!("{}({MEMBERS})", hostile::room_name(room))).collect();
    observer.ask_until("ROOMS", &format!("OK {}", names.join(","))).await;
    let clients = members.len() + 1;
    expect_counts(&node, SUPERVISORS_AND_SERVERS + PAIR * ROOMS + PAIR * clients).await;

    let (said, refused) = members.iter().fold((0, 0), |(said, refused), (_, report)| {
        (said + report.said, refused + report.refused)
    });
    println!("members said {said} lines, and were refused {refused} while a room restarted");
    assert!(said > refused, "most lines get through");
    drop(members);
    observer.ask_until("ROOMS", "OK").await;
    observer.ask("QUIT", "BYE").await;
    observer.expect_end().await;
    expect_counts(&node, SUPERVISORS_AND_SERVERS).await;
}

/// Waits until that many processes live and no timer runs.
async fn expect_counts(node: &Node, processes: usize) {
    let settled = async {
        while (node.processes(), node.timers()) != (processes, 0) {
            tokio::task::yield_now().await;
        }
    };
    let settled = timeout(support::LIMIT, settled).await;
    let (live, timers) = (node.processes(), node.timers());
    settled.unwrap_or_else(|_| panic!("{live} processes, {timers} timers; want {processes} and 0"));
}
