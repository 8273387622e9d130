//! Selective receive.
use crate::support::*;
use cordial::prelude::*;
use cordial::process::{self, Mailbox, Received};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// A letter and a number.
type Letter = Note<(char, u32)>;

/// Runs `body` as a process that receives letters.
async fn with_letters<F, Fut>(body: F)
where
    F: FnOnce(Mailbox<Letter>) -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    check_ends(process::spawn_monitor(body).1, ExitReason::Normal).await;
}

fn post(mail: &Mailbox<Letter>, letters: &[(char, u32)]) {
    letters.iter().for_each(|letter| mail.send_self(Note(*letter)));
}

fn is(letter: char) -> impl FnMut(&Letter) -> bool {
    move |message| message.0.0 == letter
}

/// The numbers of what is left, in the order in which it is received.
async fn rest(mail: &mut Mailbox<Letter>) -> Vec<(char, u32)> {
    let mut rest = Vec::new();
    while let Some(message) = mail.receive_if(|_| true).after(Duration::ZERO).await {
        rest.push(message.0);
    }
    rest
}

/// PROC-9, TYP-9: of `a, b1, c, b2` the first `b` is taken, and `a, c, b2` stay.
// break: TYP-9 runtime/cordial/src/process/plain.rs
//     `let received = if self.saved.len() > 0 {` => `let received = if false {`
#[test]
fn first_match_is_taken_and_the_rest_keeps_its_order() {
    check_everywhere(async || {
        with_letters(async |mut mail| {
            post(&mail, &[('a', 0), ('b', 1), ('c', 0), ('b', 2)]);
            assert_eq!(mail.receive_if(is('b')).await, Note(('b', 1)));
            assert_eq!(mail.next().await, Note(('a', 0)));
            assert_eq!(rest(&mut mail).await, [('c', 0), ('b', 2)]);
        })
        .await;
    });
}

/// PROC-9: also over several receives, with mail that comes meanwhile.
// break: PROC-9 runtime/cordial/src/process/selective.rs
//     `let received = saved.remove(at);`
//     => `let received = saved.0.swap_remove_front(at).unwrap();`
#[test]
fn what_was_skipped_stays_before_what_came_later() {
    check_everywhere(async || {
        with_letters(async |mut mail| {
            post(&mail, &[('a', 0), ('b', 0), ('c', 0)]);
            assert_eq!(mail.receive_if(is('c')).await.0.1, 0);
            post(&mail, &[('d', 0), ('a', 1), ('c', 1)]);
            assert_eq!(mail.receive_if(is('c')).await.0.1, 1);
            assert_eq!(mail.receive_if(is('b')).await.0.1, 0);
            let first = mail.receive_match(|letter| (letter.0.0 == 'a').then_some(letter.0.1));
            assert_eq!(first.await, 0);
            post(&mail, &[('e', 0)]);
            assert_eq!(next_message(&mut mail).await.0, ('d', 0));
            assert_eq!(rest(&mut mail).await, [('a', 1), ('e', 0)]);
        })
        .await;
    });
}

/// PROC-9: a receive that waits is woken by what matches and by nothing else.
#[test]
fn receive_waits_for_a_match_among_mail_that_does_not() {
    check_everywhere(async || {
        let (reader, ends) = process::spawn_monitor(async |mut mail: Mailbox<Letter>| {
            for n in 0..10 {
                assert_eq!(mail.receive_if(is('b')).await.0.1, n);
            }
            assert_eq!(mail.receive_if(is('c')).await.0.1, 0); // All have come.
            assert_eq!(rest(&mut mail).await.len(), 1000);
        });
        for n in 0..1000 {
            reader.send(Note(('a', n)));
            if n % 100 == 0 {
                dead().await; // So that the reader runs between.
                reader.send(Note(('b', n / 100)));
            }
        }
        reader.send(Note(('c', 0)));
        check_ends(ends, ExitReason::Normal).await;
    });
}

/// PROC-9: each receive looks at each message once, however often it waits.
#[test]
fn no_message_is_looked_at_twice_by_one_receive() {
    check_everywhere(async || {
        let (reader, ends) = process::spawn_monitor(async |mut mail: Mailbox<Letter>| {
            for _ in 0..2 {
                let mut seen = Vec::new();
                let found = mail.receive_by(|received| match received {
                    Received::Message(Note(('a', n))) => {
                        seen.push(*n);
                        None
                    }
                    _ => Some(()),
                });
                assert_eq!(found.await.1.into_letter(), ('b', 0));
                assert_eq!(seen, (0..1000).collect::<Vec<_>>());
            }
        });
        for n in 0..1000 {
            reader.send(Note(('a', n)));
            if n % 50 == 0 {
                dead().await;
            }
        }
        (0..2).for_each(|_| _ = reader.send(Note(('b', 0))));
        check_ends(ends, ExitReason::Normal).await;
    });
}

trait IntoLetter {
    fn into_letter(self) -> (char, u32);
}

impl IntoLetter for Received<Letter> {
    fn into_letter(self) -> (char, u32) {
        match self {
            Self::Message(Note(letter)) => letter,
            other => panic!("{other:?} is no letter"),
        }
    }
}

/// PROC-10: with timeout 0 a queued match is taken, whatever stands before it.
// break: PROC-10 runtime/cordial/src/process/selective.rs
//     `let Some(deadline) = this.deadline else {`
//     => `let Some(deadline) = this.deadline.or(Some(Instant::now())) else {`
#[test]
fn timeout_of_nothing_takes_what_is_queued_or_gives_up_at_once() {
    check_everywhere(async || {
        with_letters(async |mut mail| {
            let nothing = mail.receive_if(is('b')).after(Duration::ZERO);
            assert_eq!(at_once(nothing).await, None);
            (0..1000).for_each(|n| post(&mail, &[('a', n)]));
            assert_eq!(mail.receive_if(is('b')).after(Duration::ZERO).await, None);
            post(&mail, &[('b', 7)]);
            let found = mail.receive_if(is('b')).after(Duration::ZERO).await;
            assert_eq!(found, Some(Note(('b', 7))));
            assert_eq!(rest(&mut mail).await.len(), 1000);
        })
        .await;
    });
}

/// What a future gives that has to be ready when it is polled first.
async fn at_once<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
        std::task::Poll::Pending => panic!("it waits"),
        ready @ std::task::Poll::Ready(_) => ready,
    })
    .await
}

/// PROC-10: who asks over and over lets others run, and can be killed.
#[test]
fn process_that_only_looks_into_its_mailbox_lets_others_run() {
    check_everywhere(async || {
        let (looker, ends) = process::spawn_monitor(async |mut mail: Mailbox<Letter>| {
            while mail.receive_if(is('b')).after(Duration::ZERO).await.is_none() {}
        });
        dead().await;
        looker.send(Note(('b', 0)));
        check_ends(ends, ExitReason::Normal).await;
        let (_, ends) = process::spawn_monitor(async |mut mail: Mailbox<Letter>| {
            loop {
                mail.receive_if(is('b')).after(Duration::ZERO).await;
            }
        });
        process::exit(&ends.pid(), ExitReason::Kill);
        check_ends(ends, ExitReason::Killed).await;
    });
}

/// PROC-10
#[test]
fn receive_gives_up_after_its_time_and_not_before() {
    check_everywhere(async || {
        with_letters(async |mut mail| {
            let began = Instant::now();
            let me = mail.address();
            process::send_after(&me, millis(10), Note(('a', 0)));
            let found = mail.receive_if(is('b')).after(millis(30)).await;
            assert_eq!(found, None);
            assert!(began.elapsed() >= millis(30));
            process::send_after(&me, millis(10), Note(('b', 0)));
            let found = mail.receive_if(is('b')).after(secs(60)).await;
            assert_eq!(found, Some(Note(('b', 0))));
            assert_eq!(rest(&mut mail).await, [('a', 0)]);
        })
        .await;
    });
}

/// PROC-11: no bound at all, and the longest there is, never give up.
#[test]
fn receive_without_end_waits_until_something_comes() {
    check_everywhere(async || {
        with_letters(async |mut mail| {
            for long in [Duration::from_millis(1 << 32), Duration::MAX] {
                let receive = mail.receive_if(is('b')).after(long);
                assert!(timeout(millis(20), receive).await.is_err(), "{long:?} was over");
                process::send_after(&mail.address(), millis(5), Note(('b', 0)));
                assert!(mail.receive_if(is('b')).after(long).await.is_some());
            }
            assert!(timeout(millis(20), mail.receive_if(is('b'))).await.is_err());
        })
        .await;
    });
}

/// PROC-9: a receive that is dropped has taken nothing.
#[test]
fn receive_that_is_dropped_loses_nothing() {
    check_everywhere(async || {
        with_letters(async |mut mail| {
            post(&mail, &[('a', 0), ('c', 0)]);
            assert!(timeout(millis(5), mail.receive_if(is('b'))).await.is_err());
            post(&mail, &[('a', 1), ('b', 0)]);
            drop(mail.receive_if(is('b')));
            assert!(timeout(millis(5), mail.receive_if(is('d'))).await.is_err());
            assert_eq!(rest(&mut mail).await, [('a', 0), ('c', 0), ('a', 1), ('b', 0)]);
        })
        .await;
    });
}

/// PROC-9: a probe that panics ends its process as any panic does.
#[test]
fn panic_in_a_probe_is_contained() {
    check_everywhere(async || {
        let (reader, ends) = process::spawn_monitor(async |mut mail: Mailbox<Letter>| {
            mail.receive_if(|_| panic!("no letter")).await;
        });
        reader.send(Note(('a', 0)));
        assert_eq!(ends.await.reason.panic().unwrap().message(), "no letter");
    });
}

/// PROC-9: a DOWN and an EXIT keep their place, too, and can be selected.
#[test]
fn signals_keep_their_place_among_skipped_messages() {
    check_everywhere(async || {
        with_letters(async |mut mail| {
            process::trap_exit(true);
            post(&mail, &[('a', 0)]);
            let (_, gone) = dead().await;
            let monitor = process::monitor_message(&gone);
            post(&mail, &[('b', 0)]);
            process::exit(&mail.pid(), custom());
            post(&mail, &[('c', 0)]);

            assert_eq!(mail.receive_if(is('c')).await.0.0, 'c');
            let exit = |received: &Received<Letter>| {
                matches!(received, Received::Exit(exit) if exit.reason == custom()).then_some(())
            };
            assert!(matches!(mail.receive_by(exit).await, ((), Received::Exit(_))));
            assert_eq!(next_message(&mut mail).await.0.0, 'a');
            assert_eq!(next_down(&mut mail).await.monitor, monitor);
            assert_eq!(next_message(&mut mail).await.0.0, 'b');
        })
        .await;
    });
}

/// PROC-32: a flush takes a DOWN that was skipped out again, too.
#[test]
fn demonitor_flush_reaches_a_down_that_was_skipped() {
    check_everywhere(async || {
        with_letters(async |mut mail| {
            let (_, gone) = dead().await;
            let [one, other] = [gone; 2].map(|gone| process::monitor_message(&gone));
            post(&mail, &[('a', 0)]);
            assert_eq!(mail.receive_if(is('a')).await.0.0, 'a');
            assert!(!process::demonitor(one));
            process::demonitor_flush(other);
            let down =
                |received: &Received<Letter>| matches!(received, Received::Down(_)).then_some(());
            assert!(mail.receive_by(down).after(Duration::ZERO).await.is_some());
            assert!(mail.receive_by(down).after(Duration::ZERO).await.is_none());
        })
        .await;
    });
}

/// TYP-6: what was skipped goes with its process, one message by one.
#[test]
fn skipped_mail_that_panics_when_dropped_harms_nobody() {
    check_everywhere(async || {
        let (heap, ends) = process::spawn_monitor(async |mut mail: Mailbox<Note<Bomb>>| {
            mail.receive_if(|_| false).await;
        });
        (0..10).for_each(|_| _ = heap.send(Note(Bomb)));
        dead().await;
        process::exit(&heap, ExitReason::Kill);
        check_ends(ends, ExitReason::Killed).await;
    });
}
