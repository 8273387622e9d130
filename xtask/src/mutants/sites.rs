//! Where bugs can be planted by rule: every place of the runtime's code that an operator applies
//! to, and the ones that a seed picks of them.

use std::ops::Range;

use crate::shell;
use crate::weave::tokens::{Function, Kind, Token, functions, tokens};
use crate::weave::{Bug, Edit};

use super::Mutant;

/// The sources that get bugs.
const SOURCES: &str = "runtime/cordial/src";

/// What is no part of a program that runs: the test kit and its instruments, and files of tests.
const LEFT_OUT: &[&str] =
    &["/test/", "/chaos/", "/sim.rs", "/simulated.rs", "/models/", "_tests.rs", "/tests.rs"];

/// A word or sign and what is put there instead, if it stands between two values.
const BETWEEN: &[(&str, &str)] = &[
    ("==", "!="),
    ("!=", "=="),
    ("<", "<="),
    ("<=", "<"),
    (">", ">="),
    (">=", ">"),
    ("&&", "||"),
    ("||", "&&"),
    ("+", "-"),
    ("-", "+"),
    ("+=", "-="),
    ("-=", "+="),
];

/// A word that stands alone and what is put there instead.
const WORDS: &[(&str, &str)] = &[
    ("true", "false"),
    ("false", "true"),
    ("Ok", "Err"),
    ("Err", "Ok"),
    ("is_ok", "is_err"),
    ("is_err", "is_ok"),
    ("is_some", "is_none"),
    ("is_none", "is_some"),
    ("min", "max"),
    ("max", "min"),
    ("first", "last"),
    ("last", "first"),
    ("push_back", "push_front"),
    ("push_front", "push_back"),
    ("pop_front", "pop_back"),
    ("pop_back", "pop_front"),
    ("any", "all"),
    ("all", "any"),
];

/// Words that a statement begins with which nothing can be without.
const KEPT: &[&str] = &[
    "let",
    "return",
    "break",
    "continue",
    "use",
    "fn",
    "const",
    "static",
    "struct",
    "enum",
    "type",
    "impl",
    "debug_assert",
    "debug_assert_eq",
    "pub",
    "mod",
];

/// As many of all sites as asked for, the same ones for the same seed. Each is drawn by what it
/// says, so that a change elsewhere leaves it drawn.
pub(super) fn sampled(count: usize, seed: u64) -> Vec<Mutant> {
    let mut drawn: Vec<(u64, Mutant)> = Vec::new();
    for path in shell::files(SOURCES, ".rs") {
        let file = path.strip_prefix(shell::root()).unwrap_or(&path).display().to_string();
        let Ok(text) = shell::read(&file) else { continue };
        if !LEFT_OUT.iter().any(|part| file.contains(part)) {
            drawn.extend(of_file(&file, &text).into_iter().map(|one| (hash(seed, &one.name), one)));
        }
    }
    drawn.sort_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name)));
    drawn.dedup_by(|a, b| a.1.name == b.1.name);
    drawn.into_iter().take(count).map(|(_, one)| one).collect()
}

/// FNV-1a.
fn hash(seed: u64, text: &str) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325 ^ seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    text.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn of_file(file: &str, text: &str) -> Vec<Mutant> {
    let Some(tokens) = tokens(text) else { return Vec::new() };
    let functions = functions(text, &tokens);
    let source = Source { text, tokens };
    let mut found = Vec::new();
    for (at, new, what) in source.edits() {
        let inside = |one: &&Function| one.body.start < at.start && at.end < one.body.end;
        let Some(function) = functions.iter().rfind(inside) else { continue };
        if function.is_test || source.is_quiet(at.start) {
            continue;
        }
        let line = source.line_at(at.start);
        let name = format!("{file} {}: {what} in `{line}`", function.name);
        let edit = Edit { file: file.to_owned(), at, new };
        found.push(Mutant { name, bug: Bug { id: 0, edits: vec![edit] } });
    }
    found
}

/// A place, what is put there, and what that does.
type Site = (Range<usize>, String, String);

struct Source<'a> {
    text: &'a str,
    tokens: Vec<Token>,
}

impl Source<'_> {
    fn edits(&self) -> Vec<Site> {
        let mut found = Vec::new();
        for index in 1..self.tokens.len().saturating_sub(1) {
            found.extend(self.swap(index));
            found.extend(self.off_by_one(index));
            found.extend(self.negation(index));
            found.extend(self.removal(index));
        }
        found
    }

    fn word(&self, index: usize) -> &str {
        self.tokens.get(index).map_or("", |token| &self.text[token.at.clone()])
    }

    /// The line around a place, without what is around it.
    fn line_at(&self, at: usize) -> &str {
        let start = self.text[..at].rfind('\n').map_or(0, |end| end + 1);
        let end = self.text[at..].find('\n').map_or(self.text.len(), |length| at + length);
        self.text[start..end].trim()
    }

    /// Whether the line only makes sure of something, or is an attribute.
    fn is_quiet(&self, at: usize) -> bool {
        let line = self.line_at(at);
        line.starts_with("debug_assert") || line.starts_with('#') || line.contains("unreachable!")
    }

    fn swap(&self, index: usize) -> Option<Site> {
        let word = self.word(index);
        let at = self.tokens[index].at.clone();
        let between = BETWEEN.iter().find(|(old, _)| *old == word && self.is_between(index));
        let is_alone = self.tokens[index].kind == Kind::Word && self.word(index + 1) != "::";
        let alone = WORDS.iter().find(|(old, _)| *old == word && is_alone);
        let (old, new) = between.or(alone)?;
        Some((at, (*new).to_owned(), format!("`{old}` is `{new}`")))
    }

    /// Between blanks, and behind a value.
    fn is_between(&self, index: usize) -> bool {
        let at = &self.tokens[index].at;
        let has_blanks = self.text[..at.start].ends_with([' ', '\n'])
            && self.text[at.end..].starts_with([' ', '\n']);
        let before = &self.tokens[index - 1];
        let is_value = match before.kind {
            Kind::Word => !matches!(self.word(index - 1), "return" | "in" | "match" | "if"),
            Kind::Number | Kind::Quoted => true,
            Kind::Sign => matches!(self.word(index - 1), ")" | "]" | "}" | "?"),
        };
        has_blanks && is_value
    }

    fn off_by_one(&self, index: usize) -> Option<Site> {
        let token = &self.tokens[index];
        let is_number = token.kind == Kind::Number && self.word(index - 1) != ".";
        let number: u64 = self.word(index).parse().ok().filter(|_| is_number)?;
        let new = (number + 1).to_string();
        Some((token.at.clone(), new.clone(), format!("`{number}` is `{new}`")))
    }

    /// `if a {` is `if !(a) {`.
    fn negation(&self, index: usize) -> Option<Site> {
        if !matches!(self.word(index), "if" | "while") {
            return None;
        }
        let mut end = index + 1;
        while !matches!(self.word(end), "{" | "=>" | "") {
            if self.word(end) == "let" {
                return None;
            }
            let is_open = matches!(self.word(end), "(" | "[");
            end = if is_open { self.tokens[end].partner? + 1 } else { end + 1 };
        }
        let at = self.tokens[index + 1].at.start..self.tokens.get(end - 1)?.at.end;
        let new = format!("!({})", &self.text[at.clone()]);
        Some((at, new, "the condition is negated".into()))
    }

    /// A statement that ends with `;` and declares nothing is gone.
    fn removal(&self, index: usize) -> Option<Site> {
        let begins = matches!(self.word(index - 1), "{" | "}" | ";")
            && matches!(self.tokens[index].kind, Kind::Word)
            && !KEPT.contains(&self.word(index));
        let mut end = begins.then_some(index)?;
        while self.word(end) != ";" {
            match self.word(end) {
                "(" | "[" => end = self.tokens[end].partner?,
                "{" | "}" | "," | "=>" | ":" | "" => return None,
                _ => {}
            }
            end += 1;
        }
        let at = self.tokens[index].at.start..self.tokens[end].at.end;
        Some((at, "{}".into(), "the statement is gone".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::of_file;

    #[track_caller]
    fn check(body: &str, expected: &[&str]) {
        let text = format!("fn f() {{\n{body}\n}}\n");
        let mut changed: Vec<String> = Vec::new();
        for mutant in of_file("a.rs", &text) {
            let edit = &mutant.bug.edits[0];
            let new = [&text[..edit.at.start], &edit.new, &text[edit.at.end..]].concat();
            changed.push(new[9..new.len() - 3].to_owned());
        }
        assert_eq!(changed, expected, "{body}");
    }

    #[test]
    fn operators_are_swapped_between_values_only() {
        check("a == b", &["a != b"]);
        check("let f: V<u8> = &|x| -x;", &[]);
        check("f(|| a || b)", &["f(|| a && b)"]);
        check("x.is_some()", &["x.is_none()"]);
        check("Ok(a)", &["Err(a)"]);
    }

    #[test]
    fn numbers_are_off_by_one_and_conditions_negated() {
        check("a(7)", &["a(8)"]);
        check("a.0", &[]);
        check("if a.b() { c }", &["if !(a.b()) { c }"]);
        check("if let a = b { c }", &[]);
    }

    #[test]
    fn statements_are_removed_unless_they_declare() {
        check("a.b(c);\nlet d = e;", &["{}\nlet d = e;"]);
        check("return a;", &[]);
    }

    #[test]
    fn tests_get_no_bugs() {
        let text = "#[cfg(test)]\nmod tests {\n    fn f() { a == b }\n}\n";
        assert!(of_file("a.rs", text).is_empty());
    }
}
