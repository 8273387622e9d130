//! Reads `key = value` options once: unknown key (with the nearest known one), key given twice,
//! wrong kind, a word that a later version brings; and the durations `5s`, `100ms`, `2min`, `1h`.

use std::time::Duration;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, ExprLit, Lit, LitInt, Token};

use crate::errors::Errors;
use crate::messages::{self, fill};

// ===== Options =====

/// How a known option is written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// `key`
    Flag,
    /// `key = value`
    Value,
    /// `key = Type`
    Type,
    /// Either.
    FlagOrValue,
    /// `key(A, B)`; what stands there else is looked at by who takes it.
    List,
    /// Reserved for a later version, in any form.
    Later,
    /// Belongs to another macro or item; the message, which gets the key, says where.
    Elsewhere(&'static str),
}

/// One option that a macro knows.
pub(crate) type Known = (&'static str, Kind);

/// One option as the user wrote it.
struct Written {
    key: Ident,
    value: Option<TokenStream>,
}

/// The options that were given, each at most once and of the right kind.
#[derive(Default)]
pub(crate) struct Options {
    given: Vec<(Ident, Option<Expr>)>,
}

impl Options {
    /// Reads `key, key = value, ..` against the `known` ones.
    pub(crate) fn read(args: TokenStream, known: &[Known], errors: &mut Errors) -> Self {
        let mut options = Self::default();
        let written = errors.keep(parse_written.parse2(args)).unwrap_or_default();
        for Written { key, value } in written {
            options.accept(key, value, known, errors);
        }
        options
    }

    fn accept(
        &mut self,
        key: Ident,
        value: Option<TokenStream>,
        known: &[Known],
        errors: &mut Errors,
    ) {
        let word = key.to_string();
        let Some((_, kind)) = known.iter().find(|(name, _)| *name == word) else {
            return errors.at(&key, unknown_option(&word, known));
        };
        match kind {
            Kind::Later => errors.at(&key, fill(messages::NOT_AVAILABLE_YET, &[&word])),
            Kind::Elsewhere(message) => errors.at(&key, fill(message, &[&word])),
            Kind::Flag | Kind::Value | Kind::Type | Kind::FlagOrValue | Kind::List
                if self.given.iter().any(|(given, _)| *given == key) =>
            {
                errors.at(&key, fill(messages::OPTION_GIVEN_TWICE, &[&word]));
            }
            Kind::Flag if value.is_some() => {
                errors.at(&key, fill(messages::OPTION_TAKES_NO_VALUE, &[&word]));
            }
            Kind::Value | Kind::Type if value.is_none() => {
                errors.at(&key, fill(messages::OPTION_NEEDS_VALUE, &[&word]));
            }
            Kind::Type | Kind::List => self.given.push((key, value.map(Expr::Verbatim))),
            Kind::Flag | Kind::Value | Kind::FlagOrValue => {
                let value = value.map(syn::parse2::<Expr>).transpose();
                if let Some(value) = errors.keep(value) {
                    self.given.push((key, value.map(ungrouped)));
                }
            }
        }
    }

    /// The flag `key`, if it was given.
    pub(crate) fn flag(&mut self, key: &str) -> Option<Ident> {
        self.take(key).map(|(key, _)| key)
    }

    /// The value of `key`, if it was given.
    pub(crate) fn value(&mut self, key: &str) -> Option<Expr> {
        self.take(key).and_then(|(_, value)| value)
    }

    /// The option `key` with its value, if it was given: for errors that point at the key.
    pub(crate) fn take(&mut self, key: &str) -> Option<(Ident, Option<Expr>)> {
        let place = self.given.iter().position(|(given, _)| given == key)?;
        Some(self.given.remove(place))
    }
}

/// The nearest of all options, or a list of those that can be written here.
fn unknown_option(word: &str, known: &[Known]) -> String {
    let all = known.iter().map(|(name, _)| *name);
    let here = known.iter().filter(|(_, kind)| !matches!(kind, Kind::Later | Kind::Elsewhere(_)));
    match nearest(word, all) {
        Some(near) => fill(messages::UNKNOWN_WORD_NEAR, &[&"option", &word, &near]),
        None => unknown("option", word, here.map(|(name, _)| *name)),
    }
}

/// `key`, `key = value` and `key(..)`, separated by commas.
fn parse_written(input: ParseStream<'_>) -> syn::Result<Vec<Written>> {
    let mut written = Vec::new();
    while !input.is_empty() {
        let key = input.call(Ident::parse_any)?;
        let value = if input.peek(syn::token::Paren) {
            Some(input.parse::<TokenTree>()?.into_token_stream())
        } else if let Some(equals) = input.parse::<Option<Token![=]>>()? {
            Some(parse_value(input, equals)?)
        } else {
            None
        };
        written.push(Written { key, value });
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(written)
}

/// Everything up to the next comma; what it means is looked at when the key is known.
fn parse_value(input: ParseStream<'_>, equals: Token![=]) -> syn::Result<TokenStream> {
    let mut value = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        value.extend([input.parse::<TokenTree>()?]);
    }
    if value.is_empty() {
        return Err(syn::Error::new_spanned(equals, messages::VALUE_MISSING));
    }
    Ok(value)
}

// ===== Words =====

/// "unknown option `restrat`; did you mean `restart`?"; `what` is `option`, `field`, ….
pub(crate) fn unknown<'a>(
    what: &str,
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> String {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    match nearest(word, candidates.iter().copied()) {
        Some(near) => fill(messages::UNKNOWN_WORD_NEAR, &[&what, &word, &near]),
        None => fill(messages::UNKNOWN_WORD, &[&what, &word, &enumerate(&candidates)]),
    }
}

/// The candidate that is at most two edits away from `word`, if one is.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let rated = candidates.into_iter().map(|candidate| (edits(word, candidate), candidate));
    rated.filter(|(edits, _)| *edits <= 2).min_by_key(|(edits, _)| *edits).map(|(_, near)| near)
}

/// "`a`, `b` and `c`".
pub(crate) fn enumerate(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// How many insertions, deletions, replacements and swaps of neighbours lead from `a` to `b`.
fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let cheapest = replaced.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    cheapest.min(table[i - 2][j - 2] + 1)
                } else {
                    cheapest
                }
            };
        }
    }
    table[a.len()][b.len()]
}

/// What a `macro_rules!` macro passed as `$name:literal` or `$name:expr`, as it was written.
fn ungrouped(expr: Expr) -> Expr {
    match expr {
        Expr::Group(group) if matches!(*group.expr, Expr::Lit(_) | Expr::Path(_)) => *group.expr,
        other => other,
    }
}

// ===== Durations =====

/// A length of time in a macro slot: a literal with a unit, or any expression.
#[derive(Clone)]
pub(crate) enum Time {
    /// `5s`
    Fixed(Duration, Span),
    /// `self.window`, `secs(5)`, …: a `Duration` at run time.
    Computed(Box<Expr>),
}

impl Time {
    /// Reads a literal with a unit, or takes any other expression as it is.
    pub(crate) fn from_expr(expr: Expr) -> syn::Result<Self> {
        match ungrouped(expr) {
            Expr::Lit(ExprLit { lit, .. }) => {
                let span = lit.span();
                literal(&lit).map(|fixed| Self::Fixed(fixed, span))
            }
            computed => Ok(Self::Computed(Box::new(computed))),
        }
    }
}

impl syn::parse::Parse for Time {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Self::from_expr(input.parse()?)
    }
}

impl ToTokens for Time {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match self {
            Self::Fixed(fixed, span) => {
                let millis = u64::try_from(fixed.as_millis()).unwrap_or(u64::MAX);
                let duration = quote_spanned!(crate::hygiene::at(*span)=> ::core::time::Duration);
                if millis.is_multiple_of(1_000) {
                    let secs = millis / 1_000;
                    quote!(#duration::from_secs(#secs))
                } else {
                    quote!(#duration::from_millis(#millis))
                }
            }
            Self::Computed(expr) => expr.to_token_stream(),
        });
    }
}

/// `5s`, `100ms`, `2min` or `1h`, and nothing else.
fn literal(lit: &Lit) -> syn::Result<Duration> {
    match lit {
        Lit::Int(int) => int_with_unit(int),
        other => Err(syn::Error::new_spanned(other, messages::DURATION_IS_A_WHOLE_NUMBER)),
    }
}

/// Reads an integer whose suffix is a unit of time.
pub(crate) fn int_with_unit(int: &LitInt) -> syn::Result<Duration> {
    let millis_per_unit: u64 = match int.suffix() {
        "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        "" => {
            let message = fill(messages::DURATION_NEEDS_UNIT, &[&int.base10_digits()]);
            return Err(syn::Error::new_spanned(int, message));
        }
        unit => {
            let message = fill(messages::UNKNOWN_UNIT, &[&unit, &int.base10_digits()]);
            return Err(syn::Error::new_spanned(int, message));
        }
    };
    let count = int.base10_digits().parse::<u64>().ok();
    count
        .and_then(|count| count.checked_mul(millis_per_unit))
        .map(Duration::from_millis)
        .ok_or_else(|| syn::Error::new_spanned(int, messages::DURATION_TOO_LONG))
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn messages_of(errors: Errors) -> Vec<String> {
        errors
            .finish()
            .map_or_else(|all| all.into_iter().map(|e| e.to_string()).collect(), |()| vec![])
    }

    #[test]
    fn every_mistake_in_the_options_is_told() {
        let mut errors = Errors::default();
        let known = [("name", Kind::Value), ("flat", Kind::Flag), ("task", Kind::Later)];
        let args = quote!(nmae = "a", name = "b", name = "c", flat = 3, task = R, zebra(1));
        let mut options = Options::read(args, &known, &mut errors);
        assert!(options.value("name").is_some());
        assert_eq!(
            messages_of(errors),
            [
                "unknown option `nmae`; did you mean `name`?",
                "`name` is given twice",
                "`flat` takes no value",
                "`task` is not available yet in this version",
                "unknown option `zebra`; known are `name` and `flat`",
            ]
        );
    }

    #[test]
    fn the_nearest_word_is_at_most_two_edits_away() {
        assert_eq!(nearest("restrat", ["name", "restart"]), Some("restart"));
        assert_eq!(nearest("timout", ["timeout", "inline"]), Some("timeout"));
        assert_eq!(nearest("zebra", ["name", "restart"]), None);
    }

    #[test]
    fn a_duration_is_a_whole_number_with_a_unit() {
        let millis = |int: LitInt| int_with_unit(&int).expect("a duration").as_millis();
        assert_eq!(millis(parse_quote!(5s)), 5_000);
        assert_eq!(millis(parse_quote!(100ms)), 100);
        assert_eq!(millis(parse_quote!(2min)), 120_000);
        assert_eq!(millis(parse_quote!(1h)), 3_600_000);
        let error = int_with_unit(&parse_quote!(5)).expect_err("no unit").to_string();
        assert_eq!(error, "a duration needs a unit: `5ms`, `5s`, `5min` or `5h`");
    }
}
