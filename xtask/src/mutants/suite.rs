//! The tests that bugs are shown to: those that come to the bug's place, the quickest first; the
//! first that fails is enough.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::places::{self, Known};
use crate::rules::{Awake, Binary, Copy, list_of_tests};
use crate::weave::Bug;

/// How much longer than without a bug tests may take, on a machine that has others to serve.
const TIMES: u32 = 5;

/// And how much longer in any case.
const GRACE: Duration = Duration::from_secs(20);

/// Tests are run together that take so long, then those that take longer one by one.
const TOGETHER: [Duration; 4] = [
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(8),
    Duration::from_secs(24),
];

/// A test that is about what a bug is in comes before others that take half as long.
const NEARER: u32 = 4;

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
    /// Where threads meet, in every order.
    Models,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Near => "for the unit tests and `it`",
            Self::Far => "for all other tests",
            Self::Models => "for the models of loom",
        })
    }
}

impl Stage {
    pub(super) const ALL: [Self; 3] = [Self::Near, Self::Far, Self::Models];

    pub(super) fn binaries(self) -> Result<BTreeSet<Binary>, String> {
        match self {
            Self::Near => Ok(BTreeSet::from([Binary::units(), Binary::named("it")])),
            Self::Far => {
                let mut names = list_of_tests()?;
                names.retain(|name| name != "it" && !LEFT_OUT.contains(&name.as_str()));
                Ok(names.iter().map(|name| Binary::named(name)).collect())
            }
            Self::Models => Ok(BTreeSet::from([Binary::models()])),
        }
    }
}

/// A program that is built, and its tests.
struct Program<'a> {
    binary: &'a Binary,
    path: &'a Path,
    tests: Vec<Known>,
}

/// Tests of one program that run together.
struct Batch<'a> {
    program: (&'a Binary, &'a Path),
    tests: Vec<&'a Known>,
}

pub(super) struct Suite<'a> {
    copy: &'a Copy,
    programs: Vec<Program<'a>>,
}

/// What is known of the tests of each program.
pub(super) type Tests = BTreeMap<Binary, Vec<Known>>;

/// How tests see a bug.
enum Seen {
    Red(String),
    Hangs,
    Ends(String),
}

impl<'a> Suite<'a> {
    /// Learns which tests there are, and where they come to while every bug sleeps.
    pub(super) fn new(
        copy: &'a Copy,
        programs: &'a BTreeMap<Binary, PathBuf>,
    ) -> Result<Self, String> {
        let learned = |(binary, path): (&'a Binary, &'a PathBuf)| {
            let tests = places::tests(copy, (binary, path))?;
            Ok(Program { binary, path, tests })
        };
        let programs = programs.iter().map(learned).collect::<Result<_, String>>()?;
        Ok(Self { copy, programs })
    }

    /// Other programs with the same tests.
    pub(super) fn of(
        copy: &'a Copy,
        programs: &'a BTreeMap<Binary, PathBuf>,
        tests: &Tests,
    ) -> Self {
        let known = |(binary, path): (&'a Binary, &'a PathBuf)| {
            let tests = tests.get(binary).cloned().unwrap_or_default();
            Program { binary, path, tests }
        };
        Self { copy, programs: programs.iter().map(known).collect() }
    }

    pub(super) fn into_tests(self) -> Tests {
        self.programs.into_iter().map(|one| (one.binary.clone(), one.tests)).collect()
    }

    /// How the tests that come to one of these places see the bug, or any of them where there are
    /// no places; none if they do not.
    pub(super) fn sees(
        &self,
        bug: &Bug,
        places: Option<&BTreeSet<u32>>,
        lane: usize,
    ) -> Result<Option<String>, String> {
        let mut batches: VecDeque<_> = self.batches(bug, places).into();
        while let Some(batch) = batches.pop_front() {
            let how = match self.run(&batch, bug.id, lane)? {
                None => continue,
                Some(Seen::Red(test)) => {
                    let (one, others) = batch.tests.iter().partition(|known| known.name == test);
                    let [one, others] =
                        [one, others].map(|tests| Batch { program: batch.program, tests });
                    // A busy machine makes tests fail, too; the others are still to be asked.
                    if self.run(&one, bug.id, lane)?.is_none() {
                        if !one.tests.is_empty() && !others.tests.is_empty() {
                            batches.push_front(others);
                        }
                        continue;
                    }
                    (one, format!("{test} fails in {}", batch.program.0))
                }
                Some(Seen::Hangs) => {
                    let how = format!("{} hangs in {} tests", batch.program.0, batch.tests.len());
                    (batch, how)
                }
                Some(Seen::Ends(how)) => {
                    let how = format!("{} ends with {how}", batch.program.0);
                    (batch, how)
                }
            };
            if places.is_none() || self.run(&how.0, 0, lane)?.is_none() {
                return Ok(Some(how.1));
            }
        }
        Ok(None)
    }

    fn batches(&self, bug: &Bug, places: Option<&BTreeSet<u32>>) -> Vec<Batch<'_>> {
        let words = nearest(bug);
        let mut left: Vec<((&Binary, &Path), VecDeque<&Known>)> = Vec::new();
        for program in &self.programs {
            let comes = |test: &&Known| places.is_none_or(|places| test.comes_to(places));
            let tests = program.tests.iter().filter(|test| !test.is_red).filter(comes);
            let mut tests: Vec<&Known> = tests.collect();
            tests.sort_by_key(|test| {
                let is_near = words.iter().any(|word| test.name.contains(word));
                if is_near { test.took / NEARER } else { test.took }
            });
            left.push(((program.binary, program.path), tests.into()));
        }
        let mut batches = Vec::new();
        for budget in TOGETHER {
            for (program, left) in &mut left {
                let (mut tests, mut took) = (Vec::new(), Duration::ZERO);
                while let Some(test) = left.pop_front_if(|test| took + test.took <= budget) {
                    took += test.took;
                    tests.push(test);
                }
                if !tests.is_empty() {
                    batches.push(Batch { program: *program, tests });
                }
            }
        }
        for (program, left) in left {
            batches.extend(left.into_iter().map(|test| Batch { program, tests: vec![test] }));
        }
        batches
    }

    fn run(&self, batch: &Batch<'_>, bug: u32, lane: usize) -> Result<Option<Seen>, String> {
        let took: Duration = batch.tests.iter().map(|test| test.took).sum();
        let longest = batch.tests.iter().map(|test| test.took).max().unwrap_or_default();
        let names = batch.tests.iter().map(|test| test.name.clone());
        let words: Vec<String> = std::iter::once("--exact".to_owned()).chain(names).collect();
        let (limit, silence) = (took * TIMES + GRACE, longest * TIMES + GRACE);

        let first = |output: &str| output.lines().find_map(failed);
        let heard = Cell::new((0, Instant::now()));
        let is_enough = |output: &str| {
            if output.len() != heard.get().0 {
                heard.set((output.len(), Instant::now()));
            }
            first(output).is_some() || heard.get().1.elapsed() > silence
        };
        let run = Awake::new(batch.program, bug, &words);
        let ended = self.copy.run_awake(&Awake { limit, lane, ..run }, is_enough)?;
        if let Some(test) = first(&ended.output) {
            return Ok(Some(Seen::Red(test)));
        }
        Ok(match ended.status {
            None => Some(Seen::Hangs),
            Some(status) if !status.success() => Some(Seen::Ends(status.to_string())),
            Some(_) => None,
        })
    }
}

/// Words in the names of the tests that are about what a bug is in.
fn nearest(bug: &Bug) -> &'static [&'static str] {
    let file = bug.edits.first().map_or("", |edit| &edit.file);
    NEAREST.iter().find(|(part, _)| file.contains(part)).map_or(&[], |(_, words)| words)
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
