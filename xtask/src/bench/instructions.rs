//! `cargo xtask bench --instructions`: what the hot paths cost in instructions, under callgrind.
//!
//! Instructions do not depend on what else the machine does, so this can be a gate. A path is
//! measured twice, with few and with many operations: the difference is what an operation costs,
//! without start and end of the program.

use std::path::Path;
use std::process::Command;

use super::catalogue::Row;
use super::programs;
use crate::{Figure, shell};

const COUNTS: &str = "benches/instructions.txt";

/// Everything on one thread, so that a run is as the one before.
const PATHS: &[&str] =
    &["cast-yield", "ring", "call", "call-queued", "call-queued-process", "call-yield", "spawn"];

const FEW: u64 = 2_000;
const MANY: u64 = 12_000;

/// How much more than the committed count is too much.
const TOLERANCE: f64 = 0.05;

/// Compares with the committed counts.
pub(super) fn check() -> Figure {
    let committed = shell::read(COUNTS)?;
    let mut worse = Vec::new();
    for (path, count) in count_all()? {
        let was = committed_count(&committed, path);
        let was = was.ok_or_else(|| format!("{COUNTS} has no line for `{path}`"))?;
        let change = 100.0 * (count as f64 / was as f64 - 1.0);
        println!("{path}: {count} instructions, {was} are committed ({change:+.1} %)");
        if is_too_much(count, was) {
            worse.push(path);
        }
    }
    match worse.as_slice() {
        [] => Ok(format!("{} paths take no more instructions than before", PATHS.len())),
        paths => Err(format!("more instructions than committed: {}", paths.join(", "))),
    }
}

/// Writes what is counted now.
pub(super) fn accept() -> Figure {
    let mut text = String::from(
        "# Instructions per operation of the hot paths, under callgrind, on one thread.\n\
         # Written by `cargo xtask bench --accept`; `--instructions` fails above these by 5 %.\n",
    );
    for (path, count) in count_all()? {
        println!("{path}: {count} instructions");
        text.push_str(&format!("{path} {count}\n"));
    }
    shell::write(&shell::root().join(COUNTS), &text)?;
    Ok(format!("{} paths are written to {COUNTS}", PATHS.len()))
}

fn is_too_much(count: u64, committed: u64) -> bool {
    count as f64 > committed as f64 * (1.0 + TOLERANCE)
}

fn count_all() -> Result<Vec<(&'static str, u64)>, String> {
    if !shell::is_installed("valgrind") {
        return Err("valgrind is not installed (package valgrind)".into());
    }
    let program = programs::rust(&[])?;
    PATHS.iter().map(|&path| Ok((path, count(&program, "cordial", path)?))).collect()
}

/// What each feature costs, where callgrind is installed: nothing where it is not.
pub(super) fn of_costs(program: &Path, rows: &[Row]) -> Vec<Option<u64>> {
    if !shell::is_installed("valgrind") {
        return vec![None; rows.len()];
    }
    rows.iter().map(|row| count(program, "cost", &row.workload).ok()).collect()
}

/// Instructions per operation.
fn count(program: &Path, peer: &str, path: &str) -> Result<u64, String> {
    let collected = |operations| collected(program, [peer, path], operations);
    Ok(collected(MANY)?.saturating_sub(collected(FEW)?) / (MANY - FEW))
}

fn collected(program: &Path, what: [&str; 2], operations: u64) -> Result<u64, String> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(program).args(what).args(["--workers", "current"]);
    valgrind.arg("--operations").arg(operations.to_string());
    let output = shell::capture(valgrind)?;
    let told = String::from_utf8_lossy(&output.stderr);
    read(&told).ok_or_else(|| format!("callgrind counted nothing of `{}`:\n{told}", what.join(" ")))
}

/// `==1== Collected : 123`.
fn read(told: &str) -> Option<u64> {
    told.lines().find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok())
}

fn committed_count(text: &str, path: &str) -> Option<u64> {
    let mut lines = text.lines().filter_map(|line| line.split_once(' '));
    lines.find(|(own, _)| *own == path).and_then(|(_, count)| count.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::{committed_count, is_too_much, read};

    #[test]
    fn five_per_cent_more_is_borne_and_more_is_not() {
        assert!(!is_too_much(1050, 1000) && !is_too_much(100, 1000));
        assert!(is_too_much(1051, 1000));
    }

    #[test]
    fn counts_are_read_from_callgrind_and_from_the_file() {
        assert_eq!(read("==7== Events    : Ir\n==7== Collected : 12345\n"), Some(12345));
        assert_eq!(read("==7== no"), None);
        assert_eq!(committed_count("# words\ncast 10\ncall 20\n", "call"), Some(20));
        assert_eq!(committed_count("call-process 20\n", "call"), None);
    }
}
