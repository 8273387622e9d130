//! A room that crashes: its members, their lines, their points, the other rooms.

use std::collections::HashSet;

use cordial::{ExitReason, process};

use crate::support::{Client, Server};

#[tokio::test]
async fn a_crashed_room_is_back_with_all_its_members() {
    let server = Server::start().await;
    let mut ann = server.member("lobby", "ann").await;
    let mut bob = server.member("lobby", "bob").await;
    ann.ask("SAY one", "lobby ann: one").await;
    bob.expect(&["lobby ann: one"]).await;
    ann.ask("CRASH", "OK crashed").await;
    ann.expect(&["! room lobby restarted"]).await;
    bob.expect(&["! room lobby restarted"]).await;
    ann.ask("WHO", "OK ann,bob").await;
    ann.ask("SCORE ann", "OK 1").await;
    bob.ask("SAY still here", "lobby bob: still here").await;
    ann.expect(&["lobby bob: still here"]).await;
    bob.ask("ROOMS", "OK lobby(2)").await;
}

#[tokio::test]
async fn other_rooms_notice_nothing() {
    let server = Server::start().await;
    let mut ann = server.member("lobby", "ann").await;
    let mut eve = server.member("tea", "eve").await;
    for _ in 0..50 {
        ann.ask("CRASH", "OK crashed").await;
        ann.expect(&["! room lobby restarted"]).await;
        eve.ask("SAY calm", "tea eve: calm").await;
    }
    eve.ask("SCORE eve", "OK 50").await;
    eve.ask("ROOMS", "OK lobby(1),tea(1)").await;
}

#[tokio::test]
async fn a_name_stays_taken_while_its_room_restarts() {
    let server = Server::start().await;
    let mut ann = server.member("lobby", "ann").await;
    let mut thief = server.client().await;
    for _ in 0..20 {
        ann.send("CRASH").await;
        thief.send("JOIN lobby ann").await;
        let answer = thief.line().await;
        let is_refused = ["ERR ann is already in lobby", "ERR lobby is restarting"];
        assert!(is_refused.contains(&answer.as_str()), "{answer}");
        ann.expect(&["OK crashed", "! room lobby restarted"]).await;
    }
}

#[tokio::test]
async fn who_leaves_a_room_that_is_down_is_not_in_it_when_it_is_back() {
    let server = Server::start().await;
    let mut ann = server.member("lobby", "ann").await;
    let mut bob = server.member("lobby", "bob").await;
    for _ in 0..20 {
        // In one go, so that the room is still down when it is left.
        bob.send("CRASH\nJOIN tea bob").await;
        assert_eq!(bob.answer().await, "OK crashed");
        assert_eq!(bob.answer().await, "OK joined tea as bob (1 here)");
        ann.ask_until("WHO", "OK ann").await;
        bob.ask_until("JOIN lobby bob", "OK joined lobby as bob (2 here)").await;
        ann.ask_until("WHO", "OK ann,bob").await;
    }
}

/// Those who speak while their room crashes.
const USERS: [&str; 4] = ["ann", "bob", "carl", "dora"];

/// Lines said between crash and re-join reach every member or are answered with an error.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_line_is_lost_silently_while_the_room_crashes() {
    const LINES: usize = 400;
    let server = Server::start().await;
    let mut members = Vec::new();
    for user in USERS {
        members.push(server.member("lobby", user).await);
    }
    let eve = server.member("lobby", "eve").await;
    let crashing = tokio::task::spawn(crash_often(eve));
    let speaking = members
        .into_iter()
        .zip(USERS)
        .map(|(member, user)| tokio::task::spawn(async move { speak(member, user, LINES).await }));
    let mut reports = Vec::new();
    for report in speaking.collect::<Vec<_>>() {
        reports.push(report.await.expect("a member that speaks"));
    }
    let crashes = crashing.await.expect("the crasher ends");

    assert!(crashes > 20, "{crashes} crashes");
    let said: HashSet<&String> = reports.iter().flat_map(|report| &report.said).collect();
    for report in &reports {
        let heard: HashSet<&String> = report.heard.iter().collect();
        assert_eq!(heard.len(), report.heard.len(), "a line came twice");
        assert_eq!(heard, said, "{} heard something else", report.user);
        for user in USERS {
            let of_user = report.heard.iter().filter(|line| line.starts_with(user));
            let numbers: Vec<usize> = of_user.map(|line| number(line)).collect();
            assert!(numbers.is_sorted(), "the order of {user}'s lines");
        }
    }
    assert!(said.len() >= LINES, "most lines get through: {}", said.len());
}

struct Report {
    user: &'static str,
    /// Lines that were not refused.
    said: Vec<String>,
    /// Lines that were told.
    heard: Vec<String>,
}

/// The number that was said; last words come after all numbers.
fn number(line: &str) -> usize {
    line.rsplit(' ').next().and_then(|word| word.parse().ok()).unwrap_or(usize::MAX)
}

/// Says line after line, each when the one before is heard or refused; then waits for the others.
async fn speak(mut member: Client, user: &'static str, lines: usize) -> Report {
    let mut report = Report { user, said: Vec::new(), heard: Vec::new() };
    let mut over = 0;
    // The last words say that nothing more comes from this one; they have to get through.
    let words = (0..lines).map(|n| n.to_string()).chain(["over".to_owned()]);
    for word in words {
        member.send(format!("SAY {word}")).await;
        loop {
            let answer = member.answer().await;
            let Some(heard) = answer.strip_prefix("lobby ") else {
                assert_eq!(answer, "ERR lobby is restarting");
                if word != "over" {
                    break;
                }
                member.send("SAY over").await;
                continue;
            };
            over += usize::from(heard.ends_with(": over"));
            report.heard.push(heard.to_owned());
            if heard == format!("{user}: {word}") {
                report.said.push(heard.to_owned());
                break;
            }
        }
    }
    while over < USERS.len() {
        let answer = member.answer().await;
        let heard = answer.strip_prefix("lobby ").expect("what others say");
        over += usize::from(heard.ends_with(": over"));
        report.heard.push(heard.to_owned());
    }
    report
}

async fn crash_often(mut client: Client) -> usize {
    let mut crashes = 0;
    for _ in 0..100 {
        client.send("CRASH").await;
        loop {
            match client.line().await.as_str() {
                "OK crashed" => crashes += 1,
                "! room lobby restarted" | "ERR lobby is restarting" => break,
                _ => {}
            }
        }
    }
    client.send("QUIT").await;
    while client.next_line().await.is_some() {}
    crashes
}

#[tokio::test]
async fn a_room_that_exceeds_its_budget_is_closed_and_can_be_opened_anew() {
    let server = Server::start().await;
    let mut ann = server.member("lobby", "ann").await;
    let rooms = server.chat.lobby.rooms.children().await.expect("the rooms' supervisor");
    let lobby = rooms.into_iter().next().expect("the one room there is");
    let mut eve = server.member("tea", "eve").await;

    // While the clock stands still, however slow the machine, it is all in the same second.
    tokio::time::pause();
    let crashing = async {
        for _ in 0..100_000 {
            drop(lobby.room.crash("a program").await);
            tokio::task::yield_now().await;
        }
    };
    let closed = process::monitor(&lobby);
    tokio::select! {
        down = closed => assert_eq!(down.reason, ExitReason::Shutdown),
        () = crashing => panic!("the room has no budget"),
    }
    tokio::time::resume();
    loop {
        match ann.line().await.as_str() {
            "! room lobby restarted" => {}
            "! room lobby closed" => break,
            other => panic!("{other}"),
        }
    }
    ann.ask("SAY hi", "ERR join a room first").await;
    ann.ask_until("ROOMS", "OK tea(1)").await;
    ann.ask("JOIN lobby ann", "OK joined lobby as ann (1 here)").await;
    ann.ask("SAY anew", "lobby ann: anew").await;
    eve.ask("SAY calm", "tea eve: calm").await;
}
