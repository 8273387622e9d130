//! What timers there are: absolute ones, ones that say who they are, ones aimed at a name; and what
//! can be asked of them.
use crate::support::*;
use cordial::Node;
use cordial::prelude::*;
use cordial::process::{self, CancelResult, Mailbox, TimedOut};
use std::time::Duration;
use tokio::time::Instant;

/// What timers send here.
#[derive(Debug, PartialEq)]
enum Event {
    Plain(u32),
    TimedOut(TimedOut<&'static str>),
    Cancelled(CancelResult),
}

impl cordial::Message for Event {
    fn kind(&self) -> &'static str {
        "event"
    }
}

impl From<TimedOut<&'static str>> for Event {
    fn from(timed_out: TimedOut<&'static str>) -> Self {
        Self::TimedOut(timed_out)
    }
}

impl From<CancelResult> for Event {
    fn from(result: CancelResult) -> Self {
        Self::Cancelled(result)
    }
}

/// Runs `body` as a process that receives events.
async fn with_events<F, Fut>(body: F)
where
    F: FnOnce(Mailbox<Event>) -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    check_ends(process::spawn_monitor(body).1, ExitReason::Normal).await;
}

/// TMR-2: the deadline is a point of the clock, not a time from now.
// break: TMR-2 runtime/cordial/src/process/timers.rs
//     `Instant::from_std(due)` => `Instant::from_std(due) + (due - now())`
#[test]
fn absolute_timer_fires_at_its_deadline() {
    check_everywhere(async || {
        with_events(async |mut mail| {
            let due = process::now() + millis(40);
            tokio::time::sleep_until(Instant::now() + millis(20)).await;
            let timer = process::send_at(&mail.address(), due, Event::Plain(1)).unwrap();
            assert!(process::read_timer(&timer).unwrap() <= millis(20));
            assert_eq!(next_message(&mut mail).await, Event::Plain(1));
            let late = process::now() - due;
            assert!(late < secs(5), "{late:?} late");
        })
        .await;
    });
}

/// TMR-2
#[test]
fn absolute_timer_whose_time_is_over_comes_through_the_mailbox_at_once() {
    check_everywhere(async || {
        with_events(async |mut mail| {
            let past = process::now();
            tokio::time::sleep_until(Instant::now() + millis(5)).await;
            mail.send_self(Event::Plain(0));
            process::send_at(&mail.address(), past, Event::Plain(1)).unwrap();
            assert_eq!(next_message(&mut mail).await, Event::Plain(0));
            assert_eq!(next_message(&mut mail).await, Event::Plain(1));
        })
        .await;
    });
}

/// What the race over timers sends: a number of a timer, and in the end all that were too late.
type Fired = Note<Result<usize, Vec<usize>>>;

/// TMR-4: there is no time at which the message is neither cancelled nor in the mailbox.
// break: TMR-4 runtime/cordial/src/process/timers.rs
//     `message.take().and_then(|message| self.to.deliver(message))`
//     => `let taken = message.take(); drop(message);
//     std::thread::sleep(Duration::from_micros(100)); taken.and_then(|it| self.to.deliver(it))`
#[test]
fn timer_that_cannot_be_cancelled_any_more_has_its_message_in_the_mailbox() {
    check_races(async || {
        let (mail, ends) = process::spawn_monitor(async |mut mail: Mailbox<Fired>| {
            let mut fired = Vec::new();
            let too_late = loop {
                match next_message(&mut mail).await {
                    Note(Ok(number)) => fired.push(number),
                    Note(Err(too_late)) => break too_late,
                }
            };
            assert_eq!(fired, too_late);
            mail.send_self(Note(Ok(0)));
            assert_eq!(next_message(&mut mail).await, Note(Ok(0)));
        });
        // All at one time: the first has fired while others are about to.
        let due = process::now() + Duration::from_micros(100);
        let timers: Vec<_> = (0..100)
            .map(|number| process::send_at(&mail, due, Note(Ok(number))).unwrap())
            .collect();
        while process::read_timer(&timers[0]).is_some() {
            std::thread::yield_now();
        }
        let outcomes = timers.iter().rev().map(process::cancel_timer).collect::<Vec<_>>();
        let is_late = |number: &usize| outcomes[timers.len() - 1 - number].is_none();
        mail.send(Note(Err((0..timers.len()).filter(is_late).collect())));
        check_ends(ends, ExitReason::Normal).await;
    });
}

/// TMR-5: the result is a message, behind what the timer may have sent.
// break: TMR-5 runtime/cordial/src/process/timers.rs
//     `to.deliver(Mail::Own(Box::new(result.into())));` => `let _ = (to, M::from(result));`
#[test]
fn result_of_an_asynchronous_cancel_comes_as_a_message() {
    check_everywhere(async || {
        with_events(async |mut mail| {
            let me = mail.address();
            let timer = process::send_after(&me, secs(60), Event::Plain(1)).unwrap();
            process::cancel_timer_async(&timer, &me);
            match next_message(&mut mail).await {
                Event::Cancelled(CancelResult { timer: whose, left: Some(left) }) => {
                    assert!(whose == timer && left > secs(50));
                }
                other => panic!("{other:?}"),
            }
            process::cancel_timer_async(&timer, &me);
            let again = Event::Cancelled(CancelResult { timer, left: None });
            assert_eq!(next_message(&mut mail).await, again);

            let fired = process::send_after(&me, Duration::ZERO, Event::Plain(2)).unwrap();
            while process::read_timer(&fired).is_some() {
                tokio::task::yield_now().await;
            }
            process::cancel_timer_async(&fired, &me);
            assert_eq!(next_message(&mut mail).await, Event::Plain(2));
            let late = Event::Cancelled(CancelResult { timer: fired, left: None });
            assert_eq!(next_message(&mut mail).await, late);
        })
        .await;
    });
}

/// TMR-5: without info nothing is sent.
#[test]
fn cancel_by_itself_sends_nothing() {
    check_everywhere(async || {
        with_events(async |mut mail| {
            let timer = process::send_after(&mail.address(), secs(60), Event::Plain(1)).unwrap();
            process::cancel_timer(&timer);
            check_silent(&mut mail).await;
        })
        .await;
    });
}

/// TMR-6: reading is not cancelling.
// break: TMR-6 runtime/cordial/src/process/timers.rs `post.is_due()` => `post.take_back()`
#[test]
fn reading_a_timer_tells_what_is_left_and_lets_it_go_on() {
    check_everywhere(async || {
        with_events(async |mut mail| {
            let timer = process::send_after(&mail.address(), millis(40), Event::Plain(1)).unwrap();
            let left = process::read_timer(&timer).unwrap();
            assert!(left <= millis(40));
            tokio::time::sleep_until(Instant::now() + millis(10)).await;
            assert!(process::read_timer(&timer).is_none_or(|now| now <= left - millis(10)));
            assert_eq!(next_message(&mut mail).await, Event::Plain(1));
            assert_eq!(process::read_timer(&timer), None);

            let timer = process::send_after(&mail.address(), secs(60), Event::Plain(2)).unwrap();
            process::cancel_timer(&timer);
            assert_eq!(process::read_timer(&timer), None);
        })
        .await;
    });
}

/// TMR-8: the name is looked up when the timer fires.
// break: TMR-8 runtime/cordial/src/process/timers.rs `let address = RawRef::named(self);`
//     => `let address = super::address_of(self)?;`
#[test]
fn timer_to_a_name_goes_to_who_has_the_name_then() {
    check_everywhere(async || {
        let (first, first_ends) = idler();
        let (second, second_ends) = idler();
        process::register("heir", &first).unwrap();
        process::send_after("heir", millis(30), ()).unwrap();
        process::unregister("heir").unwrap();
        process::register("heir", &second).unwrap();
        check_ends(second_ends, ExitReason::Normal).await;
        assert!(process::is_alive(&first).await);
        process::exit(&first, ExitReason::Kill);
        check_ends(first_ends, ExitReason::Killed).await;
    });
}

/// TMR-8: nobody had the name when the timer was armed.
#[test]
fn timer_to_a_name_that_nobody_has_yet_is_armed() {
    check_everywhere(async || {
        let timer = process::send_after("late", millis(30), ()).unwrap();
        assert!(process::read_timer(&timer).is_some());
        let (late, ends) = idler();
        process::register("late", &late).unwrap();
        check_ends(ends, ExitReason::Normal).await;
        assert_eq!(process::cancel_timer(&timer), None);
    });
}

/// TMR-8: whoever does not have the name, or takes other messages, gets nothing.
#[test]
fn timer_to_a_name_that_nobody_has_is_dropped_in_silence() {
    check_everywhere(async || {
        let node = Node::current().unwrap();
        process::send_after("nobody", millis(5), Note("lost")).unwrap();
        let (other, ends) = idler();
        process::register("another-kind", &other).unwrap();
        process::send_after("another-kind", millis(5), Note("wrong")).unwrap();
        process::send_after("another-kind", millis(10), ()).unwrap();
        check_ends(ends, ExitReason::Normal).await;
        assert_eq!(node.timers(), 0);
    });
}

/// TMR-10
// break: TMR-10 runtime/cordial/src/process/timers.rs `TimedOut { timer, message }`
//     => `TimedOut { timer: TimerRef { serial: timer.timers.next_serial(), ..timer }, message }`
#[test]
fn started_timer_sends_its_own_reference_along() {
    check_everywhere(async || {
        with_events(async |mut mail| {
            let me = mail.address();
            let tea = process::start_timer(&me, millis(10), "tea").unwrap();
            let eggs = process::start_timer(&me, millis(5), "eggs").unwrap();
            assert_ne!(tea, eggs);
            for (timer, message) in [(eggs, "eggs"), (tea, "tea")] {
                let expected = Event::TimedOut(TimedOut { timer: timer.clone(), message });
                assert_eq!(next_message(&mut mail).await, expected);
                assert_eq!(process::cancel_timer(&timer), None);
            }
        })
        .await;
    });
}

/// TMR-3, TMR-7: what its reference holds does not keep a message alive.
#[test]
fn message_of_a_timer_goes_when_it_is_cancelled_or_its_process_ends() {
    check_everywhere(async || {
        let (told, is_told) = ReplyTo::<()>::pair();
        let (target, ends) = process::spawn_monitor(async |mut mail: Mailbox<Note<_>>| {
            mail.receive().await;
        });
        let timer = process::send_after(&target, secs(60), Note(told)).unwrap();
        process::cancel_timer(&timer).unwrap();
        assert_eq!(is_told.await, None);
        let (told, is_told) = ReplyTo::<()>::pair();
        let timer = process::send_after(&target, secs(60), Note(told)).unwrap();
        process::exit(&target, ExitReason::Kill);
        check_ends(ends, ExitReason::Killed).await;
        assert_eq!(is_told.await, None);
        assert_eq!(process::read_timer(&timer), None);
    });
}

/// PROC-11
// break: PROC-11 runtime/cordial/src/process/timers.rs
//     `if !time.is_zero() {` => `if !time.is_zero() || true {`
#[test]
fn sleep_of_nothing_returns_at_once_and_the_longest_is_accepted() {
    check_everywhere(async || {
        in_process(async |_| {
            let began = Instant::now();
            let mut at_once = std::pin::pin!(process::sleep(Duration::ZERO));
            std::future::poll_fn(|cx| {
                assert!(at_once.as_mut().poll(cx).is_ready());
                std::task::Poll::Ready(())
            })
            .await;
            process::sleep(millis(20)).await;
            assert!(began.elapsed() >= millis(20));
            for long in [Duration::from_millis(1 << 32), Duration::MAX] {
                let slept = tokio::time::timeout(millis(20), process::sleep(long)).await;
                assert!(slept.is_err(), "{long:?} was over");
            }
        })
        .await;
    });
}
