//! A history: a tree of supervisors and servers, and what happens to it, step by step.
//!
//! It is plain data, and prints itself as a scenario of `tests/parity`, so that the same history
//! runs in the model, on the pure plan, on the live runtime and on Erlang/OTP.
use std::fmt::{self, Display, Formatter};

/// A definition's place in [`History::defs`].
pub(crate) type Who = usize;

/// The supervisor at the top, which `h` starts.
pub(crate) const TOP: Who = 0;

#[derive(Clone, Debug)]
pub(crate) struct History {
    pub(crate) defs: Vec<Def>,
    pub(crate) steps: Vec<Step>,
}

/// Somebody who may live: as a child from the beginning, or when somebody starts him.
#[derive(Clone, Debug)]
pub(crate) struct Def {
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) shutdown: Shutdown,
    pub(crate) kind: Kind,
}

/// What a supervisor knows of a child.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Role {
    pub(crate) restart: Restart,
    pub(crate) significant: bool,
    pub(crate) is_supervisor: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Restart {
    Permanent,
    Transient,
    Temporary,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shutdown {
    /// 5 s for a server, without bound for a supervisor.
    Default,
    Brutal,
    Millis(u64),
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Server(Server),
    Supervisor(Flags, Vec<Who>),
    /// Its children are servers of its own restart type and shutdown.
    Dynamic(Flags),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Server {
    pub(crate) traps: bool,
    /// The first start, the second, .., and all after these like the last.
    pub(crate) starts: Vec<Start>,
    pub(crate) ending: Ending,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Start {
    /// So many milliseconds in `init`.
    pub(crate) takes: u64,
    pub(crate) outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Runs,
    Ignores,
    Stops,
    Panics,
}

/// What `terminate` takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Ending {
    #[default]
    AtOnce,
    Millis(u64),
    Never,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Flags {
    pub(crate) strategy: Strategy,
    pub(crate) max_restarts: u32,
    /// In seconds.
    pub(crate) period: u64,
    pub(crate) auto: Auto,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strategy {
    OneForOne,
    OneForAll,
    RestForOne,
    /// Of a dynamic supervisor.
    Each,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Auto {
    Never,
    Any,
    All,
}

/// One thing that happens. `h` starts the top and ends it; `k` is a stranger who casts and kills;
/// each question has a client of its own, `q3` in step 3, so that none waits for another's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A server stops with this reason.
    Stop(Who, &'static str),
    /// A server panics.
    Panic(Who),
    /// An exit signal from `k`, who is nobody's parent.
    Signal(Who, &'static str),
    /// The exit signal of its parent to the top.
    Parent(&'static str),
    Ask(Verb, Who, Who),
    Which(Who),
    Count(Who),
    GenStop(&'static str),
    Pause(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Start,
    Terminate,
    Restart,
    Delete,
}

/// The reason of a server that panics.
pub(crate) const PANIC: &str = "panic(broken)";

/// The reason of a start that fails.
pub(crate) const NO_START: &str = "nostart";

/// Who asks in a step.
pub(crate) fn client(at: usize) -> String {
    format!("q{at}")
}

impl History {
    pub(crate) fn name(&self, who: Who) -> &str {
        &self.defs[who].name
    }

    /// Those who ask.
    pub(crate) fn clients(&self) -> impl Iterator<Item = String> {
        let asks = |step: &Step| matches!(step, Step::Ask(..) | Step::Which(_) | Step::Count(_));
        (0..self.steps.len()).filter(move |at| asks(&self.steps[*at])).map(client)
    }

    /// A step in the words of the scenarios.
    pub(crate) fn words(&self, at: usize) -> String {
        let name = |who: &Who| self.name(*who);
        let client = client(at);
        match &self.steps[at] {
            Step::Stop(who, reason) => format!("k: cast:{}:stop:{reason}", name(who)),
            Step::Panic(who) => format!("k: cast:{}:panic:broken", name(who)),
            Step::Signal(who, reason) => format!("k: exit:{}:{reason}", name(who)),
            Step::Parent(reason) => format!("h: exit:{}:{reason}", name(&TOP)),
            Step::Ask(verb, sup, child) => {
                format!("{client}: {}:{}:{}", verb.word(), name(sup), name(child))
            }
            Step::Which(sup) => format!("{client}: which:{}", name(sup)),
            Step::Count(sup) => format!("{client}: count:{}", name(sup)),
            Step::GenStop(reason) => format!("h: gen_stop:{}:{reason}", name(&TOP)),
            Step::Pause(millis) => format!("pause {millis}"),
        }
    }

    /// As a scenario, of the name that is given.
    pub(crate) fn scenario(&self, name: &str) -> String {
        let mut text = format!("scenario {name}\nrules SUP-13\nproc h do=trap:on\nproc k\n");
        for def in &self.defs {
            text += &format!("{}\n", self.line(def));
        }
        for client in self.clients() {
            text += &format!("proc {client}\n");
        }
        text += &format!("h: start_link:{}\n", self.name(TOP));
        for at in 0..self.steps.len() {
            text += &format!("{}\n", self.words(at));
        }
        text
    }

    fn line(&self, def: &Def) -> String {
        let mut words = match &def.kind {
            Kind::Server(_) => format!("server {}", def.name),
            Kind::Supervisor(flags, children) => {
                let children: Vec<&str> = children.iter().map(|who| self.name(*who)).collect();
                let strategy = flags.strategy.word();
                format!("sup {} {strategy} {} {}", def.name, flags.limits(), children.join(" "))
            }
            Kind::Dynamic(flags) => format!("dyn {} {}", def.name, flags.limits()),
        };
        words += &format!(" restart={}", def.role.restart.word());
        if def.role.significant {
            words += " significant";
        }
        match def.shutdown {
            Shutdown::Default => {}
            Shutdown::Brutal => words += " shutdown=brutal",
            Shutdown::Millis(millis) => words += &format!(" shutdown={millis}"),
        }
        match &def.kind {
            Kind::Server(server) => words + &server.options(),
            Kind::Supervisor(flags, _) => words + flags.auto.option(),
            Kind::Dynamic(_) => words,
        }
    }
}

impl Server {
    fn options(&self) -> String {
        let mut words = String::new();
        if self.traps {
            words += " trap";
        }
        if !self.starts.is_empty() {
            let starts: Vec<String> = self.starts.iter().map(Start::to_string).collect();
            words += &format!(" init={}", starts.join("|"));
        }
        match self.ending {
            Ending::AtOnce => {}
            Ending::Millis(millis) => words += &format!(" terminate=sleep:{millis}"),
            Ending::Never => words += " terminate=never",
        }
        words
    }

    /// How the n-th start goes, counted from 0.
    pub(crate) fn start(&self, at: usize) -> Start {
        let runs = Start { takes: 0, outcome: Outcome::Runs };
        self.starts.get(at).or(self.starts.last()).copied().unwrap_or(runs)
    }
}

impl Display for Start {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let outcome = match self.outcome {
            Outcome::Runs => "",
            Outcome::Ignores => "ignore",
            Outcome::Stops => "stop:nostart",
            Outcome::Panics => "panic:broken",
        };
        match (self.takes, outcome) {
            (0, outcome) => f.write_str(outcome),
            (takes, "") => write!(f, "sleep:{takes}"),
            (takes, outcome) => write!(f, "sleep:{takes},{outcome}"),
        }
    }
}

impl Flags {
    fn limits(&self) -> String {
        format!("{}/{}", self.max_restarts, self.period)
    }
}

impl Restart {
    const fn word(self) -> &'static str {
        match self {
            Self::Permanent => "permanent",
            Self::Transient => "transient",
            Self::Temporary => "temporary",
        }
    }
}

impl Strategy {
    const fn word(self) -> &'static str {
        match self {
            Self::OneForOne | Self::Each => "one_for_one",
            Self::OneForAll => "one_for_all",
            Self::RestForOne => "rest_for_one",
        }
    }
}

impl Auto {
    const fn option(self) -> &'static str {
        match self {
            Self::Never => "",
            Self::Any => " auto=any_significant",
            Self::All => " auto=all_significant",
        }
    }
}

impl Verb {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Start => "start_child",
            Self::Terminate => "terminate_child",
            Self::Restart => "restart_child",
            Self::Delete => "delete_child",
        }
    }
}
