//! Each answer and each error of the line protocol, over a socket.

use crate::support::Server;

#[tokio::test]
async fn join_tells_room_user_and_how_many_are_here() {
    let server = Server::start().await;
    let mut ann = server.client().await;
    ann.ask("JOIN lobby ann", "OK joined lobby as ann (1 here)").await;
    let mut bob = server.client().await;
    bob.ask("JOIN lobby bob", "OK joined lobby as bob (2 here)").await;
}

#[tokio::test]
async fn a_name_that_is_taken_is_refused_and_free_in_another_room() {
    let server = Server::start().await;
    let mut ann = server.member("lobby", "ann").await;
    let mut other = server.client().await;
    other.ask("JOIN lobby ann", "ERR ann is already in lobby").await;
    ann.ask("JOIN lobby ann", "ERR ann is already in lobby").await;
    other.ask("WHO", "ERR join a room first").await;
    other.ask("JOIN tea ann", "OK joined tea as ann (1 here)").await;
}

#[tokio::test]
async fn what_is_said_reaches_every_member_and_the_sender_and_nobody_else() {
    let server = Server::start().await;
    let mut ann = server.member("lobby", "ann").await;
    let mut bob = server.member("lobby", "bob").await;
    let mut eve = server.member("tea", "eve").await;
    ann.ask("SAY hello, you all ", "lobby ann: hello, you all ").await;
    bob.expect(&["lobby ann: hello, you all "]).await;
    eve.ask("WHO", "OK eve").await;
}

#[tokio::test]
async fn lines_of_one_sender_keep_their_order() {
    let server = Server::start().await;
    let mut ann = server.member("lobby", "ann").await;
    let mut bob = server.member("lobby", "bob").await;
    let lines: Vec<String> = (0..500).map(|n| format!("SAY {n}")).collect();
    ann.send(lines.join("\n")).await;
    for n in 0..500 {
        let expected = format!("lobby ann: {n}");
        ann.expect(&[&expected]).await;
        bob.expect(&[&expected]).await;
    }
}

#[tokio::test]
async fn each_line_said_is_a_point() {
    let server = Server::start().await;
    let mut ann = server.member("lobby", "ann").await;
    ann.ask("SCORE ann", "OK 0").await;
    ann.ask("SAY one", "lobby ann: one").await;
    ann.ask("SAY two", "lobby ann: two").await;
    ann.ask("SCORE ann", "OK 2").await;
    let mut stranger = server.client().await;
    stranger.ask("SCORE ann", "OK 2").await;
    stranger.ask("SCORE nobody", "OK 0").await;
}

#[tokio::test]
async fn who_and_rooms_are_sorted() {
    let server = Server::start().await;
    let mut first = server.client().await;
    first.ask("ROOMS", "OK").await;
    let mut members = Vec::new();
    for (room, user) in [("tea", "c"), ("lobby", "b"), ("tea", "a"), ("tea", "b")] {
        members.push(server.member(room, user).await);
    }
    members[0].ask("WHO", "OK a,b,c").await;
    first.ask("ROOMS", "OK lobby(1),tea(3)").await;
}

#[tokio::test]
async fn quit_says_bye_and_closes() {
    let server = Server::start().await;
    let mut ann = server.member("lobby", "ann").await;
    ann.ask("QUIT", "BYE").await;
    ann.expect_end().await;
    let mut again = server.client().await;
    again.ask("JOIN lobby ann", "OK joined lobby as ann (1 here)").await;
    let mut stranger = server.client().await;
    stranger.ask("QUIT", "BYE").await;
    stranger.expect_end().await;
}

#[tokio::test]
async fn both_line_ends_and_cut_lines_are_understood() {
    let server = Server::start().await;
    let mut ann = server.client().await;
    ann.send_raw(b"JOIN lobby ann\r\nWH").await;
    ann.expect(&["OK joined lobby as ann (1 here)"]).await;
    ann.send_raw(b"O\r\nSAY hi\r\n").await;
    ann.expect(&["OK ann", "lobby ann: hi"]).await;
}

#[tokio::test]
async fn every_bad_line_has_its_error_and_the_connection_lives() {
    let server = Server::start().await;
    let mut client = server.client().await;
    let known = "try JOIN, SAY, WHO, SCORE, ROOMS, CRASH, QUIT";
    let longest = "x".repeat(33);
    for (line, answer) in [
        ("FOO", format!("ERR unknown command FOO; {known}")),
        ("FOO bar", format!("ERR unknown command FOO; {known}")),
        ("join lobby ann", format!("ERR unknown command join; {known}")),
        ("JOIN", "ERR JOIN needs a room and a user".to_owned()),
        ("JOIN lobby", "ERR JOIN needs a room and a user".to_owned()),
        ("SAY", "ERR SAY needs a text".to_owned()),
        ("SCORE", "ERR SCORE needs a user".to_owned()),
        ("JOIN lob/by ann", "ERR bad name".to_owned()),
        ("JOIN lobby änn", "ERR bad name".to_owned()),
        (&format!("JOIN lobby {longest}"), "ERR bad name".to_owned()),
        (&format!("SCORE {longest}"), "ERR bad name".to_owned()),
        ("SAY hi", "ERR join a room first".to_owned()),
        ("WHO", "ERR join a room first".to_owned()),
        ("CRASH", "ERR join a room first".to_owned()),
        ("ROOMS", "OK".to_owned()),
    ] {
        client.ask(line, &answer).await;
    }
}

#[tokio::test]
async fn a_line_over_4096_bytes_is_refused_before_its_end_and_skipped() {
    let server = Server::start().await;
    let mut ann = server.member("lobby", "ann").await;
    let longest = "x".repeat(4092);
    ann.ask(&format!("SAY {longest}"), &format!("lobby ann: {longest}")).await;
    ann.ask(&format!("SAY {longest}y"), "ERR line too long").await;
    ann.send_raw(&vec![b'x'; 100_000]).await;
    ann.expect(&["ERR line too long"]).await;
    ann.send_raw(b" and its rest\nWHO\n").await;
    ann.expect(&["OK ann"]).await;
}

#[tokio::test]
async fn a_line_that_is_not_utf_8_is_refused() {
    let server = Server::start().await;
    let mut ann = server.member("lobby", "ann").await;
    ann.send(b"SAY \xff\xfe").await;
    ann.expect(&["ERR not UTF-8"]).await;
    ann.ask("SAY Grüße", "lobby ann: Grüße").await;
}

#[tokio::test]
async fn a_client_that_ends_its_sending_half_gets_all_answers() {
    let server = Server::start().await;
    let mut ann = server.client().await;
    ann.send_raw(b"JOIN lobby ann\nSAY hi\nWHO\nSCORE ann\nhalf a line").await;
    ann.finish_sending().await;
    let answers = ["OK joined lobby as ann (1 here)", "lobby ann: hi", "OK ann", "OK 1"];
    ann.expect(&answers).await;
    ann.expect_end().await;
}
