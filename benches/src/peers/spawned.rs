//! spawned: an actor with a `Handler` impl per message, `send` and `request`, as in its README.
//!
//! A request is bounded by five seconds, as it is by default. Mailboxes have no bound; there are
//! no supervisors and no monitors. The registry and the timers are its own.

use std::time::{Duration, Instant};

use spawned::message::Message;
use spawned::registry;
use spawned::tasks::{Actor, ActorRef, ActorStart, Context, Handler, send_after};

use crate::latch::Latch;
use crate::payload::Payload;
use crate::peer::{Calls, Consumer, FAR, NAME, NAMES, Peer};
use crate::state::{State, yield_once};

type Address<const WORDS: usize> = ActorRef<Member<WORDS>>;

pub(crate) struct Member<const WORDS: usize>(State<Address<WORDS>>);

impl<const WORDS: usize> Actor for Member<WORDS> {}

struct Add<const WORDS: usize>(Payload<WORDS>);
impl<const WORDS: usize> Message for Add<WORDS> {
    type Result = ();
}
impl<const WORDS: usize> Handler<Add<WORDS>> for Member<WORDS> {
    async fn handle(&mut self, add: Add<WORDS>, _: &Context<Self>) {
        self.0.add(add.0);
    }
}

struct Total<const WORDS: usize>(Payload<WORDS>);
impl<const WORDS: usize> Message for Total<WORDS> {
    type Result = u64;
}
impl<const WORDS: usize> Handler<Total<WORDS>> for Member<WORDS> {
    async fn handle(&mut self, total: Total<WORDS>, _: &Context<Self>) -> u64 {
        self.0.total(total.0)
    }
}

struct TotalYielding<const WORDS: usize>(Payload<WORDS>);
impl<const WORDS: usize> Message for TotalYielding<WORDS> {
    type Result = u64;
}
impl<const WORDS: usize> Handler<TotalYielding<WORDS>> for Member<WORDS> {
    async fn handle(&mut self, total: TotalYielding<WORDS>, _: &Context<Self>) -> u64 {
        yield_once().await;
        self.0.total(total.0)
    }
}

struct Meet<const WORDS: usize>(Address<WORDS>, Latch);
impl<const WORDS: usize> Message for Meet<WORDS> {
    type Result = ();
}
impl<const WORDS: usize> Handler<Meet<WORDS>> for Member<WORDS> {
    async fn handle(&mut self, met: Meet<WORDS>, _: &Context<Self>) {
        self.0.meet(met.0, met.1);
    }
}

struct Pass(u64);
impl Message for Pass {
    type Result = ();
}
impl<const WORDS: usize> Handler<Pass> for Member<WORDS> {
    async fn handle(&mut self, token: Pass, _: &Context<Self>) {
        match token.0 {
            0 => self.0.end(),
            hops => drop(self.0.next().send(Pass(hops - 1))),
        }
    }
}

struct Report(Latch);
impl Message for Report {
    type Result = ();
}
impl<const WORDS: usize> Handler<Report> for Member<WORDS> {
    async fn handle(&mut self, report: Report, _: &Context<Self>) {
        report.0.hit();
    }
}

struct Drive<const WORDS: usize>(Calls<Address<WORDS>>, Latch);
impl<const WORDS: usize> Message for Drive<WORDS> {
    type Result = ();
}
impl<const WORDS: usize> Handler<Drive<WORDS>> for Member<WORDS> {
    async fn handle(&mut self, drive: Drive<WORDS>, _: &Context<Self>) {
        drive.0.make::<Spawned, WORDS>().await;
        drive.1.hit();
    }
}

struct Stop;
impl Message for Stop {
    type Result = ();
}
impl<const WORDS: usize> Handler<Stop> for Member<WORDS> {
    async fn handle(&mut self, _: Stop, context: &Context<Self>) {
        context.stop();
    }
}

/// See the head of this file.
pub(crate) struct Spawned;

impl<const WORDS: usize> Consumer<WORDS> for Spawned {
    type Address = Address<WORDS>;

    async fn start() -> Address<WORDS> {
        Member(State::default()).start()
    }
    async fn cast(to: &Address<WORDS>, payload: Payload<WORDS>) {
        let _ = to.send(Add(payload));
    }
    async fn call(to: &Address<WORDS>, payload: Payload<WORDS>) -> u64 {
        to.request(Total(payload)).await.expect("the actor answers")
    }
    async fn report(to: &Address<WORDS>, end: Latch) {
        let _ = to.send(Report(end));
    }
}

impl<const WORDS: usize> Peer<WORDS> for Spawned {
    async fn stop(actor: Address<WORDS>) {
        let _ = actor.send(Stop);
        actor.join().await;
    }
    async fn meet(to: &Address<WORDS>, next: Address<WORDS>, end: Latch) {
        let _ = to.send(Meet(next, end));
    }
    async fn pass(to: &Address<WORDS>, hops: u64) {
        let _ = to.send(Pass(hops));
    }
    async fn drive(from: &Address<WORDS>, calls: Calls<Address<WORDS>>, end: Latch) {
        let _ = from.send(Drive(calls, end));
    }
    async fn call_yielding(to: &Address<WORDS>, payload: Payload<WORDS>) -> u64 {
        to.request(TotalYielding(payload)).await.expect("the actor answers")
    }
    async fn call_within(to: &Address<WORDS>, payload: Payload<WORDS>, limit: Duration) -> u64 {
        let answer = to.request_with_timeout(Total(payload), limit).await;
        answer.expect("the actor answers in time")
    }

    async fn named(times: u64) -> Option<Duration> {
        for number in 0..NAMES {
            let member = Member::<WORDS>(State::default()).start();
            registry::register(&format!("actor-{number}"), member).ok()?;
        }
        let start = Instant::now();
        for number in 0..times {
            let found: Address<WORDS> = registry::whereis(NAME)?;
            <Self as Consumer<WORDS>>::call(&found, Payload::new(number)).await;
        }
        Some(start.elapsed())
    }

    async fn timers(times: u64) -> Option<Duration> {
        let member = <Self as Consumer<WORDS>>::start().await;
        let start = Instant::now();
        for number in 0..times {
            let timer = send_after(FAR, member.context(), Add(Payload::new(number)));
            timer.cancellation_token.cancel();
        }
        Some(start.elapsed())
    }
}
