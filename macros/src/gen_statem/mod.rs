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
mod table;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Item, ItemImpl};

use crate::entry::Expansion;
use crate::errors::Errors;
use crate::gen_server::{self, Bodies};
use crate::messages;
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

fn protocol(args: TokenStream, mut item: ItemImpl, bodies: &mut Bodies) -> Expansion {
    let mut errors = Errors::default();
    let mut machine = Statem::take_from(args, &mut item, bodies, &mut errors);
    check::machine(&mut machine, &mut errors);
    let item = bodies.restore(item.into_token_stream());
    match errors.finish() {
        Ok(()) => Expansion::good(expand::machine(&item, &machine)),
        // The names of the good expansion exist all the same, so one mistake is one error.
        Err(error) => Expansion::broken(expand::fallback(&item, &machine), error),
    }
}
