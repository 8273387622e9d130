//! What the tree makes of the end of one of its processes.

use cordial::process;
use cordial::{ExitReason, Pid};

use crate::support::Server;

/// Kills a process; it is dead when this returns.
async fn kill(target: &impl process::Target) -> Pid {
    let down = process::monitor(target);
    process::exit(target, ExitReason::Kill);
    let down = down.await;
    assert_eq!(down.reason, ExitReason::Killed);
    down.pid
}

#[tokio::test]
async fn an_acceptor_that_is_killed_accepts_again_on_the_same_port() {
    let server = Server::start().await;
    let mut ann = server.member("lobby", "ann").await;
    kill(&server.chat.acceptor).await;
    let mut bob = server.member("lobby", "bob").await;
    bob.ask("SAY hi", "lobby bob: hi").await;
    ann.expect(&["lobby bob: hi"]).await;
}

#[tokio::test]
async fn a_connection_that_is_killed_leaves_its_room_and_closes_its_socket() {
    let server = Server::start().await;
    let mut ann = server.member("lobby", "ann").await;
    let ann_is = server.chat.connections.children().await.expect("the connections' supervisor");
    let mut bob = server.member("lobby", "bob").await;
    let both = server.chat.connections.children().await.expect("the connections' supervisor");
    let bob_is = both.into_iter().find(|one| !ann_is.contains(one)).expect("bob is the newer one");
    kill(&bob_is).await;
    bob.expect_end().await;
    ann.ask_until("WHO", "OK ann").await;
    ann.ask_until("ROOMS", "OK lobby(1)").await;
}

#[tokio::test]
async fn without_its_directory_a_room_is_closed_and_clients_and_scores_stay() {
    let server = Server::start().await;
    let mut ann = server.member("lobby", "ann").await;
    ann.ask("SAY one", "lobby ann: one").await;
    kill(&server.chat.lobby.directory).await;
    ann.expect(&["! room lobby closed"]).await;
    ann.ask_until("ROOMS", "OK").await;
    ann.ask("SCORE ann", "OK 1").await;
    ann.ask("JOIN lobby ann", "OK joined lobby as ann (1 here)").await;
}

#[tokio::test]
async fn a_room_that_is_killed_is_restarted_like_one_that_crashed() {
    let server = Server::start().await;
    let mut ann = server.member("lobby", "ann").await;
    let rooms = server.chat.lobby.rooms.children().await.expect("the rooms' supervisor");
    kill(&rooms[0].room).await;
    ann.expect(&["! room lobby restarted"]).await;
    ann.ask("SAY still here", "lobby ann: still here").await;
}
