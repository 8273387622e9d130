//! `cargo xtask rules`: which numbered rules of OTP have a test, and which have none.
//!
//! The rules stand in `docs/otp-rules.txt`. A test names those that it proves at the start of a
//! line of its doc comment (`/// SUP-20, SUP-21`), a ui-test in its header (`//! TYP-1`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::{Figure, shell};

/// An area and a number, as `("SUP", 20)`.
type Rule = (String, u32);

const LIST: &str = "docs/otp-rules.txt";

/// Where tests are.
const FOLDERS: &[&str] = &["tests", "ui-tests", "runtime", "macros", "examples"];

/// Tells what is covered; falls short while a required rule has no test.
pub(crate) fn run() -> Figure {
    let list = shell::read(LIST)?;
    let (titles, required) = (titles(&list), required(&list));
    let proofs = proofs();
    let covered: BTreeSet<&Rule> = proofs.keys().filter(|rule| titles.contains_key(rule)).collect();
    let missing: Vec<&Rule> = required.iter().filter(|rule| !covered.contains(rule)).collect();
    let unknown: Vec<(&Rule, &String)> =
        proofs.iter().filter(|(rule, _)| !titles.contains_key(rule)).collect();

    println!("with a test: {}", joined(covered.iter().copied()));
    println!("without:     {}", joined(titles.keys().filter(|rule| !covered.contains(rule))));
    for (rule, place) in &unknown {
        println!("{place} names {}, which is no rule", shown(rule));
    }
    for rule in &missing {
        let title = titles.get(*rule).map_or("not in the list", String::as_str);
        println!("required, but without a test: {} {title}", shown(rule));
    }
    let (have, need) = (required.len() - missing.len(), required.len());
    let line = format!(
        "rules: {have} of {need} required rules have a test; {} of all {}",
        covered.len(),
        titles.len()
    );
    if missing.is_empty() && unknown.is_empty() && need > 0 { Ok(line) } else { Err(line) }
}

fn titles(list: &str) -> BTreeMap<Rule, String> {
    let lines = list.lines().filter_map(|line| line.split_once(' '));
    lines.filter_map(|(rule, title)| Some((single(rule)?, title.to_owned()))).collect()
}

fn required(list: &str) -> BTreeSet<Rule> {
    list.lines().filter_map(|line| line.strip_prefix("required ")).flat_map(named).collect()
}

/// Every rule that a test names, with the first file that does.
fn proofs() -> BTreeMap<Rule, String> {
    let mut proofs = BTreeMap::new();
    for folder in FOLDERS {
        for file in shell::files(folder, ".rs") {
            let Ok(text) = fs::read_to_string(&file) else { continue };
            for rule in proved(&file, &text) {
                proofs.entry(rule).or_insert_with(|| file.display().to_string());
            }
        }
    }
    proofs
}

fn proved(file: &Path, text: &str) -> Vec<Rule> {
    let is_ui_test = file.components().any(|part| part.as_os_str() == "ui-tests");
    if is_ui_test {
        text.lines().filter_map(|line| line.strip_prefix("//! ")).flat_map(named).collect()
    } else {
        proved_by_functions(text)
    }
}

/// The rules in the doc comments of functions that carry a `test` attribute.
fn proved_by_functions(text: &str) -> Vec<Rule> {
    let mut found = Vec::new();
    let (mut doc, mut is_test) = (Vec::new(), false);
    for line in text.lines().map(str::trim) {
        if let Some(words) = line.strip_prefix("/// ") {
            doc.extend(named(words));
        } else if line.starts_with("#[") {
            is_test |= line.contains("test]") || line.contains("test(");
        } else if !line.is_empty() && !line.starts_with("//") {
            if is_test && line.contains("fn ") {
                found.append(&mut doc);
            }
            doc.clear();
            is_test = false;
        }
    }
    found
}

/// The rules at the start of a line: `SUP-1..3, 5, GS-7: why` names five.
fn named(line: &str) -> Vec<Rule> {
    let mut rules = Vec::new();
    let mut area = None;
    for word in line.split([',', '·', '/', ' ']).filter(|word| !word.is_empty()) {
        let number = match word.split_once('-') {
            Some((name, number)) if is_area(name) => {
                area = Some(name);
                number
            }
            _ => word,
        };
        let Some(area) = area else { break };
        let end = number.trim_end_matches([':', '.', ';', ')', '—']);
        let (first, last) = end.split_once("..").unwrap_or((end, end));
        let (Ok(first), Ok(last)) = (first.parse::<u32>(), last.parse::<u32>()) else { break };
        rules.extend((first..=last).map(|number| (area.to_owned(), number)));
        if end.len() < number.len() {
            break;
        }
    }
    rules
}

fn single(word: &str) -> Option<Rule> {
    let (area, number) = word.split_once('-')?;
    is_area(area).then_some(())?;
    Some((area.to_owned(), number.parse().ok()?))
}

fn is_area(name: &str) -> bool {
    name.len() >= 2 && name.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn shown((area, number): &Rule) -> String {
    format!("{area}-{number}")
}

/// Rules as a text in which an area is named once: `GS-1, 2, SUP-3`.
fn joined<'a>(rules: impl Iterator<Item = &'a Rule>) -> String {
    let mut last = "";
    let mut words = Vec::new();
    for (area, number) in rules {
        words.push(if area == last { number.to_string() } else { format!("{area}-{number}") });
        last = area;
    }
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::{joined, named, proved_by_functions};

    #[track_caller]
    fn check(line: &str, expected: &str) {
        assert_eq!(joined(named(line).iter()), expected, "{line}");
    }

    #[test]
    fn rules_are_named_alone_in_lists_and_as_ranges() {
        check("SUP-20", "SUP-20");
        check("SUP-20: the boundary counts.", "SUP-20");
        check("PROC-1..3, 12, GS-4 · TMR-7", "PROC-1, 2, 3, 12, GS-4, TMR-7");
        check("GS-17 / GS-52.", "GS-17, 52");
    }

    #[test]
    fn prose_names_no_rule() {
        check("Unlike GS-18, this one", "");
        check("GS-18: 3 times", "GS-18");
        check("one-2", "");
    }

    #[test]
    fn only_a_test_proves_a_rule() {
        let text = "/// GS-1\nfn helper() {}\n\n/// GS-2\n#[cordial::test]\nasync fn claim() {\n}\n\
                    #[test]\n/// Why.\n/// GS-3\nfn other() {}\n";
        assert_eq!(joined(proved_by_functions(text).iter()), "GS-2, 3");
    }
}
