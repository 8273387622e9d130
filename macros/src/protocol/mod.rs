//! `protocol!`: a conversation of two sides becomes a type per state and side.
//!
//! ```text
//! tokens ──parse──▶ Protocol (steps) ──check──▶ machine (states) ──expand──▶ tokens
//!                       │                 │
//!                       '───── errors ────┴──▶ what can be made of the rest + errors
//! ```

mod check;
mod draw;
mod expand;
mod machine;
mod model;
mod parse;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser};

use crate::entry::Expansion;
use crate::errors::Errors;
use machine::Machine;
use model::Protocol;

/// What a use of `protocol!` becomes: items.
pub(crate) fn expand(input: TokenStream) -> Expansion {
    let mut errors = Errors::default();
    let mut read = None;
    let parsed = (|input: ParseStream<'_>| {
        read = Protocol::read(input, &mut errors)?;
        Ok(())
    })
    .parse2(input);
    errors.keep(parsed);
    let Some(mut protocol) = read else {
        let error = errors.finish().expect_err("what is no protocol was told why");
        return Expansion::broken(TokenStream::new(), error);
    };
    check::protocol(&protocol, &mut errors);
    protocol.tell_roles_apart();
    let machine = Machine::of(&protocol, &mut errors);
    let tokens = expand::protocol(&protocol, &machine);
    match errors.finish() {
        Ok(()) => Expansion::good(tokens),
        // The states are made all the same, so that one mistake here does not become one more
        // error at every use of them.
        Err(error) => Expansion::broken(tokens, error),
    }
}
