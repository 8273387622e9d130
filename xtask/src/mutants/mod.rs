//! `cargo xtask mutants`: plants bugs in the runtime and sees whether the tests notice.
//!
//! Some are planted by hand where it matters most ([`planted`]), the others by rule at places that
//! a fixed seed picks ([`sites`]). Both are fixed before a test is looked at. What is known of a
//! bug is kept in `target/mutants.txt`, so that a run goes on where the last one ended.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::rules::Copy;
use crate::weave::{self, Bug};
use crate::{Figure, shell};

mod lanes;
mod places;
mod planted;
mod record;
mod sites;
mod suite;

use record::{Record, Verdict};
use suite::{Stage, Suite, Tests};

/// How many places are picked, and what picks them.
const SAMPLES: usize = 200;
const SEED: u64 = 5;

/// How many of a hundred bugs that compile the tests have to notice.
const ENOUGH: f64 = 95.0;

/// How the reason begins of a change that changes nothing that could be seen: it is no bug.
const NONE: &str = "No difference: ";

/// Bugs that no test sees, with the reason.
const SURVIVORS: &str = "xtask/mutants/survivors.txt";

/// A bug with its name.
#[derive(Clone, Debug)]
pub(super) struct Mutant {
    name: String,
    bug: Bug,
}

/// What is asked for.
struct Options<'a> {
    chunk: (usize, usize),
    only: Option<&'a str>,
    fresh: bool,
}

/// Plants all bugs, or some (`--chunk 2/5`, `--only plan-`), also those that were planted before
/// (`--fresh`); `--list` only names them.
pub(crate) fn run(words: &[&str]) -> Figure {
    let start = Instant::now();
    let (mut mutants, wrong) = planted::planted()?;
    mutants.extend(sites::sampled(SAMPLES, SEED));
    (1..).zip(&mut mutants).for_each(|(id, mutant)| mutant.bug.id = id);
    if words == ["--list"] {
        mutants.iter().for_each(|mutant| println!("{}", mutant.name));
        return Ok(format!("mutants: {}", mutants.len()));
    }
    let options = Options::read(words)?;
    let mut record = Record::read(&mutants);
    let chosen = options.chosen(&mutants, &record);
    record.forget(chosen.iter().filter(|_| options.fresh));
    plant(&Copy::make()?, &mutants, chosen, &mut record)?;
    wrong.iter().for_each(|reason| println!("does not fit the sources: {reason}"));
    let seconds = start.elapsed().as_secs();
    figure(&mutants, &record, &wrong).map_err(|line| format!("{line}, in {seconds} s"))
}

impl<'a> Options<'a> {
    fn read(words: &[&'a str]) -> Result<Self, String> {
        let mut options = Self { chunk: (1, 1), only: None, fresh: false };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().copied().ok_or_else(|| format!("{word} what?"));
            match *word {
                "--chunk" => options.chunk = part(value()?)?,
                "--only" => options.only = Some(value()?),
                "--fresh" => options.fresh = true,
                _ => return Err(format!("mutants: --chunk 2/5, --only, --fresh, --list; {word}?")),
            }
        }
        Ok(options)
    }

    fn chosen(&self, mutants: &[Mutant], record: &Record) -> Vec<Mutant> {
        let (this, of) = self.chunk;
        let is_mine = |mutant: &&Mutant| mutant.bug.id as usize % of == this % of;
        let is_asked = |mutant: &&Mutant| self.only.is_none_or(|word| mutant.name.contains(word));
        let is_new = |mutant: &&Mutant| {
            let verdict = record.of(&mutant.name);
            self.fresh || verdict.is_none_or(|verdict| verdict == Verdict::NotSeenYet)
        };
        mutants.iter().filter(is_mine).filter(is_asked).filter(is_new).cloned().collect()
    }
}

/// Reads `2/5`.
fn part(word: &str) -> Result<(usize, usize), String> {
    let parts = word.split_once('/').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    let fits = parts.filter(|(this, of)| (1..=*of).contains(this));
    fits.ok_or_else(|| format!("{word} is no chunk like 2/5"))
}

// ===== Planting =====

fn plant(
    copy: &Copy,
    all: &[Mutant],
    chosen: Vec<Mutant>,
    record: &mut Record,
) -> Result<(), String> {
    let (mut left, alone): (Vec<Mutant>, Vec<Mutant>) =
        chosen.into_iter().partition(|mutant| mutant.bug.can_sleep());
    let is_unseen = |mutant: &mut Mutant| record.of(&mutant.name) == Some(Verdict::NotSeenYet);
    let mut unseen: Vec<Mutant> = left.extract_if(.., is_unseen).collect();
    let mut tests = Tests::new();
    for stage in Stage::ALL {
        if !(left.is_empty() && unseen.is_empty() && alone.is_empty()) {
            left = together(copy, all, (left, stage), record, &mut tests)?;
            left.append(&mut unseen);
        }
    }
    for mutant in alone {
        by_itself(copy, &mutant, &tests, record)?;
    }
    Ok(())
}

/// Wakes bugs in one program; gives back those that these tests do not see. In the first program
/// all bugs sleep, also those that nobody asks for, so that the next run finds it built.
fn together(
    copy: &Copy,
    all: &[Mutant],
    (chosen, stage): (Vec<Mutant>, Stage),
    record: &mut Record,
    tests: &mut Tests,
) -> Result<Vec<Mutant>, String> {
    let is_asked = |mutant: &Mutant| chosen.iter().any(|one| one.bug.id == mutant.bug.id);
    let is_in = |mutant: &&Mutant| {
        let compiles = record.of(&mutant.name) != Some(Verdict::DoesNotCompile);
        compiles && (stage == Stage::Near || is_asked(mutant))
    };
    let asleep = all.iter().filter(is_in).filter(|mutant| mutant.bug.can_sleep());
    let bugs: Vec<Bug> = asleep.map(|mutant| mutant.bug.clone()).collect();
    println!("building {} bugs that sleep in one program, {stage}", bugs.len());
    let woven = weave::build(copy, &bugs, &stage.binaries()?)?;
    for mutant in all {
        if let Some(why) = woven.refused.get(&mutant.bug.id) {
            record.add(&mutant.name, Verdict::DoesNotCompile, why)?;
        }
    }
    weave::clear(copy, &bugs)?;
    let suite = Suite::new(copy, &woven.programs)?;
    let is_there = |mutant: &Mutant| !woven.refused.contains_key(&mutant.bug.id);
    let mut left = Vec::new();
    let sees =
        |lane, mutant: &Mutant| suite.sees(&mutant.bug, woven.places.get(&mutant.bug.id), lane);
    lanes::share(chosen.into_iter().filter(is_there), sees, |mutant, seen| {
        if note(record, &mutant, seen?, stage)? {
            left.push(mutant);
        }
        Ok(())
    })?;
    tests.extend(suite.into_tests());
    Ok(left)
}

/// True: other tests have to look at it.
fn note(
    record: &mut Record,
    mutant: &Mutant,
    how: Option<String>,
    stage: Stage,
) -> Result<bool, String> {
    match how {
        Some(how) => record.add(&mutant.name, Verdict::Caught, &how)?,
        None if stage == Stage::Models => record.add(&mutant.name, Verdict::Survived, "")?,
        None if stage == Stage::Near => {
            record.add(&mutant.name, Verdict::NotSeenYet, "")?;
            return Ok(true);
        }
        None => return Ok(true),
    }
    Ok(false)
}

/// Plants a bug that cannot sleep.
fn by_itself(
    copy: &Copy,
    mutant: &Mutant,
    tests: &Tests,
    record: &mut Record,
) -> Result<(), String> {
    println!("building {}", mutant.name);
    let woken = Bug { id: 0, ..mutant.bug.clone() };
    let verdict = weave::alone(copy, &mutant.bug).and_then(|()| {
        for stage in Stage::ALL {
            let programs = match weave::programs(copy, &stage.binaries()?) {
                Ok(programs) => programs,
                Err(why) => return Ok((Verdict::DoesNotCompile, why)),
            };
            let suite = Suite::of(copy, &programs, tests);
            if let Some(how) = suite.sees(&woken, None, 0)? {
                return Ok((Verdict::Caught, how));
            }
        }
        Ok((Verdict::Survived, String::new()))
    });
    weave::clear(copy, std::slice::from_ref(&mutant.bug))?;
    let (verdict, how) = verdict?;
    record.add(&mutant.name, verdict, &how)
}

// ===== The figure =====

fn figure(mutants: &[Mutant], record: &Record, wrong: &[String]) -> Figure {
    let excused = excused(&shell::read(SURVIVORS)?);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut unexcused, mut none) = (0, 0);
    for mutant in mutants {
        let verdict = record.of(&mutant.name);
        *counts.entry(verdict.map_or("not planted yet", Verdict::word)).or_default() += 1;
        if verdict != Some(Verdict::Survived) {
            continue;
        }
        match excused.get(&mutant.name) {
            Some(reason) => {
                none += usize::from(reason.starts_with(NONE));
                println!("survived: {}: {reason}", mutant.name);
            }
            None => {
                unexcused += 1;
                println!("SURVIVED: {}", mutant.name);
            }
        }
    }
    let count = |verdict: Verdict| counts.get(verdict.word()).copied().unwrap_or_default();
    let (caught, survived) = (count(Verdict::Caught), count(Verdict::Survived));
    let share = 100.0 * caught as f64 / (caught + survived - none).max(1) as f64;
    let mut words: Vec<String> =
        counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
    words.push(format!("{none} of them make no difference"));
    let line = format!("mutants: {share:.1} % are caught ({})", words.join(", "));
    if share >= ENOUGH && unexcused == 0 && wrong.is_empty() { Ok(line) } else { Err(line) }
}

/// The bugs that may survive, with the reason.
fn excused(text: &str) -> BTreeMap<String, String> {
    let blocks = text.split("\n## ").skip(1);
    let read = |block: &str| {
        let (name, reason) = block.split_once('\n').unwrap_or((block, ""));
        (name.to_owned(), reason.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    blocks.map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::{excused, part, sites};

    #[test]
    fn chunk_is_one_of_several() {
        assert_eq!(part("2/5"), Ok((2, 5)));
        assert!(part("6/5").is_err());
        assert!(part("0/5").is_err());
        assert!(part("2").is_err());
    }

    #[test]
    fn the_same_seed_picks_the_same_sites() {
        let names = |seed| -> Vec<String> {
            sites::sampled(20, seed).into_iter().map(|mutant| mutant.name).collect()
        };
        assert_eq!(names(1), names(1));
        assert_ne!(names(1), names(2));
        assert_eq!(names(1).len(), 20);
    }

    #[test]
    fn survivor_has_a_reason() {
        let excused = excused("# head\n\n## one\nBecause\nof it.\n\n## two\nSo.\n");
        assert_eq!(excused["one"], "Because of it.");
        assert_eq!(excused["two"], "So.");
    }
}
