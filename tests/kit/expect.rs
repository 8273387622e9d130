//! Probes and inboxes, and what is expected of them.
use crate::support::{Flicker, Lamp, LampMsg, Opaque, check_failure};
use cordial::prelude::*;
use cordial::test::{assert_receive, expect_call, expect_cast, expect_down, inbox, refute_receive};
use cordial::{gen_server, probe, process};
use tokio::time::Instant;

#[derive(Debug)]
enum Event {
    Opened,
    Sold { price: u32, to: String },
    Moved(i32, i32),
}

impl cordial::Message for Event {
    fn kind(&self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Sold { .. } => "sold",
            Self::Moved(..) => "moved",
        }
    }
}

fn sold(price: u32) -> Event {
    Event::Sold { price, to: "ann".to_owned() }
}

// ===== Probes by hand =====

#[cordial::test]
async fn probe_gets_what_is_sent_to_the_real_handle_in_order() {
    let (lamp, mut probe) = probe::<Lamp>();
    lamp.switch(true);
    cordial::send(&lamp, Flicker);
    let call = lamp.is_on();
    assert!(matches!(probe.next().await, Some(LampMsg::Switch { on: true })));
    assert!(matches!(probe.next().await, Some(LampMsg::Flicker { .. })));
    let Some(LampMsg::IsOn { from }) = probe.next().await else { panic!("no call came") };
    from.reply(true);
    assert_eq!(call.await, Ok(true));
    assert!(probe.try_next().is_none());
}

#[cordial::test]
async fn probe_gives_nothing_when_nothing_comes_in_twenty_seconds() {
    let (_lamp, mut probe) = probe::<Lamp>();
    let began = Instant::now();
    assert!(probe.next().await.is_none());
    assert_eq!(began.elapsed(), secs(20));
}

#[cordial::test]
async fn probe_that_drops_a_call_tells_the_caller() {
    let (lamp, mut probe) = probe::<Lamp>();
    let call = lamp.is_on();
    drop(probe.next().await);
    assert!(matches!(call.await, Err(CallError::ReplyDropped(_))));
}

#[cordial::test]
async fn probe_can_be_watched_and_stopped_like_a_server() {
    let (lamp, _probe) = probe::<Lamp>();
    let down = process::monitor(&lamp);
    gen_server::stop(&lamp).await.unwrap();
    expect_down(down, ExitReason::Normal).await;
    assert_eq!(lamp.switch(true).sent(), Err(SendError::NoProc));
}

#[cordial::test]
async fn probe_and_inbox_print_the_kinds_that_wait() {
    let (lamp, probe) = probe::<Lamp>();
    let (address, inbox) = inbox::<Event>();
    lamp.switch(true);
    address.send(Event::Opened);
    cordial::test::sync(&lamp).await;
    cordial::test::sync(&address).await;
    assert_eq!(format!("{probe:?} {inbox:?}"), r#"Probe(["switch"]) Inbox(["opened"])"#);
}

// ===== expect_cast! =====

#[cordial::test]
async fn expect_cast_takes_the_next_message_and_gives_what_its_pattern_binds() {
    let (lamp, mut probe) = probe::<Lamp>();
    lamp.paint("red", 2);
    lamp.switch(true);
    lamp.switch(false);
    cordial::send(&lamp, Flicker);
    lamp.paint("blue", 1);
    lamp.wrap(Opaque, 3);
    let (colour, coats) =
        expect_cast!(probe, LampMsg::Paint { colour, coats } if coats > 1 => (colour, coats));
    assert_eq!((colour.as_str(), coats), ("red", 2));
    expect_cast!(probe, LampMsg::Switch { on: true });
    expect_cast!(&mut probe, LampMsg::Switch);
    expect_cast!(probe, LampMsg::Flicker, within 5s);
    let mut painted = expect_cast!(probe, LampMsg::Paint { mut colour, .. } => {
        colour.push('!');
        colour
    });
    assert_eq!(painted.pop(), Some('!'));
    let Opaque = expect_cast!(probe, LampMsg::Wrap { opaque, layers: _ } => opaque);
    assert!(probe.try_next().is_none());
}

#[cordial::test]
async fn what_stands_behind_the_arrow_may_await_and_return() {
    async fn colours(probe: &mut cordial::test::Probe<Lamp>) -> Result<usize, String> {
        let length = expect_cast!(probe, LampMsg::Paint { colour, .. } => {
            if colour.is_empty() {
                return Err("no colour".to_owned());
            }
            std::future::ready(colour.len()).await
        });
        Ok(length)
    }
    let (lamp, mut probe) = probe::<Lamp>();
    lamp.paint("red", 1);
    lamp.paint("", 1);
    assert_eq!(colours(&mut probe).await, Ok(3));
    assert_eq!(colours(&mut probe).await, Err("no colour".to_owned()));
}

#[test]
fn expect_cast_says_what_came_instead_and_what_came_after_it() {
    check_failure(
        async || {
            let (lamp, mut probe) = probe::<Lamp>();
            lamp.switch(true);
            lamp.paint("red", 1);
            cordial::test::sync(&lamp).await;
            expect_cast!(probe, LampMsg::Paint { coats: 1, .. });
        },
        "expect_cast!: expected `LampMsg::Paint { coats: 1, .. }`, but `switch` came; \
         after it came `paint`",
    );
}

#[test]
fn expect_cast_shows_the_fields_that_its_pattern_names() {
    check_failure(
        async || {
            let (lamp, mut probe) = probe::<Lamp>();
            lamp.paint("red", 1);
            expect_cast!(probe, LampMsg::Paint { colour, coats } if coats > 1 => drop(colour));
        },
        "expect_cast!: expected `LampMsg::Paint { colour, coats } if coats > 1`, \
         but `paint` with colour: \"red\", coats: 1 came",
    );
    check_failure(
        async || {
            let (lamp, mut probe) = probe::<Lamp>();
            lamp.wrap(Opaque, 1);
            expect_cast!(probe, LampMsg::Wrap { opaque: _, layers: 2 });
        },
        "expect_cast!: expected `LampMsg::Wrap { opaque: _, layers: 2 }`, \
         but `wrap` with opaque: .., layers: 1 came",
    );
}

#[test]
fn expect_cast_says_for_how_long_nothing_came() {
    check_failure(
        async || {
            let (_lamp, mut probe) = probe::<Lamp>();
            expect_cast!(probe, LampMsg::Flicker);
        },
        "expect_cast!: expected `LampMsg::Flicker`, but nothing came within 20s",
    );
    check_failure(
        async || {
            let (_lamp, mut probe) = probe::<Lamp>();
            expect_cast!(probe, LampMsg::Flicker, within millis(5));
        },
        "expect_cast!: expected `LampMsg::Flicker`, but nothing came within 5ms",
    );
}

#[test]
fn expect_cast_fails_where_it_would_leave_a_caller_without_an_answer() {
    check_failure(
        async || {
            let (lamp, mut probe) = probe::<Lamp>();
            let _call = lamp.is_on();
            expect_cast!(probe, LampMsg::IsOn);
        },
        "expect_cast!: expected `LampMsg::IsOn`, but `is_on` is a call, whose caller waits for \
         an answer: `expect_call!(.., .. => answer)` gives one",
    );
}

#[cordial::test]
async fn handle_of_a_call_can_be_taken_to_answer_later() {
    let (lamp, mut probe) = probe::<Lamp>();
    let call = lamp.is_on();
    let from = expect_cast!(probe, LampMsg::IsOn { from } => from);
    from.reply(true);
    assert_eq!(call.await, Ok(true));
}

#[test]
#[should_panic(expected = "expected `LampMsg::Flicker`")]
fn expectation_fails_the_test() {
    cordial::__private::run_test(None, async {
        let (_lamp, mut probe) = probe::<Lamp>();
        expect_cast!(probe, LampMsg::Flicker);
    });
}

// ===== expect_call! =====

#[cordial::test]
async fn expect_call_answers_with_what_its_pattern_knows() {
    let (lamp, mut probe) = probe::<Lamp>();
    let (on, dimmed, refused) = (lamp.is_on(), lamp.dim(7), lamp.dim(0));
    expect_call!(probe, LampMsg::IsOn => true);
    expect_call!(probe, LampMsg::Dim { by } => Ok(by * 2));
    expect_call!(probe, LampMsg::Dim { by } if by == 0 => Err("dark".to_owned()), within 5s);
    assert_eq!(on.await, Ok(true));
    assert_eq!(dimmed.await, Ok(14));
    assert_eq!(refused.await.unwrap_err().handler().as_deref(), Some("dark"));
}

#[test]
fn expect_call_says_what_came_instead() {
    check_failure(
        async || {
            let (lamp, mut probe) = probe::<Lamp>();
            lamp.switch(true);
            expect_call!(probe, LampMsg::IsOn {} => true);
        },
        "expect_call!: expected `LampMsg::IsOn {}`, but `switch` came",
    );
    check_failure(
        async || {
            let (lamp, mut probe) = probe::<Lamp>();
            let _call = lamp.dim(3);
            expect_call!(probe, LampMsg::Dim { by: 4 } => Ok(1));
        },
        "expect_call!: expected `LampMsg::Dim { by: 4 }`, but `dim` with by: 3 came",
    );
}

// ===== assert_receive! and refute_receive! =====

#[cordial::test]
async fn assert_receive_takes_the_first_match_and_leaves_the_rest_in_order() {
    let (address, mut events) = inbox::<Event>();
    address.send(sold(1));
    address.send(Event::Moved(1, 2));
    address.send(sold(5));
    address.send(Event::Opened);
    address.send(sold(7));
    let (price, to) =
        assert_receive!(events, Event::Sold { price, to } if price > 3 => (price, to));
    assert_eq!((price, to.as_str()), (5, "ann"));
    assert_receive!(events, Event::Opened);
    let sum = assert_receive!(events, Event::Moved(x, y) => x + y);
    assert_eq!(sum, 3);
    assert!(matches!(events.try_next(), Some(Event::Sold { price: 1, .. })));
    assert!(matches!(events.try_next(), Some(Event::Sold { price: 7, .. })));
    assert!(events.try_next().is_none());
}

#[cordial::test]
async fn assert_receive_waits_for_what_comes_later() {
    let (address, mut events) = inbox::<Event>();
    process::send_after(&address, secs(3), Event::Opened);
    let began = Instant::now();
    assert_receive!(events, Event::Opened | Event::Moved(..), within 5s);
    assert_eq!(began.elapsed(), secs(3));
}

#[test]
fn assert_receive_says_what_came() {
    check_failure(
        async || {
            let (address, mut events) = inbox::<Event>();
            address.send(Event::Opened);
            address.send(sold(1));
            assert_receive!(events, Event::Sold { price: 2, .. }, within 5s);
        },
        "assert_receive!: expected `Event::Sold { price: 2, .. }` within 5s, \
         but `opened`, `sold` with price: 1 came",
    );
    check_failure(
        async || {
            let (_address, mut events) = inbox::<Event>();
            assert_receive!(events, Event::Opened);
        },
        "assert_receive!: expected `Event::Opened` within 20s, but nothing came",
    );
    check_failure(
        async || {
            let (address, mut events) = inbox::<Event>();
            for _ in 0..13 {
                address.send(Event::Opened);
            }
            assert_receive!(events, Event::Moved(_, 0));
        },
        "assert_receive!: expected `Event::Moved(_, 0)` within 20s, but `opened`, `opened`, \
         `opened`, `opened`, `opened`, `opened`, `opened`, `opened`, `opened`, `opened`, \
         and 3 more came",
    );
}

#[test]
fn assert_receive_fails_where_it_would_leave_a_caller_without_an_answer() {
    check_failure(
        async || {
            let (lamp, mut probe) = probe::<Lamp>();
            lamp.switch(true);
            let _call = lamp.is_on();
            assert_receive!(probe, LampMsg::IsOn);
        },
        "assert_receive!: expected `LampMsg::IsOn`, but `is_on` is a call, whose caller waits for \
         an answer: `expect_call!(.., .. => answer)` gives one",
    );
}

#[cordial::test]
async fn refute_receive_waits_a_tenth_of_a_second_and_leaves_everything() {
    let (address, mut events) = inbox::<Event>();
    address.send(sold(1));
    process::send_after(&address, millis(101), Event::Opened);
    let began = Instant::now();
    refute_receive!(events, Event::Opened);
    assert_eq!(began.elapsed(), millis(100));
    refute_receive!(events, Event::Sold { price, .. } if price > 1, within 1s);
    assert!(matches!(events.try_next(), Some(Event::Sold { price: 1, .. })));
    assert!(matches!(events.try_next(), Some(Event::Opened)));
}

#[test]
fn refute_receive_says_what_came() {
    check_failure(
        async || {
            let (address, mut events) = inbox::<Event>();
            address.send(Event::Opened);
            process::send_after(&address, secs(4), sold(3));
            refute_receive!(events, Event::Sold { price, .. } if price > 2, within 5s);
        },
        "refute_receive!: expected no `Event::Sold { price, .. } if price > 2` within 5s, \
         but `sold` with price: 3 came",
    );
    check_failure(
        async || {
            let (lamp, mut probe) = probe::<Lamp>();
            let _call = lamp.is_on();
            refute_receive!(probe, LampMsg::IsOn);
        },
        "refute_receive!: expected no `LampMsg::IsOn` within 100ms, but `is_on` came",
    );
}
