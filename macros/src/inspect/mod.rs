//! What may be shown of a type: `#[inspect(..)]` on its fields, for servers and for
//! `#[derive(Inspect)]`.
//!
//! ```text
//! struct or enum ──model──▶ Shape ──expand──▶ impl Inspect · warnings of names
//! ```

mod expand;
mod model;
mod names;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::DeriveInput;

use crate::attrs::{Kind, Options};
use crate::crate_path::CratePath;
use crate::entry::Expansion;
use crate::errors::Errors;
use crate::messages;

pub(crate) use expand::{bounds, show, warnings, with_bounds};
pub(crate) use model::{Mode, Shape, mode};

/// Expands `#[derive(Inspect)]`.
pub(crate) fn expand(item: TokenStream) -> Expansion {
    let input = match syn::parse2::<DeriveInput>(item) {
        Ok(input) => input,
        Err(error) => return Expansion::broken(TokenStream::new(), error),
    };
    let mut errors = Errors::default();
    let of_type = model::list_of_type(&input.attrs);
    let mut options = Options::read(of_type, &[("crate", Kind::Value)], &mut errors);
    let krate = CratePath::take(&mut options, &mut errors);
    if let syn::Data::Union(_) = input.data {
        errors.at(&input.ident, messages::INSPECT_ON_WRONG_ITEM);
    }
    let shape = Shape::read(&input, &mut errors);
    match errors.finish() {
        Ok(()) => {
            let implemented = expand::implement(&shape, &krate, None);
            let warnings = expand::warnings_of_marked(&shape, &krate);
            Expansion::good(quote!(#implemented #warnings))
        }
        Err(error) => Expansion::broken(expand::fallback(&shape, &krate), error),
    }
}

/// What a type with marked fields has beside its server: its [`Inspect`](Shape), and the type
/// itself without the marks.
pub(crate) fn implement(shape: &Shape, krate: &CratePath, mode: Option<&Mode>) -> TokenStream {
    match shape.has_marks() {
        true => expand::implement(shape, krate, mode),
        false => TokenStream::new(),
    }
}

/// The item without `#[inspect(..)]`.
pub(crate) fn without_marks(item: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in item {
        match token {
            TokenTree::Group(group) if is_mark(&group, kept.last()) => {
                kept.pop();
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), without_marks(group.stream()));
                inner.set_span(group.span());
                kept.push(TokenTree::Group(inner));
            }
            other => kept.push(other),
        }
    }
    kept.into_iter().collect()
}

/// `[inspect ..]` after `#`.
fn is_mark(group: &Group, before: Option<&TokenTree>) -> bool {
    let is_attribute = group.delimiter() == Delimiter::Bracket
        && matches!(before, Some(TokenTree::Punct(hash)) if hash.as_char() == '#');
    let first = group.stream().into_iter().next();
    is_attribute && matches!(first, Some(TokenTree::Ident(word)) if word == "inspect")
}
