//! `cargo xtask sanitize`: the storms under `AddressSanitizer` (which finds leaks, too),
//! `ThreadSanitizer` and valgrind's memcheck.
//!
//! For `ThreadSanitizer` std is built, too: otherwise nobody sees what std's locks put in order,
//! and races are reported that are none. It sees the races of the orders that come about, so it
//! runs twenty times.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::{Figure, shell};

const TARGET: &str = "x86_64-unknown-linux-gnu";
/// How long one run of the storms may take; under valgrind there is one thread for all.
const LIMIT: Duration = Duration::from_secs(3600);
const RUNS: usize = 20;

/// What `ThreadSanitizer` takes for races and are none: papaya's collector orders by fences that
/// stand alone what is read in a registry before it is freed, and `ThreadSanitizer` does not follow
/// those. The registries themselves are safe code.
const NO_RACES: &str = "race:seize::raw::collector\nrace:cordial::registry\n";

type Check = fn() -> Result<String, String>;
const CHECKS: &[(&str, Check)] =
    &[("address", address), ("thread", thread), ("memcheck", memcheck)];

/// Runs all of them, or those that are named; also after one has found something.
pub(crate) fn run(named: &[&str]) -> Figure {
    let is_named = |check: &&(&str, Check)| named.is_empty() || named.contains(&check.0);
    let checks: Vec<_> = CHECKS.iter().filter(is_named).collect();
    if checks.len() < named.len() || checks.is_empty() {
        return Err("sanitize: the checks are address, thread, memcheck".into());
    }
    let mut red = Vec::new();
    for (name, check) in &checks {
        let start = Instant::now();
        let told = check();
        let seconds = start.elapsed().as_secs();
        match told {
            Ok(what) => println!("{name}: {what} ({seconds} s)"),
            Err(reason) => {
                println!("{name}: FAILED ({seconds} s): {reason}");
                red.push(*name);
            }
        }
    }
    match red.len() {
        0 => Ok(format!("sanitize: {} checks found nothing", checks.len())),
        _ => Err(format!("sanitize: something was found by {}", red.join(", "))),
    }
}

/// Memory that is used after it was freed, outside its bounds, or never freed.
fn address() -> Result<String, String> {
    let storms = build(Some("address"))?;
    storm(&storms, &[("ASAN_OPTIONS", "detect_leaks=1:halt_on_error=1")], "address")?;
    Ok("no error and no leak in one run".into())
}

/// Accesses that nothing orders.
fn thread() -> Result<String, String> {
    if !has_source_of_std()? {
        return Err("std is built for it, too: `rustup component add rust-src`".into());
    }
    let storms = build(Some("thread"))?;
    let but = shell::target().join("thread.suppressions");
    shell::write(&but, NO_RACES)?;
    let options = format!("halt_on_error=1:suppressions={}", but.display());
    for nth in 1..=RUNS {
        storm(&storms, &[("TSAN_OPTIONS", &options)], "thread")
            .map_err(|reason| format!("run {nth}: {reason}"))?;
    }
    Ok(format!("no race in {RUNS} runs"))
}

fn has_source_of_std() -> Result<bool, String> {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "sysroot"]).current_dir(shell::root());
    let sysroot = shell::quiet(rustc)?;
    let source = "lib/rustlib/src/rust/library/Cargo.lock";
    Ok(Path::new(sysroot.trim()).join(source).is_file())
}

/// As `address`, by an interpreter of the program as it is.
fn memcheck() -> Result<String, String> {
    if !shell::is_installed("valgrind") {
        return Err("valgrind is not installed".into());
    }
    let storms = build(None)?;
    let mut run = Command::new("valgrind");
    run.args(["--error-exitcode=9", "--leak-check=full", "--errors-for-leak-kinds=definite"]);
    run.args(["--fair-sched=yes", "--quiet"]).arg(&storms).arg("--test-threads=1");
    bounded(run, "memcheck")?;
    Ok("no error and no lost memory in one run".into())
}

fn storm(storms: &Path, options: &[(&str, &str)], name: &str) -> Result<(), String> {
    let mut run = Command::new(storms);
    run.arg("--test-threads=1").envs(options.iter().copied());
    bounded(run, name)
}

fn bounded(run: Command, name: &str) -> Result<(), String> {
    let file = shell::target().join(format!("{name}.txt"));
    let ended = shell::run_within(run, LIMIT, &file)?;
    match ended.status {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(format!("{status}\n{}", ended.output)),
        None => Err(format!("not done after {} s\n{}", LIMIT.as_secs(), ended.output)),
    }
}

/// The storms, built for a sanitizer, with a target folder of their own.
fn build(sanitizer: Option<&str>) -> Result<PathBuf, String> {
    let arguments = ["test", "-p", "cordial-tests", "--test", "storms", "--no-run"];
    let mut build = shell::cargo(&arguments);
    if let Some(sanitizer) = sanitizer {
        build.args(["--target", TARGET]).env("RUSTC_BOOTSTRAP", "1");
        build.env("CARGO_TARGET_DIR", shell::target().join(sanitizer));
        let flags = format!("-Zsanitizer={sanitizer} -Cunsafe-allow-abi-mismatch=sanitizer");
        build.env("RUSTFLAGS", flags);
        // What is watched is slow enough; assertions stay, and so does the small length.
        build.env("CARGO_PROFILE_DEV_OPT_LEVEL", "1");
        if sanitizer == "thread" {
            build.arg("-Zbuild-std");
        }
    }
    let output = shell::capture(build)?;
    let told = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("the storms do not compile:\n{told}"));
    }
    shell::executable(&told).map(|path| shell::root().join(path))
}
