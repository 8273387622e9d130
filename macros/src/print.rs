//! Lays an expansion out in lines, so that a person can read what `CORDIAL_EXPAND` prints.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// The tokens as text: one item, statement, field or arm per line, four spaces per brace.
pub(crate) fn lines(tokens: &TokenStream) -> String {
    let mut page = Page::default();
    page.write(tokens.clone(), Breaks::Statements);
    page.text.trim_end().to_owned()
}

/// Where lines end inside a group.
#[derive(Clone, Copy, PartialEq)]
enum Breaks {
    /// Inside braces: after `;`, `,` and a closing brace.
    Statements,
    /// Inside parentheses and brackets: nowhere.
    Never,
}

/// Words that do not cling to the path, parenthesis or `<` which follows them.
const KEYWORDS: [&str; 16] = [
    "as", "const", "dyn", "else", "for", "if", "impl", "in", "let", "match", "move", "mut",
    "return", "static", "use", "where",
];

#[derive(Default)]
struct Page {
    text: String,
    depth: usize,
    /// The next token follows without a space.
    tight: bool,
    /// The last token ends something that a `(`, `<` or `::` may cling to.
    ends_term: bool,
    /// The last token was `#`.
    in_attribute: bool,
    /// Inside so many `<`.
    angles: usize,
    /// Between the bars of a closure.
    in_bars: bool,
    /// Behind the first bar of `||`.
    in_or: bool,
}

impl Page {
    fn write(&mut self, tokens: TokenStream, breaks: Breaks) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Group(group) => {
                    let in_attribute = std::mem::take(&mut self.in_attribute);
                    self.group(&group);
                    let ends = match group.delimiter() {
                        Delimiter::Brace => !continues(tokens.peek()),
                        Delimiter::Bracket => in_attribute,
                        _ => false,
                    };
                    if ends && breaks == Breaks::Statements {
                        self.end_line();
                    }
                }
                TokenTree::Punct(punct)
                    if punct.as_char() == '#' && breaks == Breaks::Statements =>
                {
                    match tokens.peek().and_then(doc_of) {
                        Some(doc) => {
                            tokens.next();
                            self.doc(&doc);
                        }
                        None => {
                            self.in_attribute = true;
                            self.punct('#', false);
                        }
                    }
                }
                TokenTree::Punct(punct) => {
                    self.in_attribute = punct.as_char() == '#';
                    self.punct(punct.as_char(), punct.spacing() == Spacing::Joint);
                    let ends = match punct.as_char() {
                        ';' => true,
                        ',' => self.angles == 0,
                        _ => false,
                    };
                    if ends && breaks == Breaks::Statements {
                        self.end_line();
                    }
                }
                other => {
                    let word = other.to_string();
                    self.word(&word, false);
                    self.ends_term = !KEYWORDS.contains(&word.as_str());
                }
            }
        }
    }

    fn punct(&mut self, sign: char, joint: bool) {
        let second_colon = sign == ':' && self.tight;
        let is_arrow = sign == '>' && self.tight;
        let is_deref = sign == '*' && !self.ends_term;
        let opens_bars = sign == '|' && !self.ends_term && !self.in_bars && !self.in_or;
        let closes_bars = sign == '|' && self.in_bars;
        self.in_bars = (self.in_bars || opens_bars) && !closes_bars;
        self.in_or = sign == '|' && joint && !self.in_bars;
        match sign {
            '<' if self.ends_term => self.angles += 1,
            '>' if !is_arrow => self.angles = self.angles.saturating_sub(1),
            _ => {}
        }
        let clings = match sign {
            '|' => closes_bars,
            ',' | ';' | '.' | '>' | '?' => true,
            ':' | '<' | '!' => self.ends_term,
            _ => false,
        };
        self.word(sign.encode_utf8(&mut [0; 4]), clings);
        let clings_on = matches!(sign, '.' | '<' | '&' | '#' | '!' | '\'');
        self.tight = joint || second_colon || is_deref || clings_on || opens_bars;
        self.ends_term = !is_arrow && matches!(sign, '>' | '?' | '!');
    }

    fn group(&mut self, group: &Group) {
        match group.delimiter() {
            Delimiter::Brace if group.stream().is_empty() => self.word("{}", false),
            Delimiter::Brace if is_short(group) => {
                self.word("{", false);
                self.ends_term = false;
                self.write(group.stream(), Breaks::Never);
                self.word("}", false);
            }
            Delimiter::Brace => self.braces(group),
            Delimiter::Parenthesis => self.inline("(", group, ")"),
            Delimiter::Bracket => self.inline("[", group, "]"),
            Delimiter::None => self.write(group.stream(), Breaks::Never),
        }
        self.ends_term = true;
    }

    fn doc(&mut self, text: &str) {
        for line in text.split('\n') {
            self.word("///", false);
            self.text.push_str(if line.is_empty() || line.starts_with(' ') { "" } else { " " });
            self.text.push_str(line);
            self.end_line();
        }
    }

    fn braces(&mut self, group: &Group) {
        (self.angles, self.in_bars) = (0, false);
        self.word("{", false);
        self.depth += 1;
        self.end_line();
        self.write(group.stream(), Breaks::Statements);
        self.depth -= 1;
        if !self.text.ends_with('\n') {
            self.end_line();
        }
        self.word("}", false);
    }

    fn inline(&mut self, open: &str, group: &Group, close: &str) {
        self.word(open, self.ends_term);
        self.tight = true;
        self.ends_term = false;
        self.write(group.stream(), Breaks::Never);
        self.word(close, true);
    }

    /// One token, after a space unless it or the one before it clings.
    fn word(&mut self, word: &str, clings: bool) {
        if self.text.ends_with('\n') || self.text.is_empty() {
            self.text.push_str(&"    ".repeat(self.depth));
        } else if !clings && !self.tight {
            self.text.push(' ');
        }
        self.text.push_str(word);
        self.tight = false;
    }

    fn end_line(&mut self) {
        self.text.push('\n');
        self.tight = false;
        self.ends_term = false;
    }
}

/// The text of `[doc = ".."]`.
fn doc_of(token: &TokenTree) -> Option<String> {
    let TokenTree::Group(group) = token else { return None };
    let mut tokens = group.stream().into_iter();
    let is_doc = matches!(tokens.next()?, TokenTree::Ident(word) if word == "doc");
    let is_text = matches!(tokens.next()?, TokenTree::Punct(sign) if sign.as_char() == '=');
    let text: syn::LitStr = syn::parse2(tokens.collect()).ok()?;
    (is_doc && is_text).then(|| text.value())
}

/// Whether a group in braces fits on its line: a pattern or a few fields.
fn is_short(group: &Group) -> bool {
    let is_simple = |token: TokenTree| match token {
        TokenTree::Punct(punct) => matches!(punct.as_char(), '.' | ',' | ':'),
        other => matches!(other, TokenTree::Ident(_)),
    };
    group.stream().into_iter().count() <= 9 && group.stream().into_iter().all(is_simple)
}

/// Whether what follows a closing brace still belongs to its line.
fn continues(next: Option<&TokenTree>) -> bool {
    match next {
        Some(TokenTree::Punct(next)) => !matches!(next.as_char(), '#' | '&' | '*' | ':'),
        Some(TokenTree::Ident(next)) => *next == "else",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn items_and_statements_stand_on_lines_of_their_own() {
        let tokens = quote! {
            #[b(c)] impl ::a::B<C> for A { fn f(&self) -> ::u32 { let x: u32 = g(1, a::h(2)); x } }
            const A: u8 = 1;
        };
        let expected = "\
#[b(c)]
impl ::a::B<C> for A {
    fn f(&self) -> ::u32 {
        let x: u32 = g(1, a::h(2));
        x
    }
}
const A: u8 = 1;";
        assert_eq!(lines(&tokens), expected);
    }

    #[test]
    fn docs_closures_and_parameters_of_types_are_as_one_writes_them() {
        let tokens = quote! {
            #[doc = " What it is."]
            #[doc = "And more."]
            fn f(&self) -> A<u8, u16> { use ::a::b; g(|x, y| x || y) }
        };
        let expected = "\
/// What it is.
/// And more.
fn f(&self) -> A<u8, u16> {
    use ::a::b;
    g(|x, y| x || y)
}";
        assert_eq!(lines(&tokens), expected);
    }
}
