//! D8: who asks a process, and is about to wait for it, may run it himself.
use super::{CALLER_BITS, Dispatch, Entry, HERE, Ran, Runnable, SLOT};
use crate::pid::Pid;
use crate::rt;
use crate::rt::sync::atomic::AtomicBool;
use crate::rt::watch::Beat;
use std::cell::Cell;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Weak};
use std::task::{Wake, Waker};

/// Turns on one stack that callers run.
const DEPTH: u32 = 16;

/// How often a caller goes on with what was woken while he ran it.
const AT_ONCE: u32 = 4;

/// A turn that a caller runs on his stack (D8), until this is dropped.
pub(crate) struct Deeper<'a> {
    /// Where it beats.
    pub(crate) beat: &'a Beat,
    /// The caller is run by a dispatcher.
    is_inside: bool,
}

impl Drop for Deeper<'_> {
    #[inline]
    fn drop(&mut self) {
        HERE.with(|here| {
            here.depth.set(here.depth.get() - 1);
            self.beat.resume(here.pid.get().map_or(0, Pid::bits));
        });
    }
}

/// The executor of this thread wakes a dispatcher when it has nothing else to run.
pub(super) struct Promise {
    is_made: AtomicBool,
    dispatch: Weak<Dispatch>,
}

impl Promise {
    pub(super) fn of(dispatch: &Weak<Dispatch>) -> Arc<Self> {
        Arc::new(Self { is_made: AtomicBool::new(false), dispatch: dispatch.clone() })
    }
}

impl Wake for Promise {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_made.store(false, SeqCst);
        if let Some(dispatch) = self.dispatch.upgrade()
            && !dispatch.shared.is_empty()
        {
            dispatch.wake_one();
        }
    }
}

impl Dispatch {
    /// [`schedule`](Self::schedule), for who will wait (D8).
    #[inline]
    pub(crate) fn schedule_asked(&self, runnable: Arc<dyn Runnable>) {
        #[cfg(feature = "chaos")]
        if rt::sim::is_active() {
            return self.schedule_in_simulation(runnable);
        }
        if self.is_inside() {
            return self.schedule(runnable);
        }
        self.inject(runnable, Self::wake_later);
    }

    /// Makes ready what `is_left` in the shared queue, or not. Where it is, another entry is made
    /// only for the dispatcher that runs here, which takes that next.
    #[inline]
    pub(crate) fn schedule_left(&self, is_left: bool, entry: impl FnOnce() -> Arc<dyn Runnable>) {
        match is_left && !self.is_inside() {
            true => self.wake_unless_coming(),
            false => self.schedule(entry()),
        }
    }

    /// A dispatcher of this runs what asks here.
    #[inline]
    pub(crate) fn is_inside(&self) -> bool {
        HERE.with(|here| here.dispatch.get() == self.id())
    }

    /// D8. False: it is queued, and a dispatcher has to run it. It goes on while somebody `waits`
    /// for it; `entry` makes another entry of it, for a run queue.
    #[inline]
    pub(crate) fn run_here(
        &self,
        runnable: &dyn Runnable,
        most: u32,
        waits: impl Fn() -> bool,
        entry: impl FnOnce() -> Arc<dyn Runnable>,
    ) -> bool {
        let Some(deeper) = self.deeper() else { return false };
        #[cfg(feature = "chaos")]
        if rt::sim::is_active() {
            let Some(had) = rt::sim::take_back(runnable) else { return false };
            if runnable.run(most, had, deeper.beat) == Ran::Again {
                self.schedule(entry());
            }
            return true;
        }
        if deeper.is_inside {
            if runnable.run(most, take_back(runnable), deeper.beat) == Ran::Again {
                self.schedule(entry());
            }
            return true;
        }
        let mut ran = runnable.run(most, Entry::Left, deeper.beat);
        for _ in 0..AT_ONCE {
            ran = match ran {
                // It would have an entry now; here it is.
                Ran::Again if waits() => runnable.run(most, Entry::Popped, deeper.beat),
                Ran::Queued if waits() => runnable.run(most, Entry::Left, deeper.beat),
                Ran::Done | Ran::Again | Ran::Queued => break,
            };
        }
        if ran == Ran::Again {
            self.inject(entry(), |_| ());
        }
        ran == Ran::Done
    }

    /// What somebody else than a dispatcher has run is left to one.
    pub(crate) fn go_on(&self, ran: Ran, entry: impl FnOnce() -> Arc<dyn Runnable>) {
        match ran {
            Ran::Done => {}
            Ran::Again => self.schedule(entry()),
            Ran::Queued => self.wake_unless_coming(),
        }
    }

    /// Where this thread beats. Those that are no dispatchers share a few beats, by the places of
    /// their locals.
    #[inline]
    fn beat_of_caller(&self, inside: bool) -> &Beat {
        if inside {
            return self.watch.beat(HERE.with(|here| here.index.get()));
        }
        self.watch.rouse();
        self.watch.beat(self.queues.len() + rt::group_of_thread(CALLER_BITS))
    }

    /// One more turn on this stack, for a caller who is in this runtime (D8). `None`: he is not, or
    /// there are enough.
    #[inline]
    pub(crate) fn deeper(&self) -> Option<Deeper<'_>> {
        let is_inside = self.is_inside();
        let depth = HERE.with(|here| here.depth.get());
        #[cfg(feature = "chaos")]
        if rt::sim::choose(4) == 1 {
            return None;
        }
        if depth >= DEPTH || !(is_inside || self.is_here()) {
            return None;
        }
        HERE.with(|here| here.depth.set(depth + 1));
        Some(Deeper { beat: self.beat_of_caller(is_inside), is_inside })
    }

    /// Whether the runtime that this thread is in is the one of the dispatchers: asked once per
    /// task, which stays in its runtime.
    #[inline]
    pub(crate) fn is_here(&self) -> bool {
        let task = tokio::task::try_id().map(|task| (task, self.id()));
        if task.is_some() && HERE.with(|here| here.at_home.get() == task) {
            return true;
        }
        let is_here = rt::current().map(|runtime| runtime.id()) == self.runtime;
        if is_here {
            HERE.with(|here| here.at_home.set(task));
        }
        is_here
    }

    /// D8: one that is awake already will look into the shared queue before it sleeps.
    fn wake_later(&self) {
        let promise = &self.promises[rt::group_of_thread(CALLER_BITS)];
        if promise.is_made.load(SeqCst) {
            return;
        }
        let all_sleep = self.asleep.load(SeqCst).count_ones() as usize == self.queues.len();
        if all_sleep && !promise.is_made.swap(true, SeqCst) {
            rt::wake_when_idle(&Waker::from(promise.clone()));
        }
    }

    /// D8: for who waits from now on.
    pub(crate) fn wake_unless_coming(&self) {
        if self.coming.load(SeqCst) == 0 {
            self.wake_one();
        }
    }
}

/// The slot's entry, if it is this one's.
fn take_back(runnable: &dyn Runnable) -> Entry {
    let last = SLOT.with(Cell::take);
    let is_it = |entry: &Arc<dyn Runnable>| std::ptr::addr_eq(Arc::as_ptr(entry), runnable);
    if last.as_ref().is_some_and(is_it) {
        return Entry::Popped;
    }
    SLOT.with(|slot| slot.set(last));
    Entry::Left
}
