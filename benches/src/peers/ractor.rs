//! ractor: an actor with one enum of messages, `cast` and `call`, as in its README.
//!
//! Without its default feature that carries `tracing` spans in messages, which only costs here.
//! Mailboxes have no bound. It has no supervisor of its own: restarting is what its
//! `handle_supervisor_evt` is for, and that is how it is written here.

use std::time::{Duration, Instant};

use ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort, SupervisionEvent};
use tokio::sync::watch;

use crate::latch::Latch;
use crate::payload::Payload;
use crate::peer::{Calls, Consumer, FAR, NAME, NAMES, Peer};
use crate::state::{State, yield_once};

pub(crate) enum Message<const WORDS: usize> {
    Add(Payload<WORDS>),
    Total(Payload<WORDS>, RpcReplyPort<u64>),
    TotalYielding(Payload<WORDS>, RpcReplyPort<u64>),
    Meet(Box<(Address<WORDS>, Latch)>),
    Pass(u64),
    Report(Latch),
    Drive(Box<(Calls<Address<WORDS>>, Latch)>),
    Crash,
}

type Address<const WORDS: usize> = ActorRef<Message<WORDS>>;

struct Member<const WORDS: usize>;

impl<const WORDS: usize> Actor for Member<WORDS> {
    type Msg = Message<WORDS>;
    type State = State<Address<WORDS>>;
    type Arguments = ();

    async fn pre_start(&self, _: Address<WORDS>, _: ()) -> Result<Self::State, ActorProcessingErr> {
        Ok(State::default())
    }

    async fn handle(
        &self,
        _: Address<WORDS>,
        message: Message<WORDS>,
        state: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            Message::Add(payload) => state.add(payload),
            Message::Total(payload, from) => drop(from.send(state.total(payload))),
            Message::TotalYielding(payload, from) => {
                yield_once().await;
                let _ = from.send(state.total(payload));
            }
            Message::Meet(met) => state.meet(met.0, met.1),
            Message::Pass(0) => state.end(),
            Message::Pass(hops) => state.next().cast(Message::Pass(hops - 1))?,
            Message::Report(end) => end.hit(),
            Message::Drive(work) => {
                Box::pin(work.0.make::<Ractor, WORDS>()).await;
                work.1.hit();
            }
            Message::Crash => panic!("as asked"),
        }
        Ok(())
    }
}

/// Supervises whom it is linked to; with somewhere to publish it, it keeps one child running.
struct Parent<const WORDS: usize>;

type Publish<const WORDS: usize> = Option<watch::Sender<Option<Address<WORDS>>>>;

impl<const WORDS: usize> Parent<WORDS> {
    async fn start_child(
        me: &ActorRef<()>,
        publish: &Publish<WORDS>,
    ) -> Result<(), ActorProcessingErr> {
        if let Some(publish) = publish {
            let (child, _) = Member::spawn_linked(None, Member, (), me.get_cell()).await?;
            let _ = publish.send(Some(child));
        }
        Ok(())
    }
}

impl<const WORDS: usize> Actor for Parent<WORDS> {
    type Msg = ();
    type State = Publish<WORDS>;
    type Arguments = Publish<WORDS>;

    async fn pre_start(
        &self,
        me: ActorRef<()>,
        publish: Publish<WORDS>,
    ) -> Result<Self::State, ActorProcessingErr> {
        Self::start_child(&me, &publish).await?;
        Ok(publish)
    }

    async fn handle_supervisor_evt(
        &self,
        me: ActorRef<()>,
        event: SupervisionEvent,
        publish: &mut Publish<WORDS>,
    ) -> Result<(), ActorProcessingErr> {
        match event {
            SupervisionEvent::ActorFailed(..) => Self::start_child(&me, publish).await,
            _ => Ok(()),
        }
    }
}

/// See the head of this file.
pub(crate) struct Ractor;

impl<const WORDS: usize> Consumer<WORDS> for Ractor {
    type Address = Address<WORDS>;

    async fn start() -> Address<WORDS> {
        Actor::spawn(None, Member, ()).await.expect("an actor starts").0
    }
    async fn cast(to: &Address<WORDS>, payload: Payload<WORDS>) {
        let _ = to.cast(Message::Add(payload));
    }
    async fn call(to: &Address<WORDS>, payload: Payload<WORDS>) -> u64 {
        let answer = to.call(|from| Message::Total(payload, from), None).await;
        answer.expect("the actor lives").expect("it answers")
    }
    async fn report(to: &Address<WORDS>, end: Latch) {
        let _ = to.cast(Message::Report(end));
    }
}

impl<const WORDS: usize> Peer<WORDS> for Ractor {
    async fn stop(actor: Address<WORDS>) {
        let _ = actor.stop_and_wait(None, None).await;
    }
    async fn meet(to: &Address<WORDS>, next: Address<WORDS>, end: Latch) {
        let _ = to.cast(Message::Meet(Box::new((next, end))));
    }
    async fn pass(to: &Address<WORDS>, hops: u64) {
        let _ = to.cast(Message::Pass(hops));
    }
    async fn drive(from: &Address<WORDS>, calls: Calls<Address<WORDS>>, end: Latch) {
        let _ = from.cast(Message::Drive(Box::new((calls, end))));
    }
    async fn call_yielding(to: &Address<WORDS>, payload: Payload<WORDS>) -> u64 {
        let answer = to.call(|from| Message::TotalYielding(payload, from), None).await;
        answer.expect("the actor lives").expect("it answers")
    }
    async fn call_within(to: &Address<WORDS>, payload: Payload<WORDS>, limit: Duration) -> u64 {
        let answer = to.call(|from| Message::Total(payload, from), Some(limit)).await;
        answer.expect("the actor lives").expect("it answers in time")
    }

    async fn crash(times: u64) -> Option<Duration> {
        let (publish, mut published) = watch::channel(None);
        Actor::spawn(None, Parent::<WORDS>, Some(publish)).await.ok()?;
        published.borrow_and_update();
        let start = Instant::now();
        for number in 0..times {
            let member = published.borrow_and_update().clone()?;
            let _ = member.cast(Message::Crash);
            published.changed().await.ok()?;
            let member = published.borrow().clone()?;
            <Self as Consumer<WORDS>>::call(&member, Payload::new(number)).await;
        }
        Some(start.elapsed())
    }

    async fn supervised(times: u64) -> Option<Duration> {
        let (parent, _) = Actor::spawn(None, Parent::<WORDS>, None).await.ok()?;
        let start = Instant::now();
        for _ in 0..times {
            let linked = Member::<WORDS>::spawn_linked(None, Member, (), parent.get_cell()).await;
            <Self as Peer<WORDS>>::stop(linked.ok()?.0).await;
        }
        Some(start.elapsed())
    }

    async fn dynamic(children: u64) -> Option<Duration> {
        let (parent, _) = Actor::spawn(None, Parent::<WORDS>, None).await.ok()?;
        let mut all = Vec::new();
        let start = Instant::now();
        for _ in 0..children {
            let linked = Member::<WORDS>::spawn_linked(None, Member, (), parent.get_cell()).await;
            all.push(linked.ok()?.0);
        }
        Some(start.elapsed())
    }

    async fn named(times: u64) -> Option<Duration> {
        for number in 0..NAMES {
            Actor::spawn(Some(format!("actor-{number}")), Member::<WORDS>, ()).await.ok()?;
        }
        let start = Instant::now();
        for number in 0..times {
            let found: Address<WORDS> = ActorRef::where_is(NAME)?;
            <Self as Consumer<WORDS>>::call(&found, Payload::new(number)).await;
        }
        Some(start.elapsed())
    }

    async fn timers(times: u64) -> Option<Duration> {
        let member = <Self as Consumer<WORDS>>::start().await;
        let start = Instant::now();
        for number in 0..times {
            member.send_after(FAR, move || Message::Add(Payload::new(number))).abort();
        }
        Some(start.elapsed())
    }
}
