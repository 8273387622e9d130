//! Who decides and takes down: choices and faults from a seed or from a plan, the trace, the
//! invariants.
use super::faults::{Faults, Who};
use super::invariants::Checker;
use super::line::put;
use super::people::{People, micros};
use super::plan::{self, Choice, Fault, Plan};
use super::random::Random;
use super::world::World;
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::process::{ExitVia, Node};
use crate::rt::dispatch;
use crate::rt::sim::{Director, Event, Phase};
use crate::rt::time::Instant;
use std::cell::{Cell, OnceCell, RefCell};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// One turn in so many is interrupted at a point, where chance decides at all.
const INTERRUPTS: u32 = 8;
/// A kill that is due strikes after a turn with this chance.
const SPREAD: f64 = 0.125;

/// What goes wrong: `key` is the same for the same mistake, whoever it strikes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Failure {
    pub(super) key: String,
    pub(super) text: String,
}

pub(super) type Predicate = Box<dyn Fn(&World<'_>) -> bool>;

/// A sentence, and whether it holds.
pub(super) struct Always(pub(super) String, pub(super) Predicate);

pub(super) struct Engine {
    state: RefCell<State>,
    always: RefCell<Vec<Always>>,
    /// A predicate is asked now.
    is_asking: Cell<bool>,
    /// What is left to be done is done in order.
    is_closed: Cell<bool>,
    node: OnceCell<Weak<Node>>,
}

struct State {
    /// Where choices and faults come from; `None`: from the seed.
    replayed: Option<Plan>,
    /// What came of it.
    made: Plan,
    luck: Random,
    fate: Random,
    /// How often chance decides instead of order, for this seed.
    whim: f64,
    choices: u32,
    chances: u32,
    turns: u64,
    events: u64,
    most_events: u64,
    faults: Faults,
    /// Kills that are due, of each rule.
    due: Vec<f64>,
    looked: Instant,
    began: Instant,
    /// The time of a turn, as it was when that began: no timer fires meanwhile.
    turn: Option<Instant>,
    told: Duration,
    people: People,
    slow: Vec<(Pid, Duration)>,
    checker: Checker,
    trace: String,
    /// A buffer for one line of it.
    line: String,
    failure: Option<Failure>,
}

impl Engine {
    /// A history of this plan, or of its seed alone.
    pub(super) fn new(plan: Plan, is_replay: bool) -> Self {
        let (seed, steps) = (plan.seed, plan.steps);
        let mut luck = Random::of(seed, 1);
        let whim = [1.0 / 32.0, 1.0 / 8.0, 1.0 / 2.0, 1.0][luck.below(4) as usize];
        let now = Instant::now();
        let state = State {
            replayed: is_replay.then_some(plan),
            made: Plan::new(seed, steps),
            luck,
            fate: Random::of(seed, 2),
            whim,
            choices: 0,
            chances: 0,
            turns: 0,
            events: 0,
            most_events: u64::from(steps) * 10_000 + 500_000,
            faults: Faults::default(),
            due: Vec::new(),
            looked: now,
            began: now,
            turn: None,
            told: Duration::ZERO,
            people: People::default(),
            slow: Vec::new(),
            checker: Checker::default(),
            trace: String::new(),
            line: String::new(),
            failure: None,
        };
        Self {
            state: RefCell::new(state),
            always: RefCell::default(),
            is_asking: Cell::new(false),
            is_closed: Cell::new(false),
            node: OnceCell::new(),
        }
    }

    /// The history begins here.
    pub(super) fn enter(&self, node: &Arc<Node>) {
        let _ = self.node.set(Arc::downgrade(node));
        let mut state = self.state.borrow_mut();
        let now = Instant::now();
        (state.looked, state.began) = (now, now);
    }

    pub(super) fn node(&self) -> Option<Arc<Node>> {
        self.node.get()?.upgrade()
    }

    pub(super) fn set_faults(&self, faults: Faults) {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        state.faults = faults.drawn(|| state.fate.happens(0.5));
        state.due = vec![0.0; state.faults.crashes.len()];
        state.looked = Instant::now();
    }

    pub(super) fn stop_faults(&self) {
        let mut state = self.state.borrow_mut();
        state.faults = Faults::default();
        state.due.clear();
        state.slow.clear();
    }

    /// Whether there are kills to come, which have to be looked for.
    pub(super) fn may_kill(&self) -> bool {
        !self.state.borrow().due.is_empty()
    }

    /// From here on everything goes in order.
    pub(super) fn close(&self) {
        self.is_closed.set(true);
    }

    fn is_passive(&self) -> bool {
        self.is_asking.get() || self.is_closed.get()
    }

    pub(super) fn add_always(&self, always: Always) {
        self.always.borrow_mut().push(always);
    }

    pub(super) fn fail(&self, key: &str, text: String) {
        self.state.borrow_mut().fail(key, text);
    }

    pub(super) fn has_failed(&self) -> bool {
        self.state.borrow().failure.is_some()
    }

    pub(super) fn people<T>(&self, f: impl FnOnce(&People) -> T) -> T {
        f(&self.state.borrow().people)
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.state.borrow().began.elapsed()
    }

    /// I4: `None` if all children live.
    pub(super) fn missing_child(&self) -> Option<String> {
        self.state.borrow().checker.when_quiet().err()
    }

    /// What is left when the node is gone.
    pub(super) fn check_end(&self) {
        let mut state = self.state.borrow_mut();
        if let Err(broken) = state.checker.at_end() {
            state.broken(&broken);
        }
    }

    /// The plan, the trace and what went wrong.
    pub(super) fn into_parts(self) -> (Plan, String, Option<Failure>) {
        let mut state = self.state.into_inner();
        state.made.steps = state.made.steps.min(u32::try_from(state.turns).unwrap_or(u32::MAX));
        (state.made, state.trace, state.failure)
    }

    /// Time for kills: after a turn, in one of a few that may hit, and while nobody has anything to
    /// do.
    pub(super) fn look(&self, part: f64) {
        let Some(node) = self.node().filter(|_| !self.is_passive()) else { return };
        let Some(pid) = self.state.borrow_mut().victim(part) else { return };
        if let Some(process) = node.table.get(pid) {
            process.exit_signal(pid, node.own_pid(), ExitReason::Kill, ExitVia::Explicit);
        }
    }

    fn ask(&self) {
        if self.is_passive() || self.has_failed() {
            return;
        }
        self.is_asking.set(true);
        if let Some(node) = self.node() {
            let world = World::new(self, node);
            let always = self.always.borrow();
            let broken = always.iter().find(|always| !(always.1)(&world));
            if let Some(Always(name, _)) = broken {
                self.fail(name, format!("always `{name}`: it does not hold"));
            }
        }
        self.is_asking.set(false);
    }
}

impl Director for Engine {
    fn choose(&self, among: u32) -> u32 {
        if self.is_passive() {
            return 0;
        }
        self.state.borrow_mut().choose(among)
    }

    fn interrupts(&self) -> bool {
        !self.is_passive() && self.state.borrow_mut().choose(INTERRUPTS) == 1
    }

    fn note(&self, event: Event) {
        if !self.is_asking.get() {
            self.state.borrow_mut().note(&event);
        }
    }

    fn holds(&self, pid: Pid) -> Option<Duration> {
        self.state.borrow_mut().holds(pid)
    }

    fn strikes(&self, phase: Phase, pid: Pid) -> bool {
        !self.is_closed.get() && self.state.borrow_mut().strikes(phase, pid)
    }

    fn fills(&self, pid: Pid) -> bool {
        let mut state = self.state.borrow_mut();
        let chance = state.faults.full;
        let whom = state.people.number(pid);
        state.strike(chance, |_| Fault::Full(whom)).is_some()
    }

    fn goes_on(&self) -> bool {
        self.state.borrow_mut().begin_turn()
    }

    fn rests(&self) {
        self.state.borrow_mut().turn = None;
        if !self.always.borrow().is_empty() {
            self.ask();
        }
        self.look(SPREAD);
    }
}

// ===== Deciding =====

impl State {
    fn is_over(&self) -> bool {
        self.turns >= u64::from(self.made.steps)
    }

    fn choose(&mut self, among: u32) -> u32 {
        if among < 2 || self.is_over() {
            return 0;
        }
        let at = self.choices;
        self.choices += 1;
        let value = match &self.replayed {
            Some(plan) => plan.choices.get(&at).map_or(0, |choice| choice.value.min(among - 1)),
            None if self.luck.happens(self.whim) => self.luck.below(among),
            None => 0,
        };
        if value != 0 {
            let whose = dispatch::running().map_or(0, |pid| self.people.number(pid));
            self.made.choices.insert(at, Choice { value, whose });
        }
        self.tell_time();
        put!(&mut self.trace, "pick ", value, "/", among, "\n");
        value
    }

    /// A fault that strikes here, by chance or because the plan says so.
    fn strike(&mut self, chance: f64, make: impl FnOnce(&mut Random) -> Fault) -> Option<Fault> {
        let at = self.chances;
        self.chances += 1;
        let fault = match &self.replayed {
            Some(plan) => plan.faults.get(&at).copied(),
            None if chance > 0.0 && !self.is_over() && self.fate.happens(chance) => {
                Some(make(&mut self.fate))
            }
            None => None,
        }?;
        self.made.faults.insert(at, fault);
        self.tell_time();
        plan::tell(fault, &mut self.trace);
        Some(fault)
    }

    fn begin_turn(&mut self) -> bool {
        self.turns += 1;
        self.turn = Some(Instant::now());
        if self.events > self.most_events {
            let text = format!("there is no end: {} turns, {} events", self.turns, self.events);
            self.fail("no end", text);
        }
        self.failure.is_none()
    }

    fn holds(&mut self, pid: Pid) -> Option<Duration> {
        if let Some((_, time)) = self.slow.iter().find(|(slow, _)| *slow == pid) {
            return Some(*time);
        }
        let rule = self.faults.blocks.iter().find(|(who, ..)| self.people.is_met(who, pid));
        let (chance, time) =
            rule.map_or((0.0, None), |(_, chance, time)| (*chance, Some(time.clone())));
        let whom = self.people.number(pid);
        let fault = self.strike(chance, |fate| {
            let time = time.expect("there is a rule where there is a chance");
            let width = u32::try_from((time.end - time.start).as_micros()).unwrap_or(u32::MAX);
            let more = Duration::from_micros(u64::from(fate.below(width.max(1))));
            Fault::Hold(whom, time.start + more)
        });
        match fault {
            Some(Fault::Hold(_, time)) => Some(time),
            _ => None,
        }
    }

    fn strikes(&mut self, phase: Phase, pid: Pid) -> bool {
        if self.people.is_supervisor(pid) {
            return false;
        }
        let rule = self.faults.panics.iter().find(|(one, _)| *one == phase);
        let (chance, whom) = (rule.map_or(0.0, |(_, chance)| *chance), self.people.number(pid));
        self.strike(chance, |_| Fault::Panic(phase, whom)).is_some()
    }

    /// Whom a kill strikes now.
    fn victim(&mut self, part: f64) -> Option<Pid> {
        if self.due.is_empty() {
            return None;
        }
        let now = Instant::now();
        let passed = now.duration_since(self.looked).as_secs_f64();
        self.looked = now;
        for (due, (_, rate)) in self.due.iter_mut().zip(&self.faults.crashes) {
            *due += rate * passed;
        }
        for rule in 0..self.due.len() {
            let who = self.faults.crashes[rule].0.clone();
            let chance = self.due[rule].clamp(0.0, 1.0) * part;
            if let Some(pid) = self.kill(chance, &who) {
                self.due[rule] -= 1.0;
                return Some(pid);
            }
        }
        None
    }

    fn kill(&mut self, chance: f64, who: &Who) -> Option<Pid> {
        let all = if chance > 0.0 { self.people.living(who) } else { Vec::new() };
        let chance = if all.is_empty() { 0.0 } else { chance };
        let among = u32::try_from(all.len()).unwrap_or(u32::MAX);
        let fault = self.strike(chance, |fate| Fault::Kill(all[fate.below(among) as usize]));
        match fault {
            Some(Fault::Kill(whom)) => self.people.pid(whom),
            _ => None,
        }
    }
}

// ===== Taking down =====

impl State {
    fn fail(&mut self, key: &str, text: String) {
        if self.failure.is_none() {
            self.tell_time();
            put!(&mut self.trace, "FAILED ", text.as_str(), "\n");
            self.failure = Some(Failure { key: key.to_owned(), text });
        }
    }

    /// An invariant is; what stands before the colon is the same for all who break it.
    fn broken(&mut self, broken: &str) {
        let key = broken.split(':').next().unwrap_or_default().to_owned();
        self.fail(&key, format!("invariant broken: {broken}"));
    }

    fn note(&mut self, event: &Event) {
        self.events += 1;
        self.people.on(event);
        // A call has its number from here on, or until here.
        let before = self.checker.call(place(event));
        let checked = self.checker.on(event);
        let number = before.or_else(|| self.checker.call(place(event)));
        self.tell(event, number);
        if let Event::Born { pid, .. } = event {
            self.slow_down(*pid);
        }
        if let Err(broken) = checked {
            self.broken(&broken);
        }
    }

    fn slow_down(&mut self, pid: Pid) {
        let (chance, time) = self.faults.slow.unwrap_or_default();
        let chance = if self.people.is_supervisor(pid) { 0.0 } else { chance };
        let whom = self.people.number(pid);
        if let Some(Fault::Slow(_, time)) = self.strike(chance, |_| Fault::Slow(whom, time)) {
            self.slow.push((pid, time));
        }
    }

    /// When time has passed, it stands on a line of its own.
    fn tell_time(&mut self) {
        let now = self.turn.unwrap_or_else(Instant::now).duration_since(self.began);
        if now != self.told {
            self.told = now;
            put!(&mut self.trace, "at ", micros(now), "us\n");
        }
    }

    fn tell(&mut self, event: &Event, call: Option<u32>) {
        let mut line = std::mem::take(&mut self.line);
        line.clear();
        if self.people.tell(event, call, &mut line).is_some() {
            self.tell_time();
            put!(&mut self.trace, line.as_str(), "\n");
        }
        self.line = line;
    }
}

/// Where the slot of an event lies.
fn place(event: &Event) -> usize {
    match event {
        Event::Called(place) | Event::Filled(place) => *place,
        Event::Resolved(place) | Event::GivenUp(place) => *place,
        _ => 0,
    }
}
