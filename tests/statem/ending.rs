//! How a state machine begins, is looked at and ends: as a server, and with its state.
use crate::puppet::{Go, Log, Puppet, PuppetState, note, pass, puppet, seen, to};
use cordial::gen_statem;
use cordial::prelude::*;
use cordial::process;
use cordial::{gen_server, sys};
use std::fmt;

#[derive(Clone, Debug, PartialEq)]
struct Broken(u32);
impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "broken {}", self.0)
    }
}

#[gen_statem(name = "the lamp", restart = Transient)]
#[derive(Debug)]
struct Lamp;

#[gen_statem(Off | On)]
impl Lamp {
    #[init]
    fn init(how: u8) -> Result<Init<Self>, Broken> {
        match how {
            0 => Ok(Init::run(Self)),
            1 => Ok(Init::Ignore),
            2 => Ok(Init::stop(ExitReason::custom(Broken(2)))),
            _ => Err(Broken(3)),
        }
    }
    #[on(Off)]
    #[call]
    fn press(&mut self) -> (u8, to![On]) {
        (1, goto(On))
    }
    #[on(On)]
    #[call]
    fn press(&mut self, ctx: &mut Ctx<Self>) -> u8 {
        ctx.stop(ExitReason::custom(Broken(2)));
        2
    }
}

/// FSM-2: started, named, refused and stopped as a server is.
// break: FSM-2 macros/src/gen_statem/mod.rs `return gen_server::expand(args, item);` =>
//     `return gen_server::expand(TokenStream::new(), item);`
#[cordial::test]
async fn it_starts_and_stops_as_a_server() {
    assert!(matches!(Lamp::start(1).await, Err(StartError::Ignore)));
    assert!(matches!(Lamp::start(2).await, Err(StartError::Init(_))));
    assert!(matches!(Lamp::start(3).await, Err(StartError::Init(_))));
    let lamp = Lamp::start(0).await.unwrap();
    let pid = process::whereis("the lamp").unwrap();
    assert!(
        matches!(Lamp::start(0).await, Err(StartError::AlreadyStarted(there)) if there.pid() == pid)
    );
    gen_server::stop(&lamp).await.unwrap();
    assert!(process::whereis("the lamp").is_none());
}

/// FSM-20: the reply comes before `terminate`, unlike a server's (GS-23), and the reason is the
/// given one.
// break: FSM-20 runtime/cordial/src/private.rs `from.reply(value); // At once` =>
//     `drop((from, value)); // At once`
#[cordial::test]
async fn a_stop_with_a_reply_replies_before_terminate() {
    let lamp = Lamp::start(0).await.unwrap();
    assert_eq!(lamp.press().await, Ok(1));
    let down = process::monitor(&lamp);
    assert_eq!(lamp.press().await, Ok(2));
    assert_eq!(down.await.reason, ExitReason::custom(Broken(2)));
}

/// FSM-21: whoever waits for a reply that never comes is told why.
// break: FSM-21 runtime/cordial/src/gen_statem/server.rs
//     `Next::Stop(reason) => return Some(Flow::Stop(reason)),` =>
//     `Next::Stop(_) => return Some(Flow::Stop(crate::exit::ExitReason::Normal)),`
#[cordial::test]
async fn a_stop_tells_the_waiting_callers() {
    let (puppet, log) = puppet().await;
    let waits = puppet.ask();
    puppet.run(to(Go::Stop(ExitReason::custom(Broken(1)))));
    match waits.await {
        Err(CallError::Down(reason, _)) => assert_eq!(reason, ExitReason::custom(Broken(1))),
        other => panic!("told {other:?}"),
    }
    assert_eq!(log.take(), ["terminate in A"]);
}

/// FSM-22: a call has its own limit, and a late reply is nobody's.
// break: FSM-22 macros/src/gen_statem/read.rs `head.method.name = event.clone();` =>
//     `head.method.name = event.clone(); if matches!(head.role, Role::Call(_)) {
//     head.role = Role::Call(CallOptions::default()); }`
#[cordial::test]
async fn a_postponed_call_times_out_and_its_late_reply_is_nobodys() {
    let (puppet, log) = puppet().await;
    let waits = puppet.ask();
    let began = tokio::time::Instant::now();
    assert!(matches!(waits.await, Err(CallError::Timeout(..))));
    assert_eq!(began.elapsed(), secs(1));
    puppet.run(to(Go::B));
    assert_eq!(seen(&puppet, &log).await, ["B from A", "asked"]);
    assert_eq!(puppet.ask().await, Ok("b"));
}

/// FSM-23: `terminate` knows the state, also when the parent ends it.
// break: FSM-23 runtime/cordial/src/gen_statem/context.rs
//     `state.flatten().unwrap_or(S::INITIAL)` =>
//     `state.flatten().map_or(S::INITIAL, |_| S::INITIAL)`
#[cordial::test]
async fn terminate_sees_the_state() {
    let (puppet, log) = puppet().await;
    puppet.run(to(Go::C));
    gen_server::stop(&puppet).await.unwrap();
    assert_eq!(log.take()[1..], ["terminate in C"]);
}

/// FSM-24: state and data are looked at and replaced together; a suspended machine keeps what
/// comes.
// break: FSM-24 runtime/cordial/src/gen_statem/look.rs
//     `from.reply((kept.machine.state().clone(), data));` => `from.reply((S::INITIAL, data));`
#[cordial::test]
async fn it_is_looked_at_with_its_state() {
    let (puppet, log) = puppet().await;
    puppet.late(1);
    puppet.run(to(Go::C));
    let (state, _) = gen_statem::get_state(&puppet).await.unwrap();
    assert_eq!(state, PuppetState::C);
    log.take();

    sys::suspend(&puppet).await.unwrap();
    puppet.note("kept");
    pass(millis(50)).await;
    let other = Log::default();
    let theirs = other.clone();
    let replaced = gen_statem::replace_state(&puppet, move |_, data| {
        (PuppetState::B, Puppet { log: theirs, ..data.clone() })
    });
    replaced.await.unwrap();
    sys::resume(&puppet).await.unwrap();
    assert_eq!(seen(&puppet, &log).await, [""; 0]);
    // It is no transition: nothing was entered, and nothing tried again.
    assert_eq!(other.take(), ["kept"]);
    let in_b = gen_statem::with_state(&puppet, |state, _| *state == PuppetState::B);
    assert!(in_b.await.unwrap());
}

/// FSM-21: one that is killed half way drops what it kept, and its callers are told.
#[cordial::test]
async fn a_kill_tells_the_callers_of_what_was_postponed() {
    let (puppet, log) = puppet().await;
    let waits = puppet.ask();
    puppet.run(Box::new(|ctx: &mut Ctx<Puppet>| {
        ctx.next_event(note("-"));
        Go::Keep
    }));
    seen(&puppet, &log).await;
    process::exit(&puppet, ExitReason::Kill);
    assert!(matches!(waits.await, Err(CallError::Down(ExitReason::Killed, _))));
}
