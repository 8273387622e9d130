//! Histories without supervisors: definitions and steps in the words of the scenarios.
use crate::language::{self, Scenario};
use std::fmt::Write;

#[derive(Clone, Debug)]
pub(crate) struct Small {
    pub(crate) defs: Vec<String>,
    pub(crate) steps: Vec<String>,
}

impl Small {
    pub(crate) fn text(&self, name: &str) -> String {
        let lines: Vec<&str> = self.defs.iter().chain(&self.steps).map(String::as_str).collect();
        format!("scenario {name}\nrules PROC-13\n{}\n", lines.join("\n"))
    }

    pub(crate) fn scenario(&self, name: &str) -> Scenario {
        language::read(&self.text(name)).remove(0)
    }

    /// With as few steps as `fails` allows.
    pub(crate) fn shrunk(mut self, fails: impl Fn(&Self) -> bool) -> Self {
        for length in [16, 8, 4, 2, 1, 1] {
            let mut at = self.steps.len();
            while at >= length {
                at -= 1;
                let mut smaller = self.clone();
                let end = (at + length).min(smaller.steps.len());
                smaller.steps.drain(at..end);
                if fails(&smaller) {
                    self = smaller;
                    at = at.min(self.steps.len());
                }
            }
        }
        self
    }

    pub(crate) fn told(&self, name: &str, who: &str, model: &[String], log: &[String]) -> String {
        let mut text = format!("{who} differs from the model in {name}, which came to this:\n\n");
        text += &self.text(name);
        let (model, log) = (in_any_order(model), in_any_order(log));
        writeln!(text, "\n   {:<50} | {who}", "the model").unwrap();
        for at in 0..model.len().max(log.len()) {
            let line = |log: &[String]| log.get(at).cloned().unwrap_or_default();
            let (one, other) = (line(&model), line(&log));
            let sign = if one == other { ' ' } else { '|' };
            writeln!(text, "   {one:<50} {sign} {other}").unwrap();
        }
        text
    }
}

/// What a history comes to in its model, and how near what was due came to a step, in milliseconds.
pub(crate) struct Ran {
    pub(crate) log: Vec<String>,
    pub(crate) gap: u64,
}

/// The model's clock, with what has to be apart for its order to be certain.
#[derive(Default)]
pub(crate) struct Moments {
    now: u64,
    steps: Vec<u64>,
    dues: Vec<u64>,
}

impl Moments {
    pub(crate) const fn now(&self) -> u64 {
        self.now
    }

    pub(crate) fn step(&mut self) {
        self.steps.push(self.now);
    }

    pub(crate) fn arm(&mut self, millis: u64) -> u64 {
        self.dues.push(self.now + millis);
        self.now + millis
    }

    pub(crate) const fn goes_on_to(&mut self, moment: u64) {
        self.now = moment;
    }

    pub(crate) fn gap(&self) -> u64 {
        let others = |at: usize| self.dues[..at].iter().chain(&self.steps);
        let nearest = |at: usize| others(at).map(|other| other.abs_diff(self.dues[at])).min();
        (0..self.dues.len()).filter_map(nearest).min().unwrap_or(u64::MAX)
    }
}

/// The lines of each step, sorted: what one step leads to happens at one moment.
pub(crate) fn in_any_order(log: &[String]) -> Vec<String> {
    let mut sorted = Vec::new();
    for step in log.split_inclusive(|line| line.starts_with("-- ")) {
        let mut lines = step.to_vec();
        lines.sort_by_key(|line| (line.starts_with("-- "), line.clone()));
        sorted.extend(lines);
    }
    sorted
}
