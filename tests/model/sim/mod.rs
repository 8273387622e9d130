//! Carries a history out: processes, their signals and mail, and a clock that jumps.
//!
//! # Rules (cited as M1 to M5)
//! - M1 What is due at one moment is done before the clock goes on, in the order in which it came
//!   up: who is woken waits in line.
//! - M2 A process takes its mail in order of arrival, whatever it is: EXITs, questions, retries.
//! - M3 A server does what it is told at once, unless it is in `init` or has begun to end.
//! - M4 A supervisor does one job after the other; one that waits for a child takes no mail.
//! - M5 Two things that happen at nearly the same time may happen in either order: `gap` tells how
//!   near they came to each other, and who runs the history elsewhere leaves such ones out.
mod client;
mod server;
mod supervisor;

use crate::decisions::Decisions;
use crate::history::{History, Kind, Step, TOP, Who};
use client::Clients;
use server::Worker;
use std::collections::{BTreeMap, VecDeque};
use supervisor::Sup;

/// One incarnation.
type Pid = usize;

/// What a history comes to.
pub(crate) struct Ran {
    /// In the words of the scenarios' logs.
    pub(crate) log: Vec<String>,
    /// M5, in milliseconds.
    pub(crate) gap: u64,
    /// Somebody counted a child that had ended a moment before: OTP looks whether each lives.
    pub(crate) counts_dead: bool,
}

/// Runs a history; `D` decides.
pub(crate) fn run<D: Decisions>(history: &History) -> Ran {
    let mut sim = Sim::<D>::new(history);
    sim.log("h trap was false".to_owned());
    sim.pass(QUIET);
    sim.begin();
    for at in 0..history.steps.len() {
        sim.step(at);
    }
    sim.log_living();
    Ran { gap: sim.gap(), log: sim.log, counts_dead: sim.counts_dead }
}

/// How long the driver waits after each step.
const QUIET: u64 = 1;

struct Sim<'a, D> {
    history: &'a History,
    now: u64,
    log: Vec<String>,
    procs: Vec<Proc<D>>,
    /// The last incarnation of each definition, and how many there were.
    last: Vec<Option<Pid>>,
    lives: Vec<usize>,
    clients: Clients,
    /// Supervisors that may go on (M1).
    ready: VecDeque<Pid>,
    timers: BTreeMap<(u64, usize), Event>,
    /// Who ended in this step, and why.
    ended: Vec<(String, String)>,
    /// When something happened: the steps, and what was due.
    moments: Vec<(u64, Cause)>,
    armed: usize,
    /// Two supervisors had something to do at one moment.
    races: bool,
    counts_dead: bool,
}

struct Proc<D> {
    who: Who,
    name: String,
    /// Its supervisor; the top's is `h`.
    parent: Option<Pid>,
    stage: Stage,
    /// Its `init` was done once.
    started: bool,
    ignored: bool,
    body: Body<D>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    Starting,
    Up,
    /// In `terminate`, for this reason.
    Ending(String),
    Dead(String),
}

enum Body<D> {
    Worker(Worker),
    Sup(Sup<D>),
}

#[derive(Clone, Copy)]
enum Event {
    /// A server has slept in `init`, in `terminate`.
    InitDone(Pid),
    EndDone(Pid),
    /// Its supervisor waits no longer.
    Kill(Pid),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cause {
    Step,
    Timer,
}

/// Who sends an exit signal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Parent,
    Stranger,
}

impl<'a, D: Decisions> Sim<'a, D> {
    fn new(history: &'a History) -> Self {
        Self {
            history,
            now: 0,
            log: Vec::new(),
            procs: Vec::new(),
            last: vec![None; history.defs.len()],
            lives: vec![0; history.defs.len()],
            clients: Clients::default(),
            ready: VecDeque::new(),
            timers: BTreeMap::new(),
            ended: Vec::new(),
            moments: Vec::new(),
            armed: 0,
            races: false,
            counts_dead: false,
        }
    }

    // ===== Steps =====

    fn begin(&mut self) {
        self.moments.push((self.now, Cause::Step));
        self.start_top();
        self.settle(&format!("h: start_link:{}", self.history.name(TOP)));
    }

    fn step(&mut self, at: usize) {
        let step = &self.history.steps[at];
        self.moments.push((self.now, Cause::Step));
        match step {
            Step::Stop(who, reason) => self.cast(*who, server::Mail::Stop(reason)),
            Step::Panic(who) => self.cast(*who, server::Mail::Panic),
            Step::Signal(who, reason) => {
                if let Some(pid) = self.last[*who] {
                    self.signal(pid, From::Stranger, reason);
                }
            }
            Step::Pause(millis) => self.pass(*millis),
            Step::Parent(_) | Step::GenStop(_) => self.starter_step(step),
            Step::Ask(..) | Step::Which(_) | Step::Count(_) => self.client_step(at),
        }
        self.settle(&self.history.words(at));
    }

    /// What ended in a step is told after it, by name.
    fn settle(&mut self, words: &str) {
        self.run_ready();
        self.pass(QUIET);
        let mut ended = std::mem::take(&mut self.ended);
        ended.sort_by(|one, other| one.0.cmp(&other.0));
        for (name, why) in ended {
            self.log(format!("ended {name} {why}"));
        }
        self.log(format!("-- {words}"));
    }

    fn log_living(&mut self) {
        let living = self.procs.iter().filter(|proc| !matches!(proc.stage, Stage::Dead(_)));
        let mut names: Vec<&str> = living.map(|proc| proc.name.as_str()).collect();
        let clients: Vec<String> = self.history.clients().collect();
        names.extend(["h", "k"].into_iter().chain(clients.iter().map(String::as_str)));
        names.sort_unstable();
        let line = format!("alive {}", names.join(" "));
        self.log(line);
    }

    fn log(&mut self, line: String) {
        self.log.push(line);
    }

    // ===== Time =====

    fn pass(&mut self, millis: u64) {
        let end = self.now + millis;
        while let Some(((due, _), _)) = self.timers.first_key_value().filter(|t| t.0.0 <= end) {
            self.now = *due;
            let (_, event) = self.timers.pop_first().expect("it was looked at");
            self.due(event);
            self.run_ready();
        }
        self.now = end;
    }

    fn arm(&mut self, millis: u64, event: Event) {
        self.armed += 1;
        self.timers.insert((self.now + millis, self.armed), event);
    }

    fn due(&mut self, event: Event) {
        let (Event::InitDone(pid) | Event::EndDone(pid) | Event::Kill(pid)) = event;
        // Also of one that has ended: it came near to being killed, perhaps.
        self.moments.push((self.now, Cause::Timer));
        if let Stage::Dead(_) = self.procs[pid].stage {
            return;
        }
        match event {
            Event::InitDone(_) => self.init_done(pid),
            Event::EndDone(_) => self.has_ended(pid),
            Event::Kill(_) => self.signal(pid, From::Parent, "kill"),
        }
    }

    fn gap(&self) -> u64 {
        let timed = |two: &&[(u64, Cause)]| two.iter().any(|moment| moment.1 == Cause::Timer);
        let gaps = self.moments.windows(2).filter(timed).map(|two| two[1].0 - two[0].0);
        if self.races { 0 } else { gaps.min().unwrap_or(u64::MAX) }
    }

    fn run_ready(&mut self) {
        while let Some(pid) = self.ready.pop_front() {
            let others = self.ready.iter().filter(|other| **other != pid);
            self.races |= self.has_work(pid) && others.clone().any(|other| self.has_work(*other));
            self.run_sup(pid);
        }
    }

    // ===== Processes =====

    fn born(&mut self, who: Who, parent: Option<Pid>, body: Body<D>) -> Pid {
        let pid = self.procs.len();
        self.lives[who] += 1;
        self.last[who] = Some(pid);
        let name = self.history.name(who);
        let name = match self.lives[who] {
            1 => name.to_owned(),
            life => format!("{name}#{life}"),
        };
        let stage = Stage::Starting;
        self.procs.push(Proc { who, name, parent, stage, started: false, ignored: false, body });
        pid
    }

    fn start(&mut self, who: Who, parent: Option<Pid>) -> Pid {
        match &self.history.defs[who].kind {
            Kind::Server(_) => self.start_server(who, parent),
            Kind::Supervisor(..) | Kind::Dynamic(_) => self.start_supervisor(who, parent),
        }
    }

    fn signal(&mut self, pid: Pid, from: From, reason: &str) {
        if let Stage::Dead(_) = self.procs[pid].stage {
            return;
        }
        if reason == "kill" {
            return self.dead(pid, "killed"); // PROC-16
        }
        match &self.procs[pid].body {
            Body::Worker(_) => self.signal_server(pid, from, reason),
            Body::Sup(_) => self.signal_supervisor(pid, from, reason),
        }
    }

    /// It is up: who waits for its start goes on.
    fn up(&mut self, pid: Pid) {
        let proc = &mut self.procs[pid];
        (proc.stage, proc.started) = (Stage::Up, true);
        self.wake_parent(pid);
    }

    /// The end of a life: its children learn of it (SUP-36), then who asked, then its parent.
    fn dead(&mut self, pid: Pid, reason: &str) {
        let proc = &mut self.procs[pid];
        proc.stage = Stage::Dead(reason.to_owned());
        let (name, parent) = (proc.name.clone(), proc.parent);
        self.ended.push((name, reason.to_owned()));
        for child in self.linked_children(pid) {
            self.signal(child, From::Parent, reason);
        }
        self.clients_see_end(pid);
        if let Some(parent) = parent {
            self.exit_to_supervisor(parent, pid, reason);
        }
        self.wake_parent(pid);
    }

    fn wake_parent(&mut self, pid: Pid) {
        match self.procs[pid].parent {
            Some(parent) => self.ready.push_back(parent),
            None => self.starter_looks(),
        }
    }

    fn why_dead(&self, pid: Pid) -> Option<&str> {
        match &self.procs[pid].stage {
            Stage::Dead(reason) => Some(reason),
            Stage::Starting | Stage::Up | Stage::Ending(_) => None,
        }
    }
}
