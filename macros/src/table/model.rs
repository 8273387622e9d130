//! What a table is: plain data, read from the input with every word looked up.

use proc_macro2::{Ident, TokenStream};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, Generics, Path, Token, Type, Visibility};

use crate::argument;
use crate::attrs::{self, Known, Options, Time};
use crate::crate_path::CratePath;
use crate::errors::Errors;
use crate::messages::{self, fill};

/// The kinds, with the types that stand for them.
const KINDS: [(&str, &str); 4] = [
    ("set", "Set"),
    ("ordered_set", "OrderedSet"),
    ("bag", "Bag"),
    ("duplicate_bag", "DuplicateBag"),
];

/// The protections, with the types that stand for them.
const PROTECTIONS: [(&str, &str); 3] =
    [("protected", "Protected"), ("public", "Public"), ("private", "Private")];

const OPTIONS: [Known; 10] = [
    ("set", attrs::Kind::Flag),
    ("ordered_set", attrs::Kind::Flag),
    ("bag", attrs::Kind::Flag),
    ("duplicate_bag", attrs::Kind::Flag),
    ("protected", attrs::Kind::Flag),
    ("public", attrs::Kind::Flag),
    ("private", attrs::Kind::Flag),
    ("ttl", attrs::Kind::Value),
    ("max", attrs::Kind::Value),
    ("heir", attrs::Kind::Value),
];

/// One use of the macro.
pub(super) struct Table {
    pub(super) krate: CratePath,
    pub(super) attrs: Vec<Attribute>,
    pub(super) vis: Visibility,
    pub(super) name: Ident,
    pub(super) generics: Generics,
    pub(super) key: Type,
    pub(super) value: Type,
    /// `Set`, ..
    pub(super) kind: Ident,
    /// `Protected`, ..
    pub(super) access: Ident,
    pub(super) ttl: Option<Time>,
    pub(super) max: Option<Expr>,
    pub(super) heir: Option<Path>,
}

impl Table {
    /// `None` if not even its rows can be read.
    pub(super) fn read(input: TokenStream, errors: &mut Errors) -> Option<Self> {
        let (mut table, rest) = errors.keep(parse.parse2(input))?;
        for lifetime in table.generics.lifetimes() {
            let message = fill(messages::TABLE_WITH_LIFETIME, &[&lifetime.lifetime]);
            errors.at(&lifetime.lifetime, message);
        }
        let mut options = Options::read(rest, &OPTIONS, errors);
        if let Some((word, kind)) = one_of(&KINDS, "kind", &mut options, errors) {
            table.kind = Ident::new(kind, word.span());
        }
        if let Some((word, access)) = one_of(&PROTECTIONS, "protection", &mut options, errors) {
            table.access = Ident::new(access, word.span());
        }
        table.read_ages(&mut options, errors);
        table.heir = options.value("heir").and_then(|heir| read_heir(heir, errors));
        // With a lifetime nothing of it compiles, and all of that has been said.
        table.generics.lifetimes().next().is_none().then_some(table)
    }

    fn read_ages(&mut self, options: &mut Options, errors: &mut Errors) {
        let (ttl, max) = (options.take("ttl"), options.take("max"));
        if self.kind == "Bag" || self.kind == "DuplicateBag" {
            for (key, _) in [&ttl, &max].into_iter().flatten() {
                errors.at(key, fill(messages::BAG_KEEPS_ALL, &[key]));
            }
            return;
        }
        let ttl = ttl.and_then(|(_, value)| value).map(Time::from_expr);
        self.ttl = errors.keep(ttl.transpose()).flatten();
        self.max = max.and_then(|(_, value)| value);
    }
}

/// Everything up to the options.
fn parse(input: ParseStream<'_>) -> syn::Result<(Table, TokenStream)> {
    let krate = CratePath::parse_front(input)?;
    let attrs = input.call(Attribute::parse_outer)?;
    let vis = input.parse()?;
    if !input.peek(syn::Ident) {
        return Err(syn::Error::new(input.span(), messages::TABLE_NEEDS_NAME));
    }
    let name: Ident = input.parse()?;
    let generics = input.call(argument::parse_generics)?;
    let missing = |at: ParseStream<'_>| {
        let place = if at.is_empty() { name.span() } else { at.span() };
        syn::Error::new(place, fill(messages::TABLE_NEEDS_ROWS, &[&name]))
    };
    input.parse::<Token![:]>().map_err(|_| missing(input))?;
    let key = input.parse()?;
    input.parse::<Token![=>]>().map_err(|_| missing(input))?;
    let value = input.parse()?;
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    let (kind, access) = (Ident::new("Set", name.span()), Ident::new("Protected", name.span()));
    let (ttl, max, heir) = (None, None, None);
    let table =
        Table { krate, attrs, vis, name, generics, key, value, kind, access, ttl, max, heir };
    Ok((table, input.parse()?))
}

/// The one of these words that was given; a second one is told.
fn one_of(
    words: &[(&str, &'static str)],
    what: &str,
    options: &mut Options,
    errors: &mut Errors,
) -> Option<(Ident, &'static str)> {
    let mut given = words.iter().filter_map(|(word, ty)| Some((options.flag(word)?, *ty)));
    let first = given.next()?;
    for (second, _) in given {
        errors.at(&second, fill(messages::TABLE_IS_ALREADY, &[&what, &first.0]));
    }
    Some(first)
}

fn read_heir(heir: Expr, errors: &mut Errors) -> Option<Path> {
    match heir {
        Expr::Path(path) if path.qself.is_none() => Some(path.path),
        other => {
            errors.at(other, messages::HEIR_IS_A_SERVER);
            None
        }
    }
}
