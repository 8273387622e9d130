//! `#[gen_statem]`: an `impl` of clauses becomes a server whose handlers look at the state first.
//!
//! ```text
//! tokens ──read──▶ Statem { Server of the events, clauses } ──check──▶ ──expand──▶ tokens
//!                    │                                        │
//!                    '──────────────── errors ────────────────'──▶ the user's item + fallback
//! ```
//!
//! What others see of it (the mailbox enum, the client, how it is started) is made by
//! [`gen_server`](crate::gen_server), of one handler per event.

mod attributes;
mod check;
mod draw;
mod expand;
mod model;
mod read;
mod rows;
mod slips;
mod table;
#[cfg(test)]
mod tests;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{ImplItem, Item, ItemImpl};

use crate::entry::Expansion;
use crate::errors::Errors;
use crate::gen_server::{self, Bodies};
use crate::messages::{self, fill};
use model::Statem;

/// Expands `#[gen_statem(args)] item`.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> Expansion {
    let (without_bodies, mut bodies) = Bodies::take_from(item.clone());
    match syn::parse2::<Item>(without_bodies) {
        Ok(Item::Impl(found)) => match named_and_inherent(&found) {
            Ok(()) => protocol(args, found, &mut bodies),
            Err(error) => Expansion::broken(gen_server::without_marks(item), error),
        },
        Ok(Item::Struct(_) | Item::Enum(_)) => identity(args, item),
        Ok(other) => {
            let error = syn::Error::new_spanned(other, messages::GEN_STATEM_ON_WRONG_ITEM);
            Expansion::broken(item, error)
        }
        Err(error) => Expansion::broken(gen_server::without_marks(item), error),
    }
}

/// The struct's side is that of any server, but for the states, which stand on the `impl`.
fn identity(args: TokenStream, item: TokenStream) -> Expansion {
    let states = read::leading_states(&args);
    let is_local = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word == "local");
    if let Some(local) = args.clone().into_iter().find(is_local) {
        let message = fill(messages::NOT_AVAILABLE_YET, &[&local]);
        let Expansion { tokens, .. } = gen_server::expand(TokenStream::new(), item);
        return Expansion::broken(tokens, syn::Error::new_spanned(local, message));
    }
    if states.is_empty() {
        return gen_server::expand(args, item);
    }
    let first = states.into_iter().next();
    let error = syn::Error::new_spanned(first, messages::STATES_ON_STRUCT);
    let Expansion { tokens, .. } = gen_server::expand(TokenStream::new(), item);
    Expansion::broken(tokens, error)
}

fn named_and_inherent(item: &ItemImpl) -> syn::Result<()> {
    if let Some((path, _)) = &item.trait_ {
        return Err(syn::Error::new_spanned(path, messages::GEN_STATEM_ON_WRONG_ITEM));
    }
    match crate::argument::last_segment(&item.self_ty) {
        Some(_) => Ok(()),
        None => Err(syn::Error::new_spanned(&item.self_ty, messages::SERVER_HAS_NO_NAME)),
    }
}

/// Whether this stands under `#[gen_server(args)]` by mistake.
pub(crate) fn is_machine(args: &TokenStream, item: &ItemImpl) -> bool {
    let is_clause = |item: &ImplItem| match item {
        ImplItem::Fn(method) => method.attrs.iter().any(|attr| attr.path().is_ident("on")),
        _ => false,
    };
    read::begins_with_state(args) || item.items.iter().any(is_clause)
}

/// A machine under `#[gen_server(args)]`: all its names are there, and this is all that is told.
pub(crate) fn under_gen_server(
    args: TokenStream,
    mut item: ItemImpl,
    bodies: &mut Bodies,
) -> Expansion {
    let args = match read::begins_with_state(&args) {
        true => args,
        false => {
            let states = read::named_states(&item.to_token_stream());
            quote!(#(#states)|*, #args)
        }
    };
    let mut ignored = Errors::default();
    let mut machine = Statem::take_from(args, &mut item, bodies, &mut ignored);
    let states: Vec<String> = machine.states.iter().map(ToString::to_string).collect();
    let states = match states.is_empty() {
        true => "Locked | Open".to_owned(),
        false => states.join(" | "),
    };
    check::machine(&mut machine, &mut ignored);
    let item = bodies.restore(item.into_token_stream());
    let message = fill(messages::MACHINE_IS_NO_SERVER, &[&states]);
    let error = syn::Error::new(Span::call_site(), message);
    Expansion::broken(expand::fallback(&item, &machine), error)
}

fn protocol(args: TokenStream, mut item: ItemImpl, bodies: &mut Bodies) -> Expansion {
    let mut errors = Errors::default();
    let says_nothing = args.is_empty();
    let mut machine = Statem::take_from(args, &mut item, bodies, &mut errors);
    if says_nothing {
        // It may be a server; what else is wrong is looked at when there are states.
        errors = Errors::default();
    }
    check::machine(&mut machine, &mut errors);
    let item = bodies.restore(item.into_token_stream());
    match errors.finish() {
        Ok(()) => Expansion::good(expand::machine(&item, &machine)),
        // The names of the good expansion exist all the same, so one mistake is one error.
        Err(error) => Expansion::broken(expand::fallback(&item, &machine), error),
    }
}
