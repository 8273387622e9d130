//! The same scenarios on cordial and on Erlang/OTP, line by line.
//!
//! Scenarios are data (`scenarios/*.txt`, in the language of `language.rs`). Two interpreters run
//! them: the files beside this one in cordial's words, `parity.erl` in OTP's. Both write down what
//! each process is told and answers, in order; the logs have to be the same. What is meant to
//! differ stands in the scenario, with its reason.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]

mod actions;
mod actor;
mod beam;
mod driver;
mod language;
mod tree;
mod world;

use beam::{Beam, Logs};
use language::{Difference, Order, Release, Scenario, lanes};
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// How many scenarios there are at least, and how many cases (rule, strategy, restart, reason).
const SCENARIOS: usize = 150;
const CASES: usize = 400;

/// A part of a name in this variable runs the scenarios of such names alone.
const ONLY: &str = "PARITY";

/// How much slower the clock of a second look goes.
const MORE_TIME: u32 = 4;

/// A child with no time at all to stop may or may not have begun to, on a clock that is real.
const RACE: &str = "shutdown-0-";

/// How often a scenario is tried on workers.
const TRIES: usize = 3;

/// How many differing scenarios are shown whole.
const SHOWN: usize = 12;

#[test]
#[expect(clippy::print_stdout, reason = "the figures are for who runs it")]
fn cordial_and_otp_write_the_same_logs() {
    let scenarios = all_scenarios();
    let beam = Beam::begin(&scenarios.iter().collect::<Vec<_>>(), 1);
    let ours = driver::run_all(&scenarios);
    let theirs = beam.finish();
    let runs: Vec<Run<'_>> = scenarios.iter().zip(&ours).collect();
    let (late, mut wrong): (Vec<_>, Vec<_>) =
        differing(&runs, &theirs).into_iter().partition(|(run, _)| run.0.takes_time());
    if !late.is_empty() {
        // The BEAM's clock is real, and the machine may be busy: once more with more time.
        let runs: Vec<Run<'_>> = late.into_iter().map(|(run, _)| run).collect();
        let again = runs.iter().map(|run| run.0).collect::<Vec<_>>();
        wrong.extend(differing(&runs, &Beam::begin(&again, MORE_TIME).finish()));
    }
    let wrong: Vec<String> = wrong.into_iter().map(|(_, why)| why).collect();
    let all_cases: HashSet<String> = scenarios.iter().flat_map(Scenario::tuples).collect();
    let cases = all_cases.iter().filter(|case| is_of_a_supervisor(case)).count();
    let rules: HashSet<&String> = scenarios.iter().flat_map(|s| &s.rules).collect();
    let meant: usize = scenarios.iter().map(|scenario| scenario.differences.len()).sum();
    println!(
        "parity with OTP {}: {} scenarios, {} rules, {cases} cases of strategy, restart type and \
         reason, {} of any kind, {meant} meant differences, {} wrong",
        theirs.release,
        scenarios.len(),
        rules.len(),
        all_cases.len(),
        wrong.len(),
    );
    let titles: String = wrong.iter().skip(SHOWN).map(|text| title(text)).collect();
    let shown = wrong.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} differ:\n{shown}\nand: {titles}", wrong.len());
    let is_whole = std::env::var_os(ONLY).is_none();
    assert!(!is_whole || scenarios.len() >= SCENARIOS, "only {} scenarios", scenarios.len());
    assert!(!is_whole || cases >= CASES, "only {cases} cases");
}

/// The same scenarios on one worker and on two, compared with what they come to on the clock that
/// jumps, which is what OTP writes. The clock is real here, and the machine may be busy: what
/// differs is tried again.
#[test]
#[expect(clippy::print_stdout, reason = "the figures are for who runs it")]
fn cordial_writes_the_same_logs_on_one_worker_and_on_two() {
    let mut scenarios = all_scenarios();
    scenarios.retain(|scenario| !scenario.name.starts_with(RACE));
    let expected = driver::run_all(&scenarios);
    for workers in [1, 2] {
        let mut left: Vec<Run<'_>> = scenarios.iter().zip(&expected).collect();
        let (mut differing, mut reordered) = (Vec::new(), 0);
        for _ in 0..TRIES {
            let logs =
                driver::run_all_on(workers, &left.iter().map(|run| run.0).collect::<Vec<_>>());
            let pairs = left.iter().zip(&logs);
            reordered +=
                pairs.filter(|(run, log)| run.1 != *log && lanes(run.1) == lanes(log)).count();
            let found = left.into_iter().zip(logs).filter(|(run, log)| {
                let same = if workers == 1 { run.1 == log } else { lanes(run.1) == lanes(log) };
                !same
            });
            differing = found.collect();
            left = differing.iter().map(|(run, _)| *run).collect();
        }
        let shown: String = differing
            .iter()
            .map(|((scenario, expected), log)| {
                shown(&scenario.name, &[format!("{workers} workers")], expected, log)
            })
            .collect();
        println!(
            "{} scenarios on {workers} workers, {reordered} with lines of several processes in \
             another order, {} differ",
            scenarios.len(),
            differing.len()
        );
        assert!(differing.is_empty(), "expected on the left:\n{shown}");
    }
}

/// Of a strategy (or a dynamic supervisor) and a restart type, of nothing else in their place.
fn is_of_a_supervisor(case: &str) -> bool {
    let strategies = ["one_for_one", "one_for_all", "rest_for_one", "dynamic"];
    let restarts = ["permanent", "transient", "temporary"];
    let words: Vec<&str> = case.split(' ').collect();
    strategies.contains(&words[1]) && restarts.contains(&words[2])
}

fn all_scenarios() -> Vec<Scenario> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("parity/scenarios");
    let files = fs::read_dir(folder).expect("the scenarios are beside the tests");
    let mut files: Vec<_> = files.flatten().map(|file| file.path()).collect();
    files.sort();
    let mut scenarios = Vec::new();
    for file in files {
        scenarios.extend(language::read(&fs::read_to_string(file).expect("scenarios are UTF-8")));
    }
    let mut seen = BTreeMap::new();
    for scenario in &scenarios {
        assert!(!scenario.rules.is_empty(), "`{}` names its rules", scenario.name);
        let before = seen.insert(scenario.name.clone(), ());
        assert!(before.is_none(), "two scenarios are called `{}`", scenario.name);
    }
    if let Ok(only) = std::env::var(ONLY) {
        scenarios.retain(|scenario| scenario.name.contains(&only));
    }
    scenarios
}

// ===== Comparing =====

/// A scenario, and the log of cordial.
type Run<'a> = (&'a Scenario, &'a Vec<String>);

/// The runs whose logs differ, and how.
fn differing<'a>(runs: &[Run<'a>], theirs: &Logs) -> Vec<(Run<'a>, String)> {
    let differs = |run: &Run<'a>| {
        let log = theirs.by_scenario.get(&run.0.name).cloned().unwrap_or_default();
        let why = compare(run.0, log, run.1.clone(), theirs.release).err()?;
        Some((*run, why))
    };
    runs.iter().filter_map(differs).collect()
}

/// `Err`: both logs side by side.
fn compare(
    scenario: &Scenario,
    mut theirs: Vec<String>,
    mut ours: Vec<String>,
    release: u32,
) -> Result<(), String> {
    let (raw_theirs, raw_ours) = (theirs.clone(), ours.clone());
    let mut problems = Vec::new();
    for difference in &scenario.differences {
        if let Err(problem) = allow(difference, &mut theirs, &mut ours, release) {
            problems.push(problem);
        }
    }
    if scenario.order == Order::Lanes {
        (theirs, ours) = (lanes(&theirs), lanes(&ours));
    }
    let broken = theirs.iter().chain(&ours).any(|line| line.starts_with("!!"));
    // A scenario in which nobody does anything shows nothing.
    let silent = theirs.iter().all(|line| line.starts_with("--") || line.starts_with("alive"));
    if broken {
        problems.push("an interpreter failed".to_owned());
    }
    if silent {
        problems.push("nothing happens in it".to_owned());
    }
    if theirs == ours && problems.is_empty() {
        return Ok(());
    }
    problems.extend(first_difference(&theirs, &ours));
    Err(shown(&scenario.name, &problems, &raw_theirs, &raw_ours))
}

/// Takes what is meant out of the logs; a difference that is not there any more is an error too.
fn allow(
    difference: &Difference,
    theirs: &mut Vec<String>,
    ours: &mut Vec<String>,
    release: u32,
) -> Result<(), String> {
    if difference.release == Release::Before26 && release >= 26 {
        return Ok(());
    }
    let lost = |line: &str| Err(format!("nobody writes `{line}` any more: {}", difference.why));
    match (&difference.otp, &difference.cordial) {
        (Some(otp), Some(cordial)) => {
            let Some(at) = theirs.iter().position(|line| line == otp) else { return lost(otp) };
            theirs[at].clone_from(cordial);
        }
        (Some(line), None) => {
            let Some(at) = theirs.iter().position(|found| found == line) else { return lost(line) };
            theirs.remove(at);
        }
        (None, Some(line)) => {
            let Some(at) = ours.iter().position(|found| found == line) else { return lost(line) };
            ours.remove(at);
        }
        (None, None) => {}
    }
    Ok(())
}

/// The first line of a failure, which names it.
fn title(text: &str) -> String {
    text.lines().next().map_or(String::new(), |line| format!("{line}\n"))
}

fn first_difference(theirs: &[String], ours: &[String]) -> Option<String> {
    let at = (0..theirs.len().max(ours.len())).find(|at| theirs.get(*at) != ours.get(*at))?;
    let line = |log: &[String]| log.get(at).map_or("(nothing)", String::as_str).to_owned();
    Some(format!("OTP `{}`, cordial `{}`", line(theirs), line(ours)))
}

fn shown(name: &str, problems: &[String], theirs: &[String], ours: &[String]) -> String {
    let mut text = format!("== {name}: {}\n", problems.join("; "));
    for at in 0..theirs.len().max(ours.len()) {
        let line = |log: &[String]| log.get(at).map_or("", String::as_str).to_owned();
        let (otp, cordial) = (line(theirs), line(ours));
        let sign = if otp == cordial { ' ' } else { '|' };
        writeln!(text, "   {otp:<48} {sign} {cordial}").expect("a string takes everything");
    }
    text
}

#[test]
fn a_log_that_differs_is_found_and_a_meant_difference_is_not() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let text = "scenario x\nrules GS-1\ndiffers p b => p c :: why\n";
    let scenario = language::read(text).remove(0);
    let check = |theirs: &str, ours: &str| compare(&scenario, lines(theirs), lines(ours), 25);
    assert!(check("p a\np b", "p a\np c").is_ok());
    assert!(check("p a\np b", "p a\np b").is_err());
    assert!(check("p a", "p a").unwrap_err().contains("any more"));
    assert!(check("p b\n!! x", "p c\n!! x").is_err());
}

#[test]
fn lanes_keep_the_order_of_each_process_and_of_the_steps() {
    let lines = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(lanes(&lines("b 1,a 1,b 2,-- s,a 2,alive")), lines("a 1,b 1,b 2,-- s,a 2,alive"));
}
