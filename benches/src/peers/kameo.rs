//! kameo: an actor with a `Message` impl per message, `tell` and `ask`, as in its README.
//!
//! Mailboxes are unbounded, as elsewhere here (its default holds 64 messages). Supervised children
//! are its own (`supervise`), and so is the registry. It has no timers and watches only by links.

use std::time::{Duration, Instant};

use kameo::actor::{Actor, ActorRef, Spawn};
use kameo::error::Infallible;
use kameo::mailbox;
use kameo::message::{Context, Message};
use kameo::supervision::RestartPolicy;
use tokio::task::yield_now;

use crate::latch::Latch;
use crate::payload::Payload;
use crate::peer::{Calls, Consumer, NAME, NAMES, Peer};
use crate::state::{State, yield_once};

type Address<const WORDS: usize> = ActorRef<Member<WORDS>>;

pub(crate) struct Member<const WORDS: usize>(State<Address<WORDS>>);

impl<const WORDS: usize> Actor for Member<WORDS> {
    type Args = ();
    type Error = Infallible;
    async fn on_start(_: (), _: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(Self(State::default()))
    }
}

struct Add<const WORDS: usize>(Payload<WORDS>);
impl<const WORDS: usize> Message<Add<WORDS>> for Member<WORDS> {
    type Reply = ();
    async fn handle(&mut self, add: Add<WORDS>, _: &mut Context<Self, ()>) {
        self.0.add(add.0);
    }
}

struct Total<const WORDS: usize>(Payload<WORDS>);
impl<const WORDS: usize> Message<Total<WORDS>> for Member<WORDS> {
    type Reply = u64;
    async fn handle(&mut self, total: Total<WORDS>, _: &mut Context<Self, u64>) -> u64 {
        self.0.total(total.0)
    }
}

struct TotalYielding<const WORDS: usize>(Payload<WORDS>);
impl<const WORDS: usize> Message<TotalYielding<WORDS>> for Member<WORDS> {
    type Reply = u64;
    async fn handle(&mut self, total: TotalYielding<WORDS>, _: &mut Context<Self, u64>) -> u64 {
        yield_once().await;
        self.0.total(total.0)
    }
}

struct Meet<const WORDS: usize>(Address<WORDS>, Latch);
impl<const WORDS: usize> Message<Meet<WORDS>> for Member<WORDS> {
    type Reply = ();
    async fn handle(&mut self, met: Meet<WORDS>, _: &mut Context<Self, ()>) {
        self.0.meet(met.0, met.1);
    }
}

struct Pass(u64);
impl<const WORDS: usize> Message<Pass> for Member<WORDS> {
    type Reply = ();
    async fn handle(&mut self, token: Pass, _: &mut Context<Self, ()>) {
        match token.0 {
            0 => self.0.end(),
            hops => drop(self.0.next().tell(Pass(hops - 1)).await),
        }
    }
}

struct Report(Latch);
impl<const WORDS: usize> Message<Report> for Member<WORDS> {
    type Reply = ();
    async fn handle(&mut self, report: Report, _: &mut Context<Self, ()>) {
        report.0.hit();
    }
}

struct Drive<const WORDS: usize>(Calls<Address<WORDS>>, Latch);
impl<const WORDS: usize> Message<Drive<WORDS>> for Member<WORDS> {
    type Reply = ();
    async fn handle(&mut self, drive: Drive<WORDS>, _: &mut Context<Self, ()>) {
        drive.0.make::<Kameo<0>, WORDS>().await;
        drive.1.hit();
    }
}

struct Crash;
impl<const WORDS: usize> Message<Crash> for Member<WORDS> {
    type Reply = ();
    async fn handle(&mut self, _: Crash, _: &mut Context<Self, ()>) {
        panic!("as asked");
    }
}

/// Who supervises the children.
struct Parent;
impl Actor for Parent {
    type Args = ();
    type Error = Infallible;
    async fn on_start(_: (), _: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(Self)
    }
}

/// A child of `parent`, which is restarted as often as need be.
async fn child<const WORDS: usize>(parent: &ActorRef<Parent>) -> Address<WORDS> {
    Member::supervise(parent, ())
        .restart_policy(RestartPolicy::Permanent)
        .restart_limit(u32::MAX, Duration::from_secs(1))
        .spawn()
        .await
}

/// Mailboxes with this bound; 0 is none.
pub(crate) struct Kameo<const BOUND: usize>;

impl<const WORDS: usize, const BOUND: usize> Consumer<WORDS> for Kameo<BOUND> {
    type Address = Address<WORDS>;

    async fn start() -> Address<WORDS> {
        let mailbox = match BOUND {
            0 => mailbox::unbounded(),
            bound => mailbox::bounded(bound),
        };
        Member::spawn_with_mailbox((), mailbox)
    }
    async fn cast(to: &Address<WORDS>, payload: Payload<WORDS>) {
        let _ = to.tell(Add(payload)).await;
    }
    async fn call(to: &Address<WORDS>, payload: Payload<WORDS>) -> u64 {
        to.ask(Total(payload)).await.expect("the actor answers")
    }
    async fn report(to: &Address<WORDS>, end: Latch) {
        let _ = to.tell(Report(end)).await;
    }
}

impl<const WORDS: usize> Peer<WORDS> for Kameo<0> {
    async fn stop(actor: Address<WORDS>) {
        let _ = actor.stop_gracefully().await;
        actor.wait_for_shutdown().await;
    }
    async fn meet(to: &Address<WORDS>, next: Address<WORDS>, end: Latch) {
        let _ = to.tell(Meet(next, end)).await;
    }
    async fn pass(to: &Address<WORDS>, hops: u64) {
        let _ = to.tell(Pass(hops)).await;
    }
    async fn drive(from: &Address<WORDS>, calls: Calls<Address<WORDS>>, end: Latch) {
        let _ = from.tell(Drive(calls, end)).await;
    }
    async fn call_yielding(to: &Address<WORDS>, payload: Payload<WORDS>) -> u64 {
        to.ask(TotalYielding(payload)).await.expect("the actor answers")
    }
    async fn call_within(to: &Address<WORDS>, payload: Payload<WORDS>, limit: Duration) -> u64 {
        to.ask(Total(payload)).reply_timeout(limit).await.expect("the actor answers in time")
    }

    async fn crash(times: u64) -> Option<Duration> {
        let parent = Parent::spawn(());
        let member = child::<WORDS>(&parent).await;
        let start = Instant::now();
        for number in 0..times {
            let _ = member.tell(Crash).await;
            while member.ask(Total(Payload::new(number))).await.is_err() {
                yield_now().await;
            }
        }
        Some(start.elapsed())
    }

    async fn supervised(times: u64) -> Option<Duration> {
        let parent = Parent::spawn(());
        let start = Instant::now();
        for _ in 0..times {
            // What ends in good order is not restarted.
            let member = Member::<WORDS>::supervise(&parent, ());
            let member = member.restart_policy(RestartPolicy::Transient).spawn().await;
            <Self as Peer<WORDS>>::stop(member).await;
        }
        Some(start.elapsed())
    }

    async fn dynamic(children: u64) -> Option<Duration> {
        let parent = Parent::spawn(());
        let mut all = Vec::new();
        let start = Instant::now();
        for _ in 0..children {
            all.push(child::<WORDS>(&parent).await);
        }
        Some(start.elapsed())
    }

    async fn named(times: u64) -> Option<Duration> {
        let mut all = Vec::new();
        for number in 0..NAMES {
            let member = <Self as Consumer<WORDS>>::start().await;
            member.register(format!("actor-{number}")).ok()?;
            all.push(member);
        }
        let start = Instant::now();
        for number in 0..times {
            let found = Address::<WORDS>::lookup(NAME).ok()??;
            <Self as Consumer<WORDS>>::call(&found, Payload::new(number)).await;
        }
        Some(start.elapsed())
    }
}
