//! `supervisor!`: a declared tree becomes a struct, a struct of typed handles and a start function.
//!
//! ```text
//! tokens ──parse──▶ Input ──model──▶ Supervisor ──check──▶ Supervisor ──expand──▶ tokens
//!             |              |                 |
//!             '────────── errors ──────────────┴──fallback──▶ the same names, without bodies
//! ```

mod check;
mod draw;
mod expand;
mod fallback;
mod handles;
mod late;
mod model;
mod names;
mod parse;
mod uses;
mod words;

#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;

use crate::entry::Expansion;
use crate::errors::Errors;

/// What a use of `supervisor!` becomes.
pub(crate) fn expand(input: TokenStream) -> Expansion {
    let mut errors = Errors::default();
    let Some(input) = parse::input(input, &mut errors) else {
        let error = errors.finish().expect_err("what cannot be read was told");
        return Expansion::broken(TokenStream::new(), error);
    };
    let supervisor = model::Supervisor::read(input, &mut errors);
    check::supervisor(&supervisor, &mut errors);
    match errors.finish() {
        Ok(()) => Expansion::good(expand::supervisor(&supervisor)),
        Err(error) => Expansion::broken(fallback::supervisor(supervisor, &first_of(&error)), error),
    }
}

fn first_of(error: &syn::Error) -> syn::Error {
    error.clone().into_iter().next().expect("an error has at least one message")
}
