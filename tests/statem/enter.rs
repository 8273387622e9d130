//! What runs when a state is entered.
use crate::puppet::{Go, Puppet, Told, note, pass, puppet, seen, to};
use cordial::gen_statem::Enter;
use cordial::prelude::*;

/// FSM-16: it runs on every change, with the state before, and before what was injected and what
/// was postponed; that it runs at the start is what every puppet's log begins with.
// break: FSM-16 runtime/cordial/src/gen_statem/server.rs `Done::next(Next::Repeat)` =>
//     `Done::next(Next::Keep)`
#[cordial::test]
async fn enter_comes_first_of_all() {
    let (puppet, log) = puppet().await;
    puppet.late(1);
    puppet.run(Box::new(|ctx: &mut Ctx<Puppet>| {
        ctx.next_event(note("injected"));
        Go::B
    }));
    assert_eq!(seen(&puppet, &log).await, ["B from A", "injected", "late 1"]);
}

/// FSM-17: not when the machine stays or goes where it is; with the state itself when it repeats.
// break: FSM-17 runtime/cordial/src/gen_statem/machine.rs
//     `Leads::Repeat => Some(self.state.clone()),` =>
//     `Leads::Repeat => self.queue.front().map(|_| self.state.clone()),`
#[cordial::test]
async fn enter_runs_on_repeat_and_not_on_keep() {
    let (puppet, log) = puppet().await;
    puppet.run(to(Go::B));
    for go in [Go::Keep, Go::B] {
        puppet.run(to(go));
    }
    assert_eq!(seen(&puppet, &log).await, ["B from A"]);
    puppet.run(to(Go::Repeat));
    assert_eq!(seen(&puppet, &log).await, ["B from B"]);
}

/// FSM-18: it may arm timeouts and answer; that it cannot lead elsewhere is a ui-test.
#[cordial::test]
async fn enter_may_arm_timeouts() {
    let (puppet, log) = puppet().await;
    puppet.on_enter(Box::new(|ctx: &mut EnterCtx<'_, Puppet>| {
        ctx.state_timeout(millis(5));
        ctx.timeout_named("n", millis(3), Told("named"));
        ctx.send_after(millis(4), Told("sent"));
        Enter::Done
    }));
    puppet.run(to(Go::B));
    pass(millis(10)).await;
    assert_eq!(log.take(), ["B from A", "named", "sent", "b is over 5", "A from B"]);
}

/// FSM-19: entered again at once, before anything else comes, and from the same state as before.
// break: FSM-19 runtime/cordial/src/gen_statem/server.rs
//     `entered = (enter == Enter::Again).then_some(from);` => `drop((enter, from));`
#[cordial::test]
async fn enter_may_repeat_itself() {
    let (puppet, log) = puppet().await;
    for enter in [Enter::Again, Enter::Again, Enter::Done] {
        puppet.on_enter(Box::new(move |_: &mut EnterCtx<'_, Puppet>| enter));
    }
    puppet.late(1);
    puppet.run(to(Go::B));
    assert_eq!(seen(&puppet, &log).await, ["B from A", "B from A", "B from A", "late 1"]);
}

/// FSM-18: a stop that it asks for ends the machine before the next event.
#[cordial::test]
async fn enter_may_stop() {
    let (puppet, log) = puppet().await;
    puppet.on_enter(Box::new(|ctx: &mut EnterCtx<'_, Puppet>| {
        ctx.stop(ExitReason::Shutdown);
        Enter::Done
    }));
    puppet.late(1);
    puppet.run(to(Go::B));
    let down = cordial::process::monitor(&puppet).await;
    assert_eq!(down.reason, ExitReason::Shutdown);
    assert_eq!(log.take(), ["B from A", "terminate in B"]);
}
