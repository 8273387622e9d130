//! xtra: an actor with a `Handler` impl per message, `send`, detached where nobody waits.
//!
//! Mailboxes are unbounded unless the workload is about bounds. It has no supervisors, names,
//! timers or monitors, and no limit on a call but the one of tokio around it.

use std::time::Duration;

use tokio::time::timeout;
use xtra::{Actor, Address, Context, Handler, Mailbox};

use crate::latch::Latch;
use crate::payload::Payload;
use crate::peer::{Calls, Consumer, Peer};
use crate::state::{State, yield_once};

type To<const WORDS: usize> = Address<Member<WORDS>>;

pub(crate) struct Member<const WORDS: usize>(State<To<WORDS>>);

impl<const WORDS: usize> Actor for Member<WORDS> {
    type Stop = ();
    async fn stopped(self) {}
}

struct Add<const WORDS: usize>(Payload<WORDS>);
impl<const WORDS: usize> Handler<Add<WORDS>> for Member<WORDS> {
    type Return = ();
    async fn handle(&mut self, add: Add<WORDS>, _: &mut Context<Self>) {
        self.0.add(add.0);
    }
}

struct Total<const WORDS: usize>(Payload<WORDS>);
impl<const WORDS: usize> Handler<Total<WORDS>> for Member<WORDS> {
    type Return = u64;
    async fn handle(&mut self, total: Total<WORDS>, _: &mut Context<Self>) -> u64 {
        self.0.total(total.0)
    }
}

struct TotalYielding<const WORDS: usize>(Payload<WORDS>);
impl<const WORDS: usize> Handler<TotalYielding<WORDS>> for Member<WORDS> {
    type Return = u64;
    async fn handle(&mut self, total: TotalYielding<WORDS>, _: &mut Context<Self>) -> u64 {
        yield_once().await;
        self.0.total(total.0)
    }
}

struct Meet<const WORDS: usize>(To<WORDS>, Latch);
impl<const WORDS: usize> Handler<Meet<WORDS>> for Member<WORDS> {
    type Return = ();
    async fn handle(&mut self, met: Meet<WORDS>, _: &mut Context<Self>) {
        self.0.meet(met.0, met.1);
    }
}

struct Pass(u64);
impl<const WORDS: usize> Handler<Pass> for Member<WORDS> {
    type Return = ();
    async fn handle(&mut self, token: Pass, _: &mut Context<Self>) {
        match token.0 {
            0 => self.0.end(),
            hops => drop(self.0.next().send(Pass(hops - 1)).detach().await),
        }
    }
}

struct Report(Latch);
impl<const WORDS: usize> Handler<Report> for Member<WORDS> {
    type Return = ();
    async fn handle(&mut self, report: Report, _: &mut Context<Self>) {
        report.0.hit();
    }
}

struct Drive<const WORDS: usize>(Calls<To<WORDS>>, Latch);
impl<const WORDS: usize> Handler<Drive<WORDS>> for Member<WORDS> {
    type Return = ();
    async fn handle(&mut self, drive: Drive<WORDS>, _: &mut Context<Self>) {
        drive.0.make::<Xtra<0>, WORDS>().await;
        drive.1.hit();
    }
}

struct Stop;
impl<const WORDS: usize> Handler<Stop> for Member<WORDS> {
    type Return = ();
    async fn handle(&mut self, _: Stop, context: &mut Context<Self>) {
        context.stop_self();
    }
}

/// Mailboxes with this bound; 0 is none.
pub(crate) struct Xtra<const BOUND: usize>;

impl<const WORDS: usize, const BOUND: usize> Consumer<WORDS> for Xtra<BOUND> {
    type Address = To<WORDS>;

    async fn start() -> To<WORDS> {
        let mailbox = match BOUND {
            0 => Mailbox::unbounded(),
            bound => Mailbox::bounded(bound),
        };
        xtra::spawn_tokio(Member(State::default()), mailbox)
    }
    async fn cast(to: &To<WORDS>, payload: Payload<WORDS>) {
        let _ = to.send(Add(payload)).detach().await;
    }
    async fn call(to: &To<WORDS>, payload: Payload<WORDS>) -> u64 {
        to.send(Total(payload)).await.expect("the actor answers")
    }
    async fn report(to: &To<WORDS>, end: Latch) {
        let _ = to.send(Report(end)).detach().await;
    }
}

impl<const WORDS: usize> Peer<WORDS> for Xtra<0> {
    async fn stop(actor: To<WORDS>) {
        let _ = actor.send(Stop).await;
        actor.join().await;
    }
    async fn meet(to: &To<WORDS>, next: To<WORDS>, end: Latch) {
        let _ = to.send(Meet(next, end)).await;
    }
    async fn pass(to: &To<WORDS>, hops: u64) {
        let _ = to.send(Pass(hops)).detach().await;
    }
    async fn drive(from: &To<WORDS>, calls: Calls<To<WORDS>>, end: Latch) {
        let _ = from.send(Drive(calls, end)).detach().await;
    }
    async fn call_yielding(to: &To<WORDS>, payload: Payload<WORDS>) -> u64 {
        to.send(TotalYielding(payload)).await.expect("the actor answers")
    }
    async fn call_within(to: &To<WORDS>, payload: Payload<WORDS>, limit: Duration) -> u64 {
        let answer = timeout(limit, to.send(Total(payload))).await;
        answer.expect("the actor answers in time").expect("the actor lives")
    }
}
