//! What is easily written in a clause and means something else there. It is told once, and read as
//! what was meant, so that the compiler has nothing to add.
//!
//! ```text
//! goto(DoorState::Open)   ─▶ goto(Open)              ctx.state() == Open ─▶ == DoorState::Open
//! to![Open]               ─▶ goto(Open)              Open::new()         ─▶ self::Open::new()
//! ```

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::quote;
use syn::parse::Parser;

use super::rows::alternatives;
use crate::errors::Errors;
use crate::hygiene::{self, regrouped};
use crate::messages::{self, fill};

/// The body as it was meant. `None`: as it is written.
pub(super) fn mended(
    body: TokenStream,
    machine: &Ident,
    states: &[Ident],
    errors: &mut Errors,
) -> Option<TokenStream> {
    let found = errors.count();
    let state_enum = hygiene::suffixed(machine, "State");
    let mut slips = Slips { state_enum, states, errors, told: Vec::new() };
    let body = slips.read(body, Place::Code);
    (slips.errors.count() > found).then_some(body)
}

struct Slips<'a> {
    /// `DoorState`
    state_enum: Ident,
    states: &'a [Ident],
    errors: &'a mut Errors,
    /// What was told of this body already.
    told: Vec<String>,
}

/// How many tokens an arrow and the type behind it are, of a function or a closure in the body.
fn type_behind(tokens: &[TokenTree]) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(sign) => matches!(sign.as_char(), ';' | ',' | '='),
        _ => false,
    };
    tokens.iter().position(ends).unwrap_or(tokens.len())
}

/// What the tokens of a group are.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Code,
    Pattern,
    /// `matches!(value, pattern if guard)`
    Matches,
    /// `goto(state)`
    Goto,
}

impl Slips<'_> {
    fn read(&mut self, stream: TokenStream, place: Place) -> TokenStream {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        if place == Place::Goto
            && let Some(meant) = self.goto(&tokens)
        {
            return meant;
        }
        let patterns = patterns(&tokens, place);
        let mut meant = TokenStream::new();
        let mut rest = 0..tokens.len();
        while let Some(at) = rest.next() {
            if is(tokens.get(at), '-') && is(tokens.get(at + 1), '>') {
                let end = at + type_behind(&tokens[at..]);
                meant.extend(tokens[at..end].iter().cloned());
                rest = end..tokens.len();
                continue;
            }
            match &tokens[at] {
                TokenTree::Ident(word) if *word == "to" => match self.to(&tokens[at..]) {
                    Some(goto) => {
                        meant.extend(goto);
                        rest = at + 3..tokens.len();
                    }
                    None => meant.extend([tokens[at].clone()]),
                },
                TokenTree::Ident(word) if self.states.contains(word) => {
                    meant.extend(self.state(word, &tokens, at, patterns[at]));
                }
                TokenTree::Group(group) => {
                    let inside = match patterns[at] {
                        true => Place::Pattern,
                        false => what_is_in(&tokens, at),
                    };
                    let with = regrouped(group, self.read(group.stream(), inside));
                    meant.extend([TokenTree::Group(with)]);
                }
                other => meant.extend([other.clone()]),
            }
        }
        meant
    }

    /// `DoorState::Open`, in the parentheses of a `goto`.
    fn goto(&mut self, tokens: &[TokenTree]) -> Option<TokenStream> {
        let [path @ .., first, second, TokenTree::Ident(state)] = tokens else { return None };
        let of_a_type = match path.last()? {
            TokenTree::Ident(name) => name.to_string().starts_with(char::is_uppercase),
            _ => false,
        };
        if !(of_a_type && is(Some(first), ':') && is(Some(second), ':')) {
            return None;
        }
        let state = self.states.contains(state).then_some(state)?;
        let path: TokenStream = tokens.iter().cloned().collect();
        self.errors.at(path, fill(messages::GOTO_TAKES_A_NAME, &[state]));
        Some(quote!(#state))
    }

    /// `to![Open]`, where no type is.
    fn to(&mut self, tokens: &[TokenTree]) -> Option<TokenStream> {
        let [TokenTree::Ident(word), sign, TokenTree::Group(group), ..] = tokens else {
            return None;
        };
        let states = alternatives.parse2(group.stream()).ok().filter(|_| is(Some(sign), '!'))?;
        let state = states.first().filter(|_| states.iter().all(|it| self.states.contains(it)))?;
        self.errors.at(word, fill(messages::TO_IN_A_BODY, &[state]));
        let goto = Ident::new("goto", word.span());
        Some(quote!(#goto(#state)))
    }

    /// A name of a state.
    fn state(
        &mut self,
        state: &Ident,
        tokens: &[TokenTree],
        at: usize,
        is_pattern: bool,
    ) -> TokenStream {
        let before = |back: usize| at.checked_sub(back).and_then(|place| tokens.get(place));
        let after = |on: usize| tokens.get(at + on);
        if is(before(1), ':') || is(before(1), '.') {
            return quote!(#state);
        }
        if is(after(1), ':') && is(after(2), ':') {
            self.tell(state, state, fill(messages::STATE_IN_THE_WAY, &[state]));
            let this = Ident::new("self", state.span());
            return quote!(#this::#state);
        }
        let compares = |first, second| (is(first, '=') || is(first, '!')) && is(second, '=');
        let is_compared = compares(before(2), before(1)) || compares(after(1), after(2));
        let opens = matches!(after(1), Some(TokenTree::Group(_)));
        let is_field = is(after(1), ':') || is(after(1), '!') && !is(after(2), '=');
        let is_matched = is_pattern && !opens && !is_field;
        if !is_compared && !is_matched {
            return quote!(#state);
        }
        let mut value = self.state_enum.clone();
        value.set_span(state.span());
        self.tell(state, &value, fill(messages::STATE_IS_NO_VALUE, &[state, &value]));
        quote!(#value::#state)
    }

    /// Once per body and name.
    fn tell(&mut self, state: &Ident, name: &Ident, message: String) {
        let name = name.to_string();
        if !self.told.contains(&name) {
            self.errors.at(state, message);
            self.told.push(name);
        }
    }
}

/// What the group at this place holds, by what stands in front of it.
fn what_is_in(tokens: &[TokenTree], at: usize) -> Place {
    let word = |back: usize| match at.checked_sub(back).and_then(|place| tokens.get(place)) {
        Some(TokenTree::Ident(word)) => word.to_string(),
        _ => String::new(),
    };
    match at.checked_sub(1).and_then(|before| tokens.get(before)) {
        Some(TokenTree::Ident(word)) if *word == "goto" => Place::Goto,
        Some(sign) if is(Some(sign), '!') && word(2) == "matches" => Place::Matches,
        _ => Place::Code,
    }
}

/// Which of the tokens belong to a pattern.
fn patterns(tokens: &[TokenTree], place: Place) -> Vec<bool> {
    let mut patterns = vec![place == Place::Pattern; tokens.len()];
    // Where what may be a pattern begins: that of an arm is known by the arrow behind it.
    let (mut begin, mut is_open) = (0, place == Place::Matches);
    let mut mark = |begin: usize, end: usize| {
        let is_guard = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if *word == "if");
        let part = &tokens[begin..end];
        let end = part.iter().position(is_guard).map_or(end, |at| begin + at);
        patterns[begin..end].fill(true);
    };
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Punct(_) if is(Some(token), '>') && is_arrow(tokens, at) => {
                mark(begin, at - 1);
                begin = at + 1;
            }
            TokenTree::Punct(sign) if sign.as_char() == ',' => {
                begin = at + 1;
                if std::mem::take(&mut is_open) {
                    mark(begin, tokens.len());
                }
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => begin = at + 1,
            TokenTree::Ident(word) if *word == "let" => {
                let is_end = |end: &usize| ['=', ':'].iter().any(|it| is(tokens.get(*end), *it));
                let end = (at + 1..tokens.len()).find(is_end);
                mark(at + 1, end.unwrap_or(at + 1));
            }
            _ => {}
        }
    }
    patterns
}

/// `=>`
fn is_arrow(tokens: &[TokenTree], at: usize) -> bool {
    at > 0 && is(tokens.get(at - 1), '=')
}

fn is(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: TokenStream) -> (String, Vec<String>) {
        let mut errors = Errors::default();
        let names = ["Locked", "Open"].map(hygiene::item);
        let meant = mended(body.clone(), &hygiene::item("Door"), &names, &mut errors);
        let told = errors.finish().err().into_iter().flatten().map(|error| error.to_string());
        (meant.unwrap_or(body).to_string(), told.collect())
    }

    #[allow(clippy::needless_pass_by_value, reason = "it reads better")]
    fn check(written: TokenStream, meant: TokenStream, message: &str) {
        assert_eq!(read(written), (meant.to_string(), vec![message.to_owned()]));
    }

    #[test]
    fn what_is_right_stays() {
        for body in [
            quote!(if ctx.state() == DoorState::Open { return goto(Open); } goto(Locked)),
            quote!(match ctx.state() {
                DoorState::Open => a(),
                DoorState::Locked => {}
            }),
            quote!(let next = Open; goto(next)),
            quote!(match code {
                Some(x) if x => goto(Open),
                _ => {
                    goto(Locked)
                }
            }),
            quote!(self::Open::new(); to!("x"); door_state::Open; self.Open; Shop { Open: 1 }),
            quote!(goto(door_state::Open); goto(if hard { Open } else { Open })),
        ] {
            assert_eq!(read(body.clone()), (body.to_string(), vec![]));
        }
    }

    #[test]
    fn goto_takes_the_name_alone() {
        let told = "`goto` takes the state by its name alone: `goto(Open)`";
        check(
            quote!(if x {
                goto(DoorState::Open)
            }),
            quote!(if x {
                goto(Open)
            }),
            told,
        );
        check(quote!(return goto(self::DoorState::Open);), quote!(return goto(Open);), told);
        let told = "`to![..]` says in the signature where a clause may lead; to go there, write \
                    `goto(Open)`";
        check(quote!(x; to![Open]), quote!(x; goto(Open)), told);
    }

    #[test]
    fn state_is_a_type_and_its_value_has_a_path() {
        let told = |state| fill(messages::STATE_IS_NO_VALUE, &[&state, &"DoorState"]);
        let open = told("Open");
        check(quote!(ctx.state() == Open), quote!(ctx.state() == DoorState::Open), &open);
        check(quote!(Open != old && x), quote!(DoorState::Open != old && x), &open);
        check(
            quote!(match ctx.state() {
                Open if x => {}
                Locked => goto(Open),
                _ => {}
            }),
            quote!(match ctx.state() {
                DoorState::Open if x => {}
                DoorState::Locked => goto(Open),
                _ => {}
            }),
            &open,
        );
        check(
            quote!(matches!(old, Locked | Open) || x),
            quote!(matches!(old, DoorState::Locked | DoorState::Open) || x),
            &told("Locked"),
        );
        check(
            quote!(match (x, old) {
                (1, Open) | (_, Locked) => 1,
                _ => Open,
            }),
            quote!(match (x, old) {
                (1, DoorState::Open) | (_, DoorState::Locked) => 1,
                _ => Open,
            }),
            &open,
        );
        check(
            quote!(if let Open = old {} goto(Open)),
            quote!(if let DoorState::Open = old {} goto(Open)),
            &open,
        );
    }

    #[test]
    fn type_of_the_users_is_reached_by_a_path() {
        let told = fill(messages::STATE_IN_THE_WAY, &[&"Open"]);
        check(
            quote!({
                Open::new();
                Open::new()
            }),
            quote!({
                self::Open::new();
                self::Open::new()
            }),
            &told,
        );
    }
}
