//! `cargo xtask rules --prove`: breaks a rule in a copy of the sources, and sees its test fail.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::{Duration, Instant, SystemTime};

use super::asleep;
use super::binary::Binary;
use super::copy::Copy;
use super::list::{List, Rule, joined, named, shown};
use super::proofs::{self, Break, Test};
use crate::Figure;
use crate::shell::Ended;

/// How long a test may take with its rule broken; one that takes longer hangs, which is red.
pub(super) const LIMIT: Duration = Duration::from_secs(60);

/// How long all chosen tests of one binary may take together, and a program of the ui-tests.
pub(super) const LONG_LIMIT: Duration = Duration::from_secs(900);

/// As many proofs are sooner done one by one than in one program.
const FEW: usize = 4;

/// A test and the breakage that it must not survive.
pub(super) struct Proof<'a> {
    pub(super) test: &'a Test,
    pub(super) one: &'a Break,
    pub(super) binary: Binary,
}

/// Proves the rules that are asked for.
pub(crate) fn prove(words: &[&str]) -> Figure {
    let start = Instant::now();
    let tests = proofs::tests();
    let rules = chosen(words, &proven(&tests)?)?;
    let copy = Copy::make()?;
    let mut failed = BTreeSet::new();
    let mut proofs = proofs_of(&rules, &tests, &mut failed);
    if proofs.len() > FEW {
        let red = asleep::prove(&copy, &proofs);
        let mut at = 0..;
        proofs.retain(|_| at.next().is_some_and(|at| !red.contains_key(&at)));
    }
    let names = unbroken(&copy, &proofs);
    for proof in &proofs {
        let begin = Instant::now();
        let verdict = match &names[&proof.test.place()] {
            Ok(name) => break_it(&copy, proof, name),
            Err(reason) => Err(reason.clone()),
        };
        report(&proof.one.rule, verdict, begin.elapsed(), &mut failed);
    }
    let (all, seconds) = (rules.len(), start.elapsed().as_secs());
    if failed.is_empty() && all > 0 {
        return Ok(format!("prove: {all} of {all} rules are red as they must be, in {seconds} s"));
    }
    Err(format!("prove: {} of {all} rules are not proven: {}", failed.len(), joined(&failed)))
}

fn report(rule: &Rule, verdict: Result<Red, String>, took: Duration, failed: &mut BTreeSet<Rule>) {
    let seconds = took.as_secs_f64();
    match verdict {
        Ok(red) => println!("{}: red as it must be, {red} ({seconds:.1} s)", shown(rule)),
        Err(reason) => {
            println!("{}: NOT PROVEN: {reason}", shown(rule));
            failed.insert(rule.clone());
        }
    }
}

// ===== What is asked for =====

/// The rules that have a breakage and are built already.
fn proven(tests: &[Test]) -> Result<Vec<Rule>, String> {
    let list = List::read()?;
    let broken = tests.iter().flat_map(|test| &test.breaks).map(|one| one.rule.clone());
    let broken: BTreeSet<Rule> = broken.filter(|rule| !list.later.contains(rule)).collect();
    Ok(broken.into_iter().collect())
}

fn chosen(words: &[&str], proven: &[Rule]) -> Result<Vec<Rule>, String> {
    match words {
        ["all"] => Ok(proven.to_vec()),
        ["random", count, seed @ ..] => {
            let number = |word: &str| word.parse().map_err(|_| format!("{word} is no number"));
            let count: u64 = number(count)?;
            let seed = seed.first().map_or_else(|| Ok(any_seed()), |seed| number(seed))?;
            println!("again with the same: cargo xtask rules --prove random {count} {seed}");
            Ok(picked(proven, count as usize, seed))
        }
        rules => {
            let rules: Vec<Rule> = rules.iter().flat_map(|word| named(word)).collect();
            let hint = "which rules? `all`, `random 20`, or `SUP-20 GS-1..3`";
            if rules.is_empty() { Err(hint.into()) } else { Ok(rules) }
        }
    }
}

fn any_seed() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.map_or(1, |now| now.as_micros() as u64 % 1_000_000)
}

/// `count` different ones of `rules`, in order, the same for the same seed.
fn picked(rules: &[Rule], count: usize, seed: u64) -> Vec<Rule> {
    let mut keyed: Vec<(u64, &Rule)> = Vec::new();
    for (at, rule) in rules.iter().enumerate() {
        keyed.push((mixed(mixed(seed) ^ at as u64), rule));
    }
    keyed.sort();
    let mut picked: Vec<Rule> =
        keyed.into_iter().take(count).map(|(_, rule)| rule.clone()).collect();
    picked.sort();
    picked
}

/// A number without visible relation to the given one (`SplitMix64`).
fn mixed(number: u64) -> u64 {
    let z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn proofs_of<'a>(rules: &[Rule], tests: &'a [Test], failed: &mut BTreeSet<Rule>) -> Vec<Proof<'a>> {
    let mut proofs = Vec::new();
    for rule in rules {
        let mut none = Err("no test has a `break` line for it".to_owned());
        for test in tests {
            for one in test.breaks.iter().filter(|one| one.rule == *rule) {
                none = Binary::of(test).map(|binary| proofs.push(Proof { test, one, binary }));
            }
        }
        if let Err(reason) = none {
            report(rule, Err(reason), Duration::ZERO, failed);
        }
    }
    proofs
}

// ===== Without a breakage =====

/// What the chosen tests are called, or why they say nothing; each must pass as long as nothing is
/// broken.
fn unbroken(copy: &Copy, proofs: &[Proof<'_>]) -> BTreeMap<String, Result<String, String>> {
    let mut by_binary: BTreeMap<&Binary, Vec<&Test>> = BTreeMap::new();
    for proof in proofs {
        by_binary.entry(&proof.binary).or_default().push(proof.test);
    }
    let mut names = BTreeMap::new();
    for (binary, tests) in by_binary {
        println!("building {} without a breakage", binary.arguments.join(" "));
        let listed = copy.build(binary).and_then(|()| listed(copy, binary));
        for test in &tests {
            let name = listed.as_ref().map_err(String::clone);
            let name = name.and_then(|listed| binary.name(test, listed));
            names.insert(test.place(), name);
        }
        let found: BTreeSet<String> =
            tests.iter().filter_map(|test| names[&test.place()].clone().ok()).collect();
        let red = red_ones(copy, binary, &found);
        for test in &tests {
            let name = names.get_mut(&test.place()).expect("it was put in above");
            if let Ok(known) = name.as_ref()
                && red.contains(known)
            {
                *name = Err(format!("{known} is red without the breakage too"));
            }
        }
    }
    names
}

/// The tests of a binary.
fn listed(copy: &Copy, binary: &Binary) -> Result<Vec<String>, String> {
    let words = ["--list", "--format", "terse"].map(str::to_owned);
    let output = copy.run(binary, &words, LONG_LIMIT)?.output;
    Ok(output.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect())
}

/// Those of `names` that do not pass.
fn red_ones(copy: &Copy, binary: &Binary, names: &BTreeSet<String>) -> BTreeSet<String> {
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    if all.is_empty() {
        return BTreeSet::new();
    }
    let output = match copy.run(binary, &binary.words_for(&all), LONG_LIMIT) {
        Ok(ended) => ended.output,
        Err(error) => error,
    };
    let passed: BTreeSet<String> = output.lines().filter_map(passed).collect();
    names.difference(&passed).cloned().collect()
}

/// The test that a line of output says has passed: `test a::b ... ok`.
pub(super) fn passed(line: &str) -> Option<String> {
    let line = plain(line);
    let name = line.strip_prefix("test ")?.strip_suffix("... ok")?;
    name.split(' ').next().map(str::to_owned)
}

/// A line without the colours that trybuild gives it wherever it writes.
fn plain(line: &str) -> String {
    let mut parts = line.split("\x1b[");
    let first = parts.next().unwrap_or_default();
    let rest = parts.map(|part| part.split_once('m').map_or(part, |(_, text)| text));
    std::iter::once(first).chain(rest).collect()
}

// ===== With it =====

/// How a test fails.
#[derive(Debug, PartialEq)]
pub(super) enum Red {
    /// Where it panics, as far as it says so.
    Failed(Option<String>),
    Hung,
}

impl fmt::Display for Red {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(Some(place)) => write!(f, "at {place}"),
            Self::Failed(None) => f.write_str("it fails"),
            Self::Hung => f.write_str("it hangs"),
        }
    }
}

fn break_it(copy: &Copy, proof: &Proof<'_>, name: &str) -> Result<Red, String> {
    copy.apply(proof.one)?;
    let verdict = broken(copy, proof, name);
    copy.undo(proof.one)?;
    verdict
}

fn broken(copy: &Copy, proof: &Proof<'_>, name: &str) -> Result<Red, String> {
    let binary = &proof.binary;
    copy.build(binary).map_err(|error| format!("the breakage does not compile: {error}"))?;
    let limit = if binary.is_ui { LONG_LIMIT } else { LIMIT };
    let ended = copy.run(binary, &binary.words_for(&[name]), limit)?;
    judged(&ended, name, &proof.test.file)
}

pub(super) fn judged(ended: &Ended, name: &str, file: &str) -> Result<Red, String> {
    if !ended.output.lines().any(|line| line == "running 1 test") {
        return Err(format!("{name} was not run"));
    }
    match ended.status {
        None => Ok(Red::Hung),
        Some(status) if status.success() => Err(format!("{name} passes all the same")),
        Some(_) => Ok(Red::Failed(place(&ended.output, file))),
    }
}

/// Where the first panic is, better in the test's own file than elsewhere.
fn place(output: &str, file: &str) -> Option<String> {
    let places = output.lines().filter_map(|line| line.split_once(" panicked at "));
    let places: Vec<&str> = places.map(|(_, place)| place.trim_end_matches(':')).collect();
    let name = file.rsplit('/').next().unwrap_or(file);
    let own = places.iter().find(|place| place.contains(name));
    own.or(places.first()).map(|place| (*place).to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::list::joined;
    use super::{Ended, Red, chosen, judged, named, passed, picked};
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::ExitStatus;

    #[test]
    fn the_same_seed_picks_the_same_rules() {
        let rules = named("SUP-1..50");
        let some = picked(&rules, 20, 7);
        assert_eq!(some.len(), 20);
        assert_eq!(some, picked(&rules, 20, 7));
        assert_ne!(some, picked(&rules, 20, 8));
        assert_eq!(picked(&rules, 60, 7), rules);
    }

    #[test]
    fn rules_are_chosen_by_name_or_all_that_have_a_breakage() {
        let proven = named("SUP-1..3");
        assert_eq!(joined(&chosen(&["all"], &proven).unwrap()), "SUP-1, 2, 3");
        assert_eq!(joined(&chosen(&["SUP-2", "GS-1..2"], &proven).unwrap()), "SUP-2, GS-1, 2");
        assert_eq!(chosen(&["random", "2", "5"], &proven).unwrap().len(), 2);
        assert!(chosen(&["what"], &proven).is_err());
        assert!(chosen(&["random", "x"], &proven).is_err());
    }

    #[test]
    fn a_test_that_was_not_run_is_not_red() {
        let ended = |code: Option<i32>, output: &str| Ended {
            status: code.map(|code| ExitStatus::from_raw(code << 8)),
            output: output.into(),
        };
        let judged = |code, output| judged(&ended(code, output), "a", "tests/b.rs");
        let ran = "running 1 test\n";
        assert_eq!(judged(Some(101), ran), Ok(Red::Failed(None)));
        assert_eq!(judged(None, ran), Ok(Red::Hung));
        assert!(judged(Some(0), ran).is_err());
        assert!(judged(Some(0), "running 0 tests\n").is_err());
        assert!(judged(Some(101), "error: no").is_err());

        let panics = format!(
            "{ran}thread 'a' (1) panicked at tests/c.rs:1:2:\n\
                              thread 'a' (2) panicked at tests/b.rs:3:4:\n"
        );
        assert_eq!(judged(Some(101), &panics), Ok(Red::Failed(Some("tests/b.rs:3:4".into()))));
    }

    #[test]
    fn a_line_says_that_a_test_has_passed() {
        let check = |line, test: Option<&str>| assert_eq!(passed(line).as_deref(), test, "{line}");
        check("test a::b ... ok", Some("a::b"));
        check("test a::b - should panic ... ok", Some("a::b"));
        check("test a::b ... FAILED", None);
        check("test \x1b[0m\x1b[1mfail/a.rs\x1b[0m ... \x1b[0m\x1b[32mok", Some("fail/a.rs"));
    }
}
