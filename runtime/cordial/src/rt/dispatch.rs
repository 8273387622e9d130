//! Who runs the processes: one dispatcher task per worker, and run queues of our own.
//!
//! # Rules (cited as D1 to D9)
//! - D1 What a process makes ready while it runs goes to the slot of its own dispatcher and runs
//!   next; the one displaced goes to the dispatcher's queue. At most `HOPS` turns in a row come
//!   from the slot.
//! - D2 What others make ready goes to the shared queue.
//! - D3 A dispatcher takes: slot, own queue, a share of the shared queue, half of another's queue;
//!   every `SHARED_FIRST`th time the shared queue before its own.
//! - D4 A dispatcher says that it sleeps *before* it looks at all queues a last time; who pushes
//!   looks for sleepers *after* the push. One of the two sees the other. What a dispatcher puts
//!   back itself it takes next: it looks for sleepers if something is left while it runs another.
//! - D5 It returns to the executor after about `ROUND`, or when the executor's own budget is
//!   spent, so that sockets and timers are looked at.
//! - D6 The first dispatcher to be dropped (the runtime goes away) ends every process: nobody waits
//!   for one that cannot run. What a handler that blocks its thread runs, ends when that is over.
//! - D7 No dispatcher stays where a handler that blocks its thread blocks it too. The executor
//!   keeps what a worker wakes, and what yields, for that worker until its poll is over: so
//!   something spawned behind it pushes it out, and a round begins by waking who yields there.
//! - D8 Who asks a process and is about to wait for it may run it himself. A dispatcher takes the
//!   entry back, if it is still in its slot; others leave it behind, so that who asks again finds
//!   it there. Until his first poll he wakes nobody: if all sleep, the executor promises to wake
//!   one when it has nothing else to run there. If he has to wait, he wakes one as any other
//!   does, unless one is coming: woken, and not looking yet; that is the last that he does, for
//!   who is woken may run at once, in his place. A dispatcher says that it looks, and a promise
//!   that it is kept, *before* they look; who asks sees to them *after* the push.
//!   What he runs and is woken while he does, he goes on with, `AT_ONCE` times at most.
//! - D9 A process whose share is spent has another one while nobody else waits for its dispatcher:
//!   to leave the mailbox, and to take it again, is to meet its senders twice. A round with so much
//!   of it is over after `GRANTS` or a `ROUND`.
mod asked;

use super::pulse::Pulse;
use super::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use super::sync::{Apart, Lock, thread_local};
use super::time::Instant;
use super::watch::{Beat, Lasting, Watch};
use crate::pid::Pid;
use asked::Promise;
use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{Ordering::Relaxed, Ordering::SeqCst};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// How long one poll of a dispatcher may take, looked at every `LOOK` turns.
const ROUND: Duration = Duration::from_micros(100);
const LOOK: u32 = 64;
/// Turns from the queues per round. A dispatcher that stays a little behind finds more per turn.
const TAKES: u32 = 64;
const SHARED_FIRST: u32 = 16;
const HOPS: u32 = 32;
/// Mail per turn; then the process goes to the back of the queue, if anybody waits there (D9).
pub(crate) const BUDGET: u32 = 256;
/// Shares beyond the first, per round (D9).
const GRANTS: u32 = 16;
/// How much of the shared queue is taken at once, at most.
const SHARE: usize = 256;
/// One bit of a word per dispatcher.
const MOST: usize = 64;
/// Beats of threads that are no dispatchers: callers that run whom they ask (D8).
const CALLERS: usize = 1 << CALLER_BITS;
const CALLER_BITS: u32 = 3;

/// What a turn leaves to who ran it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ran {
    Done,
    /// It is queued again; whoever ran it puts it at the back.
    Again,
    /// It is queued again, and its entry is where it was.
    Queued,
}

/// How who runs something came to it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// It was taken out of a run queue.
    Popped,
    /// Its entry, if it has one, is where it was.
    Left,
}

/// Something with turns to run.
pub(crate) trait Runnable: Send + Sync {
    /// One turn, of so many messages at most, that beats here.
    fn run(&self, most: u32, entry: Entry, beat: &Beat) -> Ran;
    /// The runtime went away: end now, on this thread.
    fn abandon(self: Arc<Self>);
    /// Whom a simulation knows it as.
    #[cfg(feature = "chaos")]
    fn who(&self) -> Option<Pid>;
}

type Queue = VecDeque<Arc<dyn Runnable>>;

/// An empty queue that has room for more than this many gives its memory back.
const LARGE: usize = 4_096;

/// Run queues and the sleepers among their dispatchers.
pub(crate) struct Dispatch {
    shared: Apart<RunQueue>,
    queues: Box<[Apart<RunQueue>]>,
    wakers: Box<[Apart<Lock<Option<Waker>>>]>,
    asleep: Apart<AtomicU64>,
    /// Dispatchers that were woken and have not begun to look (D8).
    coming: Apart<AtomicU64>,
    /// One per group of threads (D8).
    promises: Box<[Arc<Promise>]>,
    /// Dispatchers that let the executor look around (D7).
    yielding: Apart<AtomicU64>,
    alive: AtomicUsize,
    closed: AtomicBool,
    runtime: Option<super::Id>,
    /// A beat per dispatcher, and those of callers.
    watch: Arc<Watch>,
}

/// A queue whose length can be read without its lock. The length is written before the lock is
/// given back, and both it and `asleep` are `SeqCst`, which D4 rests on.
#[derive(Default)]
struct RunQueue {
    queue: Lock<Queue>,
    len: AtomicUsize,
}

impl RunQueue {
    #[inline]
    fn with<T>(&self, f: impl FnOnce(&mut Queue) -> T) -> T {
        let mut queue = self.queue.lock();
        let out = f(&mut queue);
        if queue.is_empty() && queue.capacity() > LARGE {
            *queue = Queue::new();
        }
        self.len.store(queue.len(), SeqCst);
        out
    }

    #[inline]
    fn push(&self, runnable: Arc<dyn Runnable>) {
        self.with(|queue| queue.push_back(runnable));
    }

    #[inline]
    fn is_empty(&self) -> bool {
        self.len.load(SeqCst) == 0
    }
}

// ===== Where this thread is =====

thread_local! {
    /// No destructor: read without a check.
    static HERE: Here = const {
        Here {
            dispatch: Cell::new(0),
            index: Cell::new(0),
            pid: Cell::new(None),
            depth: Cell::new(0),
            yielded: Cell::new(0),
            granted: Cell::new(None),
            is_over: Cell::new(false),
            at_home: Cell::new(None),
            is_held: Cell::new(false),
        }
    };
    /// What runs next (D1).
    static SLOT: Cell<Option<Arc<dyn Runnable>>> = const { Cell::new(None) };
    /// Who is woken when the process that runs here has been left.
    static HELD: Cell<Option<Waker>> = const { Cell::new(None) };
}

struct Here {
    /// Address of the dispatch whose dispatcher is polled here; 0 in a plain task or thread.
    dispatch: Cell<usize>,
    index: Cell<usize>,
    pid: Cell<Option<Pid>>,
    /// Turns on this stack that a caller runs (D8).
    depth: Cell<u32>,
    /// Dispatchers that have yielded on this thread, whose executor keeps them for it (D7).
    yielded: Cell<u64>,
    /// When the time of a round is over that has given more than a share, and how often (D9).
    granted: Cell<Option<(Instant, u32)>>,
    /// The round that runs here has given all that it may.
    is_over: Cell<bool>,
    /// A task that was seen to run in the runtime of a dispatch.
    at_home: Cell<Option<(tokio::task::Id, usize)>>,
    /// There is somebody in `HELD`, which has a destructor.
    is_held: Cell<bool>,
}

/// The process that runs on this thread now.
#[inline]
pub(crate) fn running() -> Option<Pid> {
    HERE.with(|here| here.pid.get())
}

/// The runner says who it is; the one before comes back when this is dropped.
pub(crate) struct Identity(Option<Pid>);

impl Identity {
    #[inline]
    pub(crate) fn assume(pid: Option<Pid>) -> Self {
        Self(HERE.with(|here| here.pid.replace(pid)))
    }
}

impl Drop for Identity {
    #[inline]
    fn drop(&mut self) {
        HERE.with(|here| here.pid.set(self.0));
        wake_held();
    }
}

/// Wakes somebody when the process that runs here has been left; at once, where none does. One at a
/// time: who was held before is woken now.
pub(crate) fn hold(waker: Waker) {
    if running().is_none() {
        return waker.wake();
    }
    let before = HELD.with(|held| held.replace(Some(waker)));
    HERE.with(|here| here.is_held.set(true));
    if let Some(before) = before {
        before.wake();
    }
}

/// Somebody is to be woken before anything else is done here.
#[inline]
pub(crate) fn is_anybody_held() -> bool {
    HERE.with(|here| here.is_held.get())
}

/// The process has been left, or is about to do something else.
#[inline]
pub(crate) fn wake_held() {
    if is_anybody_held() {
        wake_who_is_held();
    }
}

#[inline(never)]
fn wake_who_is_held() {
    HERE.with(|here| here.is_held.set(false));
    if let Some(waker) = HELD.with(Cell::take) {
        waker.wake();
    }
}

// ===== Making ready =====

impl Dispatch {
    /// One dispatcher per worker of the runtime; `ended` runs when the first of them is dropped,
    /// `lasting` on a thread of its own when a turn stands still.
    pub(crate) fn start(
        runtime: &super::Handle,
        ended: impl FnOnce() + Send + 'static,
        lasting: impl Fn(u64, Lasting) + Send + Sync + 'static,
    ) -> Arc<Self> {
        let n = runtime.metrics().num_workers().clamp(1, MOST);
        let watch = Watch::new(n + CALLERS, Some(runtime.clone()), Box::new(lasting));
        let dispatch = Self::with_queues(n, Some(runtime.id()), watch);
        let ended = Arc::new(OnEnd(Lock::new(Some(Box::new(ended)))));
        for index in 0..n {
            let ended = ended.clone();
            runtime.spawn(Dispatcher { dispatch: dispatch.clone(), index, taken: 0, ended }.run());
        }
        #[cfg(feature = "chaos")]
        if super::sim::is_active() {
            dispatch.set_limit_of_turns(None); // No thread looks at it by the clock on the wall.
            super::sim::attach(&dispatch);
        }
        dispatch
    }

    /// Without dispatchers: whatever is made ready is abandoned at once.
    pub(crate) fn absent() -> Arc<Self> {
        let dispatch = Self::with_queues(0, None, Watch::new(CALLERS, None, Box::new(|_, _| ())));
        dispatch.closed.store(true, SeqCst);
        dispatch
    }

    fn with_queues(n: usize, runtime: Option<super::Id>, watch: Arc<Watch>) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            shared: Apart::default(),
            queues: (0..n).map(|_| Apart::default()).collect(),
            wakers: (0..n).map(|_| Apart::default()).collect(),
            asleep: Apart::default(),
            coming: Apart::default(),
            promises: (0..CALLERS).map(|_| Promise::of(this)).collect(),
            yielding: Apart::default(),
            alive: AtomicUsize::new(n),
            closed: AtomicBool::new(false),
            runtime,
            watch,
        })
    }

    /// How long a turn may stand still before that is told.
    pub(crate) fn set_limit_of_turns(&self, limit: Option<Duration>) {
        self.watch.set_limit(limit);
    }

    #[inline]
    pub(crate) fn pulse(&self) -> &Pulse {
        self.watch.pulse()
    }

    pub(crate) fn has_dispatchers(&self) -> bool {
        !self.queues.is_empty()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(SeqCst)
    }

    /// Puts something that has just become ready where it will be run (D1, D2).
    #[inline]
    pub(crate) fn schedule(&self, runnable: Arc<dyn Runnable>) {
        #[cfg(feature = "chaos")]
        if super::sim::is_active() {
            return self.schedule_in_simulation(runnable);
        }
        let here = HERE.with(|here| (here.dispatch.get() == self.id()).then(|| here.index.get()));
        let Some(index) = here else { return self.inject(runnable, Self::wake_one) };
        if let Some(displaced) = SLOT.with(|slot| slot.replace(Some(runnable))) {
            self.push_local(index, displaced);
        }
    }

    #[cfg(feature = "chaos")]
    fn schedule_in_simulation(&self, runnable: Arc<dyn Runnable>) {
        if self.is_closed() {
            return runnable.abandon();
        }
        super::sim::enqueue(runnable);
        self.wake_one();
    }

    /// Whether the process that runs here, whose share is spent, has another one (D9).
    pub(crate) fn grants_more(&self) -> bool {
        #[cfg(feature = "chaos")]
        if super::sim::is_active() {
            return false;
        }
        if !self.is_alone() {
            return false;
        }
        HERE.with(|here| {
            let now = Instant::now();
            let (end, granted) = here.granted.get().unwrap_or((now + ROUND, 0));
            here.granted.set(Some((end, granted + 1)));
            here.is_over.set(now >= end || granted >= GRANTS);
            !here.is_over.get()
        })
    }

    /// Nobody waits for the dispatcher that runs here.
    fn is_alone(&self) -> bool {
        let next = SLOT.with(Cell::take);
        let has_next = next.is_some();
        SLOT.with(|slot| slot.set(next));
        let index = HERE.with(|here| (here.dispatch.get() == self.id()).then(|| here.index.get()));
        let has_queue = index.is_none_or(|index| !self.queues[index].is_empty());
        !has_next && !has_queue && self.shared.is_empty()
    }

    fn id(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    fn inject(&self, runnable: Arc<dyn Runnable>, wake: fn(&Self)) {
        if self.is_closed() {
            return runnable.abandon();
        }
        self.shared.push(runnable);
        wake(self);
        // The dispatchers may have gone between the look and the push.
        if self.is_closed() {
            self.abandon_queued();
        }
    }

    fn push_local(&self, index: usize, runnable: Arc<dyn Runnable>) {
        self.queues[index].push(runnable);
        if self.queues.len() > 1 {
            self.wake_one();
        }
    }

    /// D4.
    #[inline]
    pub(crate) fn wake_one(&self) {
        let asleep = self.asleep.load(SeqCst);
        if asleep != 0 {
            self.wake_from(asleep);
        }
    }

    fn wake_from(&self, asleep: u64) {
        let index = asleep.trailing_zeros();
        let bit = 1 << index;
        if self.asleep.fetch_and(!bit, SeqCst) & bit == 0 {
            return; // Somebody else woke it, and it will look everywhere.
        }
        self.coming.fetch_or(bit, SeqCst);
        // The executor's own waker: it runs nothing of the user's.
        // No lock is held over it: whom it wakes may run at once, and be in need of that.
        let waker = self.wakers[index as usize].lock().clone();
        if let Some(waker) = waker {
            waker.wake();
        }
        let_others_take();
    }

    /// D7: wakes who yields, so that another worker can take it.
    #[cold]
    fn wake_yielding(&self, others: u64) {
        for index in (0..self.wakers.len()).filter(|index| others >> index & 1 == 1) {
            let waker = self.wakers[index].lock().clone();
            if self.yielding.fetch_and(!(1 << index), SeqCst) >> index & 1 == 1
                && let Some(waker) = waker
            {
                waker.wake();
            }
        }
        let_others_take();
    }

    fn keep_waker(&self, index: usize, cx: &Context<'_>) {
        let mut waker = self.wakers[index].lock();
        if !waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            *waker = Some(cx.waker().clone());
        }
    }

    fn abandon_queued(&self) {
        let queues = self.queues.iter().chain([&self.shared]);
        let left: Vec<_> = queues.flat_map(|queue| queue.with(std::mem::take)).collect();
        for runnable in left {
            runnable.abandon();
        }
    }
}

/// D7: what this thread has just woken, any worker may run.
pub(crate) fn let_others_take() {
    #[cfg(feature = "chaos")]
    if super::sim::is_active() {
        return; // There is no other worker.
    }
    let is_dispatcher = HERE.with(|here| here.dispatch.get() != 0);
    if is_dispatcher && let Some(runtime) = super::current() {
        runtime.spawn(std::future::ready(()));
    }
}

/// For models: nobody runs the dispatchers unless the model does.
#[cfg(all(test, any(loom, shuttle)))]
impl Dispatch {
    pub(crate) fn modelled(n: usize) -> Arc<Self> {
        let watch = Watch::new(n + CALLERS, None, Box::new(|_, _| ()));
        watch.set_limit(None);
        Self::with_queues(n, None, watch)
    }

    pub(crate) fn wake_all(&self) {
        for waker in &self.wakers {
            if let Some(waker) = &*waker.lock() {
                waker.wake_by_ref();
            }
        }
    }

    pub(crate) fn run_modelled(self: Arc<Self>, index: usize) -> impl Future<Output = ()> {
        let ended = Arc::new(OnEnd(Lock::new(None)));
        Dispatcher { dispatch: self, index, taken: 0, ended }.run()
    }
}

// ===== The dispatcher =====

type Ended = Box<dyn FnOnce() + Send>;
struct OnEnd(Lock<Option<Ended>>);

struct Dispatcher {
    dispatch: Arc<Dispatch>,
    index: usize,
    /// Turns taken from the queues in all rounds: a round may be over after a few (D3).
    taken: u32,
    ended: Arc<OnEnd>,
}

impl Dispatcher {
    /// A busy dispatcher yields as tasks do: the executor looks at its sockets and timers before
    /// it comes back.
    async fn run(mut self) {
        loop {
            if self.round() {
                self.look_around().await;
                continue;
            }
            let mut slept = false;
            std::future::poll_fn(|cx| {
                if slept || !self.dispatch.sleep(self.index, cx) {
                    return Poll::Ready(());
                }
                slept = true;
                Poll::Pending
            })
            .await;
        }
    }

    async fn look_around(&self) {
        let Self { dispatch, index, .. } = self;
        let bit = 1 << index;
        std::future::poll_fn(|cx| {
            dispatch.keep_waker(*index, cx);
            HERE.with(|here| here.yielded.set(here.yielded.get() | bit));
            Poll::Ready(())
        })
        .await;
        dispatch.yielding.fetch_or(bit, SeqCst);
        tokio::task::yield_now().await;
        dispatch.yielding.fetch_and(!bit, SeqCst);
    }

    /// True: the round was used up, there may be more.
    fn round(&mut self) -> bool {
        let _here = Entered::enter(&self.dispatch, self.index);
        self.dispatch.round(self.index, &mut self.taken)
    }
}

/// Restores where the thread was, also when a turn panics through.
struct Entered<'a> {
    dispatch: &'a Dispatch,
    index: usize,
    outer: (usize, usize, Option<Pid>),
}

impl<'a> Entered<'a> {
    fn enter(dispatch: &'a Dispatch, index: usize) -> Self {
        let outer = HERE.with(|here| {
            (
                here.dispatch.replace(dispatch.id()),
                here.index.replace(index),
                here.pid.replace(None),
            )
        });
        Self { dispatch, index, outer }
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        let own = &self.dispatch.queues[self.index];
        if let Some(rest) = SLOT.with(Cell::take) {
            own.push(rest);
        }
        if !own.is_empty() {
            self.dispatch.wake_one();
        }
        self.dispatch.watch.beat(self.index).resume(0);
        HERE.with(|here| {
            here.dispatch.set(self.outer.0);
            here.index.set(self.outer.1);
            here.pid.set(self.outer.2);
        });
    }
}

impl Dispatch {
    fn round(&self, index: usize, taken: &mut u32) -> bool {
        if self.coming.load(Relaxed) >> index & 1 == 1 {
            self.coming.fetch_and(!(1 << index), SeqCst);
        }
        let others = HERE.with(|here| here.yielded.replace(0)) & !(1 << index);
        if others != 0 {
            self.wake_yielding(others);
        }
        self.watch.rouse();
        let beat = self.watch.beat(index);
        #[cfg(feature = "chaos")]
        if super::sim::is_active() {
            return super::sim::round(beat);
        }
        HERE.with(|here| here.granted.set(None));
        let mut began = None;
        let (mut turns, mut takes, mut hops) = (0u32, 0u32, 0u32);
        loop {
            turns += 1;
            let look = turns.is_multiple_of(LOOK);
            if look && began.get_or_insert_with(Instant::now).elapsed() > ROUND {
                return true;
            }
            let runnable = match SLOT.with(Cell::take) {
                Some(runnable) if hops < HOPS => {
                    hops += 1;
                    runnable
                }
                slot => {
                    if let Some(runnable) = slot {
                        self.queues[index].push(runnable);
                    }
                    (takes, hops) = (takes + 1, 0);
                    if takes > TAKES {
                        return true;
                    }
                    *taken = taken.wrapping_add(1);
                    let Some(runnable) = self.next(index, *taken) else { return false };
                    runnable
                }
            };
            if !self.queues[index].is_empty() || !self.shared.is_empty() {
                self.wake_one(); // This turn may be a long one.
            }
            if runnable.run(BUDGET, Entry::Popped, beat) == Ran::Again {
                self.queues[index].push(runnable);
            }
            if HERE.with(|here| here.is_over.take()) || !tokio::task::coop::has_budget_remaining() {
                return true; // D5, D9
            }
        }
    }

    /// D3.
    #[inline]
    fn next(&self, index: usize, take: u32) -> Option<Arc<dyn Runnable>> {
        let own = &self.queues[index];
        if take.is_multiple_of(SHARED_FIRST)
            && !self.shared.is_empty()
            && let Some(runnable) = self.share(own)
        {
            return Some(runnable);
        }
        if !own.is_empty()
            && let Some(runnable) = own.with(Queue::pop_front)
        {
            return Some(runnable);
        }
        if !self.shared.is_empty()
            && let Some(runnable) = self.share(own)
        {
            return Some(runnable);
        }
        self.steal(index)
    }

    fn share(&self, own: &RunQueue) -> Option<Arc<dyn Runnable>> {
        if self.shared.len.load(Relaxed) == 1 {
            return self.shared.with(Queue::pop_front);
        }
        let mut share = self.shared.with(|shared| {
            let share = shared.len().div_ceil(self.queues.len()).min(SHARE);
            shared.drain(..share).collect::<Queue>()
        });
        let first = share.pop_front();
        if !share.is_empty() {
            own.with(|own| own.append(&mut share));
        }
        first
    }

    fn steal(&self, index: usize) -> Option<Arc<dyn Runnable>> {
        let n = self.queues.len();
        let mut others = (1..n).map(|i| &self.queues[(index + i) % n]).filter(|q| !q.is_empty());
        let mut loot = others.find_map(|queue| {
            let loot = queue.with(|queue| {
                let half = queue.len().div_ceil(2);
                queue.drain(..half).collect::<Queue>()
            });
            (!loot.is_empty()).then_some(loot)
        })?;
        let first = loot.pop_front();
        if !loot.is_empty() {
            self.queues[index].with(|own| own.append(&mut loot));
        }
        first
    }

    /// D4. False: there is work.
    fn sleep(&self, index: usize, cx: &Context<'_>) -> bool {
        self.keep_waker(index, cx);
        let bit = 1 << index;
        self.asleep.fetch_or(bit, SeqCst);
        if self.shared.is_empty() && self.queues.iter().all(|queue| queue.is_empty()) {
            return true;
        }
        self.asleep.fetch_and(!bit, SeqCst);
        false
    }
}

impl Drop for Dispatcher {
    fn drop(&mut self) {
        self.dispatch.closed.store(true, SeqCst); // D6
        self.dispatch.watch.end();
        let ended = self.ended.0.lock().take();
        if let Some(ended) = ended {
            ended();
        }
        self.dispatch.abandon_queued();
        if self.dispatch.alive.fetch_sub(1, SeqCst) == 1 {
            for waker in &self.dispatch.wakers {
                waker.lock().take();
            }
        }
    }
}
