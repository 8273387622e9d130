//! actix: an actor with a `Handler` impl per message, `do_send` and `send`, as in its README.
//!
//! Its actors live on one thread each and never move. `actix-same` has all of them on the thread of
//! the driver, its fastest case; `actix-cross` puts every other one on a second thread, the first
//! one included. Neither looks at `--workers`. Asynchronous handlers are `AtomicResponse`, so that
//! messages wait while one runs, as elsewhere. A panic ends the thread and not the actor, and what
//! its supervisor restarts is what was stopped in good order: there is no crash and no supervised
//! stop to measure. Its registry is by type and not by name; it has no monitors.

use std::future::Future;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix::prelude::*;
use tokio::task::yield_now;

use crate::job::Workers;
use crate::latch::Latch;
use crate::payload::Payload;
use crate::peer::{Calls, Consumer, FAR, Peer};
use crate::state::{State, yield_once};

pub(crate) struct Member<const WORDS: usize> {
    state: State<Addr<Self>>,
    bound: usize,
}

impl<const WORDS: usize> Member<WORDS> {
    fn new(bound: usize) -> Self {
        Self { state: State::default(), bound }
    }
}

impl<const WORDS: usize> Actor for Member<WORDS> {
    type Context = Context<Self>;
    fn started(&mut self, context: &mut Context<Self>) {
        if self.bound > 0 {
            context.set_mailbox_capacity(self.bound);
        }
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Add<const WORDS: usize>(Payload<WORDS>);
impl<const WORDS: usize> Handler<Add<WORDS>> for Member<WORDS> {
    type Result = ();
    fn handle(&mut self, add: Add<WORDS>, _: &mut Context<Self>) {
        self.state.add(add.0);
    }
}

#[derive(Message)]
#[rtype(result = "u64")]
struct Total<const WORDS: usize>(Payload<WORDS>);
impl<const WORDS: usize> Handler<Total<WORDS>> for Member<WORDS> {
    type Result = u64;
    fn handle(&mut self, total: Total<WORDS>, _: &mut Context<Self>) -> u64 {
        self.state.total(total.0)
    }
}

#[derive(Message)]
#[rtype(result = "u64")]
struct TotalReady<const WORDS: usize>(Payload<WORDS>);
impl<const WORDS: usize> Handler<TotalReady<WORDS>> for Member<WORDS> {
    type Result = AtomicResponse<Self, u64>;
    fn handle(&mut self, total: TotalReady<WORDS>, _: &mut Context<Self>) -> Self::Result {
        let ready = async {}.into_actor(self);
        AtomicResponse::new(Box::pin(ready.map(move |(), member, _| member.state.total(total.0))))
    }
}

#[derive(Message)]
#[rtype(result = "u64")]
struct TotalYielding<const WORDS: usize>(Payload<WORDS>);
impl<const WORDS: usize> Handler<TotalYielding<WORDS>> for Member<WORDS> {
    type Result = AtomicResponse<Self, u64>;
    fn handle(&mut self, total: TotalYielding<WORDS>, _: &mut Context<Self>) -> Self::Result {
        let waits = yield_once().into_actor(self);
        AtomicResponse::new(Box::pin(waits.map(move |(), member, _| member.state.total(total.0))))
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Meet<const WORDS: usize>(Addr<Member<WORDS>>, Latch);
impl<const WORDS: usize> Handler<Meet<WORDS>> for Member<WORDS> {
    type Result = ();
    fn handle(&mut self, met: Meet<WORDS>, _: &mut Context<Self>) {
        self.state.meet(met.0, met.1);
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Pass(u64);
impl<const WORDS: usize> Handler<Pass> for Member<WORDS> {
    type Result = ();
    fn handle(&mut self, token: Pass, _: &mut Context<Self>) {
        match token.0 {
            0 => self.state.end(),
            hops => self.state.next().do_send(Pass(hops - 1)),
        }
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Report(Latch);
impl<const WORDS: usize> Handler<Report> for Member<WORDS> {
    type Result = ();
    fn handle(&mut self, report: Report, _: &mut Context<Self>) {
        report.0.hit();
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Drive<const WORDS: usize>(Calls<Addr<Member<WORDS>>>, Latch);
impl<const WORDS: usize> Handler<Drive<WORDS>> for Member<WORDS> {
    type Result = ResponseFuture<()>;
    fn handle(&mut self, drive: Drive<WORDS>, _: &mut Context<Self>) -> ResponseFuture<()> {
        Box::pin(async move {
            drive.0.make::<SameThread<0>, WORDS>().await;
            drive.1.hit();
        })
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Stop;
impl<const WORDS: usize> Handler<Stop> for Member<WORDS> {
    type Result = ();
    fn handle(&mut self, _: Stop, context: &mut Context<Self>) {
        context.stop();
    }
}

/// So many timers, set and cancelled; answers how long that took.
#[derive(Message)]
#[rtype(result = "Duration")]
struct Timers(u64);
impl<const WORDS: usize> Handler<Timers> for Member<WORDS> {
    type Result = MessageResult<Timers>;
    fn handle(&mut self, timers: Timers, context: &mut Context<Self>) -> MessageResult<Timers> {
        let start = Instant::now();
        for number in 0..timers.0 {
            let timer = context.run_later(FAR, move |member: &mut Self, _| {
                member.state.add(Payload::<WORDS>::new(number));
            });
            context.cancel_future(timer);
        }
        MessageResult(start.elapsed())
    }
}

/// The second thread and the driver's, and how many actors there are so far.
static THREADS: Mutex<Vec<ArbiterHandle>> = Mutex::new(Vec::new());
static STARTED: AtomicUsize = AtomicUsize::new(0);

/// All actors on the thread of the driver; mailboxes with this bound, 0 is none.
pub(crate) struct SameThread<const BOUND: usize>;
/// Every other actor on a second thread.
pub(crate) struct CrossThread<const BOUND: usize>;

macro_rules! peer {
    (
        $peer:ident, on one thread $alone:expr,
        begin $begin:expr,
        start |$member:ident| $start:expr
    ) => {
        impl<const WORDS: usize, const BOUND: usize> Consumer<WORDS> for $peer<BOUND> {
            type Address = Addr<Member<WORDS>>;
            const KEEPS_TO_WORKERS: bool = $alone;

            fn run<T, F>(_: Workers, work: F) -> T
            where
                T: Send + 'static,
                F: Future<Output = T> + Send + 'static,
            {
                let system = System::new();
                $begin;
                // Only who is spawned on the thread itself may start an actor there.
                let done = system.block_on(async { actix::spawn(work).await });
                done.expect("a workload does not panic")
            }
            async fn start() -> Self::Address {
                let $member = move || Member::<WORDS>::new(BOUND);
                $start
            }
            async fn cast(to: &Self::Address, payload: Payload<WORDS>) {
                if BOUND == 0 {
                    return to.do_send(Add(payload));
                }
                while let Err(SendError::Full(_)) = to.try_send(Add(payload)) {
                    yield_now().await;
                }
            }
            async fn call(to: &Self::Address, payload: Payload<WORDS>) -> u64 {
                to.send(Total(payload)).await.expect("the actor answers")
            }
            async fn report(to: &Self::Address, end: Latch) {
                to.do_send(Report(end));
            }
        }

        impl<const WORDS: usize> Peer<WORDS> for $peer<0> {
            async fn stop(actor: Self::Address) {
                let _ = actor.send(Stop).await;
                while actor.connected() {
                    yield_now().await;
                }
            }
            async fn meet(to: &Self::Address, next: Self::Address, end: Latch) {
                to.do_send(Meet(next, end));
            }
            async fn pass(to: &Self::Address, hops: u64) {
                to.do_send(Pass(hops));
            }
            async fn drive(from: &Self::Address, calls: Calls<Self::Address>, end: Latch) {
                from.do_send(Drive(calls, end));
            }
            async fn call_ready(to: &Self::Address, payload: Payload<WORDS>) -> u64 {
                to.send(TotalReady(payload)).await.expect("the actor answers")
            }
            async fn call_yielding(to: &Self::Address, payload: Payload<WORDS>) -> u64 {
                to.send(TotalYielding(payload)).await.expect("the actor answers")
            }
            async fn call_within(
                to: &Self::Address,
                payload: Payload<WORDS>,
                limit: Duration,
            ) -> u64 {
                to.send(Total(payload)).timeout(limit).await.expect("the actor answers in time")
            }
            async fn timers(times: u64) -> Option<Duration> {
                let member = <Self as Consumer<WORDS>>::start().await;
                member.send(Timers(times)).await.ok()
            }
        }
    };
}

peer! {
    SameThread, on one thread true,
    begin {},
    start |member| member().start()
}

peer! {
    CrossThread, on one thread false,
    begin {
        let threads = vec![Arbiter::new().handle(), System::current().arbiter().clone()];
        *THREADS.lock().expect("nobody panics") = threads;
    },
    start |member| {
        let at = STARTED.fetch_add(1, Ordering::Relaxed) % 2;
        let on = THREADS.lock().expect("nobody panics")[at].clone();
        Member::start_in_arbiter(&on, move |_| member())
    }
}
