//! cordial: a `#[gen_server]` with named handlers, as the README shows it.
//!
//! Calls are bounded by five seconds, and run on the caller's stack where the server is idle, both
//! as they are by default; `call-queued` is what a handler with `inline = never` costs. A full
//! mailbox of cordial refuses, so where it is bounded the producer lets others run and tries again.
//! Children are those of a dynamic supervisor, except the one that crashes, which stands in a
//! supervisor's fixed list.

use std::hint::black_box;
use std::time::{Duration, Instant};

use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::{Agent, DynamicSpec, DynamicSupervisor, Task, gen_server};
use tokio::sync::oneshot;
use tokio::task::yield_now;

use crate::latch::Latch;
use crate::payload::Payload;
use crate::peer::{AT_ONCE, CROWD, Calls, Consumer, FAR, NAME, NAMES, Peer, UNWANTED};
use crate::state::{State, yield_once};

registry! {
    /// Those that are found by their keys.
    pub(crate) Keys: String => Keyed, unique
}

/// The server of `keyed`.
#[gen_server(via = Keys, key = String)]
pub(crate) struct Keyed;

#[gen_server]
impl Keyed {
    #[call]
    fn total(&self, number: u64) -> u64 {
        number
    }
}

registry! {
    /// Processes of any kind by their keys.
    pub(crate) Places: String => Pid, unique
}

registry! {
    /// Those that subscribe.
    pub(crate) Listeners: String => Listener, duplicate
}

/// The server of `publish`.
#[gen_server]
pub(crate) struct Listener(u64);

#[gen_server]
impl Listener {
    #[call]
    fn listen(&self, ctx: &mut Ctx<Self>) {
        ctx.join::<Listeners>("news", ()).expect("the registry runs");
    }
    #[cast]
    fn hear(&mut self, number: u64) {
        self.0 += number;
    }
    #[cast]
    fn report(&self, end: Latch) {
        end.hit();
    }
}

/// The server of all workloads but those with a bounded mailbox.
#[gen_server]
pub(crate) struct Member<const WORDS: usize> {
    state: State<MemberRef<WORDS>>,
}

#[gen_server]
impl<const WORDS: usize> Member<WORDS> {
    #[init]
    fn init() -> Self {
        Self { state: State::default() }
    }
    #[cast]
    fn add(&mut self, payload: Payload<WORDS>) {
        self.state.add(payload);
    }
    #[call]
    fn total(&self, payload: Payload<WORDS>) -> u64 {
        self.state.total(payload)
    }
    #[call(inline = never)]
    fn total_queued(&self, payload: Payload<WORDS>) -> u64 {
        self.state.total(payload)
    }
    #[call]
    async fn total_ready(&mut self, payload: Payload<WORDS>) -> u64 {
        self.state.total(payload)
    }
    #[call]
    async fn total_yielding(&mut self, payload: Payload<WORDS>) -> u64 {
        yield_once().await;
        self.state.total(payload)
    }
    #[cast]
    fn meet(&mut self, next: MemberRef<WORDS>, end: Latch) {
        self.state.meet(next, end);
    }
    #[cast]
    fn pass(&self, hops: u64) {
        match hops {
            0 => self.state.end(),
            _ => drop(self.state.next().pass(hops - 1)),
        }
    }
    #[cast]
    fn report(&self, end: Latch) {
        end.hit();
    }
    #[cast]
    async fn drive(&mut self, calls: Box<Calls<MemberRef<WORDS>>>, end: Latch) {
        calls.make::<Cordial, WORDS>().await;
        end.hit();
    }
    #[cast]
    fn crash(&self) {
        panic!("as asked");
    }
    #[call]
    fn set_and_cancel(&self, times: u64, ctx: &mut Ctx<Self>) -> Duration {
        let start = Instant::now();
        for _ in 0..times {
            ctx.send_after(FAR, Later).cancel();
        }
        start.elapsed()
    }
    #[info]
    fn later(&self, _later: Later) {}
}

/// What the timers bring, if they ever fired.
struct Later;

/// The server whose name is looked up.
#[gen_server(name = "actor-500")]
struct Named;

#[gen_server]
impl Named {
    #[call]
    fn total(&self, payload: Payload<1>) -> u64 {
        payload.number()
    }
}

/// See the head of this file.
pub(crate) struct Cordial;

impl<const WORDS: usize> Consumer<WORDS> for Cordial {
    type Address = MemberRef<WORDS>;

    async fn start() -> MemberRef<WORDS> {
        Member::start().await.expect("a member starts")
    }
    async fn cast(to: &MemberRef<WORDS>, payload: Payload<WORDS>) {
        to.add(payload);
    }
    async fn call(to: &MemberRef<WORDS>, payload: Payload<WORDS>) -> u64 {
        to.total(payload).await.expect("a member answers")
    }
    async fn report(to: &MemberRef<WORDS>, end: Latch) {
        to.report(end);
    }
}

impl<const WORDS: usize> Peer<WORDS> for Cordial {
    async fn stop(actor: MemberRef<WORDS>) {
        gen_server::stop(&actor).await.expect("a member stops");
    }
    async fn meet(to: &MemberRef<WORDS>, next: MemberRef<WORDS>, end: Latch) {
        to.meet(next, end);
    }
    async fn pass(to: &MemberRef<WORDS>, hops: u64) {
        to.pass(hops);
    }
    async fn drive(from: &MemberRef<WORDS>, calls: Calls<MemberRef<WORDS>>, end: Latch) {
        from.drive(Box::new(calls), end);
    }
    async fn call_queued(to: &MemberRef<WORDS>, payload: Payload<WORDS>) -> u64 {
        to.total_queued(payload).await.expect("a member answers")
    }
    async fn call_ready(to: &MemberRef<WORDS>, payload: Payload<WORDS>) -> u64 {
        to.total_ready(payload).await.expect("a member answers")
    }
    async fn call_yielding(to: &MemberRef<WORDS>, payload: Payload<WORDS>) -> u64 {
        to.total_yielding(payload).await.expect("a member answers")
    }
    async fn call_within(to: &MemberRef<WORDS>, payload: Payload<WORDS>, limit: Duration) -> u64 {
        to.total(payload).timeout(limit).await.expect("a member answers in time")
    }

    async fn crash(times: u64) -> Option<Duration> {
        let mut tree = Supervisor::builder().max_restarts(u32::MAX, secs(1));
        let member = tree.add(Member::<WORDS>::child_spec());
        tree.start().await.expect("the tree starts");
        let start = Instant::now();
        for number in 0..times {
            member.crash();
            while member.total(Payload::new(number)).await.is_err() {
                yield_now().await;
            }
        }
        Some(start.elapsed())
    }

    async fn supervised(times: u64) -> Option<Duration> {
        let children = DynamicSupervisor::start::<Member<WORDS>>().await.expect("it starts");
        let start = Instant::now();
        for _ in 0..times {
            let child = children.start_child(()).await.expect("a child starts");
            children.terminate_child(&child).await.expect("a child stops");
        }
        Some(start.elapsed())
    }

    async fn dynamic(children: u64) -> Option<Duration> {
        let supervisor = DynamicSpec::<Member<WORDS>>::new().start().await.expect("it starts");
        let mut all = Vec::new();
        let start = Instant::now();
        for _ in 0..children {
            all.push(supervisor.start_child(()).await.expect("a child starts"));
        }
        Some(start.elapsed())
    }

    async fn named(times: u64) -> Option<Duration> {
        Named::start(Named).await.expect("the name is free");
        for number in 1..NAMES {
            let name = format!("other-{number}");
            Member::<WORDS>::start().name(&name).await.expect("the name is free");
        }
        let start = Instant::now();
        for number in 0..times {
            let found = Named::whereis()?;
            found.total(Payload::new(number)).await.expect("it answers");
        }
        Some(start.elapsed())
    }

    async fn keyed(times: u64) -> Option<Duration> {
        Keys::start().await.expect("it runs once");
        for number in 0..NAMES {
            Keyed::start(Keyed).key(&format!("actor-{number}")).await.expect("the key is free");
        }
        let start = Instant::now();
        for number in 0..times {
            let found = Keyed::whereis(NAME)?;
            found.total(number).await.expect("it answers");
        }
        Some(start.elapsed())
    }

    async fn registered(times: u64) -> Option<Duration> {
        Places::start().await.expect("it runs once");
        for number in 0..NAMES {
            process::spawn(async move |mut mail: Mailbox<()>| {
                Places::register(&format!("actor-{number}"), ()).expect("the key is free");
                mail.next().await;
            });
        }
        while Places::count() < NAMES as usize {
            yield_now().await;
        }
        let (tell, told) = oneshot::channel();
        process::spawn(async move |_: Mailbox<()>| {
            let start = Instant::now();
            for _ in 0..times {
                Places::register("mine", ()).expect("the key is free");
                Places::unregister("mine");
            }
            let _ = tell.send(start.elapsed());
        });
        told.await.ok()
    }

    async fn tasks(times: u64) -> Option<Duration> {
        let start = Instant::now();
        for number in 0..times {
            black_box(Task::spawn(async move { number }).await.ok()?);
        }
        Some(start.elapsed())
    }

    async fn streamed(times: u64) -> Option<Duration> {
        let start = Instant::now();
        let mut results = Task::stream(0..times, AT_ONCE, |number| async move {
            yield_once().await;
            number
        });
        while let Some(result) = results.next().await {
            black_box(result.ok()?);
        }
        Some(start.elapsed())
    }

    async fn agent_get(times: u64) -> Option<Duration> {
        let agent = Agent::start(|| 0_u64).await.expect("an agent starts");
        let start = Instant::now();
        for _ in 0..times {
            black_box(agent.get(|value| *value).await.ok()?);
        }
        Some(start.elapsed())
    }

    async fn agent_update(times: u64) -> Option<Duration> {
        let agent = Agent::start(|| 0_u64).await.expect("an agent starts");
        let start = Instant::now();
        for number in 0..times {
            agent.update(move |value| *value = value.wrapping_add(number)).await.ok()?;
        }
        Some(start.elapsed())
    }

    async fn publish(times: u64) -> Option<Duration> {
        Listeners::start().await.expect("it runs once");
        for _ in 0..CROWD {
            let listener = Listener::start(Listener(0)).await.expect("it starts");
            listener.listen().await.expect("the registry runs");
        }
        let end = Latch::new(CROWD);
        let start = Instant::now();
        for number in 0..times {
            Listeners::each("news", |listener| {
                listener.hear(number);
            });
            yield_now().await;
        }
        Listeners::each("news", |listener| {
            listener.report(end.clone());
        });
        end.opened().await;
        Some(start.elapsed())
    }

    async fn timers(times: u64) -> Option<Duration> {
        let member = <Self as Consumer<WORDS>>::start().await;
        member.set_and_cancel(times).no_timeout().await.ok()
    }

    async fn monitors(times: u64) -> Option<Duration> {
        let member = <Self as Consumer<WORDS>>::start().await;
        let start = Instant::now();
        for _ in 0..times {
            drop(process::monitor(&member));
        }
        Some(start.elapsed())
    }

    async fn selective(times: u64) -> Option<Duration> {
        let end = Latch::new(1);
        let told = end.clone();
        let letters = process::spawn(move |mail| read(mail, times, told));
        for _ in 0..UNWANTED {
            letters.send(Letter::Unwanted);
        }
        let start = Instant::now();
        for number in 0..times {
            letters.send(Letter::Wanted(number));
            if number % 256 == 255 {
                yield_now().await;
            }
        }
        end.opened().await;
        Some(start.elapsed())
    }
}

/// What a plain process receives, some of it out of order.
enum Letter {
    Unwanted,
    Wanted(u64),
}

impl cordial::Message for Letter {
    fn kind(&self) -> &'static str {
        "letter"
    }
}

/// Reads so many letters, and leaves those that are not wanted where they are.
async fn read(mut mail: Mailbox<Letter>, times: u64, end: Latch) {
    let mut state = State::<()>::default();
    for _ in 0..times {
        let wanted = mail.receive_match(|letter| match letter {
            Letter::Wanted(number) => Some(*number),
            Letter::Unwanted => None,
        });
        state.add(Payload::<1>::new(wanted.await));
    }
    end.hit();
}

/// The server with a bounded mailbox.
#[gen_server]
pub(crate) struct Narrow {
    state: State<()>,
}

#[gen_server(mailbox = 1024, on_full = reject)]
impl Narrow {
    #[init]
    fn init() -> Self {
        Self { state: State::default() }
    }
    #[cast]
    fn add(&mut self, payload: Payload<1>) {
        self.state.add(payload);
    }
    #[call]
    fn total(&self, payload: Payload<1>) -> u64 {
        self.state.total(payload)
    }
    #[cast]
    fn report(&self, end: Latch) {
        end.hit();
    }
}

/// Servers with a bounded mailbox.
pub(crate) struct Bounded;

impl Consumer<1> for Bounded {
    type Address = NarrowRef;

    async fn start() -> NarrowRef {
        Narrow::start().await.expect("a server starts")
    }
    async fn cast(to: &NarrowRef, payload: Payload<1>) {
        while to.add(payload).sent() == Err(SendError::Full) {
            yield_now().await;
        }
    }
    async fn call(to: &NarrowRef, payload: Payload<1>) -> u64 {
        to.total(payload).await.expect("it answers")
    }
    async fn report(to: &NarrowRef, end: Latch) {
        while to.report(end.clone()).sent() == Err(SendError::Full) {
            yield_now().await;
        }
    }
}
