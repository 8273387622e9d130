//! Who leaves, crashes or is killed: what the other one hears, and when.
use crate::support::check_everywhere;
use crate::{checkout, feed, quiz};
use cordial::process::{self, Mailbox};
use cordial::protocol::{self, SessionError};
use cordial::{ExitReason, Task};

/// Who drops a state has left; what it said before is heard first.
#[test]
fn peer_that_left_is_told_of_behind_what_it_said() {
    check_everywhere(async || {
        let (host, guest) = quiz::open();
        drop(host.question("why?".to_owned()));
        let (text, guest) = guest.question().await.unwrap();
        assert_eq!(text, "why?");
        guest.answer("because".to_owned());
        let (host, guest) = quiz::open();
        drop(host);
        let error = guest.question().await.unwrap_err();
        assert!(matches!(error, SessionError::PeerGone(_)), "{error}");
        assert_eq!(error.to_string(), "`Host` of `Quiz` left before `Question`");
        assert_eq!(error.peer().role(), "Host");
    });
}

/// Who waits already is woken.
#[test]
fn leaving_wakes_who_waits() {
    check_everywhere(async || {
        let (host, guest) = quiz::open();
        let waits = Task::spawn(async move { guest.question().await.map(drop) });
        tokio::task::yield_now().await;
        drop(host);
        let error = waits.await.unwrap().unwrap_err();
        assert!(matches!(error, SessionError::PeerGone(_)), "{error}");
    });
}

/// A dropped wait is a dropped state.
#[cordial::test]
async fn dropping_a_wait_leaves() {
    let (host, guest) = quiz::open();
    drop(guest.question());
    let error = host.question(String::new()).answer().await.unwrap_err();
    assert!(matches!(error, SessionError::PeerGone(_)), "{error}");
}

/// At the end nobody is told of anything.
#[cordial::test]
async fn conversation_that_is_over_is_left_by_nobody() {
    let (customer, till) = checkout::open();
    customer.leave();
    let offer = till.offer().await.unwrap();
    assert!(matches!(offer, checkout::till::ShoppingOffer::Leave(_)));
}

/// Who only speaks may ask.
#[cordial::test]
async fn who_only_speaks_can_learn_that_nobody_hears() {
    let (writer, reader) = feed::open();
    let writer = writer.line(1);
    assert_eq!(protocol::peer_gone(&writer), None);
    drop(reader);
    let gone = protocol::peer_gone(&writer).unwrap();
    assert_eq!(gone.to_string(), "`Reader` of `Feed` left");
    drop(writer.line(2));
    // Not before what was said is heard.
    let (writer, reader) = feed::open();
    drop(writer.line(1));
    assert_eq!(protocol::peer_gone(&reader), None);
    let (_, reader) = reader.line().await.unwrap();
    assert!(protocol::peer_gone(&reader).is_some());
}

/// How a process goes that holds a side, and what its peer hears.
#[test]
fn crash_reaches_the_peer_with_its_reason() {
    check_everywhere(async || {
        // It panics in the middle of a step.
        let (host, guest) = quiz::open();
        let crashes = process::spawn(async move |_: Mailbox<()>| {
            let _guest = guest.question().await.unwrap();
            panic!("not prepared");
        });
        let error = host.question(String::new()).answer().await.unwrap_err();
        let reason = error.reason().unwrap();
        assert_eq!(reason.panic().unwrap().message(), "not prepared");
        assert_eq!(error.peer().pid(), process::monitor(&crashes).await.pid.into());

        // It is killed while it waits.
        let (host, guest) = quiz::open();
        let waits = process::spawn(async move |_: Mailbox<()>| drop(guest.question().await));
        process::exit(&waits, ExitReason::Kill);
        let error = host.question(String::new()).answer().await.unwrap_err();
        assert_eq!(error.reason(), Some(&ExitReason::Killed));

        // It returns a reason of its own.
        let (host, guest) = quiz::open();
        process::spawn(async move |_: Mailbox<()>| {
            let _guest = guest;
            ExitReason::custom("no time")
        });
        let error = host.question(String::new()).answer().await.unwrap_err();
        assert_eq!(error.reason(), Some(&ExitReason::custom("no time")));
        assert!(error.to_string().ends_with("ended before `Answer`: no time"), "{error}");

        // It returns and has nothing to complain about.
        let (host, guest) = quiz::open();
        process::spawn(async move |_: Mailbox<()>| drop(guest));
        let error = host.question(String::new()).answer().await.unwrap_err();
        assert!(matches!(error, SessionError::PeerGone(_)), "{error}");
    });
}

/// The word of a process's end comes when the process is gone.
#[test]
fn peer_hears_of_a_crash_when_the_process_is_gone() {
    check_everywhere(async || {
        for _ in 0..100 {
            let (host, guest) = quiz::open();
            let crashes = process::spawn(async move |_: Mailbox<()>| {
                let _guest = guest.question().await.unwrap();
                ExitReason::custom("gone")
            });
            let error = host.question(String::new()).answer().await.unwrap_err();
            assert_eq!(error.reason(), Some(&ExitReason::custom("gone")));
            assert!(!process::is_alive(&crashes).await);
        }
    });
}
