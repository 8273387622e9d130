//! The numbered rules of OTP as `docs/otp-rules.txt` lists them, and how a text names them.

use std::collections::{BTreeMap, BTreeSet};

use crate::shell;

/// The list, by its path from the root.
const FILE: &str = "docs/otp-rules.txt";

/// An area and a number, as `("SUP", 20)`.
pub(super) type Rule = (String, u32);

/// What the list says.
#[derive(Default)]
pub(super) struct List {
    pub(super) titles: BTreeMap<Rule, String>,
    /// Rules that must have a test.
    pub(super) required: BTreeSet<Rule>,
    /// Rules that are broken now and then only, so their tests are repeated.
    pub(super) racy: BTreeSet<Rule>,
    /// Rules whose subject is not built yet.
    pub(super) later: BTreeSet<Rule>,
    /// Rules that lack a part whose subject is not built yet, with that part.
    pub(super) partly_later: BTreeMap<Rule, String>,
}

impl List {
    pub(super) fn read() -> Result<Self, String> {
        shell::read(FILE).map(|text| Self::parse(&text))
    }

    fn parse(text: &str) -> Self {
        let mut list = Self::default();
        for line in text.lines() {
            if let Some(rules) = line.strip_prefix("required ") {
                list.required.extend(named(rules));
            } else if let Some(rules) = line.strip_prefix("racy ") {
                list.racy.extend(named(rules));
            } else if let Some(part) = line.strip_prefix("later in part ") {
                let (rules, what) = part.split_once(": ").unwrap_or((part, ""));
                let rules = named(rules).into_iter();
                list.partly_later.extend(rules.map(|rule| (rule, what.to_owned())));
            } else if let Some(rules) = line.strip_prefix("later ") {
                list.later.extend(named(rules));
            } else if let Some((word, title)) = line.split_once(' ')
                && let Some(rule) = single(word)
            {
                list.titles.insert(rule, title.to_owned());
            }
        }
        list
    }

    /// What a rule says.
    pub(super) fn title(&self, rule: &Rule) -> &str {
        self.titles.get(rule).map_or("", String::as_str)
    }
}

/// The rules at the start of a line: `SUP-1..3, 5, GS-7: why` names five.
pub(super) fn named(line: &str) -> Vec<Rule> {
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

/// The one rule that a word is.
pub(super) fn single(word: &str) -> Option<Rule> {
    let (area, number) = word.split_once('-')?;
    is_area(area).then_some(())?;
    Some((area.to_owned(), number.parse().ok()?))
}

fn is_area(name: &str) -> bool {
    name.len() >= 2 && name.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// A rule as it is written.
pub(super) fn shown((area, number): &Rule) -> String {
    format!("{area}-{number}")
}

/// Rules as a text in which an area is named once: `GS-1, 2, SUP-3`.
pub(super) fn joined<'a>(rules: impl IntoIterator<Item = &'a Rule>) -> String {
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
    use super::{List, joined, named};

    #[track_caller]
    fn check(line: &str, expected: &str) {
        assert_eq!(joined(&named(line)), expected, "{line}");
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
    fn a_list_tells_what_is_required_and_what_comes_later() {
        let list = List::parse(
            "# GS-9 in prose\nrequired GS-1..2\nracy GS-2\nlater GS-3\n\
             later in part GS-1, 2: by name\n\
             GS-1 one\nGS-2 two\nGS-3 three\n",
        );
        assert_eq!(joined(list.titles.keys()), "GS-1, 2, 3");
        assert_eq!(joined(&list.required), "GS-1, 2");
        assert_eq!(joined(&list.racy), "GS-2");
        assert_eq!(joined(&list.later), "GS-3");
        assert_eq!(joined(list.partly_later.keys()), "GS-1, 2");
        assert_eq!(list.partly_later[&("GS".into(), 2)], "by name");
    }
}
