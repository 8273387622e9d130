//! Which event comes next.
use crate::puppet::{Go, Log, Puppet, PuppetMsg, Times, Told, note, puppet, seen, to};
use cordial::prelude::*;
use cordial::send;

/// FSM-1: calls, casts and infos come, and each of them can be injected.
// break: FSM-1 runtime/cordial/src/gen_statem/context.rs `self.kept().injected.push(event);` =>
//     `drop(event);`
#[cordial::test]
async fn every_kind_of_event_comes_and_can_be_injected() {
    let (puppet, log) = puppet().await;
    let (from, answer) = ReplyTo::pair();
    puppet.run(to(Go::B));
    puppet.run(Box::new(|ctx: &mut Ctx<Puppet>| {
        ctx.next_event(note("cast"));
        ctx.next_event(PuppetMsg::Told { msg: Told("info") });
        ctx.next_event(PuppetMsg::Ask { from });
        Go::Keep
    }));
    puppet.note("mail");
    send(&puppet, Told("told"));
    assert_eq!(answer.await, Some("b"));
    assert_eq!(puppet.ask().await, Ok("b"));
    let events = ["B from A", "cast", "info", "asked", "mail", "told", "asked"];
    assert_eq!(seen(&puppet, &log).await, events);
}

/// FSM-3: what `init` asks for is done before mail that waits already.
// break: FSM-3 runtime/cordial/src/gen_statem/server.rs `None => run(data, None, ctx).await,` =>
//     `None => Flow::Continue,`
#[cordial::test]
async fn what_init_asks_for_comes_before_mail() {
    let log = Log::default();
    let begin = Box::new(|ctx: &mut Ctx<Puppet>| {
        ctx.me().note("mail");
        ctx.next_event(note("first"));
        ctx.next_event(note("second"));
        ctx.timeout_named("n", millis(0), Told("timeout"));
        Go::Keep
    });
    let puppet = Puppet::start(log.clone(), Times::default(), begin).await.unwrap();
    assert_eq!(seen(&puppet, &log).await, ["A from A", "first", "second", "timeout", "mail"]);
}

/// FSM-4: injected events in their order, then what is tried again, then mail.
// break: FSM-4 runtime/cordial/src/gen_statem/machine.rs
//     `for event in injected.into_iter().rev() {` => `for event in injected {`
#[cordial::test]
async fn injected_events_come_first_then_postponed_ones_then_mail() {
    let (puppet, log) = puppet().await;
    puppet.late(1);
    puppet.late(2);
    puppet.run(Box::new(|ctx: &mut Ctx<Puppet>| {
        ctx.next_event(note("n1"));
        ctx.next_event(note("n2"));
        Go::B
    }));
    send(&puppet, Told("info3"));
    puppet.late(4);
    let order = ["B from A", "n1", "n2", "late 1", "late 2", "info3", "late 4"];
    assert_eq!(seen(&puppet, &log).await, order);
}

/// FSM-5: what an injected event injects comes before the injected events that are left.
// break: FSM-5 runtime/cordial/src/gen_statem/machine.rs `self.queue.push_front(event);` =>
//     `self.queue.push_back(event);`
#[cordial::test]
async fn what_an_injected_event_injects_comes_before_the_others() {
    let (puppet, log) = puppet().await;
    puppet.run(Box::new(|ctx: &mut Ctx<Puppet>| {
        let inner = Box::new(|ctx: &mut Ctx<Puppet>| {
            ctx.next_event(note("11"));
            Go::Keep
        });
        ctx.next_event(PuppetMsg::Run { act: inner });
        ctx.next_event(note("2"));
        Go::Keep
    }));
    assert_eq!(seen(&puppet, &log).await, ["11", "2"]);
}

/// FSM-6: staying, going where it is and repeating do not try again what was postponed.
// break: FSM-6 runtime/cordial/src/gen_statem/machine.rs
//     `Leads::To(state) if state == self.state => None,` =>
//     `Leads::To(state) if state == self.state && self.postponed.is_empty() => None,`
#[cordial::test]
async fn what_is_postponed_waits_for_another_state() {
    let (puppet, log) = puppet().await;
    puppet.late(1);
    for go in [Go::Keep, Go::A, Go::Repeat] {
        puppet.run(to(go));
        puppet.note("-");
    }
    assert_eq!(seen(&puppet, &log).await, ["-", "-", "A from A", "-"]);
    puppet.run(to(Go::B));
    assert_eq!(seen(&puppet, &log).await, ["B from A", "late 1"]);
}

/// FSM-7: over several changes of state they keep their order, also when postponed again.
// break: FSM-7 runtime/cordial/src/gen_statem/machine.rs `self.postponed.drain(..).rev()` =>
//     `self.postponed.drain(..)`
#[cordial::test]
async fn postponed_events_keep_their_order_over_several_changes() {
    let (puppet, log) = puppet().await;
    puppet.late(1);
    puppet.run(to(Go::C));
    puppet.late(2);
    puppet.run(to(Go::A));
    puppet.late(3);
    puppet.run(to(Go::B));
    let order = ["C from A", "A from C", "B from A", "late 1", "late 2", "late 3"];
    assert_eq!(seen(&puppet, &log).await, order);
}

/// FSM-8: a postponed call is answered in the state in which it is handled.
// break: FSM-8 runtime/cordial/src/gen_statem/machine.rs `self.postponed.extend(postponed);` =>
//     `drop(postponed);`
#[cordial::test]
async fn a_postponed_call_is_answered_later() {
    let (puppet, _) = puppet().await;
    let first = puppet.ask();
    puppet.note("-");
    puppet.run(to(Go::C));
    assert_eq!(first.await, Ok("c"));
}
