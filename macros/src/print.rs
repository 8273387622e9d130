//! Lays an expansion out in lines, so that a person can read what `CORDIAL_EXPAND` prints.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// The tokens as text: one item, statement, field or arm per line, four spaces per brace.
pub(crate) fn lines(tokens: &TokenStream) -> String {
    let mut page = Page::default();
    page.write(&tokens.clone().into_iter().collect::<Vec<_>>(), Breaks::Statements);
    page.text.trim_end().to_owned()
}

/// Where lines end inside a group.
#[derive(Clone, Copy, PartialEq)]
enum Breaks {
    /// Inside braces: after `;`, `,` and a closing brace.
    Statements,
    /// Inside parentheses and brackets that are longer than a line: after `,`.
    Elements,
    /// Inside all others: nowhere.
    Never,
}

/// A line that would be longer is broken inside its parentheses.
const WIDTH: usize = 100;

/// Words that do not cling to the path, parenthesis or `<` which follows them.
const KEYWORDS: [&str; 16] = [
    "as", "const", "dyn", "else", "for", "if", "impl", "in", "let", "match", "move", "mut",
    "return", "static", "use", "where",
];

/// Words that begin an item.
const ITEMS: [&str; 9] = ["pub", "fn", "async", "impl", "mod", "struct", "enum", "trait", "type"];

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
    /// The outermost `<` follows `impl` or `for`.
    in_params: bool,
    /// Between the bars of a closure.
    in_bars: bool,
    /// Behind the first sign of `||` or `&&`.
    in_pair: bool,
    /// The last word, or the last sign.
    last: String,
    /// What stood before it.
    before_last: String,
    /// In a `where` that has lines of its own.
    in_where: bool,
}

impl Page {
    fn write(&mut self, tokens: &[TokenTree], breaks: Breaks) {
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let rest = &tokens[at + 1..];
            at += 1;
            match token {
                TokenTree::Group(group) => self.write_group(group, rest, breaks),
                TokenTree::Punct(punct)
                    if punct.as_char() == '#' && breaks == Breaks::Statements =>
                {
                    match rest.first().and_then(doc_of) {
                        Some(doc) => {
                            at += 1;
                            self.doc(&doc);
                        }
                        None => {
                            self.punct('#', false);
                            self.in_attribute = true;
                        }
                    }
                }
                TokenTree::Punct(punct) if punct.as_char() == ',' => self.comma(rest, breaks),
                TokenTree::Punct(punct) => {
                    self.in_attribute = punct.as_char() == '#';
                    self.punct(punct.as_char(), punct.spacing() == Spacing::Joint);
                    at += match (punct.as_char(), breaks) {
                        (';', Breaks::Statements) => self.end_statement(),
                        ('>', Breaks::Statements) if self.last == "=>" => self.arm(rest),
                        ('=', Breaks::Statements) => self.value(rest),
                        _ => 0,
                    };
                }
                TokenTree::Ident(word) if *word == "where" && breaks == Breaks::Statements => {
                    self.begin_where();
                }
                other => {
                    let word = other.to_string();
                    self.word(&word, false);
                    self.ends_term = !KEYWORDS.contains(&word.as_str());
                }
            }
        }
    }

    fn end_statement(&mut self) -> usize {
        self.end_line();
        if self.in_where {
            self.depth -= 1;
            self.in_where = false;
        }
        0
    }

    /// An arm that does not fit behind its pattern gets braces; it takes so many tokens.
    fn arm(&mut self, rest: &[TokenTree]) -> usize {
        let end = rest.iter().position(is_comma).unwrap_or(rest.len());
        let arm = &rest[..end];
        let is_block = arm.iter().any(is_long_braces);
        if is_block || self.column() + flat(arm) + 2 <= WIDTH {
            return 0;
        }
        self.word("{", false);
        self.depth += 1;
        self.end_line();
        self.write(arm, Breaks::Never);
        self.close("}");
        self.end_line();
        rest.len().min(end + 1)
    }

    /// A value that does not fit behind its `=` stands on the next line.
    fn value(&mut self, rest: &[TokenTree]) -> usize {
        let end = rest.iter().position(is_end).unwrap_or(rest.len());
        let value = &rest[..end];
        let can_break = value.iter().any(is_group) || self.in_where || self.angles > 0;
        if !can_break && self.column() + flat(value) + 2 > WIDTH {
            self.depth += 1;
            self.end_line();
            self.write(value, Breaks::Never);
            self.depth -= 1;
            return end;
        }
        0
    }

    /// How long the line is that is written.
    fn column(&self) -> usize {
        let line = self.text.rsplit('\n').next().unwrap_or_default();
        if line.is_empty() { self.depth * 4 } else { line.len() }
    }

    /// None behind the last element of a line, nor behind the braces of a match's arm.
    fn comma(&mut self, rest: &[TokenTree], breaks: Breaks) {
        let is_inside = self.angles > 0 || self.in_bars;
        match breaks {
            Breaks::Never if rest.is_empty() && self.last != "(" => return,
            Breaks::Statements if self.last == "=>{}" => {}
            _ => self.punct(',', false),
        }
        if breaks != Breaks::Never && !is_inside && !self.text.ends_with('\n') {
            self.end_line();
        }
    }

    fn begin_where(&mut self) {
        if !self.text.ends_with('\n') {
            self.end_line();
        }
        self.word("where", false);
        self.end_line();
        self.depth += 1;
        self.in_where = true;
    }

    /// The braces, or the semicolon, stand where the `where` began.
    fn end_where(&mut self) {
        if !self.text.ends_with('\n') {
            self.word(",", true);
            self.end_line();
        }
        self.depth -= 1;
        self.in_where = false;
    }

    fn write_group(&mut self, group: &Group, rest: &[TokenTree], breaks: Breaks) {
        let in_attribute = std::mem::take(&mut self.in_attribute);
        let is_arm = self.last == "=>";
        let is_brace = group.delimiter() == Delimiter::Brace;
        if is_brace && self.in_where {
            self.end_where();
        }
        match in_attribute {
            true => self.inline("[", &tokens_of(group), "]"),
            false => self.group(group, rest),
        }
        if is_arm && is_long(group) {
            self.last = "=>{}".to_owned();
        }
        let ends = match group.delimiter() {
            Delimiter::Brace => !continues(rest.first()),
            Delimiter::Bracket => in_attribute,
            _ => false,
        };
        if ends && breaks == Breaks::Statements {
            self.end_line();
            if is_brace && is_long(group) && begins_item(rest.first()) {
                self.text.push('\n');
            }
        }
    }

    fn punct(&mut self, sign: char, joint: bool) {
        let second_colon = sign == ':' && self.tight;
        let is_arrow = sign == '>' && matches!(self.last.as_str(), "-" | "=");
        let is_deref = sign == '*' && !self.ends_term;
        let opens_bars = sign == '|' && !self.ends_term && !self.in_bars && !self.in_pair;
        let is_and = sign == '&' && (self.ends_term || self.in_pair);
        let closes_bars = sign == '|' && self.in_bars;
        self.in_bars = (self.in_bars || opens_bars) && !closes_bars;
        self.in_pair = joint && (is_and || sign == '|' && !self.in_bars);
        let takes_params = sign == '<' && matches!(self.last.as_str(), "impl" | "for");
        let opens_angle = sign == '<' && (takes_params || self.names_generic());
        let ends_params = sign == '>' && !is_arrow && self.angles == 1 && self.in_params;
        let ends_angle = self.angles > 0;
        match sign {
            '<' if opens_angle || !self.ends_term => {
                self.in_params |= takes_params;
                self.angles += 1;
            }
            '>' if !is_arrow => self.angles = self.angles.saturating_sub(1),
            _ => {}
        }
        self.in_params &= !ends_params;
        let clings = match sign {
            '|' => closes_bars,
            ',' | ';' => true,
            '.' => self.ends_term || self.tight,
            '>' => is_arrow || ends_angle,
            '<' => opens_angle,
            ':' | '?' => self.ends_term,
            '!' => self.ends_term && !joint,
            _ => false,
        };
        self.word(sign.encode_utf8(&mut [0; 4]), clings);
        if is_arrow {
            self.last.insert(0, if self.text.ends_with("->") { '-' } else { '=' });
        }
        let is_angle = sign == '<' && (opens_angle || !self.ends_term);
        let is_prefix = matches!(sign, '&' | '!') && !is_and || sign == '?' && !self.ends_term;
        let clings_on = is_angle || is_prefix || matches!(sign, '.' | '#' | '\'');
        self.tight = joint || second_colon || is_deref || clings_on || opens_bars;
        self.ends_term = !is_arrow && !ends_params && matches!(sign, '>' | '?' | '!');
    }

    /// Whether a `<` behind the last word opens parameters: it is a type's, a path's or what a
    /// function is called.
    fn names_generic(&self) -> bool {
        let is_type = self.last.starts_with(|first: char| first.is_uppercase() || first == '_');
        self.ends_term && is_type || self.last == "::" || self.before_last == "fn"
    }

    fn group(&mut self, group: &Group, rest: &[TokenTree]) {
        let tokens = tokens_of(group);
        let is_visibility = self.last == "pub";
        match group.delimiter() {
            Delimiter::Brace if tokens.is_empty() => self.word("{}", false),
            Delimiter::Brace if self.last == "::" => self.inline("{", &tokens, "}"),
            Delimiter::Brace if is_short(group) => {
                self.word("{", false);
                self.ends_term = false;
                self.write(&tokens, Breaks::Never);
                self.tight = false;
                self.word("}", false);
            }
            Delimiter::Brace => self.braces(&tokens),
            Delimiter::Parenthesis if self.is_too_long(&tokens, rest) => {
                self.elements("(", &tokens, ")");
            }
            Delimiter::Bracket if self.is_too_long(&tokens, rest) => {
                self.elements("[", &tokens, "]");
            }
            Delimiter::Parenthesis => self.inline("(", &tokens, ")"),
            Delimiter::Bracket => self.inline("[", &tokens, "]"),
            Delimiter::None => self.write(&tokens, Breaks::Never),
        }
        self.ends_term = !is_visibility;
    }

    /// Whether what is in parentheses does not fit on this line, with what comes behind it.
    fn is_too_long(&self, tokens: &[TokenTree], rest: &[TokenTree]) -> bool {
        if tokens.is_empty() {
            return false;
        }
        let begun = tokens.iter().position(is_long_braces);
        let before = self.column() + flat(&tokens[..begun.unwrap_or(tokens.len())]) + 2;
        if let Some(begun) = begun {
            let is_last = !tokens[begun + 1..].iter().any(is_comma) || begun + 2 == tokens.len();
            return !is_last || before > WIDTH;
        }
        // Parentheses in parentheses are broken inside.
        let is_call = tokens.last().is_some_and(is_group) && !tokens.iter().any(is_comma);
        if is_call && self.column() + flat(&tokens[..tokens.len() - 1]) + 4 <= WIDTH {
            return false;
        }
        before + flat(until_end(rest)) + 2 > WIDTH
    }

    fn doc(&mut self, text: &str) {
        for line in text.split('\n') {
            self.word("///", false);
            self.text.push_str(if line.is_empty() || line.starts_with(' ') { "" } else { " " });
            self.text.push_str(line);
            self.end_line();
        }
    }

    fn braces(&mut self, tokens: &[TokenTree]) {
        let outer = std::mem::take(&mut self.angles);
        self.in_bars = false;
        self.word("{", false);
        self.depth += 1;
        self.end_line();
        self.write(tokens, Breaks::Statements);
        if is_list(tokens) && !self.text.ends_with('\n') {
            self.word(",", true);
        }
        self.close("}");
        self.angles = outer;
    }

    /// One element per line.
    fn elements(&mut self, open: &str, tokens: &[TokenTree], close: &str) {
        let outer = std::mem::take(&mut self.angles);
        let is_macro = self.last == "!";
        self.word(open, self.ends_term);
        self.depth += 1;
        self.end_line();
        self.write(tokens, Breaks::Elements);
        if !self.text.ends_with('\n') && !is_macro {
            self.word(",", true);
        }
        self.close(close);
        self.angles = outer;
    }

    fn close(&mut self, close: &str) {
        self.depth -= 1;
        if !self.text.ends_with('\n') {
            self.end_line();
        }
        self.word(close, false);
    }

    fn inline(&mut self, open: &str, tokens: &[TokenTree], close: &str) {
        // `(one,)` is no `(one)`.
        let is_tuple = open == "(" && !self.ends_term;
        let is_of_one = is_tuple && tokens.iter().filter(|token| is_comma(token)).count() == 1;
        self.word(open, self.ends_term || self.last == "::");
        self.tight = true;
        self.ends_term = false;
        self.write(tokens, Breaks::Never);
        if is_of_one && tokens.last().is_some_and(is_comma) {
            self.word(",", true);
        }
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
        let is_path = word == ":" && self.last == ":";
        let word = if is_path { "::".to_owned() } else { word.to_owned() };
        self.before_last = std::mem::replace(&mut self.last, word);
    }

    fn end_line(&mut self) {
        self.text.push('\n');
        self.tight = false;
        self.ends_term = false;
    }
}

/// How long tokens are on one line.
fn flat(tokens: &[TokenTree]) -> usize {
    let mut page = Page::default();
    page.write(tokens, Breaks::Never);
    page.text.lines().map(str::len).sum()
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

/// Whether a group in braces has lines of its own.
fn is_long(group: &Group) -> bool {
    group.delimiter() == Delimiter::Brace && !group.stream().is_empty() && !is_short(group)
}

fn is_long_braces(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if is_long(group))
}

fn is_comma(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',')
}

/// Whether these are fields, variants or arms, each with a comma.
fn is_list(tokens: &[TokenTree]) -> bool {
    let is_field = matches!(tokens, [TokenTree::Ident(_), TokenTree::Punct(colon), ..]
        if colon.as_char() == ':' && colon.spacing() == Spacing::Alone);
    let is_statement =
        |token: &TokenTree| matches!(token, TokenTree::Punct(sign) if sign.as_char() == ';');
    let has_elements = is_field || outside_angles(tokens, is_comma) < tokens.len();
    has_elements && !tokens.iter().any(is_statement) && !has_rest(tokens)
}

/// `..base` behind the last comma.
fn has_rest(tokens: &[TokenTree]) -> bool {
    let last = tokens.rsplit(is_comma).next().unwrap_or_default();
    matches!(last, [TokenTree::Punct(a), TokenTree::Punct(b), ..]
        if a.as_char() == '.' && b.as_char() == '.')
}

fn is_group(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if !group.stream().is_empty())
}

fn tokens_of(group: &Group) -> Vec<TokenTree> {
    group.stream().into_iter().collect()
}

/// What stands on the same line at least.
fn until_end(tokens: &[TokenTree]) -> &[TokenTree] {
    &tokens[..outside_angles(tokens, is_end)]
}

/// Where the first such token is that is no comma in `<..>`, or the end.
fn outside_angles(tokens: &[TokenTree], is_it: impl Fn(&TokenTree) -> bool) -> usize {
    let mut angles = 0_usize;
    let found = tokens.iter().position(|token| {
        match token {
            TokenTree::Punct(sign) if sign.as_char() == '<' => angles += 1,
            TokenTree::Punct(sign) if sign.as_char() == '>' => angles = angles.saturating_sub(1),
            _ => {}
        }
        is_it(token) && !(angles > 0 && is_comma(token))
    });
    found.unwrap_or(tokens.len())
}

/// Whether a line ends there at the latest.
fn is_end(token: &TokenTree) -> bool {
    match token {
        TokenTree::Punct(punct) => {
            let is_arrow = punct.as_char() == '=' && punct.spacing() == Spacing::Joint;
            is_arrow || matches!(punct.as_char(), ';' | ',')
        }
        TokenTree::Ident(word) => *word == "where",
        TokenTree::Group(group) => is_long(group),
        TokenTree::Literal(_) => false,
    }
}

/// Whether what follows a closing brace still belongs to its line.
fn continues(next: Option<&TokenTree>) -> bool {
    match next {
        Some(TokenTree::Punct(next)) => !matches!(next.as_char(), '#' | '&' | '*' | ':'),
        Some(TokenTree::Ident(next)) => *next == "else",
        _ => false,
    }
}

/// Whether an item follows a closing brace: it stands apart.
fn begins_item(next: Option<&TokenTree>) -> bool {
    match next {
        Some(TokenTree::Punct(next)) => next.as_char() == '#',
        Some(TokenTree::Ident(next)) => ITEMS.iter().any(|word| next == word),
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
            fn f<T: B + ?Sized>(&self) -> A<u8, u16> { use ::a::b; g(|x, y| x || y && !y) }
            fn h() -> bool { a::b::<u8, T>(x[1] != 2 && x[2] < y) }
        };
        let expected = "\
/// What it is.
/// And more.
fn f<T: B + ?Sized>(&self) -> A<u8, u16> {
    use ::a::b;
    g(|x, y| x || y && !y)
}

fn h() -> bool {
    a::b::<u8, T>(x[1] != 2 && x[2] < y)
}";
        assert_eq!(lines(&tokens), expected);
    }

    #[test]
    fn what_is_longer_than_a_line_is_broken_where_one_breaks_it() {
        let tokens = quote! {
            impl<T: A> ::a::B<T> for C<T> where T: Clone {
                fn first_of_all(&self, two: ::core::option::Option<T>, three: (u8, T))
                    -> ::core::result::Result<T, T>
                {
                    match it {
                        E::One { number, .. } =>
                            ::a::something::that_is_long(self.first_of_all(number), number, self),
                        _ => if a(b) < c { (d,) } else { (e, f,) },
                    }
                }
            }
        };
        let expected = "\
impl<T: A> ::a::B<T> for C<T>
where
    T: Clone,
{
    fn first_of_all(
        &self,
        two: ::core::option::Option<T>,
        three: (u8, T),
    ) -> ::core::result::Result<T, T> {
        match it {
            E::One { number, .. } => {
                ::a::something::that_is_long(self.first_of_all(number), number, self)
            }
            _ => if a(b) < c {
                (d,)
            } else {
                (e, f)
            },
        }
    }
}";
        assert_eq!(lines(&tokens), expected);
    }
}
