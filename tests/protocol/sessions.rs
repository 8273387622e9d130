//! Conversations with servers: how they begin, beside what they run, and how they end.
use crate::quiz;
use crate::support::check_everywhere;
use cordial::prelude::*;
use cordial::protocol::SessionError;
use cordial::{Task, gen_server as server, process, protocol};

/// Answers questions, each guest in a conversation of its own.
#[gen_server(shutdown = 1s)]
#[derive(Clone, Default)]
struct Desk {
    asked: u32,
}

#[gen_server]
impl Desk {
    #[call]
    fn next(&mut self) -> u32 {
        self.asked += 1;
        self.asked
    }
    #[cast]
    fn crash(&mut self) {
        panic!("no coffee");
    }
    #[session(crate::Quiz as Guest)]
    async fn serve(me: DeskRef, guest: quiz::guest::Start) -> Result<(), SessionError> {
        let (text, guest) = guest.question().no_timeout().await?;
        assert!(text != "13", "not this one");
        let number = me.next().await.unwrap_or(0);
        guest.answer(format!("{number}: {text}"));
        Ok(())
    }
}

async fn ask(desk: &DeskRef, text: &str) -> Result<String, SessionError> {
    let host = crate::Quiz::connect(desk).await.unwrap();
    Ok(host.question(text.to_owned()).answer().await?.0)
}

/// Any number of conversations at once; the mailbox is free meanwhile.
#[test]
fn sessions_run_beside_their_server() {
    check_everywhere(async || {
        let desk = Desk::start(Desk::default()).await.unwrap();
        let slow = crate::Quiz::connect(&desk).await.unwrap();
        assert_eq!(ask(&desk, "a").await.unwrap(), "1: a");
        let many = (0..50).map(|_| {
            let desk = desk.clone();
            Task::spawn(async move { ask(&desk, "b").await })
        });
        for answer in many.collect::<Vec<_>>() {
            assert!(answer.await.unwrap().unwrap().ends_with(": b"));
        }
        assert_eq!(desk.next().await, Ok(52));
        assert_eq!(slow.question("c".to_owned()).answer().await.unwrap().0, "53: c");
    });
}

/// The opening message has its place behind what was sent before.
#[cordial::test]
async fn conversation_begins_behind_earlier_mail() {
    let desk = Desk::start(Desk::default()).await.unwrap();
    desk.crash();
    let error = crate::Quiz::connect(&desk).await.unwrap_err();
    assert!(matches!(&error, CallError::Down(reason, _) if reason.panic().is_some()), "{error}");
    assert_eq!(error.callee().kind(), "serve");
    let error = crate::Quiz::connect(&desk).await.unwrap_err();
    assert!(matches!(error, CallError::NoProc(_)), "{error}");
}

/// A crash of the session is told to its peer, and ends the server by the link.
#[test]
fn crash_of_a_session_is_told_to_both() {
    check_everywhere(async || {
        let desk = Desk::start(Desk::default()).await.unwrap();
        let down = process::monitor(&desk);
        let error = ask(&desk, "13").await.unwrap_err();
        let reason = error.reason().unwrap();
        assert_eq!(reason.panic().unwrap().message(), "not this one");
        assert_eq!(down.await.reason, *reason);
    });
}

/// A peer that leaves ends its session, and that is no crash.
#[test]
fn peer_that_leaves_harms_nobody_else() {
    check_everywhere(async || {
        let desk = Desk::start(Desk::default()).await.unwrap();
        let other = crate::Quiz::connect(&desk).await.unwrap();
        drop(crate::Quiz::connect(&desk).await.unwrap());
        drop(crate::Quiz::connect(&desk));
        assert_eq!(other.question("a".to_owned()).answer().await.unwrap().0, "1: a");
    });
}

/// However the server ends, its sessions end with it, and their peers learn why.
#[test]
fn end_of_the_server_is_the_end_of_its_sessions() {
    check_everywhere(async || {
        let reason_after = async |end: fn(&DeskRef)| {
            let desk = Desk::start(Desk::default()).await.unwrap();
            let host = crate::Quiz::connect(&desk).await.unwrap();
            let down = process::monitor(&desk);
            end(&desk);
            down.await;
            let error = host.question(String::new()).answer().await.unwrap_err();
            error.reason().unwrap().clone()
        };
        let panic = reason_after(|desk| {
            desk.crash();
        })
        .await;
        assert_eq!(panic.panic().unwrap().message(), "no coffee");
        let killed = reason_after(|desk| process::exit(desk, ExitReason::Kill)).await;
        assert_eq!(killed, ExitReason::Killed);
        let shut = reason_after(|desk| process::exit(desk, ExitReason::Shutdown)).await;
        assert_eq!(shut, ExitReason::Shutdown);
        let stopped = {
            let desk = Desk::start(Desk::default()).await.unwrap();
            let host = crate::Quiz::connect(&desk).await.unwrap();
            server::stop(&desk).await.unwrap();
            host.question(String::new()).answer().await.unwrap_err()
        };
        assert_eq!(stopped.reason(), Some(&ExitReason::Shutdown));
    });
}

/// A restarted server is reached by the same handle; conversations with the one before are over.
#[test]
fn restart_ends_conversations_and_opens_for_new_ones() {
    supervisor! {
        Office {
            children: [desk: Desk(Desk::default())],
        }
    }
    check_everywhere(async || {
        let office = Office::start().await.unwrap();
        let host = crate::Quiz::connect(&office.desk).await.unwrap();
        let down = process::monitor(&office.desk);
        office.desk.crash();
        down.await;
        let error = host.question(String::new()).answer().await.unwrap_err();
        assert_eq!(error.reason().unwrap().panic().unwrap().message(), "no coffee");
        while server::whereis(&office.desk).is_none() {
            tokio::task::yield_now().await;
        }
        assert_eq!(ask(&office.desk, "again").await.unwrap(), "1: again");
    });
}

/// One whose sessions are not linked outlives their crashes.
#[gen_server]
#[derive(Clone)]
struct Kiosk;

#[gen_server]
impl Kiosk {
    #[session(crate::Quiz as Guest, nolink)]
    async fn serve(guest: quiz::guest::Start) {
        let _ = guest.question().await;
        panic!("sold out");
    }
}

#[test]
fn server_outlives_sessions_that_are_not_linked() {
    check_everywhere(async || {
        let kiosk = Kiosk::start(Kiosk).await.unwrap();
        for _ in 0..3 {
            let host = crate::Quiz::connect(&kiosk).await.unwrap();
            let error = host.question(String::new()).answer().await.unwrap_err();
            assert_eq!(error.reason().unwrap().panic().unwrap().message(), "sold out");
        }
        // Its own end is theirs all the same.
        let host = crate::Quiz::connect(&kiosk).await.unwrap();
        process::exit(&kiosk, ExitReason::custom("closed"));
        while protocol::peer_gone(&host).is_none() {
            tokio::task::yield_now().await;
        }
        let error = host.question(String::new()).answer().await.unwrap_err();
        assert_eq!(error.reason(), Some(&ExitReason::custom("closed")));
    });
}

/// A fake server takes part in a conversation by hand.
#[cordial::test]
async fn probe_plays_a_role() {
    let (desk, mut probe) = cordial::probe::<Desk>();
    let opened = crate::Quiz::connect(&desk);
    let Some(DeskMsg::Serve { guest, from }) = probe.next().await else { panic!("no session") };
    from.reply(());
    let host = opened.await.unwrap().question("a".to_owned());
    let (text, guest) = guest.question().await.unwrap();
    guest.answer(text + "!");
    assert_eq!(host.answer().await.unwrap().0, "a!");
}
