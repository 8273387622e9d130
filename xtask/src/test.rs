//! `cargo xtask test`: everything that must hold, one step after the other.

use std::time::Instant;

use crate::{Figure, budget, examples, features, markdown, models, rules, shell, system};

/// A step: the word that stands for it, and what it does.
type Step = (&'static str, fn() -> Result<(), String>);

const STEPS: &[Step] = &[
    ("system", system::check),
    ("fmt", fmt),
    ("clippy", clippy),
    ("test", test),
    ("doctest", doctest),
    ("doc", doc),
    ("ui", ui),
    ("errors", errors),
    ("features", features::check),
    ("loom", || shown(models::quick())),
    ("deny", deny),
    ("examples", examples::run),
    ("links", markdown::check),
    ("budget", || shown(budget::run())),
    ("rules", || shown(rules::run())),
    ("prove", || shown(rules::prove(&["random", "20"]))),
];

/// Runs every step, or those that are named; also after one has failed, so that one run tells all
/// that is wrong.
pub(crate) fn run(named: &[&str]) -> Figure {
    let start = Instant::now();
    let is_named = |(word, _): &&Step| named.is_empty() || named.contains(word);
    let steps: Vec<&Step> = STEPS.iter().filter(is_named).collect();
    if steps.len() < named.len() || steps.is_empty() {
        let words: Vec<&str> = STEPS.iter().map(|(word, _)| *word).collect();
        return Err(format!("test: the steps are {}", words.join(", ")));
    }
    let failed: Vec<&str> =
        steps.iter().filter(|step| !passes(step)).map(|(word, _)| *word).collect();
    let seconds = start.elapsed().as_secs();
    let (all, bad) = (steps.len(), failed.len());
    if failed.is_empty() {
        return Ok(format!("test: {all} steps passed in {seconds} s"));
    }
    let words = failed.join(", ");
    Err(format!("test: {bad} of {all} steps failed in {seconds} s: {words}"))
}

fn passes((word, step): &Step) -> bool {
    println!("== {word}");
    let start = Instant::now();
    let result = step();
    let seconds = start.elapsed().as_secs_f64();
    match &result {
        Ok(()) => println!("== {word}: ok ({seconds:.1} s)"),
        Err(reason) => println!("== {word}: FAILED ({seconds:.1} s): {reason}"),
    }
    result.is_ok()
}

/// A command's figure, as the outcome of a step.
fn shown(figure: Figure) -> Result<(), String> {
    figure.map(|line| println!("{line}"))
}

fn fmt() -> Result<(), String> {
    shell::quiet(shell::cargo(&["fmt", "--all", "--check"])).map(drop)
}

fn clippy() -> Result<(), String> {
    let arguments = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    shell::quiet(shell::cargo(&arguments)).map(drop)
}

/// Unit tests, behaviour, tidy; the ui-tests have a step of their own.
fn test() -> Result<(), String> {
    let scope = ["--workspace", "--exclude", "cordial-ui-tests"];
    let runner: &[&str] = if shell::is_installed("cargo-nextest") {
        &["nextest", "run", "--no-fail-fast"]
    } else {
        &["test", "--no-fail-fast", "--lib", "--bins", "--tests", "--examples"]
    };
    shell::pass_through(shell::cargo(&[runner, &scope].concat()))
}

fn doctest() -> Result<(), String> {
    let packages = ["-p", "cordial", "-p", "cordial-macros"];
    let all = [&["test", "--doc", "--all-features"], &packages[..]].concat();
    shell::pass_through(shell::cargo(&all))
}

fn doc() -> Result<(), String> {
    let packages = ["-p", "cordial", "-p", "cordial-macros"];
    let mut doc = shell::cargo(&[&["doc", "--no-deps", "--all-features"], &packages[..]].concat());
    doc.env("RUSTDOCFLAGS", "-D warnings");
    shell::quiet(doc).map(drop)
}

fn ui() -> Result<(), String> {
    shell::pass_through(shell::cargo(&["test", "-p", "cordial-ui-tests", "--test", "ui"]))
}

/// Every message has a ui-test and a page in `docs/errors`, whose two programs do what it says.
fn errors() -> Result<(), String> {
    shell::pass_through(shell::cargo(&["test", "-p", "cordial-ui-tests", "--test", "pages"]))
}

/// Licences and sources of dependencies, where cargo-deny is installed.
fn deny() -> Result<(), String> {
    if !shell::is_installed("cargo-deny") {
        println!("cargo-deny is not installed: licences and sources were not looked at");
        return Ok(());
    }
    shell::quiet(shell::cargo(&["deny", "check", "bans", "licenses", "sources"])).map(drop)
}
