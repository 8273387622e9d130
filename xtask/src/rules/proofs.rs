//! The tests that name rules, and the breakages kept beside them.
//!
//! A test names its rules at the start of a line of its doc comment (`/// SUP-20, SUP-21: why`), a
//! ui-test in its header (`//! TYP-1`). Below stands, once for each rule, the smallest bug that
//! breaks the rule, and with it that very test:
//!
//! ```text
//! // break: SUP-20 runtime/cordial/src/supervisor/intensity.rs `at >= oldest` => `at > oldest`
//! ```
//!
//! A longer one goes on in the next line, after `//` and five spaces.

use std::fs;

use super::list::{Rule, named, shown, single};
use crate::shell;
use crate::weave::Edit;

/// The calls that repeat a test five hundred times, on one worker and on two.
const RACES: &[&str] = &["check_races(", "check_rounds("];

/// Where tests are.
const FOLDERS: &[&str] = &["tests", "ui-tests", "runtime", "macros", "examples"];

/// A test that names rules.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Test {
    /// The path from the root.
    pub(super) file: String,
    /// The function; none for a ui-test, which is a whole program.
    pub(super) function: Option<String>,
    pub(super) rules: Vec<Rule>,
    pub(super) breaks: Vec<Break>,
    /// It is repeated, as a race has to be.
    pub(super) is_race: bool,
    /// What is wrong with its `break` lines.
    pub(super) mistakes: Vec<String>,
}

/// A change of one line that breaks one rule.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Break {
    pub(super) rule: Rule,
    /// The path from the root.
    pub(super) file: String,
    pub(super) old: String,
    pub(super) new: String,
}

/// Every test that names a rule or has a breakage.
pub(super) fn tests() -> Vec<Test> {
    let mut tests = Vec::new();
    for path in FOLDERS.iter().flat_map(|folder| shell::files(folder, ".rs")) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let file = path.strip_prefix(shell::root()).unwrap_or(&path).display().to_string();
        tests.extend(read(&file, &text));
    }
    tests
}

fn read(file: &str, text: &str) -> Vec<Test> {
    let lines = whole_lines(text);
    let mut tests = if is_ui_test(file) { vec![program(&lines)] } else { functions(&lines) };
    tests.retain(|test| !test.rules.is_empty() || !test.breaks.is_empty());
    for test in &mut tests {
        file.clone_into(&mut test.file);
        let is_stray = |rule: &&Rule| !test.rules.contains(rule);
        let strays = test.breaks.iter().map(|one| &one.rule).filter(is_stray).map(shown);
        let strays: Vec<String> = strays.map(|rule| format!("does not name {rule}")).collect();
        test.mistakes.extend(strays);
    }
    tests
}

/// A program of the ui-tests, as opposed to the functions that run them.
pub(super) fn is_ui_test(file: &str) -> bool {
    ["ui-tests/fail/", "ui-tests/pass/"].iter().any(|folder| file.starts_with(folder))
}

/// The trimmed lines, each `break` in one.
fn whole_lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines().map(str::trim) {
        let goes_on = ["//", "//!"].iter().find_map(|comment| {
            let is_break = lines.last()?.starts_with(&format!("{comment} break:"));
            line.strip_prefix(comment)?.strip_prefix("     ").filter(|_| is_break)
        });
        match (goes_on, lines.last_mut()) {
            (Some(rest), Some(last)) => *last = format!("{last} {}", rest.trim_start()),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

/// The test that a whole program is, as its header says; a `break` may also stand at its end, where
/// it moves no line that the compiler speaks of.
fn program(lines: &[String]) -> Test {
    let mut test = Test::default();
    for words in lines.iter().map_while(|line| line.strip_prefix("//!")).map(str::trim_start) {
        test.rules.extend(named(words));
        test.take_break(words);
    }
    lines.iter().filter_map(|line| line.strip_prefix("// ")).for_each(|line| test.take_break(line));
    test
}

/// The functions that carry a `test` attribute.
fn functions(lines: &[String]) -> Vec<Test> {
    let (mut found, mut test) = (Vec::<Test>::new(), Test::default());
    let (mut is_test, mut in_test) = (false, false);
    for line in lines {
        if let Some(words) = line.strip_prefix("/// ") {
            test.rules.extend(named(words));
        } else if let Some(words) = line.strip_prefix("// ") {
            test.take_break(words);
        } else if line.starts_with("#[") {
            is_test |= line.contains("test]") || line.contains("test(");
        } else if !line.is_empty() && !line.starts_with("//") {
            if let Some((_, rest)) = line.split_once("fn ") {
                test.function = rest.split(['(', '<']).next().map(str::to_owned);
                in_test = is_test;
                found.extend(is_test.then(|| std::mem::take(&mut test)));
            } else if in_test && let Some(last) = found.last_mut() {
                last.is_race |= RACES.iter().any(|call| line.contains(call));
            }
            (test, is_test) = (Test::default(), false);
        }
    }
    found
}

impl Test {
    /// What tells this test from others.
    pub(super) fn place(&self) -> String {
        let function = self.function.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
        format!("{}{function}", self.file)
    }

    fn take_break(&mut self, comment: &str) {
        match comment.strip_prefix("break:").map(|line| Break::parse(line.trim())) {
            Some(Some(one)) => self.breaks.push(one),
            Some(None) => self.mistakes.push(format!("has a `break` of another form: {comment}")),
            None => {}
        }
    }
}

impl Break {
    /// Reads ``SUP-20 path/of/file.rs `old` => `new` ``.
    fn parse(line: &str) -> Option<Self> {
        let (rule, rest) = line.split_once(' ')?;
        let (file, texts) = rest.split_once(" `")?;
        let (old, new) = texts.strip_suffix('`')?.split_once("` => `")?;
        let (old, new) = (old.to_owned(), new.to_owned());
        let file = file.trim().to_owned();
        let is_change = !old.is_empty() && old != new;
        is_change.then_some(())?;
        Some(Self { rule: single(rule)?, file, old, new })
    }

    /// The file's text after the change.
    pub(super) fn changed_file(&self) -> Result<String, String> {
        shell::read(&self.file).and_then(|text| self.applied(&text))
    }

    /// The same change by its place in the file.
    pub(super) fn edit(&self) -> Result<Edit, String> {
        Edit::of(&self.file, &self.old, &self.new)
    }

    /// The text of the file with the one place changed; comments do not count.
    fn applied(&self, text: &str) -> Result<String, String> {
        let is_code = |line: &str| !line.trim_start().starts_with("//");
        let count = |line: &str| if is_code(line) { line.matches(&self.old).count() } else { 0 };
        match text.lines().map(count).sum() {
            1 => {
                Ok(text.split_inclusive('\n').map(|line| self.changed(line, count(line))).collect())
            }
            0 => Err(format!("`{}` is not in the code of {}", self.old, self.file)),
            times => Err(format!("`{}` is {times} times in {}", self.old, self.file)),
        }
    }

    fn changed(&self, line: &str, count: usize) -> String {
        if count == 1 { line.replacen(&self.old, &self.new, 1) } else { line.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::list::joined;
    use super::{Break, Test, read};

    fn rules(tests: &[Test]) -> String {
        joined(tests.iter().flat_map(|test| &test.rules))
    }

    #[test]
    fn only_a_test_names_rules() {
        let text = "/// GS-1\nfn helper() {}\n\n/// GS-2\n#[cordial::test]\nasync fn claim() {\n}\n\
                    #[test]\n/// Why.\n/// GS-3\nfn other() {}\n";
        let tests = read("tests/a.rs", text);
        assert_eq!(rules(&tests), "GS-2, 3");
        assert_eq!(tests[0].place(), "tests/a.rs claim");
    }

    #[test]
    fn a_race_is_a_test_that_is_repeated() {
        let text = "/// GS-1\n#[test]\nfn one() {\n    check_races(f);\n}\n\n/// GS-2\n#[test]\n\
                    fn two() {\n    f();\n}\n\nfn f() {\n    check_rounds(g);\n}\n";
        let races: Vec<bool> = read("tests/a.rs", text).iter().map(|test| test.is_race).collect();
        assert_eq!(races, [true, false]);
    }

    #[test]
    fn a_program_names_rules_in_its_header() {
        let text = "//! TYP-1: why.\n//! break: TYP-1 macros/src/a.rs `b` => ``\n\nfn main() {}\n\
                    //! TYP-2\n// break: TYP-1 macros/src/a.rs `c` => `d`\n";
        let tests = read("ui-tests/fail/a.rs", text);
        assert_eq!(rules(&tests), "TYP-1");
        assert_eq!(tests[0].place(), "ui-tests/fail/a.rs");
        assert_eq!(tests[0].breaks[0].applied("abc").unwrap(), "ac");
        assert_eq!(tests[0].breaks[1].old, "c");
    }

    #[test]
    fn a_break_stands_beside_its_test_and_may_go_on_in_the_next_line() {
        let text = "/// SUP-20: why.\n// break: SUP-20 runtime/a.rs\n//     `at >= x` =>\n\
                    //     `at > x`\n// Why so.\n#[test]\nfn claim() {}\n";
        let tests = read("runtime/b.rs", text);
        assert!(tests[0].mistakes.is_empty(), "{tests:?}");
        let [one] = &tests[0].breaks[..] else { panic!("{tests:?}") };
        assert_eq!(one.applied("if at >= x {").unwrap(), "if at > x {");
        assert_eq!(one.file, "runtime/a.rs");
    }

    #[test]
    fn a_break_that_cannot_be_read_or_is_of_another_rule_is_a_mistake() {
        let text = "/// SUP-1\n// break: SUP-2 a.rs `b` => `c`\n// break: SUP-1 a.rs b => c\n\
                    #[test]\nfn claim() {}\n";
        let tests = read("tests/a.rs", text);
        assert_eq!(tests[0].mistakes.len(), 2, "{tests:?}");
    }

    #[test]
    fn what_is_broken_stands_once_in_its_file() {
        let one = Break::parse("GS-1 a.rs `b` => `c`").unwrap();
        assert_eq!(one.applied("ab\n// b\nd").unwrap(), "ac\n// b\nd");
        assert_eq!(one.applied("a // b").unwrap(), "a // c");
        assert_eq!(one.applied("a").unwrap_err(), "`b` is not in the code of a.rs");
        assert_eq!(one.applied("bb").unwrap_err(), "`b` is 2 times in a.rs");
        assert_eq!(Break::parse("GS-1 a.rs `b` => `b`"), None);
    }
}
