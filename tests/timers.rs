//! Timers that send messages.
use crate::support::*;
use cordial::Node;
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// TMR-1
// break: TMR-1 runtime/cordial/src/process/timers.rs
//     `post(to, time::after(Instant::now(), after), |_| message)`
//     => `post(to, time::after(Instant::now(), after / 2), |_| message)`
#[test]
fn message_comes_once_and_not_too_early() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            let began = Instant::now();
            process::send_after(&mail.address(), millis(50), ()).unwrap();
            next_message(&mut mail).await;
            let took = began.elapsed();
            assert!((millis(50)..millis(250)).contains(&took), "{took:?}");
            check_silent(&mut mail).await;
        })
        .await;
    });
}

/// TMR-1
#[test]
fn server_sends_itself_a_message_later() {
    check_everywhere(async || {
        let server = Alarm::start(Alarm::default()).await.unwrap();
        let began = Instant::now();
        let rung = server.wait();
        server.set(millis(30));
        assert_eq!(rung.await, Ok(1));
        assert!(began.elapsed() >= millis(30));
    });
}

/// TMR-3
// break: TMR-3 runtime/cordial/src/process/timers.rs `Some(left)`
//     => `left.is_zero().then_some(left)`
#[test]
fn cancel_tells_what_was_left_and_the_message_never_comes() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            let timer = process::send_after(&mail.address(), millis(60), ()).unwrap();
            let left = process::cancel_timer(&timer).unwrap();
            assert!(left <= millis(60));
            assert_eq!(process::cancel_timer(&timer), None);
            check_silent(&mut mail).await;
        })
        .await;
    });
}

/// TMR-3
#[test]
fn cancel_of_a_timer_that_fired_gives_none() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            let timer = process::send_after(&mail.address(), millis(5), ()).unwrap();
            next_message(&mut mail).await;
            assert_eq!(process::cancel_timer(&timer), None);
        })
        .await;
    });
}

/// TMR-3
#[test]
fn anybody_may_cancel_a_timer() {
    check_everywhere(async || {
        in_process(async |mut mail| {
            let timer = process::send_after(&mail.address(), millis(60), ()).unwrap();
            let (from, left) = ReplyTo::pair();
            process::spawn(async move |_: Mailbox<()>| from.reply(process::cancel_timer(&timer)));
            assert!(left.await.unwrap().is_some());
            check_silent(&mut mail).await;
        })
        .await;
    });
}

/// TMR-3
#[test]
fn cancelled_in_a_race_a_timer_brings_nothing_or_has_fired() {
    check_races(async || {
        in_process(async |mut mail| {
            let timer = process::send_after(&mail.address(), Duration::ZERO, ()).unwrap();
            tokio::task::yield_now().await;
            if process::cancel_timer(&timer).is_some() {
                mail.send_self(());
            }
            next_message(&mut mail).await;
            mail.send_self(());
            next_message(&mut mail).await;
        })
        .await;
    });
}

/// TMR-7
// break: TMR-7 runtime/cordial/src/process/run.rs
//     `let _ = panics::contain(|| self.head.node.timers.cancel(key));` => `let _ = key;`
#[test]
fn timer_goes_with_the_process_it_is_aimed_at() {
    check_everywhere(async || {
        let node = Node::current().unwrap();
        let (target, ends) = idler();
        let timer = process::send_after(&target, secs(3600), ()).unwrap();
        assert_eq!(node.timers(), 1);
        process::exit(&target, ExitReason::Kill);
        ends.await;
        assert_eq!(node.timers(), 0);
        assert_eq!(process::cancel_timer(&timer), None);
        assert!(process::send_after(&target, millis(1), ()).is_none());
    });
}

/// TMR-7
#[test]
fn timer_does_not_go_with_who_armed_it() {
    check_everywhere(async || {
        let (target, ends) = idler();
        let (_, armed) = process::spawn_monitor(async move |_: Mailbox<()>| {
            process::send_after(&target, millis(20), ()).unwrap();
        });
        armed.await;
        check_ends(ends, ExitReason::Normal).await;
    });
}

/// TMR-9
#[test]
fn earlier_deadline_comes_first_whatever_was_armed_first() {
    check_everywhere(async || {
        let (_, ends) = process::spawn_monitor(async |mut mail: Mailbox<Note<u64>>| {
            let me = mail.address();
            for after in [40, 10, 30, 50, 20] {
                process::send_after(&me, millis(after), Note(after)).unwrap();
            }
            for after in [10, 20, 30, 40, 50] {
                assert_eq!(next_message(&mut mail).await, Note(after));
            }
        });
        check_ends(ends, ExitReason::Normal).await;
    });
}

/// TMR-9: also where the clock's ticks do not tell them apart.
// break: TMR-9 runtime/cordial/src/timer/wheel.rs `(*due, *serial)` => `*serial`
#[test]
fn earlier_deadline_comes_first_within_one_tick() {
    check_everywhere(async || {
        let (_, ends) = process::spawn_monitor(async |mut mail: Mailbox<Note<u64>>| {
            let (me, soon) = (mail.address(), process::now() + millis(20));
            for after in [400, 100, 300, 500, 200] {
                let due = soon + Duration::from_micros(after);
                process::send_at(&me, due, Note(after)).unwrap();
            }
            for after in [100, 200, 300, 400, 500] {
                assert_eq!(next_message(&mut mail).await, Note(after));
            }
        });
        check_ends(ends, ExitReason::Normal).await;
    });
}

/// TMR-11
#[test]
fn zero_comes_through_the_mailbox_behind_what_waits_there() {
    check_everywhere(async || {
        let (_, ends) = process::spawn_monitor(async |mut mail: Mailbox<Note<&str>>| {
            let me = mail.address();
            mail.send_self(Note("queued"));
            process::send_after(&me, Duration::ZERO, Note("timer")).unwrap();
            mail.send_self(Note("after"));
            assert_eq!(next_message(&mut mail).await, Note("queued"));
            let mut rest = [next_message(&mut mail).await.0, next_message(&mut mail).await.0];
            rest.sort_unstable();
            assert_eq!(rest, ["after", "timer"]);
        });
        check_ends(ends, ExitReason::Normal).await;
    });
}

/// TMR-11
// break: TMR-11 runtime/cordial/src/rt/time.rs
//     `from.checked_add(time).unwrap_or_else(|| from + NEVER)` => `from + time`
#[test]
fn longest_duration_is_a_timer_like_any_other() {
    check_everywhere(async || {
        in_process(async |mail| {
            let timer = process::send_after(&mail.address(), Duration::MAX, ()).unwrap();
            assert!(process::cancel_timer(&timer).unwrap() > hours(24 * 365));
        })
        .await;
        let server = Alarm::start(Alarm::default()).timeout(Duration::MAX).await.unwrap();
        server.set(Duration::MAX);
        assert_eq!(server.rings().timeout(Duration::MAX).await, Ok(0));
    });
}

/// TMR-7
#[test]
fn timer_whose_message_panics_when_dropped_goes_with_its_process() {
    check_everywhere(async || {
        let (target, ends) = process::spawn_monitor(async |mut mail: Mailbox<Note<Bomb>>| {
            mail.receive().await;
        });
        process::send_after(&target, secs(3600), Note(Bomb)).unwrap();
        process::exit(&target, custom());
        check_ends(ends, custom()).await;
        assert_eq!(Node::current().unwrap().timers(), 0);

        let (other, ends) = idler();
        process::send_after(&other, millis(10), ()).unwrap();
        check_ends(ends, ExitReason::Normal).await;
    });
}

/// A server that sends itself a message later.
#[gen_server]
#[derive(Default, Clone)]
struct Alarm {
    rings: u32,
    waiting: Arc<Mutex<Option<ReplyTo<u32>>>>,
}

struct Ring;

#[gen_server]
impl Alarm {
    #[cast]
    fn set(&mut self, after: Duration, ctx: &mut Ctx<Self>) {
        ctx.send_after(after, Ring);
    }

    #[call]
    fn rings(&self) -> u32 {
        self.rings
    }

    #[call]
    fn wait(&mut self, from: ReplyTo<u32>) {
        *self.waiting.lock().unwrap() = Some(from);
    }

    #[info]
    fn ring(&mut self, _: Ring) {
        self.rings += 1;
        if let Some(from) = self.waiting.lock().unwrap().take() {
            from.reply(self.rings);
        }
    }
}
