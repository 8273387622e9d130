//! A thousand clients in fifty rooms say a hundred thousand lines, over loopback.
//!
//! A binary of its own, because it looks at the memory of its whole OS process.

#[path = "chat/memory.rs"]
mod memory;
#[path = "chat/support.rs"]
mod support;

use std::sync::Arc;
use std::time::Instant;

use cordial::Node;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use support::{Client, Server};

const CLIENTS: usize = 1_000;
const ROOMS: usize = 50;
const LINES: usize = 100_000;
const MEMBERS: usize = CLIENTS / ROOMS;
const LINES_EACH: usize = LINES / CLIENTS;

/// What the last load may leave beyond those before, in KiB.
const KEPT: usize = 256;

/// The same load three times: what is more after the last than it ever was is a leak.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_clients_lose_no_line_and_leave_nothing_behind() {
    let server = Server::start().await;
    let node = Node::current().expect("a tokio runtime has a node");
    let mut observer = server.client().await;
    observer.ask("ROOMS", "OK").await;
    let before = node.processes();

    let mut live = Vec::new();
    for round in 0..3 {
        let start = Instant::now();
        load(&server, round).await;
        // Every room with its supervisor stays and waits for its end; every client with its
        // reader goes.
        let settled = (before + 2 * ROOMS, ROOMS);
        let settling = async {
            while (node.processes(), node.timers()) != settled {
                tokio::task::yield_now().await;
            }
        };
        let waited = tokio::time::timeout(support::LIMIT, settling).await;
        let counts = (node.processes(), node.timers());
        waited.unwrap_or_else(|_| panic!("processes, timers: {counts:?} instead of {settled:?}"));
        live.push(memory::live() / 1024);
        let (took, resident) = (start.elapsed(), memory::resident() / 1024);
        println!("{LINES} lines in {took:?}; then {} KiB live, {resident} resident", live[round]);
    }
    // What keeps room for its next burst keeps a little more or less each time; a leak grows with
    // every load, and one of so much would be a quarter of a KiB for each client.
    assert!(live[2] <= live[0].max(live[1]) + KEPT, "memory grows: {live:?} KiB");
}

async fn load(server: &Server, round: usize) {
    let all_are_in = Arc::new(Barrier::new(CLIENTS));
    let mut clients = JoinSet::new();
    for n in 0..CLIENTS {
        let member = Member { room: n % ROOMS, number: n / ROOMS };
        let (address, all_are_in) = (server.address, Arc::clone(&all_are_in));
        clients.spawn(async move {
            let client = Client::connect(address).await;
            member.run(client, &all_are_in, round).await;
        });
    }
    while let Some(client) = clients.join_next().await {
        client.expect("a client that heard all");
    }
}

/// One of the clients: its room, and which of the room's members it is.
struct Member {
    room: usize,
    number: usize,
}

impl Member {
    async fn run(&self, mut client: Client, all_are_in: &Barrier, round: usize) {
        let user = format!("user-{}-{}", self.room, self.number);
        client.send(format!("JOIN room-{} {user}", self.room)).await;
        let answer = client.line().await;
        assert!(answer.starts_with("OK joined"), "{answer}");
        all_are_in.wait().await;

        let lines: Vec<String> = (0..LINES_EACH).map(|n| format!("SAY {n}")).collect();
        client.send(lines.join("\n")).await;
        self.hear_all(&mut client).await;
        // A barrier again: who leaves early would be missing in no one's count but its own.
        all_are_in.wait().await;
        client.ask(&format!("SCORE {user}"), &format!("OK {}", LINES_EACH * (round + 1))).await;
        client.ask("QUIT", "BYE").await;
        client.expect_end().await;
    }

    /// Every line of every member comes once, and those of each in the order they were said.
    async fn hear_all(&self, client: &mut Client) {
        let prefix = format!("room-{0} user-{0}-", self.room);
        let mut heard = [0; MEMBERS];
        for _ in 0..MEMBERS * LINES_EACH {
            let line = client.line().await;
            let said = line.strip_prefix(&prefix).and_then(|rest| rest.split_once(": "));
            let (member, number) = said.unwrap_or_else(|| panic!("not from this room: {line}"));
            let member: usize = member.parse().expect("a member's number");
            assert_eq!(number.parse(), Ok(heard[member]), "the next line of member {member}");
            heard[member] += 1;
        }
        assert_eq!(heard, [LINES_EACH; MEMBERS]);
    }
}
