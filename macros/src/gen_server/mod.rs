//! `#[gen_server]`: a struct becomes a process, its `impl` a mailbox enum, a client and a dispatch.
//!
//! ```text
//! tokens ──parse──▶ ServerInput ──read──▶ Server ──check──▶ Server ──expand──▶ tokens
//!                                  │                 │
//!                                  '───── errors ────'────▶ the user's item + fallback + errors
//! ```

pub(crate) mod behaviour;
mod bodies;
pub(crate) mod check;
mod check_arguments;
pub(crate) mod expand;
pub(crate) mod fallback;
mod identity;
mod local;
pub(crate) mod model;
pub(crate) mod options;
mod parse;
pub(crate) mod read;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ItemImpl;

use crate::entry::Expansion;
use crate::errors::Errors;
use crate::gen_statem;
pub(crate) use bodies::Bodies;
use parse::ServerInput;
pub(crate) use read::without_marks;

/// Expands `#[gen_server(args)] item`.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> Expansion {
    let (without_bodies, mut bodies) = Bodies::take_from(item.clone());
    match ServerInput::parse(without_bodies.clone()) {
        Ok(ServerInput::Identity(input)) => identity::expand(args, *input, &item),
        Ok(ServerInput::Protocol(input)) if gen_statem::is_machine(&args, &input) => {
            gen_statem::under_gen_server(args, *input, &mut bodies)
        }
        Ok(ServerInput::Protocol(input)) => protocol(args, *input, &bodies),
        Err(error) => {
            let readable = ServerInput::parse_readable(without_bodies);
            let shell = readable.filter(|input| !gen_statem::is_machine(&args, input));
            let shell = shell.map(|input| shell_of(args, input));
            let item = without_marks(item);
            Expansion::broken(quote!(#item #shell), error)
        }
    }
}

/// What stands beside an `impl` of which only this can be read: nobody is told that the server has
/// none, or no client.
fn shell_of(args: TokenStream, mut item: ItemImpl) -> TokenStream {
    let mut untold = Errors::default();
    let mut server = model::Server::take_from(args, &mut item, &mut untold);
    check::server(&mut server, &mut untold);
    fallback::server(&TokenStream::new(), &server)
}

fn protocol(args: TokenStream, mut item: ItemImpl, bodies: &Bodies) -> Expansion {
    let mut errors = Errors::default();
    let mut server = model::Server::take_from(args, &mut item, &mut errors);
    check::server(&mut server, &mut errors);
    let item = bodies.restore(item.into_token_stream());
    match errors.finish() {
        Ok(()) => Expansion::good(expand::server(&item, &server)),
        // The client is emitted all the same, so that one mistake here does not become one
        // more error at every use of the client.
        Err(error) => Expansion::broken(fallback::server(&item, &server), error),
    }
}
