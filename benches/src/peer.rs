//! What a peer must be able to do, and what it may.

use std::future::Future;
use std::hint::black_box;
use std::time::Duration;

use crate::job::Workers;
use crate::latch::Latch;
use crate::payload::Payload;

/// The name that is looked up, among a thousand like it.
pub(crate) const NAME: &str = "actor-500";
/// How many names there are.
pub(crate) const NAMES: u64 = 1000;
/// How many actors subscribe to a topic.
pub(crate) const CROWD: usize = 10_000;
/// What bounded mailboxes hold.
pub(crate) const BOUND: usize = 1024;
/// How many messages wait that a selective receive leaves alone.
pub(crate) const UNWANTED: usize = 100;
/// How many tasks of a stream run at once.
pub(crate) const AT_ONCE: usize = 64;
/// Longer than any workload: timers that are set and cancelled never fire.
pub(crate) const FAR: Duration = Duration::from_secs(3600);

/// An implementation of actors with a [`State`](crate::state::State), as far as it takes messages;
/// of bounded mailboxes no more than this is measured.
pub(crate) trait Consumer<const WORDS: usize>: Sized + 'static {
    type Address: Clone + Send + Sync + 'static;

    /// Whether its actors run on the workers that are asked for, and nowhere else.
    const KEEPS_TO_WORKERS: bool = true;

    /// Runs `work` as a task on a runtime of its own.
    fn run<T, F>(workers: Workers, work: F) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        workers.run(work)
    }

    fn start() -> impl Future<Output = Self::Address> + Send;
    /// Where the mailbox is full, the caller waits for room.
    fn cast(to: &Self::Address, payload: Payload<WORDS>) -> impl Future<Output = ()> + Send;
    fn call(to: &Self::Address, payload: Payload<WORDS>) -> impl Future<Output = u64> + Send;
    /// Hits the latch, behind everything that was sent before.
    fn report(to: &Self::Address, end: Latch) -> impl Future<Output = ()> + Send;
}

/// All that an implementation of actors does, written as its own documentation shows.
///
/// The second half are abilities: each does its work `times` times and answers how long that took,
/// or `None` where the peer has no such thing.
pub(crate) trait Peer<const WORDS: usize>: Consumer<WORDS> {
    /// Returns when it is gone.
    fn stop(actor: Self::Address) -> impl Future<Output = ()> + Send;
    /// Who comes next, and whom to tell when no hops are left.
    fn meet(to: &Self::Address, next: Self::Address, end: Latch)
    -> impl Future<Output = ()> + Send;
    /// Passes a token on to the next one until no hops are left.
    fn pass(to: &Self::Address, hops: u64) -> impl Future<Output = ()> + Send;
    /// The actor makes these calls itself, one after the other.
    fn drive(
        from: &Self::Address,
        calls: Calls<Self::Address>,
        end: Latch,
    ) -> impl Future<Output = ()> + Send;

    // ----- abilities -----

    /// A call that nobody takes over from the mailbox; where no call is, it is the same one.
    fn call_queued(
        to: &Self::Address,
        payload: Payload<WORDS>,
    ) -> impl Future<Output = u64> + Send {
        Self::call(to, payload)
    }
    /// A call to an asynchronous handler that need not wait; where all handlers are asynchronous
    /// it is the same one.
    fn call_ready(to: &Self::Address, payload: Payload<WORDS>) -> impl Future<Output = u64> + Send {
        Self::call(to, payload)
    }
    /// A call to an asynchronous handler that waits once.
    fn call_yielding(
        to: &Self::Address,
        payload: Payload<WORDS>,
    ) -> impl Future<Output = u64> + Send;
    /// A call that is given up after a second.
    fn call_within(
        to: &Self::Address,
        payload: Payload<WORDS>,
        limit: Duration,
    ) -> impl Future<Output = u64> + Send;

    /// A supervised actor panics, is restarted, and answers a call.
    fn crash(_times: u64) -> impl Future<Output = Option<Duration>> + Send {
        async { None }
    }
    /// A supervisor starts a child, which is stopped again.
    fn supervised(_times: u64) -> impl Future<Output = Option<Duration>> + Send {
        async { None }
    }
    /// A supervisor starts many children, which all live at the end.
    fn dynamic(_children: u64) -> impl Future<Output = Option<Duration>> + Send {
        async { None }
    }
    /// An actor is found by its name and called.
    fn named(_times: u64) -> impl Future<Output = Option<Duration>> + Send {
        async { None }
    }
    /// As [`named`](Self::named), in a registry of actors by keys.
    fn keyed(_times: u64) -> impl Future<Output = Option<Duration>> + Send {
        async { None }
    }
    /// A process takes a key in a registry where a thousand others have one, and gives it back.
    fn registered(_times: u64) -> impl Future<Output = Option<Duration>> + Send {
        async { None }
    }
    /// A task is started, and what comes of it awaited.
    fn tasks(_times: u64) -> impl Future<Output = Option<Duration>> + Send {
        async { None }
    }
    /// So many tasks that wait once each, [`AT_ONCE`] at a time; what comes of them comes in order.
    fn streamed(_times: u64) -> impl Future<Output = Option<Duration>> + Send {
        async { None }
    }
    /// The value of an agent is looked at.
    fn agent_get(_times: u64) -> impl Future<Output = Option<Duration>> + Send {
        async { None }
    }
    /// The value of an agent is changed, which is awaited.
    fn agent_update(_times: u64) -> impl Future<Output = Option<Duration>> + Send {
        async { None }
    }
    /// All ten thousand actors that subscribe to a topic are sent a message.
    fn publish(_times: u64) -> impl Future<Output = Option<Duration>> + Send {
        async { None }
    }
    /// A message to an actor is put off for an hour, and taken back.
    fn timers(_times: u64) -> impl Future<Output = Option<Duration>> + Send {
        async { None }
    }
    /// A process receives the one message that it wants, past those that wait.
    fn selective(_times: u64) -> impl Future<Output = Option<Duration>> + Send {
        async { None }
    }
    /// An actor is watched, and no longer.
    fn monitors(_times: u64) -> impl Future<Output = Option<Duration>> + Send {
        async { None }
    }
}

/// Which handler is called.
#[derive(Clone, Copy)]
pub(crate) enum Handler {
    Plain,
    Queued,
    Ready,
    Yielding,
}

/// Calls that are made one after the other.
pub(crate) struct Calls<A> {
    pub(crate) to: A,
    pub(crate) handler: Handler,
    pub(crate) times: u64,
}

impl<A> Calls<A> {
    /// Makes them, from wherever this is awaited.
    pub(crate) async fn make<P, const WORDS: usize>(self)
    where
        P: Peer<WORDS> + Consumer<WORDS, Address = A>,
    {
        let Self { to, handler, times } = self;
        for number in 0..times {
            let payload = Payload::new(black_box(number));
            let answer = match handler {
                Handler::Plain => P::call(&to, payload).await,
                Handler::Queued => P::call_queued(&to, payload).await,
                Handler::Ready => P::call_ready(&to, payload).await,
                Handler::Yielding => P::call_yielding(&to, payload).await,
            };
            black_box(answer);
        }
    }
}
