//! `cargo xtask soak ..`: what takes too long for every day; without a name all of it.
//!
//! `chat`: a day of the chat server in virtual time. `hostile`: hostile clients on it for as long
//! as one likes. `faults`, `supervisor`, `fairness`, `memory` and `storms`: tests that are small
//! without optimisation, in full length. `model`: ten million histories. `fuzz`: bad input for
//! every macro and for the chat server's lines. `loom` and `shuttle`: orders of what threads do.
//! `chaos`: a hundred thousand simulated histories.

use std::process::Command;
use std::time::Instant;

use crate::{Figure, models, shell};

/// A soak: the word that stands for it, and what runs it.
type Soak = (&'static str, fn(&[&str]) -> Figure);

const SOAKS: &[Soak] = &[
    ("faults", |_| faults()),
    ("supervisor", |_| supervisor()),
    ("memory", |_| memory()),
    ("fairness", |_| fairness()),
    ("chat", chat),
    ("hostile", hostile),
    ("fuzz", fuzz),
    ("storms", |_| storms()),
    ("loom", models::deep),
    ("shuttle", models::shuttle),
    ("model", |_| model()),
    ("tables", |_| tables()),
    ("chaos", |_| chaos()),
];

/// Runs the one that is named, with what stands behind its name, or all of them.
pub(crate) fn run(words: &[&str]) -> Figure {
    let Some((name, rest)) = words.split_first() else { return all() };
    let soak = SOAKS.iter().find(|(word, _)| word == name);
    let names = || SOAKS.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
    let (_, soak) = soak.ok_or_else(|| format!("soak: there are {}", names()))?;
    soak(rest)
}

/// One after the other, also after one has failed; then all figures.
fn all() -> Figure {
    let mut figures = Vec::new();
    let mut failed = Vec::new();
    for (name, soak) in SOAKS {
        println!("== {name}");
        let start = Instant::now();
        let figure = soak(&[]);
        let seconds = start.elapsed().as_secs();
        failed.extend(figure.is_err().then_some(*name));
        figures.push(match figure {
            Ok(line) => format!("{line} ({seconds} s)"),
            Err(line) => format!("FAILED: {line} ({seconds} s)"),
        });
    }
    println!("== summary");
    figures.iter().for_each(|line| println!("{line}"));
    let all = SOAKS.len();
    if failed.is_empty() {
        return Ok(format!("soak: {all} of {all} passed"));
    }
    Err(format!("soak: {} of {all} failed: {}", failed.len(), failed.join(", ")))
}

const HOUR: u64 = 3600;

const DAY: u64 = 24 * HOUR;

/// How long each macro and the line protocol get bad input.
const FUZZ: u64 = 600;

/// A day of the chat server in virtual time, or as many seconds as are given.
fn chat(rest: &[&str]) -> Figure {
    timed("soak chat", "chat_day", ("CHAT_DAY_SECONDS", DAY), rest)
}

/// Hostile clients on the chat server for an hour, or for the seconds that are given.
fn hostile(rest: &[&str]) -> Figure {
    timed("soak hostile", "chat_soak", ("CHAT_SOAK_SECONDS", HOUR), rest)
}

/// Runs a test binary of the examples for so many seconds; its figure is the line with the mark.
fn timed(mark: &str, binary: &str, (variable, usual): (&str, u64), rest: &[&str]) -> Figure {
    let seconds = seconds(mark, usual, rest)?;
    let arguments = ["test", "--release", "-p", "cordial-examples", "--test", binary];
    let mut soak = shell::cargo(&[&arguments[..], &["--", "--nocapture"]].concat());
    soak.env(variable, seconds.to_string());
    let output = shell::capture(soak).map_err(|reason| format!("{mark}: {reason}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    print!("{text}");
    let figure = text.lines().find_map(|line| line.find(mark).map(|at| line[at..].to_owned()));
    if output.status.success() {
        return figure.ok_or_else(|| format!("{mark}: no figure was printed"));
    }
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    Err(figure.map_or(format!("{mark}: failed"), |figure| format!("{figure}: failed")))
}

fn seconds(mark: &str, usual: u64, rest: &[&str]) -> Result<u64, String> {
    match rest {
        [] => Ok(usual),
        [word] => word.parse().map_err(|_| format!("{mark}: `{word}` is not a number")),
        _ => Err(format!("{mark}: one number of seconds is enough")),
    }
}

/// Bad input for every macro and for the chat server's lines, each for ten minutes of a core or
/// for the seconds that are given; of a macro's one half is changed input, the other is made up.
fn fuzz(rest: &[&str]) -> Figure {
    let seconds = seconds("soak fuzz", FUZZ, rest)?;
    let macros = ["test", "--release", "-p", "cordial-macros", "--lib", "never_make"];
    let lines = ["test", "--release", "-p", "cordial-examples", "--test", "chat_lines"];
    for (arguments, seconds) in [(&macros[..], seconds.div_ceil(2)), (&lines[..], seconds)] {
        let mut soak = shell::cargo(&[arguments, &["--", "--nocapture"]].concat());
        passed("soak fuzz", soak.env("FUZZ_SECONDS", seconds.to_string()))?;
    }
    Ok(format!("soak fuzz: passed, {seconds} s each"))
}

/// The rows of the fault table that need many processes or bytes, in full length.
fn faults() -> Figure {
    in_full_length("soak faults", "faults_scale")?;
    in_full_length("soak faults", "it")
}

/// A million children of one supervisor.
fn supervisor() -> Figure {
    in_full_length("soak supervisor", "supervisor_soak")
}

/// As many times the histories of every day as come to ten million.
const HISTORIES: &str = "100";

/// The models beside the plan and the runtime.
fn model() -> Figure {
    let arguments = ["test", "--release", "-p", "cordial-tests", "--test", "model"];
    let mut soak = shell::cargo(&arguments);
    passed("soak model", soak.env("MODEL", HISTORIES))
}

/// As many times the histories of every day.
const OF_TABLES: &str = "500";

/// Tables beside their model, and the deaths of their owners.
fn tables() -> Figure {
    let arguments = ["test", "--release", "-p", "cordial-tests", "--test", "tables"];
    let mut soak = shell::cargo(&arguments);
    passed("soak tables", soak.env("TABLES", OF_TABLES))
}

/// How long others wait beside a flood.
fn fairness() -> Figure {
    in_full_length("soak fairness", "fairness_soak")
}

/// What is given back after ten million messages, and after ten million processes.
fn memory() -> Figure {
    in_full_length("soak memory", "memory_soak")
}

/// Calls, monitors, links, names, tasks and topics while processes die.
fn storms() -> Figure {
    in_full_length("soak storms", "storms")
}

/// Simulated histories in a second on one core, at least.
const HISTORIES_A_SECOND: f64 = 5_000.0;

/// A hundred thousand simulated histories.
fn chaos() -> Figure {
    const MARK: &str = "soak chaos: ";
    let arguments = ["test", "--release", "-p", "cordial-tests", "--test", "chaos"];
    let rest = ["--", "--nocapture", "--test-threads=1", "soak"];
    let soak = shell::cargo(&[&arguments[..], &rest].concat());
    let output = shell::capture(soak).map_err(|reason| format!("{MARK}{reason}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let figure = text.lines().find_map(|line| line.find(MARK).map(|at| &line[at..]));
    let figure = figure.filter(|_| output.status.success());
    let figure = figure.ok_or_else(|| format!("{MARK}failed\n{text}"))?;
    let rate = figure[MARK.len()..].split(' ').next().and_then(|rate| rate.parse::<f64>().ok());
    match rate.is_some_and(|rate| rate >= HISTORIES_A_SECOND) {
        true => Ok(figure.to_owned()),
        false => Err(format!("{figure}: fewer than {HISTORIES_A_SECOND}")),
    }
}

/// Runs one of the test binaries with optimisation; of the large one only the fault table.
fn in_full_length(mark: &str, binary: &str) -> Figure {
    let arguments = ["test", "--release", "-p", "cordial-tests", "--test", binary];
    let filter: &[&str] = if binary == "it" { &["fault_"] } else { &[] };
    let rest = [filter, &["--", "--nocapture"]].concat();
    passed(mark, &mut shell::cargo(&[&arguments[..], &rest].concat()))
}

fn passed(mark: &str, soak: &mut Command) -> Figure {
    match soak.status() {
        Ok(status) if status.success() => Ok(format!("{mark}: passed")),
        Ok(status) => Err(format!("{mark}: {status}")),
        Err(error) => Err(format!("{mark}: {error}")),
    }
}
