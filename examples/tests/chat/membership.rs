//! Who is in which room: joining, leaving, disconnecting, empty rooms.

use std::time::{Duration, Instant};

use crate::support::{Client, Server};

#[tokio::test]
async fn joining_another_room_leaves_the_first() {
    let server = Server::start().await;
    let mut ann = server.member("lobby", "ann").await;
    let mut bob = server.member("lobby", "bob").await;
    ann.ask("JOIN tea ann", "OK joined tea as ann (1 here)").await;
    ann.ask("ROOMS", "OK lobby(1),tea(1)").await;
    bob.ask_until("WHO", "OK bob").await;
    bob.ask("SAY anybody?", "lobby bob: anybody?").await;
    ann.ask("WHO", "OK ann").await;
}

#[tokio::test]
async fn who_is_turned_away_stays_where_it_is() {
    let server = Server::start().await;
    let mut ann = server.member("lobby", "ann").await;
    let _other = server.member("tea", "ann").await;
    ann.ask("JOIN tea ann", "ERR ann is already in tea").await;
    ann.ask("SAY still here", "lobby ann: still here").await;
}

#[tokio::test]
async fn joining_the_same_room_under_another_name_gives_the_first_name_up() {
    let server = Server::start().await;
    let mut ann = server.member("lobby", "ann").await;
    ann.ask("JOIN lobby anna", "OK joined lobby as anna (1 here)").await;
    ann.ask("WHO", "OK anna").await;
    ann.ask("SAY hi", "lobby anna: hi").await;
    ann.ask("ROOMS", "OK lobby(1)").await;
    let mut other = server.client().await;
    other.ask("JOIN lobby ann", "OK joined lobby as ann (2 here)").await;
}

#[tokio::test]
async fn many_first_joins_at_once_make_one_room() {
    let server = Server::start().await;
    let address = server.address;
    let joins = (0..50).map(|n| {
        tokio::task::spawn(async move {
            let mut client = Client::connect(address).await;
            client.send(format!("JOIN lobby user-{n}")).await;
            (client.line().await, client)
        })
    });
    let mut clients = Vec::new();
    for join in joins.collect::<Vec<_>>() {
        let (answer, client) = join.await.expect("the client gets an answer");
        assert!(answer.starts_with("OK joined lobby as user-"), "{answer}");
        clients.push(client);
    }
    clients[0].ask("ROOMS", "OK lobby(50)").await;
}

#[tokio::test]
async fn an_abrupt_disconnect_leaves_the_room_within_a_second() {
    let server = Server::start().await;
    let mut ann = server.member("lobby", "ann").await;
    for user in ["bob", "carl"] {
        let mut gone = server.member("lobby", user).await;
        // What the client did not read makes its end a reset and not an orderly one.
        gone.send("WHO").await;
        let start = Instant::now();
        drop(gone);
        ann.ask_until("WHO", "OK ann").await;
        assert!(start.elapsed() < Duration::from_secs(1));
    }
    ann.ask_until("ROOMS", "OK lobby(1)").await;
}

#[tokio::test]
async fn an_empty_room_ends_and_one_that_was_joined_in_time_does_not() {
    let server = Server::start_with(Duration::from_millis(300)).await;
    let mut ann = server.member("lobby", "ann").await;
    ann.ask("JOIN tea ann", "OK joined tea as ann (1 here)").await;
    ann.ask("ROOMS", "OK lobby(0),tea(1)").await;
    ann.ask("JOIN lobby ann", "OK joined lobby as ann (1 here)").await;
    ann.ask_until("ROOMS", "OK lobby(1)").await;
    ann.ask("SAY still here", "lobby ann: still here").await;
    drop(ann);
    let mut bob = server.client().await;
    bob.ask_until("ROOMS", "OK").await;
    bob.ask("JOIN lobby bob", "OK joined lobby as bob (1 here)").await;
}

#[tokio::test]
async fn nothing_is_left_of_clients_and_rooms_that_are_gone() {
    let server = Server::start_with(Duration::from_millis(100)).await;
    let node = cordial::Node::current().expect("a tokio runtime has a node");
    let mut observer = server.client().await;
    observer.ask("ROOMS", "OK").await;
    let (processes, timers) = (node.processes(), node.timers());
    for n in 0..20 {
        let mut client = server.member(&format!("room-{}", n % 3), &format!("user-{n}")).await;
        client.send("SAY hello").await;
        drop(client);
    }
    observer.ask_until("ROOMS", "OK").await;
    let settled = async {
        while (node.processes(), node.timers()) != (processes, timers) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::support::LIMIT, settled).await.expect("all processes end");
}

#[tokio::test]
async fn there_is_a_limit_to_rooms_and_reaching_it_harms_nobody() {
    let server = Server::start().await;
    let mut ann = server.member("lobby", "ann").await;
    let mut greedy = server.client().await;
    for room in 1..10_000 {
        let joined = format!("OK joined room-{room} as greedy (1 here)");
        greedy.ask(&format!("JOIN room-{room} greedy"), &joined).await;
    }
    greedy.ask("JOIN one-too-many greedy", "ERR one-too-many cannot be opened").await;
    greedy.ask("WHO", "OK greedy").await;
    greedy.ask("JOIN lobby greedy", "OK joined lobby as greedy (2 here)").await;
    ann.ask("WHO", "OK ann,greedy").await;
}
