//! The attributes of a clause: `#[on]`, what it handles, what becomes of it.

use proc_macro2::{Ident, TokenStream};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Meta, Token};

use super::model::{Fate, On};
use super::rows::alternatives;
use crate::attrs::{Time, nearest};
use crate::errors::Errors;
use crate::gen_server::model::Role;
use crate::gen_server::{options, read};
use crate::messages::{self, fill};

/// The words that mark a method of a state machine.
const WORDS: [&str; 12] = [
    "on",
    "call",
    "cast",
    "info",
    "init",
    "terminate",
    "format_status",
    "postpone",
    "ignore",
    "after",
    "idle",
    "enter",
];

/// What servers have, and what a state machine has in its place.
const ELSEWHERE: [(&str, &str); 2] =
    [("handle_continue", "ctx.next_event(..)"), ("every", "ctx.send_interval(..)")];

/// Attributes of the language that look like ours, with a slip of the pen.
const NOT_OURS: [&str; 7] = ["cold", "test", "inline", "doc", "allow", "into", "cfg"];

/// What stands in front of a method.
#[derive(Default)]
pub(super) struct Marks {
    /// `#[on(..)]`
    pub(super) on: Option<(Ident, On)>,
    /// `#[call]`, `#[cast]`, `#[info]`, or what is not of one state.
    pub(super) role: Option<(Ident, Role)>,
    /// `#[postpone]` and `#[ignore]`
    pub(super) fate: Option<(Ident, Fate)>,
    /// `#[after(..)]` and `#[idle(..)]`
    pub(super) timed: Option<(Ident, Time)>,
    /// `#[enter(..)]`
    pub(super) enter: Option<(Ident, On)>,
}

impl Marks {
    /// Takes what is ours out of the attributes of a method.
    pub(super) fn take(method: &Ident, attrs: &mut Vec<Attribute>, errors: &mut Errors) -> Self {
        let mut marks = Self::default();
        let mut kept = Vec::new();
        for attr in std::mem::take(attrs) {
            let Some(word) = attr.path().get_ident().cloned() else {
                kept.push(attr);
                continue;
            };
            let text = word.to_string();
            if WORDS.contains(&text.as_str()) {
                let args = read::arguments(&attr, errors);
                marks.add(method, word, args, errors);
            } else if let Some((_, instead)) = ELSEWHERE.iter().find(|(there, _)| text == *there) {
                errors.at(&word, fill(messages::NOT_IN_A_STATEM, &[&text, instead]));
            } else if NOT_OURS.contains(&text.as_str()) {
                kept.push(attr);
            } else {
                let is_on = || is_nearly_on(&text) && takes_states(&attr);
                let words = WORDS.into_iter().filter(|known| *known != "on");
                match nearest(&text, words).or_else(|| is_on().then_some("on")) {
                    Some(near) => {
                        errors.at(&word, fill(messages::UNKNOWN_ATTRIBUTE, &[&word, &near]));
                        let args = read::arguments(&attr, errors);
                        let near = Ident::new(near, word.span());
                        marks.add(method, near, args, errors);
                    }
                    None => kept.push(attr),
                }
            }
        }
        *attrs = kept;
        marks
    }

    /// Whether anything of ours stood there.
    pub(super) const fn is_empty(&self) -> bool {
        self.on.is_none()
            && self.role.is_none()
            && self.fate.is_none()
            && self.timed.is_none()
            && self.enter.is_none()
    }

    fn add(&mut self, method: &Ident, word: Ident, args: TokenStream, errors: &mut Errors) {
        match word.to_string().as_str() {
            "on" => {
                let on = states(&word, args, errors);
                put(&mut self.on, (word, on), method, errors);
            }
            "enter" => {
                let on = states(&word, args, errors);
                put(&mut self.enter, (word, on), method, errors);
            }
            "postpone" => put(&mut self.fate, (word, Fate::Postponed), method, errors),
            "ignore" => put(&mut self.fate, (word, Fate::Ignored), method, errors),
            "after" | "idle" => {
                let time = time(&word, args, errors);
                put(&mut self.timed, (word, time), method, errors);
            }
            _ => {
                let role = options::role(&word, args, errors);
                put(&mut self.role, (word, role), method, errors);
            }
        }
    }
}

/// `On` and `onn`: within two letters of so short a word there are many.
fn is_nearly_on(text: &str) -> bool {
    text.len() <= 3
        && nearest(&text.to_lowercase(), ["on"]).is_some()
        && text.to_lowercase().contains('o')
}

/// `(Locked | Open)` or `(_)`
fn takes_states(attr: &Attribute) -> bool {
    let Meta::List(list) = &attr.meta else { return false };
    let is_state = |state: &Ident| state.to_string().starts_with(char::is_uppercase);
    let states = alternatives.parse2(list.tokens.clone());
    list.tokens.to_string() == "_" || states.is_ok_and(|all| all.iter().all(is_state))
}

fn put<T>(place: &mut Option<(Ident, T)>, new: (Ident, T), method: &Ident, errors: &mut Errors) {
    match place {
        None => *place = Some(new),
        Some((first, _)) => errors.at(&new.0, fill(messages::SECOND_ROLE, &[method, first])),
    }
}

/// `Locked | Open`, or `_`; `word` stands in front of it.
fn states(word: &Ident, args: TokenStream, errors: &mut Errors) -> On {
    let parser = |input: ParseStream<'_>| {
        if let Some(any) = input.parse::<Option<Token![_]>>()? {
            return Ok(On::Any(Some(any.span)));
        }
        let states = alternatives(input)?;
        if states.is_empty() { Err(input.error("")) } else { Ok(On::These(states)) }
    };
    parser.parse2(args).unwrap_or_else(|_| {
        errors.at(word, fill(messages::BAD_STATES, &[word]));
        On::Any(None)
    })
}

fn time(word: &Ident, args: TokenStream, errors: &mut Errors) -> Time {
    let never = Time::Fixed(std::time::Duration::ZERO, word.span());
    if args.is_empty() {
        errors.at(word, fill(messages::TIMEOUT_NEEDS_DURATION, &[word]));
        return never;
    }
    errors.keep(syn::parse2(args)).unwrap_or(never)
}
