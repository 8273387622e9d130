//! `#[gen_server]`: a struct becomes a process, its `impl` a mailbox enum, a client and a dispatch.
//!
//! ```text
//! tokens ──parse──▶ ServerInput ──read──▶ Server ──check──▶ Server ──expand──▶ tokens
//!                                  │                 │
//!                                  '───── errors ────'────▶ the user's item + fallback + errors
//! ```

mod check;
mod check_arguments;
mod expand;
mod fallback;
mod identity;
mod model;
mod options;
mod parse;
mod read;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use syn::ItemImpl;

use crate::entry::Expansion;
use crate::errors::Errors;
use parse::ServerInput;

/// Expands `#[gen_server(args)] item`.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> Expansion {
    match ServerInput::parse(item.clone()) {
        Ok(ServerInput::Identity(input)) => identity::expand(args, *input, &item),
        Ok(ServerInput::Protocol(input)) => protocol(args, *input),
        Err(error) => Expansion::broken(read::without_marks(item), error),
    }
}

fn protocol(args: TokenStream, mut item: ItemImpl) -> Expansion {
    let mut errors = Errors::default();
    let mut server = model::Server::take_from(args, &mut item, &mut errors);
    check::server(&mut server, &mut errors);
    match errors.finish() {
        Ok(()) => Expansion::good(expand::server(&item, &server)),
        // The client is emitted all the same, so that one mistake here does not become one
        // more error at every use of the client.
        Err(error) => Expansion::broken(fallback::server(&item, &server), error),
    }
}
