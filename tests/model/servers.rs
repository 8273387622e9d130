//! A model of one GenServer: starts, calls, timeouts, continues, stops, signals.
//!
//! Each step is over before the next one begins; time passes in pauses only.
use crate::random::Random;
use crate::small::{Moments, Ran, Small};
use std::collections::{BTreeSet, VecDeque};

// ===== Random histories =====

const REASONS: [&str; 5] = ["normal", "shutdown", "shutdown(tea)", "boom", "boom"];

pub(crate) fn history(seed: u64) -> Small {
    let mut random = Random::new(seed);
    let mut steps = vec![String::new()];
    for at in 1..8 + random.below(20) {
        steps.push(step(&mut random, at));
    }
    let fails = random.percent(30);
    let start = if !fails && random.percent(50) { "start_link" } else { "start" };
    steps[0] = format!("h: {start}:a");
    if random.percent(60) {
        let at = 1 + random.below(steps.len() as u64);
        steps.insert(usize::try_from(at).expect("a place"), format!("h: {start}:a"));
    }
    let traps = if random.percent(50) { " trap" } else { "" };
    let named = if random.percent(30) { " named" } else { "" };
    let init = init(&mut random, fails);
    let mut defs = vec!["proc h do=trap:on".to_owned(), "proc k".to_owned()];
    defs.push(format!("server a{traps}{named}{init}"));
    let clients = steps.iter().filter(|step| step.starts_with('q'));
    let names = clients.map(|step| step.split(':').next().expect("a step has an actor"));
    defs.extend(names.map(|name| format!("proc {name}")));
    Small { defs, steps }
}

fn init(random: &mut Random, fails: bool) -> String {
    let last = match random.below(5) {
        0 => "timeout:250".to_owned(),
        1 => "note:ready".to_owned(),
        2 => format!("note:ready,{}", continues(random)),
        3 => continues(random),
        _ => String::new(),
    };
    if fails {
        let how = random.pick(&["ignore", "stop:boom", "panic:broken", "note:no,stop:shutdown"]);
        return format!(" init={how}|{last}");
    }
    if last.is_empty() { last } else { format!(" init={last}") }
}

fn step(random: &mut Random, at: u64) -> String {
    let reason = random.pick(&REASONS);
    match random.below(100) {
        0..30 => format!("q{at}: call:a:{}", in_call(random)),
        30..36 => format!("q{at}: call_within:{}:a:{}", time(random), in_call(random)),
        36..56 => format!("k: cast:a:{}", in_cast(random)),
        56..64 => format!("k: send:a:{}", in_cast(random)),
        64..68 => format!("k: exit:a:{reason}"),
        68..70 => "k: exit:a:kill".to_owned(),
        70..73 => format!("h: exit:a:{reason}"),
        73..76 => format!("q{at}: gen_stop:a:{reason}"),
        _ => format!("pause {}", 20 + 50 * random.below(10)),
    }
}

fn time(random: &mut Random) -> u64 {
    150 + 50 * random.below(6)
}

fn continues(random: &mut Random) -> String {
    let mut actions = vec!["note:then".to_owned()];
    if random.percent(50) {
        actions.push("note:more".to_owned());
    }
    match random.below(6) {
        0 => actions.push(format!("timeout:{}", time(random))),
        1 => actions.insert(1, format!("stop:{}", random.pick(&REASONS))),
        2 => actions.push("panic:broken".to_owned()),
        _ => {}
    }
    format!("continue:{}", actions.join(">"))
}

fn in_cast(random: &mut Random) -> String {
    let mut actions = vec!["note:heard".to_owned()];
    match random.below(12) {
        0..3 => actions.push("answer:late".to_owned()),
        _ => actions.extend(ending(random)),
    }
    actions.join("+")
}

fn in_call(random: &mut Random) -> String {
    let mut actions = Vec::new();
    if random.percent(30) {
        actions.push("note:asked".to_owned());
    }
    match random.below(6) {
        0 | 1 => actions.push("park".to_owned()),
        2 => actions.push("reply_now:soon".to_owned()),
        3 | 4 => actions.push("reply:yes".to_owned()),
        _ => {}
    }
    if !actions.contains(&"park".to_owned()) {
        actions.extend(ending(random));
    }
    if actions.is_empty() { "note:asked".to_owned() } else { actions.join("+") }
}

/// What comes after.
fn ending(random: &mut Random) -> Option<String> {
    let reason = random.pick(&REASONS);
    match random.below(12) {
        0..3 => Some(format!("timeout:{}", time(random))),
        3..6 => Some(continues(random)),
        6 => Some(format!("stop:{reason}")),
        7 => Some(format!("die:{reason}")),
        8 => Some("panic:broken".to_owned()),
        _ => None,
    }
}

// ===== The model =====

#[derive(Default)]
struct Model {
    log: Vec<String>,
    server: Option<Server>,
    lives: usize,
    ended: Vec<(String, String)>,
    moments: Moments,
    /// When a caller has waited long enough, and who it is.
    limits: BTreeSet<(u64, String)>,
    /// A step asked for what nobody can do.
    is_void: bool,
}

struct Server {
    name: String,
    traps: bool,
    linked: bool,
    parked: VecDeque<String>,
    timeout: Option<u64>,
}

/// What a handler's actions come to.
#[derive(Default)]
struct Wish {
    reply: Option<String>,
    stop: Option<String>,
    ignore: bool,
    timeout: Option<u64>,
    then: Vec<String>,
}

/// `None`: there is no such history.
pub(crate) fn run(history: &Small) -> Option<Ran> {
    let mut model = Model::default();
    let def = history.defs.iter().find(|def| def.starts_with("server a"))?.clone();
    model.log.push("h trap was false".to_owned());
    model.pass(1);
    for step in &history.steps {
        model.moments.step();
        match step.strip_prefix("pause ") {
            Some(millis) => model.pass(millis.parse().expect("milliseconds")),
            None => model.step(&def, step),
        }
        model.settle(step);
    }
    model.finish(history)
}

impl Model {
    fn settle(&mut self, step: &str) {
        self.pass(1);
        self.ended.sort();
        for (name, why) in std::mem::take(&mut self.ended) {
            self.log.push(format!("ended {name} {why}"));
        }
        self.log.push(format!("-- {step}"));
    }

    fn finish(mut self, history: &Small) -> Option<Ran> {
        // Who lives is asked now.
        self.moments.step();
        let defs = history.defs.iter().filter_map(|def| def.strip_prefix("proc "));
        let mut names: Vec<String> =
            defs.map(|def| def.split(' ').next().unwrap_or_default().to_owned()).collect();
        names.extend(self.server.map(|server| server.name));
        names.sort_unstable();
        self.log.push(format!("alive {}", names.join(" ")));
        (!self.is_void).then(|| Ran { log: self.log, gap: self.moments.gap() })
    }

    fn step(&mut self, def: &str, step: &str) {
        let (actor, action) = step.split_once(": ").expect("a step has an actor");
        let (verb, rest) = action.split_once(':').expect("an action is about somebody");
        match verb {
            "start" | "start_link" => self.start(def, verb),
            "call" => self.call(actor, rest.split_once(':').expect("actions").1, 5_000),
            "call_within" => {
                let words: Vec<&str> = rest.splitn(3, ':').collect();
                self.call(actor, words[2], words[0].parse().expect("milliseconds"));
            }
            "cast" => self.mail("cast", rest.split_once(':').expect("actions").1),
            "send" => self.mail("info", rest.split_once(':').expect("actions").1),
            "exit" => self.signal(actor, rest.split_once(':').expect("a reason").1),
            _ => self.gen_stop(actor, rest.split_once(':').expect("a reason").1),
        }
    }

    fn note(&mut self, what: &str) {
        let name = &self.server.as_ref().expect("it lives").name;
        self.log.push(format!("{name} {what}"));
    }

    // ----- starts: GS-1 to GS-9 -----

    fn start(&mut self, def: &str, how: &str) {
        if let Some(server) = &self.server {
            // Two of them at a time would not be one server's history.
            self.is_void |= !def.contains(" named");
            self.log.push(format!("h {how} a -> already_started {}", server.name));
            return;
        }
        self.lives += 1;
        let name = if self.lives == 1 { "a".to_owned() } else { format!("a#{}", self.lives) };
        let (traps, linked) = (def.contains(" trap"), how == "start_link");
        let parked = VecDeque::new();
        self.server = Some(Server { name: name.clone(), traps, linked, parked, timeout: None });
        self.note("init");
        let script = def.split_once("init=").map_or("", |(_, script)| script);
        let scripts: Vec<&str> = script.split('|').collect();
        let script = scripts[(self.lives - 1).min(scripts.len() - 1)];
        let wish = self.acts(script.split(','), None);
        let answer = match &wish {
            Wish { ignore: true, .. } => "ignore".to_owned(),
            Wish { stop: Some(why), .. } => format!("error {why}"),
            _ => format!("ok {name}"),
        };
        self.log.push(format!("h {how} a -> {answer}"));
        if wish.ignore {
            self.dead("normal");
        } else if let Some(why) = wish.stop {
            self.dead(&why);
        } else {
            self.goes_on(wish);
        }
    }

    // ----- mail -----

    fn mail(&mut self, how: &str, actions: &str) {
        let Some(server) = &mut self.server else { return };
        server.timeout = None; // GS-33
        self.note(&format!("{how} {}", actions.replace('+', " ")));
        let wish = self.acts(actions.split('+'), None);
        self.goes_on(wish);
    }

    /// GS-16 to GS-24.
    fn call(&mut self, caller: &str, actions: &str, limit: u64) {
        let Some(server) = &mut self.server else { return self.answer(caller, "noproc") };
        server.timeout = None;
        let due = self.moments.arm(limit);
        self.limits.insert((due, caller.to_owned()));
        self.note(&format!("call {}", actions.replace('+', " ")));
        let mut wish = self.acts(actions.split('+'), Some(caller));
        let reply = wish.reply.take();
        let parks = actions.split('+').any(|action| action == "park");
        let stops = wish.stop.is_some();
        if stops && reply.is_none() || parks {
            let server = self.server.as_mut().expect("it lives");
            server.parked.push_back(caller.to_owned());
        }
        match reply {
            Some(reply) => self.answer(caller, &reply),
            None if !stops && !parks => self.answer(caller, "ok"),
            None => {}
        }
        self.goes_on(wish);
    }

    /// Once, to who waits still.
    fn answer(&mut self, caller: &str, text: &str) {
        let waits = self.limits.iter().find(|(_, waits)| waits == caller).cloned();
        let waited = waits.is_some_and(|key| self.limits.remove(&key));
        if waited || text == "noproc" {
            self.log.push(format!("{caller} call a -> {text}"));
        }
    }

    fn acts<'a>(&mut self, acts: impl Iterator<Item = &'a str>, from: Option<&str>) -> Wish {
        let mut wish = Wish::default();
        for action in acts.filter(|action| !action.is_empty()) {
            let (verb, rest) = action.split_once(':').unwrap_or((action, ""));
            match verb {
                "note" => self.note(&format!("note {rest}")),
                "reply" => wish.reply = Some(rest.to_owned()),
                "reply_now" => self.answer(from.expect("only in calls"), rest),
                "park" => {}
                "answer" => {
                    let server = self.server.as_mut().expect("it lives");
                    match server.parked.pop_front() {
                        Some(caller) => self.answer(&caller, rest),
                        None => self.is_void = true,
                    }
                }
                "timeout" => wish.timeout = Some(rest.parse().expect("milliseconds")),
                "continue" => wish.then = rest.split('>').map(str::to_owned).collect(),
                "ignore" => wish.ignore = true,
                "panic" => (wish.stop, wish.reply) = (Some(format!("panic({rest})")), None),
                "die" => (wish.stop, wish.reply) = (Some(rest.to_owned()), None),
                _ => wish.stop = Some(rest.to_owned()),
            }
            if wish.stop.is_some() || wish.ignore {
                break;
            }
        }
        wish
    }

    /// GS-29: what it continues with comes before any mail.
    fn goes_on(&mut self, mut wish: Wish) {
        while wish.stop.is_none() && !wish.then.is_empty() {
            let mut then = std::mem::take(&mut wish.then);
            let first = then.remove(0);
            self.note(&format!("continue {first}"));
            wish = self.acts([first.as_str()].into_iter(), None);
            if wish.then.is_empty() {
                wish.then = then;
            }
        }
        match wish.stop {
            Some(why) => self.ends(&why),
            None => {
                let due = wish.timeout.map(|millis| self.moments.arm(millis));
                self.server.as_mut().expect("it lives").timeout = due;
            }
        }
    }

    // ----- ends -----

    /// GS-25, GS-35.
    fn ends(&mut self, reason: &str) {
        self.note(&format!("terminate {reason}"));
        self.note("terminated");
        self.dead(reason);
    }

    fn dead(&mut self, reason: &str) {
        let server = self.server.take().expect("it lives");
        for caller in server.parked {
            self.answer(&caller, &format!("exit {reason}"));
        }
        if server.linked {
            self.log.push(format!("h exit {} {reason}", server.name));
        }
        self.ended.push((server.name, reason.to_owned()));
    }

    fn signal(&mut self, from: &str, reason: &str) {
        let Some(server) = &mut self.server else { return };
        let is_parent = from == "h" && server.linked;
        match (reason, server.traps) {
            ("kill", _) => self.dead("killed"),
            (_, true) if is_parent => self.ends(reason),
            (_, true) => {
                server.timeout = None;
                self.note(&format!("exit {from} {reason}"));
            }
            ("normal", false) => {}
            (_, false) => self.dead(reason),
        }
    }

    fn gen_stop(&mut self, who: &str, reason: &str) {
        let answer = if self.server.is_some() { "ok" } else { "noproc" };
        if self.server.is_some() {
            self.ends(reason);
        }
        self.log.push(format!("{who} gen_stop a -> {answer}"));
    }

    // ----- time -----

    fn pass(&mut self, millis: u64) {
        let end = self.moments.now() + millis;
        loop {
            let timeout = self.server.as_ref().and_then(|server| server.timeout);
            let limit = self.limits.first().map(|(due, _)| *due);
            let Some(due) = timeout.into_iter().chain(limit).min().filter(|due| *due <= end) else {
                break;
            };
            self.moments.goes_on_to(due);
            if timeout == Some(due) {
                self.server.as_mut().expect("it lives").timeout = None;
                self.note("timeout");
            } else {
                let (_, caller) = self.limits.pop_first().expect("it was looked at");
                self.log.push(format!("{caller} call a -> timeout"));
            }
        }
        self.moments.goes_on_to(end);
    }
}
