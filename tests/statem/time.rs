//! Timeouts: of the state, of the silence, with names.
use crate::puppet::{Go, Puppet, Times, Told, note, pass, puppet, puppet_with, seen, to};
use cordial::prelude::*;
use cordial::process;
use std::time::Duration;

/// FSM-9: neither events nor going where it is cancel it; another state does.
#[cordial::test]
async fn a_change_of_state_cancels_the_state_timeout() {
    let (puppet, log) = puppet_with(Times { a: Some(millis(20)), ..Times::default() }).await;
    pass(millis(10)).await;
    puppet.note("-");
    puppet.run(to(Go::A));
    pass(millis(15)).await;
    assert_eq!(log.take(), ["-", "a is over 20"]);

    puppet.run(to(Go::B));
    puppet.run(to(Go::A));
    pass(millis(10)).await;
    puppet.run(to(Go::C));
    pass(millis(30)).await;
    assert_eq!(log.take(), ["B from A", "A from B", "C from A"]);
}

/// FSM-10: any event cancels it, injected ones and other timeouts among them.
#[cordial::test]
async fn any_event_cancels_the_event_timeout() {
    let (puppet, log) = puppet().await;
    let silence = |also: fn(&mut Ctx<Puppet>)| {
        Box::new(move |ctx: &mut Ctx<Puppet>| {
            ctx.timeout(millis(5));
            also(ctx);
            Go::Keep
        })
    };
    puppet.run(silence(|_| {}));
    pass(millis(10)).await;
    assert_eq!(log.take(), ["a is idle 5"]);
    puppet.run(silence(|ctx| ctx.next_event(note("injected"))));
    pass(millis(10)).await;
    puppet.run(silence(|ctx| ctx.timeout_named("n", millis(3), Told("other"))));
    pass(millis(10)).await;
    puppet.run(silence(|_| {}));
    puppet.note("mail");
    pass(millis(10)).await;
    puppet.run(silence(|ctx| {
        ctx.next_event(note("1"));
        ctx.next_event(note("2"));
    }));
    pass(millis(10)).await;
    assert_eq!(log.take(), ["injected", "other", "mail", "1", "2"]);
}

/// FSM-10: `#[idle]` begins anew after every event in its state, and is over with it.
#[cordial::test]
async fn idle_begins_anew_after_every_event_in_its_state() {
    let (puppet, log) = puppet_with(Times { idle_in_c: Some(millis(5)), ..Times::default() }).await;
    puppet.run(to(Go::C));
    for _ in 0..3 {
        pass(millis(3)).await;
        puppet.note("-");
    }
    pass(millis(4)).await;
    assert_eq!(log.take(), ["C from A", "-", "-", "-"]);
    pass(millis(8)).await;
    puppet.run(to(Go::A));
    pass(millis(20)).await;
    assert_eq!(log.take(), ["c is idle 14", "c is idle 19", "A from C"]);
}

/// FSM-11: neither events nor changes of state cancel a named timeout; one of a name runs.
// break: FSM-11 runtime/cordial/src/gen_statem/machine.rs
//     `self.timeouts.retain(|timeout| timeout.which != which);` =>
//     `self.timeouts.retain(|timeout| timeout.which == Which::State && which == Which::Event);`
#[cordial::test]
async fn a_named_timeout_survives_events_and_changes() {
    let (puppet, log) = puppet().await;
    puppet.run(Box::new(|ctx: &mut Ctx<Puppet>| {
        ctx.timeout_named("one", millis(5), Told("one"));
        ctx.timeout_named("two", millis(7), Told("two"));
        Go::B
    }));
    puppet.note("-");
    puppet.run(to(Go::C));
    pass(millis(10)).await;
    assert_eq!(log.take(), ["B from A", "-", "C from B", "one", "two"]);
}

/// FSM-12: arming again replaces, infinity and `cancel` cancel, `update` changes the message only,
/// and at once what does not run.
// break: FSM-12 runtime/cordial/src/gen_statem/machine.rs `self.stop(which);` =>
//     `let _ = which == Which::Event;`
#[cordial::test]
async fn arming_again_replaces_the_timeout() {
    let (puppet, log) = puppet().await;
    puppet.run(Box::new(|ctx: &mut Ctx<Puppet>| {
        ctx.timeout_named("n", millis(5), Told("first"));
        ctx.timeout_named("cancelled", millis(1), Told("cancelled"));
        ctx.cancel_named("cancelled");
        ctx.timeout_named("never", millis(1), Told("never"));
        ctx.timeout_named("never", Duration::MAX, Told("never"));
        ctx.state_timeout(millis(2));
        ctx.cancel_state_timeout();
        Go::Keep
    }));
    puppet.run(Box::new(|ctx: &mut Ctx<Puppet>| {
        ctx.timeout_named("n", millis(9), Told("second"));
        Go::Keep
    }));
    pass(millis(8)).await;
    assert_eq!(log.take(), [""; 0]);
    puppet.run(Box::new(|ctx: &mut Ctx<Puppet>| {
        ctx.update_named("n", Told("updated"));
        ctx.update_named("not running", Told("at once"));
        Go::Keep
    }));
    puppet.note("mail");
    pass(millis(2)).await;
    assert_eq!(log.take(), ["at once", "mail", "updated"]);
}

/// FSM-13: after what was injected, in the order in which they were armed, before mail.
// break: FSM-13 runtime/cordial/src/gen_statem/machine.rs
//     `.position(|timeout| timeout.due == Due::AtOnce)?;` =>
//     `.rposition(|timeout| timeout.due == Due::AtOnce)?;`
#[cordial::test]
async fn timeouts_of_zero_come_before_mail_in_their_order() {
    let (puppet, log) = puppet().await;
    puppet.run(Box::new(|ctx: &mut Ctx<Puppet>| {
        ctx.state_timeout(millis(0));
        ctx.timeout_named("n", millis(0), Told("named"));
        ctx.next_event(note("injected"));
        Go::Keep
    }));
    puppet.note("mail");
    assert_eq!(seen(&puppet, &log).await, ["injected", "a is over 0", "named", "mail"]);
}

/// FSM-14: unlike a server's, an event timeout of zero comes before mail that waits.
// break: FSM-14 runtime/cordial/src/gen_statem/context.rs
//     `Duration::ZERO => Change::Start(Due::AtOnce, event),` =>
//     `Duration::ZERO => Change::Start(Due::At(Instant::now()), event),`
#[cordial::test]
async fn an_event_timeout_of_zero_comes_before_mail() {
    let (puppet, log) = puppet().await;
    puppet.run(Box::new(|ctx: &mut Ctx<Puppet>| {
        ctx.timeout(millis(0));
        Go::Keep
    }));
    puppet.note("mail");
    assert_eq!(seen(&puppet, &log).await, ["a is idle 0", "mail"]);
}

/// FSM-27: armed in the transition that leaves a state, it is the next one's.
// break: FSM-27 runtime/cordial/src/gen_statem/server.rs
//     `let mut entered = ctx.kept().machine.settle(outcome);` =>
//     `ctx.kept().machine.set(std::mem::take(&mut timeouts));
//     let mut entered = ctx.kept().machine.settle(outcome);`
#[cordial::test]
async fn a_timeout_armed_with_a_change_belongs_to_the_new_state() {
    let (puppet, log) = puppet().await;
    puppet.run(Box::new(|ctx: &mut Ctx<Puppet>| {
        ctx.state_timeout(millis(5));
        Go::B
    }));
    pass(millis(10)).await;
    assert_eq!(log.take(), ["B from A", "b is over 5", "A from B"]);
}

/// FSM-9: an alarm that stands in the mailbox when its timeout is replaced fires nothing.
#[cordial::test]
async fn an_alarm_of_a_replaced_timeout_fires_nothing() {
    let (puppet, log) = puppet().await;
    let arm = |after| {
        Box::new(move |ctx: &mut Ctx<Puppet>| {
            ctx.state_timeout(after);
            Go::Keep
        })
    };
    puppet.run(arm(millis(5)));
    seen(&puppet, &log).await;
    cordial::sys::suspend(&puppet).await.unwrap();
    puppet.run(arm(millis(20)));
    pass(millis(6)).await;
    // The line now: the new one, and behind it the alarm of the old one.
    cordial::sys::resume(&puppet).await.unwrap();
    pass(millis(10)).await;
    assert_eq!(log.take(), [""; 0]);
    pass(millis(20)).await;
    assert_eq!(log.take(), ["a is over 26"]);
}

/// FSM-15: a timeout at a time is due then, whenever it was armed; one that is past is due at once.
// break: FSM-15 runtime/cordial/src/gen_statem/context.rs
//     `Change::Start(Due::At(Instant::from_std(due)), event)` =>
//     `Change::Start(Due::At(Instant::now() + (due - crate::process::now()) * 2), event)`
#[cordial::test]
async fn a_timeout_may_be_absolute() {
    let (puppet, log) = puppet_with(Times { a: Some(Duration::MAX), ..Times::default() }).await;
    let (soon, later) = (process::now() + millis(10), process::now() + millis(30));
    pass(millis(8)).await;
    puppet.run(Box::new(move |ctx: &mut Ctx<Puppet>| {
        ctx.state_timeout_at(soon);
        ctx.timeout_named_at("later", later, Told("later"));
        ctx.timeout_named_at("past", soon - millis(5), Told("past"));
        ctx.next_event(note("injected"));
        Go::Keep
    }));
    pass(millis(1)).await;
    assert_eq!(log.take(), ["injected", "past"]);
    pass(millis(2)).await;
    assert_eq!(log.take(), ["a is over 10"]);
    pass(millis(18)).await;
    assert!(log.take().is_empty());
    pass(millis(2)).await;
    assert_eq!(log.take(), ["later"]);
}

/// FSM-26: one that has rested for a day is what it was: its timeouts wake it, what it postponed
/// waits, and its state and data are the same.
// break: FSM-26 runtime/cordial/src/gen_statem/context.rs
//     `let Some(due) = earliest else { return };` =>
//     `let far = Instant::now() + Duration::from_secs(3_600);
//     let Some(due) = earliest.filter(|due| *due < far) else { return };`
#[cordial::test]
async fn a_machine_that_rests_wakes_as_it_was() {
    let (puppet, log) = puppet().await;
    puppet.run(Box::new(|ctx: &mut Ctx<Puppet>| {
        ctx.timeout_named("morning", hours(24), Told("morning"));
        Go::C
    }));
    puppet.late(1);
    pass(hours(23)).await;
    assert_eq!(log.take(), ["C from A"]);
    pass(hours(1) + millis(1)).await;
    assert_eq!(log.take(), ["morning"]);
    assert_eq!(puppet.ask().await, Ok("c"));
    puppet.run(to(Go::B));
    pass(millis(1)).await;
    assert_eq!(log.take(), ["B from C", "late 1"]);
}
