//! The rounds: every peer in every row, once each, and then all of it again.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use super::catalogue::Row;
use super::figures::{Figures, Unit};
use super::programs::Programs;
use crate::shell;

/// What takes longer hangs.
const LIMIT: Duration = Duration::from_secs(120);
/// What the last measurement before the end may take beyond it.
const GRACE: Duration = Duration::from_secs(20);

pub(super) struct Plan<'a> {
    pub(super) rounds: usize,
    /// Of each workload's own number of operations.
    pub(super) share: &'a str,
    /// No measurement begins later than this.
    pub(super) end: Option<Instant>,
}

/// All figures, by the row's place and the peer's name.
#[derive(Default)]
pub(super) struct Found {
    figures: BTreeMap<(usize, String), Outcome>,
}

/// What became of one peer in one row.
enum Outcome {
    Measured(Figures),
    /// It has no such ability.
    Absent,
    Failed(String),
}

impl Plan<'_> {
    pub(super) fn carry_out(&self, programs: &Programs, rows: &[Row], peers: &[String]) -> Found {
        let mut found = Found::default();
        for round in 1..=self.rounds {
            for (at, row) in rows.iter().enumerate() {
                for peer in peers {
                    if found.wants_more(at, peer) && !self.is_over() {
                        let command = programs.measurement(peer, row, self.share);
                        found.take((at, row), peer, answer(command, self.limit()));
                    }
                }
            }
            println!("round {round} of {} is done", self.rounds);
        }
        if self.is_over() {
            println!("the time is over: what is missing was not measured");
        }
        found
    }

    /// How long one measurement may take.
    fn limit(&self) -> Duration {
        let left = self.end.map(|end| end.saturating_duration_since(Instant::now()));
        left.map_or(LIMIT, |left| LIMIT.min(left + GRACE))
    }

    fn is_over(&self) -> bool {
        self.end.is_some_and(|end| Instant::now() >= end)
    }
}

/// What a measurement prints, in time.
fn answer(command: Command, limit: Duration) -> Result<String, String> {
    let output = shell::target().join("bench-output");
    let ended = shell::run_within(command, limit, &output)?;
    match ended.status {
        Some(status) if status.success() => Ok(ended.output),
        Some(status) => Err(format!("it failed: {status}")),
        None => Err(format!("it was not done after {} s", limit.as_secs())),
    }
}

impl Found {
    /// What failed once, or cannot be done, is not tried again.
    fn wants_more(&self, row: usize, peer: &str) -> bool {
        let outcome = self.figures.get(&(row, peer.to_owned()));
        matches!(outcome, None | Some(Outcome::Measured(_)))
    }

    /// Keeps what a measurement printed, or why there is none.
    fn take(&mut self, (at, row): (usize, &Row), peer: &str, told: Result<String, String>) {
        let sample = told.and_then(|line| read(&line));
        let key = (at, peer.to_owned());
        match (sample, self.figures.get_mut(&key)) {
            (Ok(Some((_, value))), Some(Outcome::Measured(figures))) => figures.add(value),
            (Ok(Some((unit, value))), _) => {
                let mut figures = Figures::new(unit);
                figures.add(value);
                self.figures.insert(key, Outcome::Measured(figures));
            }
            (Ok(None), _) => drop(self.figures.insert(key, Outcome::Absent)),
            (Err(reason), _) => {
                let failed = format!("{peer}, {}: {reason}", row.title);
                self.figures.insert(key, Outcome::Failed(failed));
            }
        }
    }

    pub(super) fn of(&self, row: usize, peer: &str) -> Option<&Figures> {
        match self.figures.get(&(row, peer.to_owned())) {
            Some(Outcome::Measured(figures)) => Some(figures),
            _ => None,
        }
    }

    /// What stands in the table where nothing was measured.
    pub(super) fn gap(&self, row: usize, peer: &str) -> &'static str {
        match self.figures.get(&(row, peer.to_owned())) {
            Some(Outcome::Absent) => "n/a",
            Some(Outcome::Failed(_)) => "failed",
            Some(Outcome::Measured(_)) | None => "",
        }
    }

    pub(super) fn failures(&self) -> impl Iterator<Item = &str> {
        self.figures.values().filter_map(|outcome| match outcome {
            Outcome::Failed(reason) => Some(reason.as_str()),
            Outcome::Measured(_) | Outcome::Absent => None,
        })
    }

    #[cfg(test)]
    pub(super) fn with(figures: &[(usize, &str, Unit, f64)]) -> Self {
        let mut found = Self::default();
        for (row, peer, unit, value) in figures {
            let mut of_peer = Figures::new(*unit);
            of_peer.add(*value);
            found.figures.insert((*row, (*peer).to_owned()), Outcome::Measured(of_peer));
        }
        found
    }
}

/// Peer, workload, workers, bytes, value, unit.
const FIELDS: usize = 6;

/// The last line of that form that a measurement prints; peers may print other things.
fn read(told: &str) -> Result<Option<(Unit, f64)>, String> {
    let lines = told.lines().rev().map(|line| line.split('\t').collect::<Vec<_>>());
    let figure = lines.into_iter().find(|fields| fields.len() == FIELDS);
    let Some([.., value, unit]) = figure.as_deref() else {
        return Err(format!("it printed `{}`", told.trim()));
    };
    let (value, unit) = (*value, *unit);
    if unit == "n/a" {
        return Ok(None);
    }
    let number = value.parse().ok().filter(|number: &f64| number.is_finite());
    let sample = Unit::read(unit).zip(number);
    sample.map(Some).ok_or_else(|| format!("it measured `{value} {unit}`"))
}

#[cfg(test)]
mod tests {
    use super::{Unit, read};

    #[test]
    fn a_line_is_a_figure_or_says_that_there_is_none() {
        assert_eq!(read("cordial\tcast\t2\t8\t7.5\tns\nbye\n"), Ok(Some((Unit::Nanoseconds, 7.5))));
        assert_eq!(read("kanal\tcrash\t2\t8\t-\tn/a"), Ok(None));
        assert_eq!(read("killed"), Err("it printed `killed`".into()));
        assert!(read("cordial\tcast\t2\t8\tfast\tns").is_err());
    }
}
