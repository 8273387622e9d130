//! `cargo xtask rules`: which numbered rules of OTP have a test, which tests are proven, and what
//! is left.
//!
//! The rules stand in `docs/otp-rules.txt`, with those that are required and those that come later.

use std::collections::{BTreeMap, BTreeSet};

use crate::Figure;

mod asleep;
mod binary;
mod copy;
mod list;
mod proofs;
mod prove;

pub(crate) use binary::{Binary, list_of_tests};
pub(crate) use copy::{Awake, Copy, Refused};
use list::{List, Rule, joined, shown};
use proofs::Test;
pub(crate) use prove::prove;

/// A test that names more rules proves none of them in particular.
const RULES_PER_TEST: usize = 3;

/// Tells what is covered; falls short while a required rule has no test, or none that is known to
/// fail when the rule is broken.
pub(crate) fn run() -> Figure {
    let list = List::read()?;
    let tests = proofs::tests();
    let cover = Cover::of(&list, &tests);
    let mistakes = mistakes(&list, &tests);
    cover.print(&list);
    for line in &mistakes {
        println!("{line}");
    }
    for rule in &cover.missing {
        println!("required, but without a test: {} {}", shown(rule), list.title(rule));
    }
    if !cover.unproven.is_empty() {
        println!(
            "required, but without a `break` line: {}",
            joined(cover.unproven.iter().copied())
        );
    }
    let need = list.required.len();
    let line = format!(
        "rules: {} of {need} required rules have a test, {} a proof; {} of all {} have a test",
        need - cover.missing.len(),
        need - cover.missing.len() - cover.unproven.len(),
        cover.tested.len(),
        list.titles.len(),
    );
    let is_covered = cover.missing.is_empty() && cover.unproven.is_empty();
    if is_covered && mistakes.is_empty() && need > 0 { Ok(line) } else { Err(line) }
}

/// Which rules have what.
struct Cover<'a> {
    tested: BTreeSet<&'a Rule>,
    /// Required, but without a test.
    missing: Vec<&'a Rule>,
    /// Required and with a test, but no breakage stands beside it.
    unproven: Vec<&'a Rule>,
}

impl<'a> Cover<'a> {
    fn of(list: &'a List, tests: &'a [Test]) -> Self {
        let is_here = |rule: &&Rule| list.titles.contains_key(*rule) && !list.later.contains(*rule);
        let named = tests.iter().flat_map(|test| &test.rules);
        let broken = tests.iter().flat_map(|test| &test.breaks).map(|one| &one.rule);
        let tested: BTreeSet<&Rule> = named.filter(is_here).collect();
        let proven: BTreeSet<&Rule> = broken.filter(is_here).collect();
        let (tested_ones, missing): (Vec<&Rule>, Vec<&Rule>) =
            list.required.iter().partition(|rule| tested.contains(rule));
        let unproven = tested_ones.into_iter().filter(|rule| !proven.contains(rule)).collect();
        Self { tested, missing, unproven }
    }

    fn print(&self, list: &List) {
        let is_whole = |rule: &&Rule| !list.partly_later.contains_key(*rule);
        println!("with a test: {}", joined(self.tested.iter().copied().filter(is_whole)));
        println!("later:       {}", joined(&list.later));
        let mut parts: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
        for (rule, part) in list.partly_later.iter().filter(|(rule, _)| self.tested.contains(rule))
        {
            parts.entry(part).or_default().push(rule);
        }
        for (part, rules) in parts {
            println!("with a test, but later {part}: {}", joined(rules));
        }
        let is_without = |rule: &&Rule| !self.tested.contains(*rule) && !list.later.contains(*rule);
        println!("without:     {}", joined(list.titles.keys().filter(is_without)));
    }
}

/// What is wrong with the list and with how tests name rules.
fn mistakes(list: &List, tests: &[Test]) -> Vec<String> {
    let mut found = Vec::new();
    for rule in list.required.iter().filter(|rule| list.later.contains(rule)) {
        found.push(format!("{} is required and comes later", shown(rule)));
    }
    let has_race = |rule| tests.iter().any(|test| test.is_race && test.rules.contains(rule));
    for rule in list.racy.iter().filter(|rule| list.required.contains(rule) && !has_race(*rule)) {
        found.push(format!("{} is racy, but no test of it is repeated", shown(rule)));
    }
    for rule in list.required.iter().chain(&list.later).chain(list.partly_later.keys()) {
        if !list.titles.contains_key(rule) {
            found.push(format!("{} is in a list, but no rule", shown(rule)));
        }
    }
    for test in tests {
        let place = test.place();
        let rules: BTreeSet<&Rule> = test.rules.iter().collect();
        for rule in rules.iter().filter(|rule| !list.titles.contains_key(**rule)) {
            found.push(format!("{place} names {}, which is no rule", shown(rule)));
        }
        if rules.len() > RULES_PER_TEST {
            let count = rules.len();
            found.push(format!("{place} names {count} rules; {RULES_PER_TEST} are the limit"));
        }
        found.extend(test.mistakes.iter().map(|mistake| format!("{place} {mistake}")));
        let stale = test.breaks.iter().filter_map(|one| one.changed_file().err());
        found.extend(stale.map(|reason| format!("{place} cannot break its rule: {reason}")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::list::{Rule, named};
    use super::proofs::{Break, Test};
    use super::{Cover, List, mistakes};

    fn list() -> List {
        let titles = named("GS-1..5").into_iter().map(|rule| (rule, String::new())).collect();
        let required = named("GS-1..3").into_iter().collect();
        let later = named("GS-4").into_iter().collect();
        List { titles, required, later, ..List::default() }
    }

    fn test(rules: &str, broken: &[Rule]) -> Test {
        let text = String::new;
        let one = |rule: &Rule| Break {
            rule: rule.clone(),
            file: "Cargo.toml".into(),
            old: "[workspace]".into(),
            new: text(),
        };
        let breaks = broken.iter().map(one).collect();
        Test { rules: named(rules), breaks, ..Test::default() }
    }

    #[test]
    fn required_rule_needs_a_test_and_a_breakage() {
        let (list, tests) = (list(), [test("GS-1..2, 4", &named("GS-1"))]);
        let cover = Cover::of(&list, &tests);
        assert_eq!(cover.tested.into_iter().cloned().collect::<Vec<_>>(), named("GS-1..2"));
        assert_eq!(cover.missing, [&named("GS-3")[0]]);
        assert_eq!(cover.unproven, [&named("GS-2")[0]]);
    }

    #[test]
    fn too_many_rules_unknown_ones_and_races_that_run_once_are_mistakes() {
        let racy = List { racy: named("GS-1").into_iter().collect(), ..list() };
        assert_eq!(mistakes(&racy, &[test("GS-1", &[])]).len(), 1);
        assert_eq!(mistakes(&list(), &[test("GS-1..4", &[])]).len(), 1);
        assert_eq!(mistakes(&list(), &[test("GS-9", &[])]).len(), 1);
        assert!(mistakes(&list(), &[test("GS-1..3", &named("GS-1"))]).is_empty());
    }
}
