//! A model of processes: links, monitors, exit signals, the registered name, timers.
//!
//! Whoever does something does it alone: a step is over before the next one begins, so what it
//! leads to is a matter of who is tied to whom, and of nothing else.
use crate::random::Random;
use crate::small::{Moments, Ran, Small};
use std::collections::{BTreeMap, BTreeSet, HashMap};

// ===== Random histories =====

/// There from the beginning; the others are spawned.
const FIRST: [&str; 4] = ["p", "q", "r", "t"];
const LATER: [&str; 2] = ["x", "y"];

const REASONS: [&str; 6] = ["normal", "shutdown", "shutdown(tea)", "boom", "kill", "boom"];

pub(crate) fn history(seed: u64) -> Small {
    let mut random = Random::new(seed);
    let mut defs = Vec::new();
    for name in FIRST {
        let traps = if random.percent(40) { " do=trap:on" } else { "" };
        defs.push(format!("proc {name}{traps}"));
    }
    // A node's shutdown waits for each that traps exits; of these there may be many.
    defs.extend(LATER.map(|name| format!("proc {name} later")));
    let steps = (0..6 + random.below(20)).map(|_| step(&mut random)).collect();
    Small { defs, steps }
}

fn step(random: &mut Random) -> String {
    let all = ["p", "q", "r", "t", "x", "y", "me"];
    let (actor, other) = (random.pick(&FIRST), random.pick(&all));
    let reason = random.pick(&REASONS);
    let later = random.pick(&LATER);
    let timer = random.pick(&["one", "two"]);
    let action = match random.below(100) {
        0..16 => format!("link:{other}"),
        16..22 => format!("unlink:{other}"),
        22..36 => format!("monitor:{other}"),
        36..42 => format!("demonitor:{other}"),
        42..54 => format!("exit:{other}:{reason}"),
        54..60 => format!("die:{reason}"),
        60..62 => "panic:broken".to_owned(),
        62..66 => format!("trap:{}", random.pick(&["on", "off"])),
        66..71 => format!("register:{other}"),
        71..73 => "unregister".to_owned(),
        73..77 => "whereis".to_owned(),
        77..80 => format!("alive:{other}"),
        80..84 => format!("spawn:{later}"),
        84..89 => format!("spawn_link:{later}"),
        89..94 => {
            let target = random.pick(&FIRST);
            format!("timer:{timer}:{}:{target}:note:tick", 200 + 50 * random.below(8))
        }
        94..96 => format!("cancel:{timer}"),
        _ => return format!("pause {}", 20 + 50 * random.below(7)),
    };
    format!("{actor}: {action}")
}

// ===== The model =====

type Pid = usize;

#[derive(Default)]
struct Model {
    log: Vec<String>,
    procs: Vec<Proc>,
    /// The last incarnation of each definition.
    last: HashMap<String, Pid>,
    lives: HashMap<String, usize>,
    named: Option<Pid>,
    links: BTreeSet<(Pid, Pid)>,
    /// By number: who watches whom, and what it calls him.
    monitors: BTreeMap<usize, (Pid, Pid, String)>,
    next_monitor: usize,
    timers: BTreeMap<(u64, usize), (Pid, String)>,
    next_timer: usize,
    ended: Vec<(String, String)>,
    /// Read when all signals have come.
    mail: Vec<(Pid, String)>,
    /// Somebody was told something at the moment of his end: he may have read it or not.
    races: bool,
    moments: Moments,
}

struct Proc {
    name: String,
    traps: bool,
    alive: bool,
    last_monitor: HashMap<String, usize>,
    timers: HashMap<String, (u64, usize)>,
}

/// How a signal came.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Via {
    Link,
    Explicit,
}

pub(crate) fn run(history: &Small) -> Option<Ran> {
    let mut model = Model::default();
    for def in history.defs.iter().filter(|def| !def.contains(" later")) {
        model.born(history, def.split(' ').nth(1).expect("a definition has a name"));
    }
    model.pass(1);
    for step in &history.steps {
        model.moments.step();
        match step.strip_prefix("pause ") {
            Some(millis) => model.pass(millis.parse().expect("milliseconds")),
            None => {
                let (actor, action) = step.split_once(": ").expect("a step has an actor");
                let actor = model.last.get(actor).copied().filter(|pid| model.procs[*pid].alive);
                if let Some(me) = actor {
                    model.acts(history, me, action);
                }
            }
        }
        model.settle(step);
    }
    Some(model.finish())
}

impl Model {
    fn note(&mut self, pid: Pid, what: &str) {
        let line = format!("{} {what}", self.procs[pid].name);
        self.log.push(line);
    }

    fn settle(&mut self, step: &str) {
        for (to, what) in std::mem::take(&mut self.mail) {
            self.races |= !self.procs[to].alive;
            self.note(to, &what);
        }
        self.pass(1);
        self.ended.sort();
        for (name, why) in std::mem::take(&mut self.ended) {
            self.log.push(format!("ended {name} {why}"));
        }
        self.log.push(format!("-- {step}"));
    }

    fn finish(mut self) -> Ran {
        // Who lives is asked now.
        self.moments.step();
        let living = self.procs.iter().filter(|proc| proc.alive);
        let mut names: Vec<&str> = living.map(|proc| proc.name.as_str()).collect();
        names.sort_unstable();
        self.log.push(["alive"].into_iter().chain(names).collect::<Vec<_>>().join(" "));
        Ran { log: self.log, gap: if self.races { 0 } else { self.moments.gap() } }
    }

    fn born(&mut self, history: &Small, def: &str) -> Pid {
        let pid = self.procs.len();
        let life = self.lives.entry(def.to_owned()).or_default();
        *life += 1;
        let name = if *life == 1 { def.to_owned() } else { format!("{def}#{life}") };
        self.last.insert(def.to_owned(), pid);
        let (last_monitor, timers) = (HashMap::new(), HashMap::new());
        self.procs.push(Proc { name, traps: false, alive: true, last_monitor, timers });
        let line = history.defs.iter().find(|line| line.split(' ').nth(1) == Some(def));
        if line.is_some_and(|line| line.ends_with("do=trap:on")) {
            self.note(pid, "trap was false");
            self.procs[pid].traps = true;
        }
        pid
    }

    /// `None`: somebody who was never there.
    fn target(&self, me: Pid, name: &str) -> Option<Pid> {
        if name == "me" { Some(me) } else { self.last.get(name).copied() }
    }

    fn is_alive(&self, pid: Option<Pid>) -> bool {
        pid.is_some_and(|pid| self.procs[pid].alive)
    }

    fn name_of(&self, pid: Option<Pid>) -> String {
        pid.map_or("?".to_owned(), |pid| self.procs[pid].name.clone())
    }

    // ----- what a process does -----

    fn acts(&mut self, history: &Small, me: Pid, action: &str) {
        let (verb, rest) = action.split_once(':').unwrap_or((action, ""));
        let target = self.target(me, rest.split(':').next().unwrap_or_default());
        match verb {
            "link" => self.link(me, rest, target),
            "unlink" => drop(target.map(|other| self.links.remove(&pair(me, other)))),
            "monitor" => self.monitor(me, rest, target),
            "demonitor" => self.demonitor(me, rest),
            "exit" => {
                let (_, reason) = rest.split_once(':').expect("a signal has a reason");
                if let Some(other) = target {
                    self.signal(other, me, reason, Via::Explicit);
                }
            }
            "die" => self.ends(me, rest),
            "panic" => self.ends(me, "panic(broken)"),
            "trap" => {
                let was = std::mem::replace(&mut self.procs[me].traps, rest == "on");
                self.note(me, &format!("trap was {was}"));
            }
            "alive" => {
                let alive = self.is_alive(target);
                self.note(me, &format!("alive {rest} -> {alive}"));
            }
            "register" => self.register(me, rest, target),
            "unregister" => {
                let word = if self.named.take().is_some() { "ok" } else { "error" };
                self.note(me, &format!("unregister -> {word}"));
            }
            "whereis" => {
                let found = self.named.map_or("nobody".to_owned(), |pid| self.name_of(Some(pid)));
                self.note(me, &format!("whereis -> {found}"));
            }
            "spawn" => drop(self.born(history, rest)),
            "spawn_link" => {
                let child = self.born(history, rest);
                self.links.insert(pair(me, child));
            }
            "timer" => self.timer(me, rest),
            "cancel" => self.cancel(me, rest),
            _ => unreachable!("`{verb}` is no action of these histories"),
        }
    }

    /// PROC-12, PROC-23.
    fn link(&mut self, me: Pid, name: &str, target: Option<Pid>) {
        let (alive, traps) = (self.is_alive(target), self.procs[me].traps);
        if let Some(other) = target.filter(|other| alive && *other != me) {
            self.links.insert(pair(me, other));
        }
        let word = if alive || traps { "ok" } else { "noproc" };
        self.note(me, &format!("link {name} -> {word}"));
        if !alive && traps {
            self.mail.push((me, format!("exit {} noproc", self.name_of(target))));
        }
    }

    /// PROC-28, PROC-29.
    fn monitor(&mut self, me: Pid, name: &str, target: Option<Pid>) {
        self.next_monitor += 1;
        let (number, called) = (self.next_monitor, self.name_of(target));
        self.procs[me].last_monitor.insert(name.to_owned(), number);
        match target {
            Some(other) if other == me => {}
            Some(other) if self.procs[other].alive => {
                self.monitors.insert(number, (me, other, called));
            }
            _ => self.mail.push((me, format!("down {called} noproc"))),
        }
    }

    /// PROC-33.
    fn demonitor(&mut self, me: Pid, name: &str) {
        let number = self.procs[me].last_monitor.get(name).copied();
        let was = number.is_some_and(|number| self.monitors.remove(&number).is_some());
        self.note(me, &format!("demonitor {name} -> {was}"));
    }

    /// PROC-35: a name for one, and one name.
    fn register(&mut self, me: Pid, name: &str, target: Option<Pid>) {
        let free = self.named.is_none() && self.is_alive(target);
        if free {
            self.named = target;
        }
        self.note(me, &format!("register {name} -> {}", if free { "ok" } else { "error" }));
    }

    // ----- ends -----

    /// PROC-13 to PROC-22.
    fn signal(&mut self, to: Pid, from: Pid, reason: &str, via: Via) {
        if !self.procs[to].alive {
            return;
        }
        let ignored = reason == "normal" && to != from;
        match (via, self.procs[to].traps) {
            (Via::Explicit, _) if reason == "kill" => self.ends(to, "killed"),
            (_, true) => {
                self.mail.push((to, format!("exit {} {reason}", self.procs[from].name)));
            }
            (_, false) if ignored => {}
            (_, false) => self.ends(to, reason),
        }
    }

    /// Its name is free before anybody learns of it (PROC-34).
    fn ends(&mut self, pid: Pid, reason: &str) {
        self.procs[pid].alive = false;
        self.ended.push((self.procs[pid].name.clone(), reason.to_owned()));
        self.named = self.named.filter(|named| *named != pid);
        self.timers.retain(|_, (to, _)| *to != pid);
        let fired: Vec<_> =
            self.monitors.extract_if(.., |_, watch| watch.0 == pid || watch.1 == pid).collect();
        for (_, (watcher, _, called)) in fired {
            self.mail.push((watcher, format!("down {called} {reason}")));
        }
        let ties: Vec<_> = self.links.extract_if(.., |tie| tie.0 == pid || tie.1 == pid).collect();
        for (one, other) in ties {
            self.signal(if one == pid { other } else { one }, pid, reason, Via::Link);
        }
    }

    // ----- time -----

    /// TMR-1, TMR-7.
    fn timer(&mut self, me: Pid, rest: &str) {
        let words: Vec<&str> = rest.split(':').collect();
        let due = self.moments.arm(words[1].parse().expect("milliseconds"));
        self.next_timer += 1;
        let key = (due, self.next_timer);
        self.procs[me].timers.insert(words[0].to_owned(), key);
        if let Some(to) = self.target(me, words[2]).filter(|to| self.procs[*to].alive) {
            self.timers.insert(key, (to, format!("note {}", words[4])));
        }
    }

    /// TMR-3.
    fn cancel(&mut self, me: Pid, timer: &str) {
        let key = self.procs[me].timers.get(timer).copied();
        let was = key.is_some_and(|key| self.timers.remove(&key).is_some());
        self.note(me, &format!("cancel {timer} -> {}", if was { "cancelled" } else { "gone" }));
    }

    fn pass(&mut self, millis: u64) {
        let end = self.moments.now() + millis;
        while let Some(first) = self.timers.first_entry().filter(|t| t.key().0 <= end) {
            let (to, what) = first.remove();
            self.note(to, &what);
        }
        self.moments.goes_on_to(end);
    }
}

fn pair(one: Pid, other: Pid) -> (Pid, Pid) {
    (one.min(other), one.max(other))
}
