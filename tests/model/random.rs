//! Random histories: the same seed gives the same one.
use crate::history::{
    Auto, Def, Ending, Flags, History, Kind, Outcome, Restart, Role, Server, Shutdown, Start, Step,
    Strategy, TOP, Verb, Who,
};

/// Where histories are to run decides what may happen in them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setting {
    /// Decisions alone: everything may happen at any time.
    Pure,
    /// cordial's runtime, on a clock that jumps.
    Live,
    /// Erlang/OTP: its clock is real, and it has no dynamic supervisor of Elixir's kind.
    Erlang,
}

/// `SplitMix64`.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub(crate) fn percent(&mut self, of: u64) -> bool {
        self.below(100) < of
    }

    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        let at = self.below(of.len() as u64);
        of[usize::try_from(at).expect("it is below a length")]
    }
}

pub(crate) fn history(seed: u64, setting: Setting) -> History {
    let mut random = Random::new(seed);
    let slow = random.percent(40);
    let mut maker = Maker { random, setting, slow, defs: Vec::new(), families: Vec::new() };
    maker.tree();
    maker.steps()
}

struct Maker {
    random: Random,
    setting: Setting,
    /// Whether anything takes time.
    slow: bool,
    defs: Vec<Def>,
    /// Each supervisor with those who are or may become its children.
    families: Vec<(Who, Vec<Who>)>,
}

const SERVERS: [&str; 14] = ["a", "b", "c", "d", "e", "f", "g", "i", "j", "l", "m", "n", "o", "p"];
const SUPERVISORS: [&str; 8] = ["s", "t", "u", "v", "w", "x", "y", "z"];

/// How deep supervisors stand below each other, the top included.
const DEPTH: usize = 3;

const CLEAN: [&str; 3] = ["normal", "shutdown", "shutdown(tea)"];

impl Maker {
    // ===== Who there is =====

    fn tree(&mut self) {
        let dynamic = self.setting != Setting::Erlang && self.random.percent(12);
        if dynamic {
            self.dynamic();
        } else {
            self.supervisor(1, false);
        }
    }

    fn named(&self, names: &[&str], is_supervisor: bool) -> String {
        let like = |def: &&Def| def.role.is_supervisor == is_supervisor;
        let at = self.defs.iter().filter(like).count();
        names.get(at).map_or_else(|| format!("{}{at}", names[1]), |name| (*name).to_owned())
    }

    fn flags(&mut self, strategy: Strategy) -> Flags {
        let max_restarts = self.random.pick(&[0, 1, 1, 2, 2, 3, 3, 5]);
        let period = match self.setting {
            Setting::Erlang => 1000, // Its periods are counted in whole seconds of real time.
            Setting::Pure | Setting::Live => self.random.pick(&[1, 1, 2, 5]),
        };
        let auto = match strategy {
            Strategy::Each => Auto::Never,
            _ => self.random.pick(&[Auto::Never, Auto::Never, Auto::Never, Auto::Any, Auto::All]),
        };
        Flags { strategy, max_restarts, period, auto }
    }

    fn dynamic(&mut self) {
        let flags = self.flags(Strategy::Each);
        let restart = self.restart();
        let role = Role { restart, significant: false, is_supervisor: true };
        let shutdown = self.shutdown();
        self.defs.push(Def { name: "s".to_owned(), role, shutdown, kind: Kind::Dynamic(flags) });
        let template =
            Role { restart: Restart::Permanent, significant: false, is_supervisor: false };
        let family = (0..3).map(|_| self.server(template)).collect();
        self.families.push((TOP, family));
    }

    fn supervisor(&mut self, depth: usize, significant: bool) -> Who {
        let all = [Strategy::OneForOne, Strategy::OneForAll, Strategy::RestForOne];
        let strategy = self.random.pick(&all);
        let flags = self.flags(strategy);
        let restart = if significant { self.unlasting() } else { self.restart() };
        let role = Role { restart, significant, is_supervisor: true };
        let name = self.named(&SUPERVISORS, true);
        let (me, shutdown) = (self.defs.len(), Shutdown::Default);
        self.defs.push(Def { name, role, shutdown, kind: Kind::Supervisor(flags, Vec::new()) });
        let children: Vec<Who> = (0..1 + self.random.below(if depth == 1 { 4 } else { 2 }))
            .map(|at| self.child(depth, flags.auto, at == 0 && depth > 1))
            .collect();
        let mut family = children.clone();
        family.extend((0..self.random.below(3)).map(|_| self.child(depth, flags.auto, false)));
        self.families.push((me, family));
        self.defs[me].kind = Kind::Supervisor(flags, children);
        me
    }

    /// The first of an inner supervisor is a server: it is seen by who begins in it.
    fn child(&mut self, depth: usize, auto: Auto, must_be_server: bool) -> Who {
        let significant = auto != Auto::Never && self.random.percent(50);
        let full = self.defs.iter().filter(|def| def.role.is_supervisor).count() > 5;
        if !must_be_server && depth < DEPTH && !full && self.random.percent(30) {
            return self.supervisor(depth + 1, significant);
        }
        let restart = if significant { self.unlasting() } else { self.restart() };
        let temporary = restart == Restart::Temporary && depth > 1;
        let restart = if temporary && !significant { Restart::Permanent } else { restart };
        let restart = if temporary && significant { Restart::Transient } else { restart };
        self.server(Role { restart, significant, is_supervisor: false })
    }

    fn restart(&mut self) -> Restart {
        self.random.pick(&[Restart::Permanent, Restart::Transient, Restart::Temporary])
    }

    fn unlasting(&mut self) -> Restart {
        self.random.pick(&[Restart::Transient, Restart::Temporary])
    }

    fn server(&mut self, role: Role) -> Who {
        let traps = self.random.percent(60);
        let ending = match self.random.below(10) {
            0 if self.slow => Ending::Never,
            1 | 2 if self.slow => Ending::Millis(self.time()),
            _ => Ending::AtOnce,
        };
        let mut starts = Vec::new();
        if self.random.percent(45) {
            starts = (0..1 + self.random.below(4)).map(|at| self.start(at == 0)).collect();
        }
        let shutdown = self.shutdown();
        let kind = Kind::Server(Server { traps, starts, ending });
        let name = self.named(&SERVERS, false);
        self.defs.push(Def { name, role, shutdown, kind });
        self.defs.len() - 1
    }

    fn start(&mut self, first: bool) -> Start {
        let outcome = match self.random.below(20) {
            _ if first && self.random.percent(80) => Outcome::Runs,
            0..5 => Outcome::Stops,
            5..8 => Outcome::Panics,
            8..11 => Outcome::Ignores,
            _ => Outcome::Runs,
        };
        let takes = if self.slow && self.random.percent(25) { self.time() } else { 0 };
        Start { takes, outcome }
    }

    fn shutdown(&mut self) -> Shutdown {
        match self.random.below(10) {
            0 => Shutdown::Brutal,
            1..5 if self.slow => Shutdown::Millis(self.time()),
            // Five seconds of real time are long.
            _ if self.slow && self.setting == Setting::Erlang => Shutdown::Millis(self.time()),
            _ => Shutdown::Default,
        }
    }

    /// A while, in milliseconds.
    fn time(&mut self) -> u64 {
        match self.setting {
            Setting::Erlang => 150 + 10 * self.random.below(40),
            Setting::Pure | Setting::Live => 20 + self.random.below(900),
        }
    }

    // ===== What happens =====

    fn steps(mut self) -> History {
        let count = 3 + self.random.below(14);
        let mut steps: Vec<Step> = (0..count).map(|_| self.step()).collect();
        let mut last = Vec::new();
        if self.slow {
            last.push(Step::Pause(if self.setting == Setting::Erlang { 700 } else { 9_000 }));
        }
        last.push(Step::Which(TOP));
        last.push(match self.random.below(3) {
            0 => Step::Parent(self.random.pick(&["normal", "shutdown", "boom"])),
            _ => Step::GenStop(self.random.pick(&["normal", "shutdown", "boom"])),
        });
        if self.slow {
            last.push(Step::Pause(if self.setting == Setting::Erlang { 700 } else { 9_000 }));
        }
        steps.extend(last);
        History { defs: self.defs, steps }
    }

    fn step(&mut self) -> Step {
        let servers: Vec<Who> =
            (0..self.defs.len()).filter(|who| !self.defs[*who].role.is_supervisor).collect();
        let server = self.random.pick(&servers);
        match self.random.below(100) {
            0..32 => Step::Stop(server, self.reason()),
            32..40 => Step::Panic(server),
            40..46 => Step::Signal(server, self.random.pick(&["normal", "boom", "kill", "kill"])),
            46..48 => {
                let supervisors: Vec<Who> = self.families.iter().map(|family| family.0).collect();
                Step::Signal(
                    self.random.pick(&supervisors),
                    self.random.pick(&["boom", "shutdown"]),
                )
            }
            48..78 => self.ask(),
            78..86 if self.slow || self.setting != Setting::Erlang => self.pause(),
            86..93 => Step::Count(self.some_supervisor()),
            _ => Step::Which(self.some_supervisor()),
        }
    }

    fn reason(&mut self) -> &'static str {
        if self.random.percent(50) { "boom" } else { self.random.pick(&CLEAN) }
    }

    fn some_supervisor(&mut self) -> Who {
        let at = self.random.below(self.families.len() as u64);
        self.families[usize::try_from(at).expect("it is below a length")].0
    }

    fn ask(&mut self) -> Step {
        let at = self.random.below(self.families.len() as u64);
        let (sup, family) = &self.families[usize::try_from(at).expect("it is below a length")];
        let (sup, family) = (*sup, family.clone());
        let all = [Verb::Start, Verb::Start, Verb::Terminate, Verb::Restart, Verb::Delete];
        let verb = match &self.defs[sup].kind {
            Kind::Dynamic(_) => self.random.pick(&[Verb::Start, Verb::Start, Verb::Terminate]),
            _ => self.random.pick(&all),
        };
        Step::Ask(verb, sup, self.random.pick(&family))
    }

    fn pause(&mut self) -> Step {
        Step::Pause(match self.setting {
            Setting::Erlang => 100 + 10 * self.random.below(60),
            Setting::Pure | Setting::Live => {
                let longest = self.random.pick(&[50, 600, 2_500]);
                10 + self.random.below(longest)
            }
        })
    }
}
