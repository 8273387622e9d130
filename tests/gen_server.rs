//! What a running server does: the order of messages, stops, panics, continuations.
use crate::gen_server_support::{Gate, Log, custom};
use cordial::gen_server;
use cordial::prelude::*;
use cordial::process;
use cordial::test::{expect_down, sync};

// ===== Order =====

struct Told(u32);

#[gen_server]
struct Scribe {
    log: Log,
}

#[gen_server]
impl Scribe {
    #[cast]
    fn note(&mut self, n: u32) {
        self.log.write(format!("cast {n}"));
    }
    #[cast]
    async fn note_slowly(&mut self, n: u32) {
        tokio::task::yield_now().await;
        self.log.write(format!("slow {n}"));
    }
    #[call]
    fn echo(&mut self, n: u32) -> u32 {
        self.log.write(format!("call {n}"));
        n
    }
    #[call]
    async fn echo_slowly(&mut self, n: u32) -> u32 {
        tokio::task::yield_now().await;
        self.log.write(format!("slow call {n}"));
        n
    }
    #[info]
    fn told(&mut self, told: Told) {
        self.log.write(format!("info {}", told.0));
    }
}

async fn scribe() -> (ScribeRef, Log) {
    let log = Log::default();
    (Scribe::start(Scribe { log: log.clone() }).await.unwrap(), log)
}

/// GS-11
#[cordial::test]
async fn call_gives_what_its_handler_returned() {
    let (scribe, _) = scribe().await;
    for n in 0..100 {
        assert_eq!(scribe.echo(n).await, Ok(n));
        assert_eq!(scribe.echo_slowly(n).await, Ok(n));
    }
}

async fn one_line_for_everything() {
    let (scribe, log) = scribe().await;
    let (mut calls, mut expected) = (Vec::new(), Vec::new());
    // More than one turn's worth, of every kind.
    for n in 0..200 {
        scribe.note(n);
        cordial::send(&scribe, Told(n));
        calls.push(scribe.echo(n));
        scribe.note_slowly(n);
        calls.push(scribe.echo_slowly(n));
        for kind in ["cast", "info", "call", "slow", "slow call"] {
            expected.push(format!("{kind} {n}"));
        }
    }
    for (n, call) in (0..).zip(calls) {
        assert_eq!(call.await, Ok(n / 2));
    }
    assert_eq!(log.take(), expected);
}

/// GS-11
// break: GS-11 runtime/cordial/src/mailbox/queue.rs
//     `self.rest.push(mail);` => `self.rest.insert(0, mail);`
#[cordial::test]
async fn casts_infos_and_calls_of_one_sender_are_one_line() {
    one_line_for_everything().await;
}

/// GS-11
#[cordial::test(workers = 2)]
async fn casts_infos_and_calls_of_one_sender_are_one_line_on_two_workers() {
    one_line_for_everything().await;
}

/// GS-12
// break: GS-12 runtime/cordial/src/process/cell.rs
//     `if inner.stage == Stage::Dead && !inner.is_reserved() {` => `if false {`
#[cordial::test]
async fn cast_is_fine_whoever_is_there() {
    let (scribe, log) = scribe().await;
    assert_eq!(scribe.note(1).sent(), Ok(()));
    gen_server::stop(&scribe).await.unwrap();
    let cast = scribe.note(2);
    assert_eq!(cast.sent(), Err(SendError::NoProc));
    assert_eq!(cordial::send(&scribe, Told(3)).sent(), Err(SendError::NoProc));
    assert_eq!(log.take(), ["cast 1"]);
}

/// GS-28
// break: GS-28 runtime/cordial/src/gen_server/server.rs
//     `log_exit(&note);` => `return Some(Job::Terminate(note.reason));`
#[cordial::test]
async fn signal_that_nobody_expects_is_ignored() {
    let deaf = Deaf::start(Deaf).await.unwrap();
    deaf.trap().await.unwrap();
    // Not from the test, which stands as its parent.
    let deaf_too = deaf.clone();
    process::spawn_monitor(async move |_: process::Mailbox<()>| {
        process::exit(&deaf_too, custom());
    })
    .1
    .await;
    sync(&deaf).await;
    assert_eq!(deaf.trap().await, Ok(true));
}

/// Traps exits, and has no handler for them.
#[gen_server]
struct Deaf;

#[gen_server]
impl Deaf {
    #[call]
    fn trap(&self, ctx: &mut Ctx<Self>) -> bool {
        ctx.trap_exit(true)
    }
}

// ===== Stops and panics =====

/// How a handler ends the server.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Flow,
    Ctx,
    Err,
    Panic,
}

#[gen_server]
struct Fragile {
    log: Log,
    gate: Gate,
    /// Set at the beginning of an update, reset at its end.
    half_done: bool,
}

struct EndByInfo(Way);
struct EndByContinue(Way);

#[gen_server]
impl Fragile {
    fn end(&mut self, way: Way, ctx: &mut Ctx<Self>) -> Result<Flow, &'static str> {
        self.half_done = true;
        match way {
            Way::Flow => return Ok(Flow::Stop(custom())),
            Way::Ctx => ctx.stop(custom()),
            Way::Err => return Err("x"),
            Way::Panic => panic!("x"),
        }
        Ok(Flow::Continue)
    }

    #[cast]
    fn by_cast(&mut self, way: Way, ctx: &mut Ctx<Self>) -> Result<Flow, &'static str> {
        self.end(way, ctx)
    }
    #[cast]
    async fn by_async_cast(&mut self, way: Way, ctx: &mut Ctx<Self>) -> Result<Flow, &'static str> {
        tokio::task::yield_now().await;
        self.end(way, ctx)
    }
    #[info]
    fn by_info(&mut self, end: EndByInfo, ctx: &mut Ctx<Self>) -> Result<Flow, &'static str> {
        self.end(end.0, ctx)
    }
    #[cast]
    fn by_continue(&mut self, way: Way, ctx: &mut Ctx<Self>) {
        ctx.continue_with(EndByContinue(way));
    }
    #[handle_continue]
    fn go_on(&mut self, end: EndByContinue, ctx: &mut Ctx<Self>) -> Result<Flow, &'static str> {
        self.end(end.0, ctx)
    }
    #[call]
    fn by_call(&mut self, way: Way, from: ReplyTo<u32>, ctx: &mut Ctx<Self>) -> Flow {
        let flow = self.end(way, ctx).unwrap_or_else(|error| Flow::Stop(ExitReason::custom(error)));
        drop(from);
        flow
    }
    #[call]
    async fn by_async_call(&mut self, way: Way, ctx: &mut Ctx<Self>) -> u32 {
        tokio::task::yield_now().await;
        match self.end(way, ctx) {
            Ok(Flow::Stop(reason)) => ctx.stop(reason),
            Err(error) => ctx.stop(ExitReason::custom(error)),
            Ok(Flow::Continue) => {}
        }
        0
    }
    /// Answers, and asks to stop.
    #[call]
    fn answer_and_stop(&mut self, reason: ExitReason, ctx: &mut Ctx<Self>) -> u32 {
        ctx.stop(reason);
        7
    }
    #[call]
    fn stop_unanswered(&mut self, reason: ExitReason, from: ReplyTo<u32>) -> Flow {
        drop(from);
        Flow::Stop(reason)
    }
    #[call]
    fn value(&self) -> u32 {
        1
    }
    #[cast]
    fn note(&self) {
        self.log.write("handled");
    }
    #[terminate]
    async fn bye(&mut self, reason: &ExitReason, ctx: &mut Ctx<Self>) {
        let state = if self.half_done { ", half done" } else { "" };
        let poisoned = if ctx.poisoned() { ", poisoned" } else { "" };
        self.log.write(format!("terminate: {reason}{state}{poisoned}"));
        self.gate.pass().await;
        self.log.write("terminated");
    }
}

async fn fragile() -> (FragileRef, Log, Gate) {
    let (log, gate) = (Log::default(), Gate::default());
    let state = Fragile { log: log.clone(), gate: gate.clone(), half_done: false };
    (Fragile::start(state).await.unwrap(), log, gate)
}

/// Ends a server, and gives its log and why it ended.
async fn ended(end: impl FnOnce(&FragileRef)) -> (Vec<String>, ExitReason) {
    let (server, log, gate) = fragile().await;
    let down = process::monitor(&server);
    gate.open();
    end(&server);
    server.note();
    let reason = down.await.reason;
    (log.take(), reason)
}

/// GS-26
// break: GS-26 runtime/cordial/src/gen_server/server.rs
//     `Flow::Stop(reason) => Some(reason),` => `Flow::Stop(_) => Some(ExitReason::Normal),`
#[cordial::test]
async fn stop_of_any_handler_runs_terminate_with_its_reason_and_ends_so() {
    for way in [Way::Flow, Way::Ctx, Way::Err] {
        for (log, reason) in every_handler(way).await {
            assert_eq!(reason, custom(), "{way:?}");
            assert_eq!(log, ["terminate: x, half done", "terminated"], "{way:?}");
        }
    }
}

/// GS-25
// break: GS-25 runtime/cordial/src/gen_server/server.rs
//     `self.ctx.poison();` => `self.ctx.wants_to_stop();`
#[cordial::test]
async fn panic_of_any_handler_terminates_with_the_state_as_it_was_left() {
    for (log, reason) in every_handler(Way::Panic).await {
        let panic = reason.panic().expect("it panicked");
        assert_eq!(panic.message(), "x");
        let expected = format!("terminate: {reason}, half done, poisoned");
        assert_eq!(log, [expected.as_str(), "terminated"], "mail behind it is discarded");
    }
}

/// Ends one server through each kind of handler.
async fn every_handler(way: Way) -> Vec<(Vec<String>, ExitReason)> {
    vec![
        ended(|server| {
            server.by_cast(way);
        })
        .await,
        ended(|server| {
            server.by_async_cast(way);
        })
        .await,
        ended(|server| {
            cordial::send(server, EndByInfo(way));
        })
        .await,
        ended(|server| {
            server.by_continue(way);
        })
        .await,
        ended(|server| drop(server.by_call(way))).await,
        ended(|server| drop(server.by_async_call(way))).await,
    ]
}

/// GS-26
#[cordial::test]
async fn stop_with_normal_ends_normal() {
    let (server, log, gate) = fragile().await;
    let down = process::monitor(&server);
    gate.open();
    assert_eq!(server.answer_and_stop(ExitReason::Normal).await, Ok(7));
    expect_down(down, ExitReason::Normal).await;
    assert_eq!(log.take(), ["terminate: normal", "terminated"]);
}

/// GS-23
// break: GS-23 runtime/cordial/src/gen_server/outcome.rs `if ctx.wants_to_stop() {` => `if false {`
#[cordial::test]
async fn answer_of_a_call_that_stops_comes_after_terminate_and_before_the_end() {
    let (server, log, gate) = fragile().await;
    let down = process::monitor(&server);
    let caller = async {
        assert_eq!(server.answer_and_stop(custom()).await, Ok(7));
        log.write("answered");
    };
    let ((), ()) = tokio::join!(caller, async {
        gate.reached().await;
        assert_eq!(log.take(), ["terminate: x"]);
        gate.open();
    });
    assert_eq!(log.take(), ["terminated", "answered"]);
    expect_down(down, custom()).await;
}

/// GS-24
// break: GS-24 runtime/cordial/src/gen_server/server.rs
//     `self.ctx.owe(Arc::downgrade(&caller));` => `caller.close(mailbox::Lost::Dropped);`
#[cordial::test]
async fn call_that_is_stopped_unanswered_gets_the_reason() {
    for reason in [ExitReason::Normal, ExitReason::Shutdown, custom()] {
        let (server, log, gate) = fragile().await;
        gate.open();
        let error = server.stop_unanswered(reason.clone()).await.unwrap_err();
        assert_eq!(error.reason(), Some(reason.clone()), "{error}");
        assert_eq!(log.take(), [&format!("terminate: {reason}"), "terminated"]);
    }
}

/// GS-20, GS-25
#[cordial::test]
async fn call_whose_handler_panics_gets_the_panic_when_the_server_is_gone() {
    for is_async in [false, true] {
        let (server, log, gate) = fragile().await;
        let call = async {
            let call = match is_async {
                false => server.by_call(Way::Panic),
                true => server.by_async_call(Way::Panic),
            };
            let error = call.await.unwrap_err();
            let panic = error.reason().and_then(|reason| reason.panic().cloned());
            assert_eq!(panic.expect("it panicked").message(), "x");
            assert_eq!(gen_server::whereis(&server), None);
            log.write("answered");
        };
        tokio::join!(call, async {
            gate.reached().await;
            gate.open();
        });
        assert_eq!(log.take()[1..], ["terminated", "answered"]);
    }
}

// ===== Continuations =====

struct Step(&'static str, u32);

#[gen_server(name = "eager")]
struct Eager {
    log: Log,
    gate: Gate,
}

#[gen_server]
impl Eager {
    #[init]
    async fn init(log: Log, gate: Gate, last: u32, ctx: &mut Ctx<Self>) -> Self {
        ctx.me().note("own");
        ctx.continue_with(Step("init", last));
        gate.pass().await;
        Self { log, gate }
    }
    /// Continues until the number is 0; 98 waits at the gate, 99 does and then stops.
    #[handle_continue]
    async fn step(&mut self, step: Step, ctx: &mut Ctx<Self>) -> Flow {
        self.log.write(format!("continue {} {}", step.0, step.1));
        match step.1 {
            0 => {}
            98 => self.gate.pass().await,
            99 => {
                self.gate.pass().await;
                return Flow::Stop(custom());
            }
            n => ctx.continue_with(Step(step.0, n - 1)),
        }
        Flow::Continue
    }
    #[cast]
    fn note(&self, what: &str) {
        self.log.write(what);
    }
    #[cast]
    fn continue_from_cast(&self, n: u32, ctx: &mut Ctx<Self>) {
        ctx.continue_with(Step("cast", n));
    }
    #[info]
    fn continue_from_info(&self, told: Told, ctx: &mut Ctx<Self>) {
        ctx.continue_with(Step("info", told.0));
    }
    #[call]
    fn continue_from_call(&self, n: u32, ctx: &mut Ctx<Self>) -> u32 {
        ctx.continue_with(Step("call", n));
        n
    }
    #[terminate]
    fn bye(&self, reason: &ExitReason) {
        self.log.write(format!("terminate: {reason}"));
    }
}

async fn eager(last: u32) -> (EagerRef, Log, Gate) {
    let (log, gate) = (Log::default(), Gate::default());
    gate.open();
    let server = Eager::start(log.clone(), gate.clone(), last).await.unwrap();
    gate.reached().await;
    (server, log, gate)
}

/// GS-29
// break: GS-29 runtime/cordial/src/gen_server/server.rs
//     `let next = self.ctx.take_continuation();` =>
//     `let next = self.ctx.take_continuation().filter(|_| false);`
#[cordial::test]
async fn continuation_of_init_runs_before_any_message() {
    let (log, gate) = (Log::default(), Gate::default());
    let start = Eager::start(log.clone(), gate.clone(), 0);
    let (server, ()) = tokio::join!(start, async {
        gate.reached().await;
        let note = EagerMsg::Note { what: "named".into() };
        process::send("eager", note).unwrap();
        gate.open();
    });
    sync(&server.unwrap()).await;
    assert_eq!(log.take(), ["continue init 0", "own", "named"]);
}

/// GS-30
// break: GS-30 runtime/cordial/src/gen_server/server.rs
//     `matches!(&handled, Ok(Flow::Continue)) && !self.ctx.has_more();` =>
//     `matches!(&handled, Ok(Flow::Continue));`
#[cordial::test]
async fn continuations_follow_each_other_before_the_next_message() {
    let (server, log, _) = eager(2).await;
    sync(&server).await;
    let init = ["continue init 2", "continue init 1", "continue init 0", "own"];
    assert_eq!(log.take(), init);
    server.continue_from_cast(1);
    cordial::send(&server, Told(1));
    server.note("next");
    sync(&server).await;
    let [cast, info] = ["cast", "info"].map(|from| format!("continue {from}"));
    let expected = [
        format!("{cast} 1"),
        format!("{cast} 0"),
        format!("{info} 1"),
        format!("{info} 0"),
        "next".into(),
    ];
    assert_eq!(log.take(), expected);
}

/// GS-30
#[cordial::test]
async fn answer_of_a_call_is_given_before_its_continuation_runs() {
    let (server, log, gate) = eager(0).await;
    assert_eq!(server.continue_from_call(98).await, Ok(98));
    server.note("next");
    gate.reached().await;
    gate.open();
    sync(&server).await;
    assert_eq!(log.take(), ["continue init 0", "own", "continue call 98", "next"]);
}

/// GS-31
// break: GS-31 runtime/cordial/src/gen_server/server.rs
//     `Job::Continue(next) => Step::Flow(next(state, ctx).await),` =>
//     `Job::Continue(next) => { let _ = next(state, ctx).await; Step::Flow(Flow::Continue) }`
#[cordial::test]
async fn continuation_that_stops_ends_a_server_that_has_started() {
    let (server, log, gate) = eager(99).await;
    let down = process::monitor(&server);
    gate.open();
    expect_down(down, custom()).await;
    assert_eq!(log.take(), ["continue init 99", "terminate: x"]);
}
