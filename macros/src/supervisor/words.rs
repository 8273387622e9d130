//! The words of a tree: which fields and options are known where, and what their values mean.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Lit, LitBool, Token};

use super::model::{AutoShutdown, Backoff, MaxRestarts, Options, Shutdown, Strategy};
use super::parse::Setting;
use crate::attrs::{self, Time};
use crate::errors::Errors;
use crate::messages::{self, fill};

/// Where settings stand: what they are called there and which are known.
pub(super) struct Place {
    what: &'static str,
    known: &'static [&'static str],
}

pub(super) const TREE: Place =
    Place { what: "field", known: &["strategy", "max_restarts", "auto_shutdown", "children"] };
pub(super) const NESTED: Place = Place {
    what: "field",
    known: &[
        "strategy",
        "max_restarts",
        "auto_shutdown",
        "children",
        "restart",
        "shutdown",
        "significant",
        "backoff",
    ],
};
pub(super) const NESTED_BRACES: Place =
    Place { what: "child option", known: &["restart", "shutdown", "significant", "backoff"] };
pub(super) const CHILD: Place =
    Place { what: "child option", known: &["restart", "shutdown", "significant", "backoff"] };
pub(super) const DYNAMIC: Place = Place {
    what: "option of a dynamic child",
    known: &["max_children", "max_restarts", "by", "restart", "shutdown", "significant", "backoff"],
};
pub(super) const PARTITION: Place = Place {
    what: "option of a partition",
    known: &["strategy", "max_restarts", "restart", "shutdown", "significant", "backoff"],
};

/// The settings of one place, as far as they were right.
#[derive(Default)]
pub(super) struct Words {
    pub(super) strategy: Option<Strategy>,
    pub(super) auto_shutdown: Option<AutoShutdown>,
    pub(super) options: Options,
    seen: Vec<String>,
}

impl Words {
    /// Reads `settings` as those of `place`; a wrong one is told and counts as not given.
    pub(super) fn read(&mut self, settings: Vec<Setting>, place: &Place, errors: &mut Errors) {
        for setting in settings {
            let result = self.accept(&setting, place);
            errors.keep(result);
        }
    }

    fn accept(&mut self, setting: &Setting, place: &Place) -> syn::Result<()> {
        let word = setting.name.to_string();
        let wrong = |message: String| Err(syn::Error::new(setting.name.span(), message));
        if !place.known.contains(&word.as_str()) {
            return wrong(match word.as_str() {
                "max_children" => messages::MAX_CHILDREN_IS_FOR_DYNAMIC.to_owned(),
                _ => attrs::unknown(place.what, &word, place.known.iter().copied()),
            });
        }
        if self.seen.contains(&word) {
            return wrong(fill(messages::OPTION_GIVEN_TWICE, &[&word]));
        }
        self.take(&word, &setting.value)?;
        self.seen.push(word);
        Ok(())
    }

    fn take(&mut self, word: &str, value: &TokenStream) -> syn::Result<()> {
        let options = &mut self.options;
        match word {
            "strategy" => self.strategy = Some(read_strategy(value)?),
            "max_restarts" => options.max_restarts = Some(read_max_restarts(value)?),
            "auto_shutdown" => self.auto_shutdown = Some(read_auto_shutdown(value)?),
            "restart" => options.restart = Some(read_restart(value)?),
            "shutdown" => options.shutdown = Some(read_shutdown(value)?),
            "backoff" => options.backoff = Some(read_backoff(value)?),
            "significant" => options.significant = Some(read_significant(value)?),
            "by" => options.by = Some(syn::parse2(value.clone())?),
            "max_children" => options.max_children = Some(syn::parse2(value.clone())?),
            _ => return Err(error_at(value, messages::CHILDREN_IS_A_LIST)),
        }
        Ok(())
    }
}

fn read_strategy(value: &TokenStream) -> syn::Result<Strategy> {
    let names = Strategy::ALL.map(Strategy::name);
    let word = read_word(value, "strategy", &names)?;
    let known = Strategy::ALL.into_iter().find(|strategy| word == strategy.name());
    known.ok_or_else(|| error_at(value, &unknown_variant("strategy", &word, &names)))
}

fn read_auto_shutdown(value: &TokenStream) -> syn::Result<AutoShutdown> {
    let names = ["Never", "AnySignificant", "AllSignificant"];
    let word = read_word(value, "auto_shutdown", &names)?;
    match word.to_string().as_str() {
        "Never" => Ok(AutoShutdown::Never),
        "AnySignificant" => Ok(AutoShutdown::AnySignificant),
        "AllSignificant" => Ok(AutoShutdown::AllSignificant),
        _ => Err(error_at(value, &unknown_variant("auto_shutdown", &word, &names))),
    }
}

/// Any word is taken: whether `Restart` has such a variant is rustc's to say.
fn read_restart(value: &TokenStream) -> syn::Result<Ident> {
    syn::parse2(value.clone()).map_err(|_| error_at(value, messages::BAD_RESTART))
}

fn read_shutdown(value: &TokenStream) -> syn::Result<Shutdown> {
    let word = syn::parse2::<Ident>(value.clone()).ok();
    match word.map(|word| word.to_string()).as_deref() {
        Some("brutal_kill") => Ok(Shutdown::BrutalKill),
        Some("infinity") => Ok(Shutdown::Infinity),
        _ => Time::from_expr(syn::parse2(value.clone())?).map(Shutdown::After),
    }
}

fn read_significant(value: &TokenStream) -> syn::Result<LitBool> {
    match syn::parse2(value.clone()) {
        Ok(Lit::Bool(value)) => Ok(value),
        _ => Err(error_at(value, messages::SIGNIFICANT_IS_TRUE_OR_FALSE)),
    }
}

/// `exp(100ms, 10s)`
fn read_backoff(value: &TokenStream) -> syn::Result<Backoff> {
    let shape = || error_at(value, messages::BACKOFF_IS_EXP);
    let tokens: Vec<TokenTree> = value.clone().into_iter().collect();
    let [TokenTree::Ident(word), TokenTree::Group(times)] = tokens.as_slice() else {
        return Err(shape());
    };
    let times = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(times.stream())?;
    let mut times = times.into_iter();
    match (times.next(), times.next(), times.next()) {
        (Some(first), Some(longest), None) if word == "exp" => {
            Ok(Backoff { first: Time::from_expr(first)?, longest: Time::from_expr(longest)? })
        }
        _ => Err(shape()),
    }
}

/// `3 in 5s`
fn read_max_restarts(value: &TokenStream) -> syn::Result<MaxRestarts> {
    let is_in = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word == "in");
    let tokens: Vec<TokenTree> = value.clone().into_iter().collect();
    let shape = || error_at(value, messages::MAX_RESTARTS_IS_COUNT_IN_PERIOD);
    let place = tokens.iter().position(is_in).ok_or_else(shape)?;
    let (count, period) = (&tokens[..place], &tokens[place + 1..]);
    if count.is_empty() || period.is_empty() {
        return Err(shape());
    }
    let count: Expr = syn::parse2(count.iter().cloned().collect())?;
    Ok(MaxRestarts { count, period: syn::parse2(period.iter().cloned().collect())? })
}

/// One of the names of a closed set, by whatever word.
fn read_word(value: &TokenStream, field: &str, names: &[&str]) -> syn::Result<Ident> {
    syn::parse2(value.clone()).map_err(|_| {
        error_at(value, &fill(messages::FIELD_IS_ONE_OF, &[&field, &attrs::enumerate(names)]))
    })
}

/// `one_for_one` is as near to `OneForOne` as any word can be.
fn unknown_variant(what: &str, word: &Ident, names: &[&str]) -> String {
    let plain = |word: &str| word.replace('_', "").to_lowercase();
    let text = word.to_string();
    match names.iter().find(|name| plain(name) == plain(&text)) {
        Some(near) => fill(messages::UNKNOWN_WORD_NEAR, &[&what, &text, near]),
        None => attrs::unknown(what, &text, names.iter().copied()),
    }
}

fn error_at(value: &TokenStream, message: &str) -> syn::Error {
    if value.is_empty() {
        return syn::Error::new(value.span(), message);
    }
    syn::Error::new_spanned(value, message)
}
