//! What is measured, written once against [`Peer`]: a peer only supplies the actor.

use std::future::Future;
use std::time::Duration;

use crate::job::{Figure, Job, Workers};
use crate::peer::{Consumer, Handler, Peer};
use crate::state::wait_for_the_executor;

mod calls;
mod memory;
mod messages;
mod processes;
mod scale;

/// One row of the tables.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Workload {
    Cast,
    CastYield,
    CastBounded,
    Mpsc8,
    Mpsc8Bounded,
    Ring,
    Pingpong64,
    Fanout,
    Publish,
    Call,
    CallTimeout,
    CallProcess,
    CallQueued,
    CallQueuedProcess,
    CallReady,
    CallReadyProcess,
    CallYield,
    CallYieldProcess,
    CallPause,
    CallPauseProcess,
    Call64,
    Named,
    Keyed,
    Register,
    Task,
    TaskStream,
    AgentGet,
    AgentUpdate,
    Spawn,
    SpawnSupervised,
    Dynamic,
    Crash,
    Timer,
    Monitor,
    Selective,
    MemoryIdle,
    MemoryUsed,
    MemoryQueued,
    MemoryReturned,
    ScaleCast,
    ScaleSpawn,
}

/// Each with its word on the command line and its title in the tables.
pub(crate) const ALL: &[(Workload, &str, &str)] = &[
    (Workload::Cast, "cast", "cast, one to one"),
    (Workload::CastYield, "cast-yield", "cast, the producer yields every 256"),
    (Workload::CastBounded, "cast-bounded", "cast to a mailbox of 1024"),
    (Workload::Mpsc8, "mpsc8", "8 producers, one consumer"),
    (Workload::Mpsc8Bounded, "mpsc8-bounded", "8 producers, a mailbox of 1024"),
    (Workload::Ring, "ring", "a token in a ring of 1000"),
    (Workload::Pingpong64, "pingpong64", "64 pairs play ping-pong"),
    (Workload::Fanout, "fanout", "one to 10,000"),
    (Workload::Publish, "publish", "publish to 10,000 by a topic"),
    (Workload::Call, "call", "call"),
    (Workload::CallTimeout, "call-timeout", "call, given up after a second"),
    (Workload::CallProcess, "call-process", "call, from process to process"),
    (Workload::CallQueued, "call-queued", "call through the mailbox"),
    (
        Workload::CallQueuedProcess,
        "call-queued-process",
        "call through the mailbox, from process to process",
    ),
    (Workload::CallReady, "call-ready", "call to an async handler that need not wait"),
    (
        Workload::CallReadyProcess,
        "call-ready-process",
        "call that need not wait, from process to process",
    ),
    (Workload::CallYield, "call-yield", "call to an async handler that is woken at once"),
    (
        Workload::CallYieldProcess,
        "call-yield-process",
        "call that is woken at once, from process to process",
    ),
    (Workload::CallPause, "call-pause", "call to an async handler that lets others run"),
    (
        Workload::CallPauseProcess,
        "call-pause-process",
        "call that lets others run, from process to process",
    ),
    (Workload::Call64, "call64", "64 callers, one server"),
    (Workload::Named, "named", "find by name and call"),
    (Workload::Keyed, "keyed", "find by key in a registry and call"),
    (Workload::Register, "register", "register under a key and unregister"),
    (Workload::Task, "task", "start a task and await it"),
    (Workload::TaskStream, "task-stream", "tasks of a stream, 64 at once"),
    (Workload::AgentGet, "agent-get", "look at an agent's value"),
    (Workload::AgentUpdate, "agent-update", "change an agent's value"),
    (Workload::Spawn, "spawn", "start and stop"),
    (Workload::SpawnSupervised, "spawn-supervised", "start and stop under a supervisor"),
    (Workload::Dynamic, "dynamic", "start 100,000 under one supervisor"),
    (Workload::Crash, "crash", "crash, restart, answer"),
    (Workload::Timer, "timer", "set a timer and cancel it"),
    (Workload::Monitor, "monitor", "monitor and demonitor"),
    (Workload::Selective, "selective", "receive one past 100 that wait"),
    (Workload::MemoryIdle, "memory-idle", "memory of a fresh process"),
    (Workload::MemoryUsed, "memory-used", "memory of one that was called once"),
    (Workload::MemoryQueued, "memory-queued", "memory of a queued message"),
    (Workload::MemoryReturned, "memory-returned", "given back after a burst"),
    (Workload::ScaleCast, "scale-cast", "a cast, round and round"),
    (Workload::ScaleSpawn, "scale-spawn", "a start, all live at the end"),
];

impl Workload {
    pub(crate) fn of(word: &str) -> Option<Self> {
        ALL.iter().find(|(_, own, _)| *own == word).map(|(workload, ..)| *workload)
    }

    /// Whether it runs on the peer's bounded mailbox.
    pub(crate) fn is_bounded(self) -> bool {
        matches!(self, Self::CastBounded | Self::Mpsc8Bounded)
    }

    /// Whether the size of the payload is the point, at 64 and 256 bytes too.
    pub(crate) fn is_sized(self) -> bool {
        matches!(self, Self::Cast | Self::Mpsc8 | Self::Ring)
    }

    /// What was used before it would count.
    pub(crate) fn is_about_memory(self) -> bool {
        use Workload::{MemoryIdle, MemoryQueued, MemoryReturned, MemoryUsed};
        matches!(self, MemoryIdle | MemoryUsed | MemoryQueued | MemoryReturned)
    }

    /// What is queued can be weighed only while nobody takes it away.
    fn workers(self, asked: Workers) -> Workers {
        match self {
            Self::MemoryQueued | Self::MemoryReturned => Workers::Current,
            _ => asked,
        }
    }
}

/// Measures; `None` where the peer has no such ability.
pub(crate) fn measure<P>(workload: Workload, job: Job) -> Option<Figure>
where
    P: Peer<1> + Peer<8> + Peer<32>,
{
    match job.bytes {
        8 => small::<P>(workload, job),
        64 if workload.is_sized() => large::<P, 8>(workload, job),
        256 if workload.is_sized() => large::<P, 32>(workload, job),
        _ => None,
    }
}

fn small<P: Peer<1>>(workload: Workload, job: Job) -> Option<Figure> {
    if matches!(workload, Workload::CallPause | Workload::CallPauseProcess) {
        wait_for_the_executor();
    }
    P::run(workload.workers(job.workers), async move {
        match workload {
            Workload::Timer => ability(P::timers, job, 200_000).await,
            Workload::Monitor => ability(P::monitors, job, 500_000).await,
            Workload::Selective => ability(P::selective, job, 200_000).await,
            Workload::Named => ability(P::named, job, 300_000).await,
            Workload::Keyed => ability(P::keyed, job, 300_000).await,
            Workload::Register => ability(P::registered, job, 300_000).await,
            Workload::Task => ability(P::tasks, job, 200_000).await,
            Workload::TaskStream => ability(P::streamed, job, 200_000).await,
            Workload::AgentGet => ability(P::agent_get, job, 300_000).await,
            Workload::AgentUpdate => ability(P::agent_update, job, 300_000).await,
            Workload::Publish => ability(P::publish, job, 100).await,
            Workload::Crash => ability(P::crash, job, 10_000).await,
            Workload::SpawnSupervised => ability(P::supervised, job, 50_000).await,
            Workload::Dynamic => ability(P::dynamic, job, 100_000).await,
            Workload::Spawn => Some(processes::start_and_stop::<P>(job).await),
            Workload::CallTimeout => Some(calls::within_a_second::<P>(job).await),
            Workload::CallProcess => Some(calls::driven::<P, 1>(Handler::Plain, job).await),
            Workload::CallQueued => Some(calls::sequential::<P, 1>(Handler::Queued, job).await),
            Workload::CallQueuedProcess => Some(calls::driven::<P, 1>(Handler::Queued, job).await),
            Workload::CallReady => Some(calls::sequential::<P, 1>(Handler::Ready, job).await),
            Workload::CallReadyProcess => Some(calls::driven::<P, 1>(Handler::Ready, job).await),
            Workload::CallYield | Workload::CallPause => {
                Some(calls::sequential::<P, 1>(Handler::Yielding, job).await)
            }
            Workload::CallYieldProcess | Workload::CallPauseProcess => {
                Some(calls::driven::<P, 1>(Handler::Yielding, job).await)
            }
            Workload::Call64 => Some(calls::crowd::<P>(job).await),
            Workload::Pingpong64 => Some(messages::pingpong::<P>(job).await),
            Workload::Fanout => Some(messages::fanout::<P>(job).await),
            Workload::MemoryIdle => Some(memory::fresh::<P>(job).await),
            Workload::MemoryUsed => Some(memory::used::<P>(job).await),
            Workload::MemoryQueued => memory::queued::<P>(job).await,
            Workload::MemoryReturned => memory::returned::<P>(job).await,
            Workload::ScaleCast => Some(scale::cast::<P>(job).await),
            Workload::ScaleSpawn => Some(scale::start::<P>(job).await),
            sized => Some(of_any_size::<P, 1>(sized, job).await),
        }
    })
}

fn large<P: Peer<WORDS>, const WORDS: usize>(workload: Workload, job: Job) -> Option<Figure> {
    P::run(job.workers, async move { Some(of_any_size::<P, WORDS>(workload, job).await) })
}

/// Measures on a bounded mailbox.
pub(crate) fn measure_bounded<P: Consumer<1>>(workload: Workload, job: Job) -> Option<Figure> {
    (job.bytes == 8).then(|| {
        P::run(job.workers, async move {
            match workload {
                Workload::CastBounded => messages::burst::<P, 1>(job).await,
                Workload::Mpsc8Bounded => messages::producers::<P, 1>(job).await,
                other => unreachable!("{other:?} needs no bound"),
            }
        })
    })
}

async fn of_any_size<P, const WORDS: usize>(workload: Workload, job: Job) -> Figure
where
    P: Peer<WORDS>,
{
    match workload {
        Workload::Cast => messages::burst::<P, WORDS>(job).await,
        Workload::CastYield => messages::paced::<P, WORDS>(job).await,
        Workload::Mpsc8 => messages::producers::<P, WORDS>(job).await,
        Workload::Ring => messages::ring::<P, WORDS>(job).await,
        Workload::Call => calls::sequential::<P, WORDS>(Handler::Plain, job).await,
        other => unreachable!("{other:?} has one size of payload"),
    }
}

/// An ability of the peer's own, told per operation.
async fn ability<F>(work: impl Fn(u64) -> F, job: Job, times: u64) -> Option<Figure>
where
    F: Future<Output = Option<Duration>>,
{
    let times = job.times(times);
    work(times).await.map(|took| Figure::each(times, took))
}
