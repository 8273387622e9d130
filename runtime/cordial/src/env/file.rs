//! The format of configuration files: a strict part of TOML, read line by line.
//!
//! ```text
//! # a comment
//! port = 4040
//! name = "a \"text\"\n"      # also 'a text as it is'
//! hosts = ["north", "south"]
//! [db]
//! host = "localhost"         # the key db.host
//! pool.size = 4              # the key db.pool.size
//! ```
//! A line that is wrong is told and skipped, so that all of them are told.
use super::Raw;
use super::errors::Mistake;
use std::collections::HashSet;
use std::path::Path;

/// One `key = value`.
#[derive(Debug, PartialEq)]
pub(super) struct Line {
    pub(super) path: String,
    pub(super) raw: Raw,
    /// `harbor.toml:3`
    pub(super) source: String,
}

impl Line {
    pub(super) fn new(path: String, text: &str, source: String) -> Self {
        Self { path, raw: Raw::Value(text.into()), source }
    }
}

/// Reads a file: what could be understood, and what could not.
pub(super) fn read(path: &Path) -> (Vec<Line>, Vec<Mistake>) {
    let shown = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => parse(&text, &shown),
        Err(error) => {
            let text = format!("{shown} cannot be read: {error}");
            (Vec::new(), vec![Mistake { key: String::new(), text }])
        }
    }
}

fn parse(text: &str, name: &str) -> (Vec<Line>, Vec<Mistake>) {
    let (mut lines, mut mistakes) = (Vec::new(), Vec::new());
    let (mut section, mut seen) = (String::new(), HashSet::new());
    for (at, line) in text.lines().enumerate() {
        let source = format!("{name}:{}", at + 1);
        let mut wrong = |what: String| {
            mistakes.push(Mistake { key: String::new(), text: format!("{source}: {what}") });
        };
        match parse_line(line) {
            Ok(Parsed::Nothing) => {}
            Ok(Parsed::Section(path)) if seen.insert(format!("[{path}]")) => {
                section = path + ".";
            }
            Ok(Parsed::Section(path)) => wrong(format!("the section `{path}` is there twice")),
            Ok(Parsed::Value(key, raw)) => {
                let path = format!("{section}{key}");
                if seen.insert(path.clone()) {
                    lines.push(Line { path, raw, source });
                } else {
                    wrong(format!("`{path}` is given twice"));
                }
            }
            Err(what) => wrong(what),
        }
    }
    (lines, mistakes)
}

enum Parsed {
    Nothing,
    Section(String),
    Value(String, Raw),
}

fn parse_line(line: &str) -> Result<Parsed, String> {
    let mut rest = Rest(line.trim());
    if rest.is_over() {
        return Ok(Parsed::Nothing);
    }
    if rest.take("[") {
        let path = rest.path()?;
        if !rest.take("]") {
            return Err("expected `]` after the section's name".into());
        }
        return rest.end().map(|()| Parsed::Section(path));
    }
    let key = rest.path()?;
    if !rest.take("=") {
        return Err(format!("expected `=` after `{key}`"));
    }
    let raw = rest.value()?;
    rest.end().map(|()| Parsed::Value(key, raw))
}

/// What is left of a line.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    /// Nothing, or a comment.
    fn is_over(&self) -> bool {
        let rest = self.0.trim_start();
        rest.is_empty() || rest.starts_with('#')
    }

    fn end(&self) -> Result<(), String> {
        if self.is_over() { Ok(()) } else { Err(format!("did not expect `{}`", self.0.trim())) }
    }

    fn take(&mut self, sign: &str) -> bool {
        match self.0.trim_start().strip_prefix(sign) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    /// Everything up to the first of `ends`, or all.
    fn until(&mut self, is_end: impl Fn(char) -> bool) -> &'a str {
        let rest = self.0.trim_start();
        let (word, rest) = rest.split_at(rest.find(is_end).unwrap_or(rest.len()));
        self.0 = rest;
        word
    }

    /// `a` or `a.b`
    fn path(&mut self) -> Result<String, String> {
        let path = self.until(|sign| !(sign.is_ascii_alphanumeric() || "_-.".contains(sign)));
        if path.is_empty() || path.split('.').any(str::is_empty) {
            return Err("expected a key: letters, digits, `_` and `-`".into());
        }
        Ok(path.to_owned())
    }

    fn value(&mut self) -> Result<Raw, String> {
        if !self.take("[") {
            return self.item().map(Raw::Value);
        }
        let mut items = Vec::new();
        while !self.take("]") {
            items.push(self.item()?);
            if self.take("]") {
                break;
            }
            if !self.take(",") {
                return Err("expected `,` or `]`; a list stands on one line".into());
            }
        }
        Ok(Raw::List(items))
    }

    fn item(&mut self) -> Result<String, String> {
        if self.take("\"") {
            return self.text();
        }
        if self.take("'") {
            let text = self.0.split_once('\'').ok_or(OPEN)?;
            self.0 = text.1;
            return Ok(text.0.to_owned());
        }
        bare(self.until(|sign| sign.is_whitespace() || ",]#".contains(sign)))
    }

    /// A text up to its closing quote.
    fn text(&mut self) -> Result<String, String> {
        let mut text = String::new();
        let mut signs = self.0.char_indices();
        while let Some((at, sign)) = signs.next() {
            match sign {
                '"' => {
                    self.0 = &self.0[at + 1..];
                    return Ok(text);
                }
                '\\' => text.push(match signs.next().map(|(_, escaped)| escaped) {
                    Some('n') => '\n',
                    Some('r') => '\r',
                    Some('t') => '\t',
                    Some(same @ ('"' | '\\')) => same,
                    _ => return Err("unknown escape; known are `\\n \\r \\t \\\" \\\\`".into()),
                }),
                plain => text.push(plain),
            }
        }
        Err(OPEN.into())
    }
}

const OPEN: &str = "a text is not closed";

/// A number or a truth; anything else needs quotes.
fn bare(word: &str) -> Result<String, String> {
    let number = word.replace('_', "");
    let digits = number.strip_prefix(['+', '-']).unwrap_or(&number);
    let is_number = digits.starts_with(|sign: char| sign.is_ascii_digit())
        && number.parse::<f64>().is_ok()
        && !word.contains("__");
    match word {
        "" => Err("expected a value".into()),
        "true" | "false" => Ok(word.into()),
        _ if is_number => Ok(number.trim_start_matches('+').into()),
        _ => Err(format!("`{word}` needs quotes: `\"{word}\"`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, Raw)]) {
        let (lines, mistakes) = parse(text, "a.toml");
        assert_eq!(mistakes, []);
        let lines: Vec<_> =
            lines.iter().map(|line| (line.path.as_str(), line.raw.clone())).collect();
        assert_eq!(lines, expected);
    }

    fn value(text: &str) -> Raw {
        Raw::Value(text.into())
    }

    #[test]
    fn every_kind_of_value_is_read() {
        check(
            "# comment\n\nport = 4_040 # here\n a.b=-1.5\nname = \"x # \\\"y\\\"\\n\"\n\
             path = 'C:\\x' \nyes = true\nnone = []\nmany = [1, 'two', \"three\",]\n\
             [db] # there\nhost = \"h\"\n[db.pool]\nsize = 3\n",
            &[
                ("port", value("4040")),
                ("a.b", value("-1.5")),
                ("name", value("x # \"y\"\n")),
                ("path", value("C:\\x")),
                ("yes", value("true")),
                ("none", Raw::List(vec![])),
                ("many", Raw::List(vec!["1".into(), "two".into(), "three".into()])),
                ("db.host", value("h")),
                ("db.pool.size", value("3")),
            ],
        );
    }

    #[test]
    fn every_line_that_is_wrong_is_told() {
        let text = "port 1\n= 2\na = \nb = 5s\nc = \"x\nd = [1 2]\ne = 1 2\ne = \"\\q\"\n[x\n[y]\n\
                    [y]\nz = 1\nz = 2\nf = {a = 1}\ng = [\n";
        let (_, mistakes) = parse(text, "a.toml");
        let mistakes: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
        assert_eq!(
            mistakes,
            [
                "a.toml:1: expected `=` after `port`",
                "a.toml:2: expected a key: letters, digits, `_` and `-`",
                "a.toml:3: expected a value",
                "a.toml:4: `5s` needs quotes: `\"5s\"`",
                "a.toml:5: a text is not closed",
                "a.toml:6: expected `,` or `]`; a list stands on one line",
                "a.toml:7: did not expect `2`",
                "a.toml:8: unknown escape; known are `\\n \\r \\t \\\" \\\\`",
                "a.toml:9: expected `]` after the section's name",
                "a.toml:11: the section `y` is there twice",
                "a.toml:13: `y.z` is given twice",
                "a.toml:14: `{a` needs quotes: `\"{a\"`",
                "a.toml:15: expected a value",
            ]
        );
    }
}
