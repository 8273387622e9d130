//! The tests that bugs are shown to, nearest first; the first that fails is enough.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::rules::{Binary, Copy, list_of_tests};
use crate::weave::Bug;

/// How much longer than without a bug a binary may take.
const TIMES: u32 = 3;

/// And how much longer in any case.
const GRACE: Duration = Duration::from_secs(60);

/// A program that says nothing for so long hangs.
const SILENCE: Duration = Duration::from_secs(25);

/// How long it may take where that was not measured.
const LONG: Duration = Duration::from_secs(900);

/// Binaries of `tests/` that see no bug of the runtime, or need much time or quiet for it.
const LEFT_OUT: &[&str] =
    &["tidy", "supervisor_soak", "fairness_soak", "memory_soak", "faults_scale"];

/// Parts of the sources, and words in the names of the tests that are about them.
const NEAREST: &[(&str, &[&str])] = &[
    ("/supervisor", &["supervisor"]),
    ("_supervisor", &["supervisor"]),
    ("/application/", &["application"]),
    ("/env/", &["application_env"]),
    ("/timer", &["timer", "timeouts"]),
    ("/gen_server/", &["gen_server", "calls"]),
    ("/mailbox/", &["mailbox", "calls", "aliases"]),
    ("/rt/", &["scheduling", "runtimes", "fairness", "blocking"]),
    ("/process/", &["links", "monitors", "processes", "names", "aliases", "selective", "locals"]),
];

/// Which tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The unit tests and the large binary: they see most.
    Near,
    /// All others.
    Far,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Near => "for the unit tests and `it`",
            Self::Far => "for all other tests",
        })
    }
}

impl Stage {
    pub(super) fn binaries(self) -> Result<BTreeSet<Binary>, String> {
        if self == Self::Near {
            return Ok(BTreeSet::from([Binary::units(), Binary::named("it")]));
        }
        let mut names = list_of_tests()?;
        names.retain(|name| name != "it" && !LEFT_OUT.contains(&name.as_str()));
        Ok(names.iter().map(|name| Binary::named(name)).collect())
    }
}

/// Programs that are built, and how long each may take.
pub(super) struct Suite<'a> {
    copy: &'a Copy,
    programs: Vec<(&'a Binary, &'a PathBuf, Duration)>,
    /// Tests that fail without a bug, too.
    red: BTreeSet<String>,
}

impl<'a> Suite<'a> {
    /// Runs all programs once while every bug sleeps.
    pub(super) fn new(
        copy: &'a Copy,
        programs: &'a BTreeMap<Binary, PathBuf>,
    ) -> Result<Self, String> {
        let mut suite = Self::unmeasured(copy, programs);
        for (binary, program, limit) in &mut suite.programs {
            let start = Instant::now();
            let ended = copy.run_awake((binary, program), 0, &[], LONG, |_| false)?;
            let red: Vec<String> = ended.output.lines().filter_map(failed).collect();
            println!("{binary}: {:.1} s without a bug", start.elapsed().as_secs_f64());
            if ended.status.is_none_or(|status| !status.success() && red.is_empty()) {
                return Err(format!("{binary} does not run to its end without a bug"));
            }
            red.iter().for_each(|test| println!("{test} fails without a bug"));
            suite.red.extend(red);
            *limit = start.elapsed() * TIMES + GRACE;
        }
        suite.programs.sort_by_key(|(_, _, limit)| *limit);
        Ok(suite)
    }

    pub(super) fn unmeasured(copy: &'a Copy, programs: &'a BTreeMap<Binary, PathBuf>) -> Self {
        let programs = programs.iter().map(|(binary, program)| (binary, program, LONG)).collect();
        Self { copy, programs, red: BTreeSet::new() }
    }

    /// How the tests see the bug; none if they do not. The tests of what it is in come first.
    pub(super) fn sees(&self, bug: &Bug) -> Result<Option<String>, String> {
        for program in &self.programs {
            let nearest = nearest(bug).filter(|_| *program.0 == Binary::named("it"));
            for words in nearest.into_iter().chain([Vec::new()]) {
                let seen = self.run(program, bug.id, &words)?;
                if seen.is_some() {
                    return Ok(seen);
                }
            }
        }
        Ok(None)
    }

    fn run(
        &self,
        (binary, program, limit): &(&Binary, &PathBuf, Duration),
        bug: u32,
        words: &[String],
    ) -> Result<Option<String>, String> {
        let first =
            |output: &str| output.lines().filter_map(failed).find(|test| !self.red.contains(test));
        let start = Instant::now();
        let heard = Cell::new((0, start));
        let is_enough = |output: &str| {
            if output.len() != heard.get().0 {
                heard.set((output.len(), Instant::now()));
            }
            first(output).is_some() || heard.get().1.elapsed() > SILENCE
        };
        let ended = self.copy.run_awake((binary, program), bug, words, *limit, is_enough)?;
        if let Some(test) = first(&ended.output) {
            return Ok(Some(format!("{test} fails in {binary}")));
        }
        let seconds = start.elapsed().as_secs();
        Ok(match ended.status {
            None => Some(format!("{binary} hangs after {seconds} s")),
            Some(status) if !status.success() && !has_result(&ended.output) => {
                Some(format!("{binary} ends with {status}"))
            }
            Some(_) => None,
        })
    }
}

/// The tests of `it` that are about what a bug is in, as words for the test harness.
fn nearest(bug: &Bug) -> Option<Vec<String>> {
    let file = bug.edits.first()?.file.as_str();
    let (_, words) = NEAREST.iter().find(|(part, _)| file.contains(part))?;
    Some(words.iter().map(|word| (*word).to_owned()).collect())
}

/// Whether the tests ran to their end, however that was.
fn has_result(output: &str) -> bool {
    output.lines().any(|line| line.starts_with("test result: "))
}

/// The test that a line of output says has failed: `test a::b ... FAILED`.
fn failed(line: &str) -> Option<String> {
    let name = line.strip_prefix("test ")?.strip_suffix("... FAILED")?;
    name.split(' ').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::failed;

    #[test]
    fn a_line_says_that_a_test_has_failed() {
        assert_eq!(failed("test a::b ... FAILED").as_deref(), Some("a::b"));
        assert_eq!(failed("test a::b - should panic ... FAILED").as_deref(), Some("a::b"));
        assert_eq!(failed("test a::b ... ok"), None);
        assert_eq!(failed("test result: FAILED. 1 passed"), None);
    }
}
