//! The door to a simulation: who runs next is chosen, at any step others may run first, and all of
//! it is told.
//!
//! A simulation has a thread for itself, whose locals say that there is one; everywhere else the
//! runtime works as always. What is chosen is the business of a [`Director`], whose choice 0 is
//! always what happens without a simulation.
//!
//! A handler cannot be left in its middle. Where others may run meanwhile, at a [`point`], one of
//! them has its turn on the same stack: as if this thread stood still and another one worked.
use super::dispatch::{BUDGET, Dispatch, Entry, Ran, Runnable};
use super::time;
use super::watch::Beat;
use crate::mailbox;
use crate::pid::{MonitorRef, Pid};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Turns on one stack that others run at points.
const DEEPEST: u32 = 3;

/// When a fault strikes a process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Phase {
    /// Before `init`.
    Init,
    /// Before a handler of a message.
    Handle,
    /// Before `terminate`, where there is one.
    Terminate,
    /// When the state of a process that ended is dropped.
    Drop,
}

/// What tells two messages of one mailbox apart, as far as that can be seen from outside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Tag {
    pub(crate) kind: &'static str,
    /// Where it lies, if it has a place of its own.
    pub(crate) place: usize,
}

/// What becomes of a child.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// It is in the list, in this place.
    Listed {
        is_permanent: bool,
    },
    Up(Pid),
    /// Its stop begins.
    Stop(Pid),
    /// It ended, or a start failed, and it is to be started again: so many times in this period.
    Tried {
        most: u32,
        period: Duration,
        now: Duration,
    },
    /// Nobody waits for it: it was stopped by request, or asked to be ignored.
    Parked,
    Forgotten,
}

/// What happens.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Turn(Pid),
    Born {
        pid: Pid,
        parent: Option<Pid>,
        server: Arc<str>,
    },
    Dead {
        pid: Pid,
        line: usize,
        why: &'static str,
    },
    /// All who had to know have been told of an end.
    Told(Pid),
    /// Mail comes into the line that lies there.
    Sent {
        from: Option<Pid>,
        to: Option<Pid>,
        line: usize,
        tag: Tag,
    },
    Refused {
        to: Pid,
    },
    /// The line that lies there has no order from here on.
    Loose(usize),
    Taken {
        by: Option<Pid>,
        line: usize,
        tag: Tag,
    },
    Signal {
        to: Pid,
        from: Pid,
        why: &'static str,
    },
    Armed {
        wait: Duration,
    },
    Cancelled,
    Fired,
    Named {
        pid: Pid,
        name: Arc<str>,
    },
    Unnamed {
        pid: Pid,
        name: Arc<str>,
    },
    /// A look or a change of a registry or a table of this name.
    Touched {
        by: Option<Pid>,
        what: &'static str,
        name: &'static str,
    },
    /// A call, known by where its slot lies.
    Called(usize),
    /// Something was put into a slot.
    Filled(usize),
    /// The answer, or why there is none, was taken.
    Resolved(usize),
    /// The caller does not want to know any more.
    GivenUp(usize),
    /// Nobody holds the slot any more.
    Freed(usize),
    Watched {
        monitor: MonitorRef,
        pid: Pid,
    },
    Unwatched(MonitorRef),
    Down(MonitorRef),
    Supervisor {
        pid: Pid,
        id: Arc<str>,
        keeps_order: bool,
    },
    /// A list of stops and starts of this supervisor begins.
    List(Pid),
    Child {
        supervisor: Pid,
        key: u64,
        step: Step,
    },
}

/// Who decides.
pub(crate) trait Director {
    /// Less than `among`; 0 is what happens without a simulation.
    fn choose(&self, among: u32) -> u32;
    /// Whether somebody else runs here first.
    fn interrupts(&self) -> bool;
    fn note(&self, event: Event);
    /// How long this process does nothing before its turn.
    fn holds(&self, pid: Pid) -> Option<Duration>;
    /// Whether it panics here.
    fn strikes(&self, phase: Phase, pid: Pid) -> bool;
    /// Whether this bounded mailbox is full.
    fn fills(&self, pid: Pid) -> bool;
    /// A turn begins. False: there were too many.
    fn goes_on(&self) -> bool;
    /// A turn is over, and nobody is in the middle of anything.
    fn rests(&self);
}

struct Sim {
    director: Rc<dyn Director>,
    ready: RefCell<VecDeque<Ready>>,
    /// Who is held, and queued by nobody else meanwhile.
    held: RefCell<Vec<Pid>>,
    nested: Cell<u32>,
    /// Steps that hold a lock.
    still: Cell<u32>,
    dispatch: RefCell<Weak<Dispatch>>,
}

struct Ready {
    runnable: Arc<dyn Runnable>,
    /// It was held, and is not held again before this turn.
    is_rested: bool,
}

thread_local! {
    static ACTIVE: Cell<bool> = const { Cell::new(false) };
    static SIM: RefCell<Option<Rc<Sim>>> = const { RefCell::new(None) };
}

/// Until this is dropped, this thread simulates.
pub(crate) struct Simulation(());

impl Simulation {
    /// # Panics
    /// In a simulation.
    pub(crate) fn begin(director: Rc<dyn Director>) -> Self {
        assert!(!is_active(), "a simulation inside of a simulation");
        let sim = Sim {
            director,
            ready: RefCell::default(),
            held: RefCell::default(),
            nested: Cell::new(0),
            still: Cell::new(0),
            dispatch: RefCell::default(),
        };
        SIM.set(Some(Rc::new(sim)));
        ACTIVE.set(true);
        Self(())
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        ACTIVE.set(false);
        drop(SIM.take());
    }
}

#[inline]
pub(crate) fn is_active() -> bool {
    ACTIVE.get()
}

fn current() -> Option<Rc<Sim>> {
    if is_active() { SIM.with_borrow(Clone::clone) } else { None }
}

// ===== What is told and asked =====

/// Tells what happens.
#[inline]
pub(crate) fn note(event: impl FnOnce() -> Event) {
    if let Some(sim) = current() {
        sim.director.note(event());
    }
}

/// 0 outside of simulations.
pub(crate) fn choose(among: u32) -> u32 {
    current().map_or(0, |sim| sim.director.choose(among))
}

/// Panics if a fault strikes the process that runs here.
pub(crate) fn strike(phase: Phase) {
    let Some(sim) = current() else { return };
    let Some(pid) = super::dispatch::running() else { return };
    if !std::thread::panicking() && sim.director.strikes(phase, pid) {
        panic!("chaos: a panic in {phase:?}");
    }
}

/// Whether a bounded mailbox refuses, though there is room.
pub(crate) fn fills(pid: Option<Pid>) -> bool {
    let Some((sim, pid)) = current().zip(pid) else { return false };
    sim.director.fills(pid)
}

/// A scheduling point: somebody else may have a turn here first. Nobody holds a lock.
#[inline]
pub(crate) fn point() {
    if let Some(sim) = current() {
        sim.point();
    }
}

/// A look or a change of what is shared: a scheduling point, and told. Until the guard is dropped
/// there is no other one on this thread, for a lock may be held.
pub(crate) fn step(what: &'static str, name: &'static str) -> Still {
    point();
    note(|| Event::Touched { by: super::dispatch::running(), what, name });
    let sim = current();
    if let Some(sim) = &sim {
        sim.still.set(sim.still.get() + 1);
    }
    Still(sim)
}

/// While it lives nobody else has a turn.
pub(crate) struct Still(Option<Rc<Sim>>);

impl Drop for Still {
    fn drop(&mut self) {
        if let Some(sim) = &self.0 {
            sim.still.set(sim.still.get() - 1);
        }
    }
}

// ===== Who runs =====

/// The simulation's run queue is this dispatcher's.
pub(crate) fn attach(dispatch: &Arc<Dispatch>) {
    if let Some(sim) = current() {
        *sim.dispatch.borrow_mut() = Arc::downgrade(dispatch);
    }
}

pub(crate) fn enqueue(runnable: Arc<dyn Runnable>) {
    if let Some(sim) = current() {
        sim.ready.borrow_mut().push_back(Ready { runnable, is_rested: false });
    }
}

/// For who runs something on his stack: its entry, if it has one here. `None`: it is held.
pub(crate) fn take_back(runnable: &dyn Runnable) -> Option<Entry> {
    let Some(sim) = current() else { return Some(Entry::Left) };
    if runnable.who().is_some_and(|pid| sim.held.borrow().contains(&pid)) {
        return None;
    }
    let is_it = |ready: &Ready| std::ptr::addr_eq(Arc::as_ptr(&ready.runnable), runnable);
    let mut ready = sim.ready.borrow_mut();
    let Some(at) = ready.iter().position(is_it) else { return Some(Entry::Left) };
    let entry = ready.remove(at);
    drop(ready);
    drop(entry);
    Some(Entry::Popped)
}

/// One round of the dispatcher. True: there may be more.
pub(crate) fn round(beat: &Beat) -> bool {
    let Some(sim) = current() else { return false };
    while let Some(runnable) = sim.take() {
        if !sim.director.goes_on() {
            return false;
        }
        sim.run(runnable, beat);
        sim.director.rests();
        if sim.director.choose(4) == 1 || !tokio::task::coop::has_budget_remaining() {
            return true;
        }
    }
    false
}

impl Sim {
    /// The next one who is not held.
    fn take(&self) -> Option<Arc<dyn Runnable>> {
        loop {
            let among = u32::try_from(self.ready.borrow().len()).unwrap_or(u32::MAX);
            let at = if among > 1 { self.director.choose(among) } else { 0 };
            let Ready { runnable, is_rested } = self.ready.borrow_mut().remove(at as usize)?;
            let pid = runnable.who();
            match pid.filter(|_| !is_rested).and_then(|pid| self.director.holds(pid)) {
                None => return Some(runnable),
                Some(time) => self.hold(runnable, time),
            }
        }
    }

    fn run(&self, runnable: Arc<dyn Runnable>, beat: &Beat) {
        let most = match self.director.choose(4) {
            0 => BUDGET,
            3 => 2,
            _ => 1,
        };
        if let Some(pid) = runnable.who() {
            self.director.note(Event::Turn(pid));
        }
        if runnable.run(most, Entry::Popped, beat) == Ran::Again {
            self.ready.borrow_mut().push_back(Ready { runnable, is_rested: false });
        }
    }

    /// It comes back after some time of the simulation's clock.
    fn hold(&self, runnable: Arc<dyn Runnable>, time: Duration) {
        let (Some(runtime), Some(pid)) = (super::current(), runnable.who()) else { return };
        self.held.borrow_mut().push(pid);
        runtime.spawn(async move {
            time::sleep_until(time::after(time::Instant::now(), time)).await;
            if let Some(sim) = current() {
                sim.held.borrow_mut().retain(|held| *held != pid);
                sim.ready.borrow_mut().push_back(Ready { runnable, is_rested: true });
                let dispatch = sim.dispatch.borrow().upgrade();
                dispatch.into_iter().for_each(|dispatch| dispatch.wake_one());
            }
        });
    }

    fn point(&self) {
        let may_be = self.nested.get() < DEEPEST && self.still.get() == 0;
        let is_free = may_be && !std::thread::panicking();
        if !is_free || self.ready.borrow().is_empty() || !self.director.interrupts() {
            return;
        }
        let Some(runnable) = self.take() else { return };
        self.nested.set(self.nested.get() + 1);
        let beat = Beat::default();
        mailbox::apart(|| self.run(runnable, &beat));
        self.nested.set(self.nested.get() - 1);
    }
}
