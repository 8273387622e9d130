//! Random machines and what is sent to them: the same seed gives the same one.
//!
//! A script says what a machine does at each event in each state, at most twice each so that it
//! comes to an end, and when which event is sent to it. Whoever plays it writes a line per event.
use std::fmt::Write;

/// What happens to a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Event {
    /// An event with its number: sent, injected, tried again, or of a named timeout.
    Number(u8),
    StateTimeout,
    Silence,
    Enter,
}

/// What a machine does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Postpone,
    Inject(u8),
    /// In units of time; `None` cancels.
    StateTimeout(Option<u64>),
    Named(u8, Option<u64>, u8),
    Update(u8, u8),
    /// The last of its actions.
    EventTimeout(u64),
}

/// Where it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Go {
    Keep,
    Repeat,
    To(u8),
}

/// What it does at an event in a state.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) state: u8,
    pub(crate) event: Event,
    pub(crate) go: Go,
    pub(crate) actions: Vec<Action>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    pub(crate) rules: Vec<Rule>,
    /// What is sent when: units of time, and the number of the event.
    pub(crate) mails: Vec<(u64, u8)>,
}

pub(crate) const STATES: u8 = 3;
const NUMBERS: u8 = 6;
const NAMES: u8 = 2;
/// How often a rule is carried out.
pub(crate) const TIMES: u8 = 2;
/// When all is over, in units of time.
pub(crate) const END: u64 = 60;

/// `SplitMix64`.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (word ^ (word >> 31)) % end
    }

    fn percent(&mut self, of: u64) -> bool {
        self.below(100) < of
    }

    fn small(&mut self, end: u8) -> u8 {
        u8::try_from(self.below(u64::from(end))).unwrap()
    }

    /// Zero often, for that is where the order is decided.
    fn time(&mut self) -> u64 {
        if self.percent(35) { 0 } else { 1 + self.below(9) }
    }

    fn times(&mut self) -> Option<u64> {
        (!self.percent(15)).then(|| self.time())
    }
}

pub(crate) fn script(seed: u64) -> Script {
    let mut random = Random(seed);
    let mut script = Script::default();
    let events = (0..NUMBERS).map(Event::Number);
    let events = events.chain([Event::StateTimeout, Event::Silence, Event::Enter]);
    for event in events {
        for state in 0..STATES {
            if random.percent(60) {
                script.rules.push(rule(&mut random, state, event));
            }
        }
    }
    let mut at = 0;
    for _ in 0..3 + random.below(6) {
        // Several at once are in one line; so far apart that no timeout comes just then.
        at += if random.percent(50) { 0 } else { 1 + random.below(7) };
        script.mails.push((at, random.small(NUMBERS)));
    }
    script
}

fn rule(random: &mut Random, state: u8, event: Event) -> Rule {
    let go = match random.below(10) {
        _ if event == Event::Enter => {
            if random.percent(15) {
                Go::Repeat
            } else {
                Go::Keep
            }
        }
        0..=3 => Go::Keep,
        4 => Go::Repeat,
        _ => Go::To(random.small(STATES)),
    };
    let mut actions = Vec::new();
    let is_number = matches!(event, Event::Number(_));
    if is_number && random.percent(30) {
        actions.push(Action::Postpone);
    }
    for _ in 0..random.below(4) {
        actions.push(match random.below(8) {
            0..=2 if event != Event::Enter => Action::Inject(random.small(NUMBERS)),
            3 | 4 => Action::StateTimeout(random.times()),
            5 => Action::Update(random.small(NAMES), random.small(NUMBERS)),
            _ => {
                let (name, number) = (random.small(NAMES), random.small(NUMBERS));
                Action::Named(name, random.times(), number)
            }
        });
    }
    if random.percent(30) {
        actions.push(Action::EventTimeout(random.time()));
    }
    Rule { state, event, go, actions }
}

impl Script {
    /// What is done at an event in a state, unless it was done often enough; `counts` are one per
    /// rule.
    pub(crate) fn rule(&self, state: u8, event: Event, counts: &mut Vec<u8>) -> Option<&Rule> {
        counts.resize(self.rules.len(), 0);
        let place =
            self.rules.iter().position(|rule| rule.state == state && rule.event == event)?;
        counts[place] += 1;
        (counts[place] <= TIMES).then(|| &self.rules[place])
    }

    /// As an Erlang term.
    pub(crate) fn erlang(&self) -> String {
        let rules: Vec<String> = self.rules.iter().map(Rule::erlang).collect();
        let mails: Vec<String> =
            self.mails.iter().map(|(at, number)| format!("{{{at},{number}}}")).collect();
        format!("{{[{}],[{}]}}", rules.join(","), mails.join(","))
    }
}

impl Rule {
    fn erlang(&self) -> String {
        let mut text = format!("{{{{{},{}}},", self.state, event(self.event));
        let _ = match self.go {
            Go::Keep => write!(text, "keep"),
            Go::Repeat => write!(text, "repeat"),
            Go::To(state) => write!(text, "{state}"),
        };
        let actions: Vec<String> = self.actions.iter().map(|action| action.erlang()).collect();
        text + ",[" + &actions.join(",") + "]}"
    }
}

/// As Erlang's scripts and everybody's lines call it.
pub(crate) fn event(event: Event) -> String {
    match event {
        Event::Number(number) => number.to_string(),
        Event::StateTimeout => "state_timeout".to_owned(),
        Event::Silence => "timeout".to_owned(),
        Event::Enter => "enter".to_owned(),
    }
}

/// What everybody writes of an event.
pub(crate) fn line(seen: Event, state: u8) -> String {
    format!("{} in {state}", event(seen))
}

/// What everybody writes when a state is entered.
pub(crate) fn entered(state: u8, old: u8) -> String {
    format!("enter {state} from {old}")
}

impl Action {
    fn erlang(self) -> String {
        let time = |time: Option<u64>| time.map_or("infinity".to_owned(), |time| time.to_string());
        match self {
            Self::Postpone => "postpone".to_owned(),
            Self::Inject(number) => format!("{{inject,{number}}}"),
            Self::StateTimeout(after) => format!("{{state_timeout,{}}}", time(after)),
            Self::Named(name, after, number) => {
                format!("{{named,{name},{},{number}}}", time(after))
            }
            Self::Update(name, number) => format!("{{update,{name},{number}}}"),
            Self::EventTimeout(after) => format!("{{timeout,{after}}}"),
        }
    }
}
