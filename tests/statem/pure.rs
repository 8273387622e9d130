//! The machine of the runtime, without the runtime: its file is compiled here as it is.
#![allow(clippy::needless_pass_by_value, reason = "what comes is used up")]
use crate::script::{Action, Event, Go, Script, entered, line};

#[allow(dead_code, reason = "the runtime asks more of it")]
#[path = "../../runtime/cordial/src/gen_statem/machine.rs"]
mod machine;

use machine::{Change, Coming, Due, Leads, Machine, Outcome, Set, Which};

const NAMES: [&str; 2] = ["0", "1"];

struct Player<'a> {
    script: &'a Script,
    machine: Machine<u8, u8, u64>,
    counts: Vec<u8>,
    now: u64,
    seen: Vec<String>,
}

/// The lines that it writes.
pub(crate) fn play(script: &Script) -> Vec<String> {
    let (machine, counts, seen) = (Machine::new(0), Vec::new(), Vec::new());
    let mut player = Player { script, machine, counts, now: 0, seen };
    player.settle(None, Go::Repeat, &[]);
    player.rest();
    let mut mails = script.mails.iter().copied().peekable();
    loop {
        let mail = mails.peek().map(|(at, _)| *at);
        let Some(next) = player.machine.earliest().into_iter().chain(mail).min() else { break };
        player.now = next;
        if let Some(coming) = player.machine.due(next) {
            player.handle(coming);
        } else if let Some((_, number)) = mails.next() {
            player.handle(Coming::Event(number));
        }
        player.rest();
    }
    player.seen
}

impl Player<'_> {
    fn rest(&mut self) {
        while let Some(coming) = self.machine.next() {
            self.handle(coming);
        }
    }

    fn handle(&mut self, coming: Coming<u8>) {
        let event = match coming {
            Coming::Event(number) | Coming::Timeout(_, Some(number)) => Event::Number(number),
            Coming::Timeout(Which::State, None) => Event::StateTimeout,
            Coming::Timeout(..) => Event::Silence,
        };
        let state = *self.machine.state();
        self.seen.push(line(event, state));
        let rule = self.script.rule(state, event, &mut self.counts).cloned();
        let (go, actions) = rule.map_or((Go::Keep, Vec::new()), |rule| (rule.go, rule.actions));
        self.settle(Some(event), go, &actions);
    }

    fn settle(&mut self, event: Option<Event>, go: Go, actions: &[Action]) {
        let leads = match go {
            Go::Keep => Leads::Keep,
            Go::Repeat => Leads::Repeat,
            Go::To(state) => Leads::To(state),
        };
        let postponed = match event {
            Some(Event::Number(number)) if actions.contains(&Action::Postpone) => Some(number),
            _ => None,
        };
        let injected = actions.iter().filter_map(|action| match action {
            Action::Inject(number) => Some(*number),
            _ => None,
        });
        let injected = injected.collect();
        let mut asked = self.timeouts(actions);
        let mut entered_from = self.machine.settle(Outcome { leads, postponed, injected });
        while let Some(old) = entered_from.take() {
            let state = *self.machine.state();
            self.seen.push(entered(state, old));
            let rule = self.script.rule(state, Event::Enter, &mut self.counts).cloned();
            if let Some(rule) = rule {
                asked.extend(self.timeouts(&rule.actions));
                entered_from = (rule.go == Go::Repeat).then_some(old);
            }
        }
        self.machine.set(asked);
    }

    fn timeouts(&self, actions: &[Action]) -> Vec<Set<u8, u64>> {
        let start = |after: Option<u64>, number| match after {
            None => Change::Cancel,
            Some(0) => Change::Start(Due::AtOnce, number),
            Some(after) => Change::Start(Due::At(self.now + after), number),
        };
        let set = |action: &Action| {
            let (which, change) = match *action {
                Action::Postpone | Action::Inject(_) => return None,
                Action::StateTimeout(after) => (Which::State, start(after, None)),
                Action::EventTimeout(after) => (Which::Event, start(Some(after), None)),
                Action::Named(name, after, number) => (named(name), start(after, Some(number))),
                Action::Update(name, number) => (named(name), Change::Update(Some(number))),
            };
            Some(Set { which, change })
        };
        actions.iter().filter_map(set).collect()
    }
}

fn named(name: u8) -> Which {
    Which::Named(NAMES[usize::from(name)])
}
