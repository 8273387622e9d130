//! Rust's text as tokens: enough to know what is code, where brackets end, and where functions are.

use std::ops::Range;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Word,
    Number,
    /// A text, a character or a lifetime.
    Quoted,
    Sign,
}

/// A token, by its bytes in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) at: Range<usize>,
    /// Of an opening bracket the index of the closing one, and the other way round.
    pub(crate) partner: Option<usize>,
}

/// Signs of two and three characters that are one token here.
const LONG_SIGNS: &[&str] = &[
    "..=", "...", "<<=", ">>=", "==", "!=", "<=", ">=", "&&", "||", "=>", "->", "::", "..", "+=",
    "-=", "*=", "/=", "|=", "&=",
];

/// Everything but comments and blanks. `None`: the brackets do not match.
pub(crate) fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut found: Vec<Token> = Vec::new();
    let mut open = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        if let Some(length) = blank(rest, first) {
            at += length;
            continue;
        }
        let (kind, length) = token(rest, first);
        let index = found.len();
        let mut partner = None;
        if kind == Kind::Sign && matches!(first, '(' | '[' | '{') {
            open.push(index);
        } else if kind == Kind::Sign && matches!(first, ')' | ']' | '}') {
            let opening = open.pop()?;
            found[opening].partner = Some(index);
            partner = Some(opening);
        }
        found.push(Token { kind, at: at..at + length, partner });
        at += length;
    }
    open.is_empty().then_some(found)
}

/// How long the blank or the comment is that stands here.
fn blank(rest: &str, first: char) -> Option<usize> {
    if first.is_whitespace() {
        return Some(first.len_utf8());
    }
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if !rest.starts_with("/*") {
        return None;
    }
    let (mut depth, mut at) = (1, 2);
    while depth > 0 && at < rest.len() {
        let here = &rest.as_bytes()[at..];
        let step = match here {
            [b'/', b'*', ..] => (1, 2),
            [b'*', b'/', ..] => (-1, 2),
            _ => (0, 1),
        };
        depth += step.0;
        at += step.1;
    }
    Some(at)
}

fn token(rest: &str, first: char) -> (Kind, usize) {
    if let Some(length) = raw_text(rest) {
        return (Kind::Quoted, length);
    }
    let prefixed = ["b\"", "c\""].iter().any(|start| rest.starts_with(start));
    if first == '"' || prefixed {
        let start = rest.find('"').map_or(0, |at| at + 1);
        return (Kind::Quoted, quoted(rest, start, b'"'));
    }
    if first == '\'' || rest.starts_with("b'") {
        return (Kind::Quoted, character(rest, rest.find('\'').unwrap_or(0)));
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    if first.is_ascii_digit() {
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        return (Kind::Number, end);
    }
    if is_word(first) {
        return (Kind::Word, rest.find(|c| !is_word(c)).unwrap_or(rest.len()));
    }
    let long = LONG_SIGNS.iter().find(|sign| rest.starts_with(**sign));
    (Kind::Sign, long.map_or(first.len_utf8(), |sign| sign.len()))
}

/// `r"..."`, `r#"..."#` and the like.
fn raw_text(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let hashes = inside.len() - inside.trim_start_matches('#').len();
    let body = inside[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = body.find(&end)? + end.len();
    Some(rest.len() - body.len() + length)
}

/// Where a text ends that has its first character at `start`.
fn quoted(rest: &str, start: usize, end: u8) -> usize {
    let bytes = rest.as_bytes();
    let mut at = start;
    while at < bytes.len() && bytes[at] != end {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// A character or a lifetime, whose first `'` is at `start`.
fn character(rest: &str, start: usize) -> usize {
    let inside = &rest[start + 1..];
    let mut characters = inside.chars();
    let first = characters.next().unwrap_or('\'');
    if first == '\\' || characters.next() == Some('\'') {
        return quoted(rest, start + 1, b'\'');
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    start + 1 + inside.find(|c| !is_word(c)).unwrap_or(inside.len())
}

/// A function that has a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// From the opening to behind the closing bracket.
    pub(crate) body: Range<usize>,
    /// It can be evaluated by the compiler, or gives back a type that only its body knows.
    pub(crate) is_rigid: bool,
    pub(crate) is_test: bool,
}

/// Every function of a text, outer ones before those inside.
pub(crate) fn functions(text: &str, tokens: &[Token]) -> Vec<Function> {
    let word = |index: usize| tokens.get(index).map_or("", |token| &text[token.at.clone()]);
    let macros = regions(text, tokens, &["macro_rules", "!"]);
    let tests = regions(text, tokens, &["cfg", "(", "test", ")", "]", "mod"]);
    let mut found = Vec::new();
    for index in 0..tokens.len() {
        if word(index) != "fn" || tokens[index + 1].kind != Kind::Word {
            continue;
        }
        let start = tokens[index].at.start;
        let is_in = |regions: &[Range<usize>]| regions.iter().any(|region| region.contains(&start));
        let Some((open, returns)) = opening(tokens, index + 1, word) else { continue };
        let close = tokens[open].partner.expect("tokens have partners");
        let before = index.saturating_sub(3)..index;
        let is_const = before.rev().map(word).take_while(|word| is_modifier(word));
        found.push(Function {
            name: word(index + 1).to_owned(),
            body: tokens[open].at.start..tokens[close].at.end,
            is_rigid: returns || is_const.into_iter().any(|word| word == "const") || is_in(&macros),
            is_test: is_in(&tests),
        });
    }
    found
}

fn is_modifier(word: &str) -> bool {
    matches!(word, "const" | "async" | "unsafe" | "extern")
}

/// The bracket that opens the body of the function whose name is token `index`, and whether it
/// gives back an `impl ..`.
fn opening<'a>(
    tokens: &[Token],
    index: usize,
    word: impl Fn(usize) -> &'a str,
) -> Option<(usize, bool)> {
    let (mut at, mut is_behind_arrow, mut is_opaque) = (index, false, false);
    while at < tokens.len() {
        match word(at) {
            "{" => return Some((at, is_opaque)),
            ";" => return None,
            "->" => is_behind_arrow = true,
            "impl" if is_behind_arrow => is_opaque = true,
            "(" | "[" => at = tokens[at].partner?,
            _ => {}
        }
        at += 1;
    }
    None
}

/// What stands in the first curly brackets behind each place with these words.
fn regions(text: &str, tokens: &[Token], words: &[&str]) -> Vec<Range<usize>> {
    let is = |index: usize, word: &str| text[tokens[index].at.clone()] == *word;
    let mut found = Vec::new();
    for start in 0..tokens.len().saturating_sub(words.len()) {
        let is_here = words.iter().enumerate().all(|(n, word)| is(start + n, word));
        let open = (start..tokens.len()).find(|index| is(*index, "{"));
        if let Some(open) = open.filter(|_| is_here)
            && let Some(close) = tokens[open].partner
        {
            found.push(tokens[start].at.start..tokens[close].at.end);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{functions, tokens};

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found = tokens(text).unwrap();
        let words: Vec<&str> = found.iter().map(|token| &text[token.at.clone()]).collect();
        assert_eq!(words, expected, "{text}");
    }

    #[test]
    fn texts_characters_and_comments_are_told_from_code() {
        check("a // b\nc", &["a", "c"]);
        check("a /* b /* c */ d */ e", &["a", "e"]);
        check(
            r##"r#"a " b"# "c \" d" b'x' '{' '\'' 'a"##,
            &[r##"r#"a " b"#"##, r#""c \" d""#, "b'x'", "'{'", r"'\''", "'a"],
        );
        check("a::b..=1 => c", &["a", "::", "b", "..=", "1", "=>", "c"]);
    }

    #[test]
    fn brackets_have_partners() {
        let found = tokens("f({ a })").unwrap();
        assert_eq!(found[1].partner, Some(5));
        assert_eq!(found[4].partner, Some(2));
        assert_eq!(tokens("f("), None);
        assert_eq!(tokens(")"), None);
    }

    #[test]
    fn functions_are_found_with_their_bodies() {
        let text = "const fn a() -> [u8; 2] { [1, 2] }\nfn b(f: fn()) where X: Y { fn c() {} }\n\
                    trait T { fn d(); }\nfn e() -> impl T { 1 }\n\
                    #[cfg(test)]\nmod tests { fn f() {} }\nmacro_rules! m { () => { fn g() {} } }";
        let found = functions(text, &tokens(text).unwrap());
        let shown: Vec<(&str, bool, bool)> =
            found.iter().map(|one| (one.name.as_str(), one.is_rigid, one.is_test)).collect();
        assert_eq!(
            shown,
            [
                ("a", true, false),
                ("b", false, false),
                ("c", false, false),
                ("e", true, false),
                ("f", false, true),
                ("g", true, false),
            ]
        );
        assert_eq!(&text[found[1].body.clone()], "{ fn c() {} }");
    }
}
