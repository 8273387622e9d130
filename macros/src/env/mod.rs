//! `#[derive(Env)]`: a struct becomes an environment, each field a key.
//!
//! ```text
//! struct ──model──▶ Environment ──expand──▶ impl Env: KEYS · read
//!             '─ errors ─▶ the same impl without keys
//! ```

mod expand;
mod model;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::entry::Expansion;
use crate::errors::Errors;

/// What a derived struct gets.
pub(crate) fn expand(item: TokenStream) -> Expansion {
    let input = match syn::parse2::<DeriveInput>(item) {
        Ok(input) => input,
        Err(error) => return Expansion::broken(TokenStream::new(), error),
    };
    let mut errors = Errors::default();
    let environment = model::Environment::read(&input, &mut errors);
    match errors.finish() {
        Ok(()) => Expansion::good(expand::environment(&environment)),
        Err(error) => Expansion::broken(expand::fallback(&environment), error),
    }
}
