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
pub(crate) mod parse;
mod uses;
mod words;

#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use quote::quote;

use crate::application::Application;
use crate::entry::Expansion;
use crate::errors::Errors;

/// What a use of `supervisor!` becomes.
pub(crate) fn expand(input: TokenStream) -> Expansion {
    let mut errors = Errors::default();
    let Some(mut input) = parse::input(input, &mut errors) else {
        let error = errors.finish().expect_err("what cannot be read was told");
        return Expansion::broken(TokenStream::new(), error);
    };
    let application = Application::take(&mut input.header, &mut errors);
    let application = application.map(|application| application.expand());
    let supervisor = model::Supervisor::read(input, &mut errors);
    check::supervisor(&supervisor, &mut errors);
    match errors.finish() {
        Ok(()) => {
            let tree = expand::supervisor(&supervisor);
            Expansion::good(quote!(#tree #application))
        }
        Err(error) => {
            let tree = fallback::supervisor(supervisor, &first_of(&error));
            Expansion::broken(quote!(#tree #application), error)
        }
    }
}

fn first_of(error: &syn::Error) -> syn::Error {
    error.clone().into_iter().next().expect("an error has at least one message")
}
