//! `cargo xtask faults`: the fault table of `docs/faults.md`, with what cordial's tests say of each
//! row beside what its peers do.
//!
//! A test of row 9 is called `fault_09_..`; the rest of its name is the claim.

use std::collections::BTreeMap;
use std::fs;

use crate::{Figure, shell};

/// The rows, with what the peers do.
const FILE: &str = "docs/faults.md";

/// The test binaries that hold tests of rows.
const BINARIES: &[&str] = &["it", "faults_scale"];

/// What a test's name begins with, before the number of its row.
const MARK: &str = "fault_";

/// A line of the table: its number, and its cells as they are written.
struct Row {
    number: u32,
    cells: String,
}

/// Runs the tests of all rows and prints the table.
pub(crate) fn run() -> Figure {
    let rows = rows(&shell::read(FILE)?);
    let tests = tests();
    let mut verdicts = BTreeMap::new();
    for binary in BINARIES {
        let arguments = ["test", "-p", "cordial-tests", "--no-fail-fast", "--test", binary, MARK];
        let output = shell::capture(shell::cargo(&arguments))?;
        let text = String::from_utf8_lossy(&output.stdout);
        verdicts.extend(text.lines().filter_map(verdict));
    }
    println!("| # | case | OTP | ractor | kameo | spawned, actix | cordial |");
    println!("|---|---|---|---|---|---|---|");
    let mut bad = Vec::new();
    for row in &rows {
        let answer = answer(row.number, &tests, &verdicts);
        println!("{} {} |", row.cells, answer.clone().unwrap_or_else(|reason| reason));
        bad.extend(answer.err().map(|reason| format!("{} {reason}", row.number)));
    }
    let all = rows.len();
    if bad.is_empty() && all > 0 {
        return Ok(format!("faults: {all} of {all} rows are as in OTP, or better"));
    }
    Err(format!("faults: {} of {all} rows are not shown: {}", bad.len(), bad.join(", ")))
}

fn rows(text: &str) -> Vec<Row> {
    let row = |line: &str| {
        let number = line.strip_prefix('|')?.split('|').next()?.trim().parse().ok()?;
        Some(Row { number, cells: line.trim_end().to_owned() })
    };
    text.lines().filter_map(row).collect()
}

/// What cordial does in the case of a row.
///
/// # Errors
/// Why that is not known.
fn answer(
    number: u32,
    tests: &[String],
    verdicts: &BTreeMap<String, bool>,
) -> Result<String, String> {
    let prefix = format!("{MARK}{number:02}_");
    let mine: Vec<&String> = tests.iter().filter(|test| test.starts_with(&prefix)).collect();
    if mine.is_empty() {
        return Err("has no test".into());
    }
    let mut claims = Vec::new();
    for test in mine {
        match verdicts.get(test) {
            Some(true) => claims.push(test[prefix.len()..].replace('_', " ")),
            Some(false) => return Err(format!("FAILED: {test}")),
            None => return Err(format!("{test} was not run")),
        }
    }
    Ok(claims.join("; "))
}

/// The tests of rows that the sources name.
fn tests() -> Vec<String> {
    let mut found = Vec::new();
    for path in shell::files("tests", ".rs") {
        let text = fs::read_to_string(path).unwrap_or_default();
        found.extend(text.split("fn ").skip(1).filter_map(|rest| {
            let name = rest.split('(').next()?;
            name.starts_with(MARK).then(|| name.to_owned())
        }));
    }
    found
}

/// Reads `test a::fault_09_b ... ok`.
fn verdict(line: &str) -> Option<(String, bool)> {
    let (name, outcome) = line.strip_prefix("test ")?.split_once(" ... ")?;
    let name = name.split(' ').next()?.rsplit("::").next()?;
    name.starts_with(MARK).then(|| (name.to_owned(), outcome == "ok"))
}

#[cfg(test)]
mod tests {
    use super::{answer, rows, tests, verdict};
    use crate::shell;
    use std::collections::BTreeMap;

    #[test]
    fn every_row_has_a_test_and_every_test_a_row() {
        let rows = rows(&shell::read(super::FILE).unwrap());
        let tests = tests();
        let prefixes: Vec<String> =
            rows.iter().map(|row| format!("fault_{:02}_", row.number)).collect();
        let lacks = |prefix: &&String| !tests.iter().any(|test| test.starts_with(*prefix));
        assert_eq!(prefixes.iter().find(lacks), None);
        let is_stray = |test: &&String| !prefixes.iter().any(|prefix| test.starts_with(prefix));
        assert_eq!(tests.iter().find(is_stray), None);
    }

    #[test]
    fn an_answer_is_what_the_tests_claim() {
        let tests = ["fault_09_a_b".to_owned(), "fault_09_c".to_owned()];
        let read = |lines: &[&str]| -> BTreeMap<String, bool> {
            lines.iter().filter_map(|line| verdict(line)).collect()
        };
        let all = read(&["test m::fault_09_a_b ... ok", "test fault_09_c - should panic ... ok"]);
        assert_eq!(answer(9, &tests, &all), Ok("a b; c".into()));
        assert_eq!(answer(8, &tests, &all), Err("has no test".into()));
        let one = read(&["test m::fault_09_a_b ... ok"]);
        assert_eq!(answer(9, &tests, &one), Err("fault_09_c was not run".into()));
        let bad = read(&["test m::fault_09_a_b ... FAILED"]);
        assert_eq!(answer(9, &tests, &bad), Err("FAILED: fault_09_a_b".into()));
    }
}
