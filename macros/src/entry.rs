//! The boundary: runs `expand`, turns errors into `compile_error!` beside the fallback, prints the
//! expansion under `CORDIAL_EXPAND=<macro>`.
//!
//! ```text
//! proc_macro tokens ─▶ expand ─▶ Expansion { tokens, error }
//!                                    │          └─▶ compile_error!s
//!                                    └─▶ the user's item + shell (or fallback)
//! ```

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use crate::print;

/// Says which macro's expansions are printed: its name, or `1` for all.
const EXPAND: &str = "CORDIAL_EXPAND";

/// What one use of a macro becomes.
#[derive(Debug)]
pub(crate) struct Expansion {
    /// The user's item with what was generated, or with the fallback when there are errors. Of a
    /// value beside errors: what is kept [for editors](for_editors).
    pub(crate) tokens: TokenStream,
    /// Everything that is wrong with the input.
    pub(crate) error: Option<syn::Error>,
}

impl Expansion {
    /// An expansion without errors.
    pub(crate) const fn good(tokens: TokenStream) -> Self {
        Self { tokens, error: None }
    }

    /// An expansion whose input was wrong: `tokens` stand beside the errors.
    pub(crate) const fn broken(tokens: TokenStream, error: syn::Error) -> Self {
        Self { tokens, error: Some(error) }
    }

    /// What the compiler gets: the tokens, then one `compile_error!` per error.
    pub(crate) fn into_tokens(self) -> TokenStream {
        let errors = self.error.map(syn::Error::into_compile_error);
        let tokens = self.tokens;
        quote!(#tokens #errors)
    }
}

/// Runs an attribute macro.
pub(crate) fn attribute(
    name: &str,
    args: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
    expand: impl FnOnce(TokenStream, TokenStream) -> Expansion,
) -> proc_macro::TokenStream {
    let item = TokenStream::from(item);
    // A struct is one of two halves: the other one says it for both.
    let rerun = (!is_struct(&item)).then(rerun);
    let tokens = expand(args.into(), item).into_tokens();
    print(name, &tokens);
    quote!(#tokens #rerun).into()
}

fn is_struct(item: &TokenStream) -> bool {
    let is_keyword = |token| matches!(token, TokenTree::Ident(ident) if ident == "struct");
    item.clone().into_iter().any(is_keyword)
}

/// Runs a function-like macro that stands where items stand.
pub(crate) fn items(
    name: &str,
    input: proc_macro::TokenStream,
    expand: impl FnOnce(TokenStream) -> Expansion,
) -> proc_macro::TokenStream {
    let tokens = expand(input.into()).into_tokens();
    print(name, &tokens);
    let rerun = rerun();
    quote!(#tokens #rerun).into()
}

/// Runs a function-like macro that stands where an expression or a statement stands; what it
/// becomes follows a block.
pub(crate) fn expression(
    name: &str,
    input: proc_macro::TokenStream,
    expand: impl FnOnce(TokenStream) -> Expansion,
) -> proc_macro::TokenStream {
    let Expansion { tokens, error } = expand(input.into());
    let rerun = rerun();
    let all = match error.map(syn::Error::into_compile_error) {
        Some(errors) => quote!({ #rerun #tokens #errors }),
        None => quote!({ #rerun } #tokens),
    };
    print(name, &all);
    all.into()
}

/// Runs a function-like macro that is a value: a block, and with errors one of any type.
pub(crate) fn value(
    name: &str,
    input: proc_macro::TokenStream,
    expand: impl FnOnce(TokenStream) -> Expansion,
) -> proc_macro::TokenStream {
    let Expansion { tokens, error } = expand(input.into());
    let rerun = rerun();
    let all = match error.map(syn::Error::into_compile_error) {
        Some(errors) => quote!({ #rerun #tokens #errors ::core::unreachable!() }),
        None => quote!({ #rerun #tokens }),
    };
    print(name, &all);
    all.into()
}

/// Runs a function-like macro that is an expression and no more, so that what it borrows lives as
/// long as if it had been written by hand: in a block it would not.
pub(crate) fn bare(
    name: &str,
    input: proc_macro::TokenStream,
    expand: impl FnOnce(TokenStream) -> Expansion,
) -> proc_macro::TokenStream {
    let Expansion { tokens, error } = expand(input.into());
    let all = match error.map(syn::Error::into_compile_error) {
        Some(errors) => quote!({ #tokens #errors }),
        None => tokens,
    };
    print(name, &all);
    all.into()
}

/// What is finished of an input that is not, for editors: they know its types then, and complete.
/// The compiler does not look at it, so that it has nothing to add to the error.
pub(crate) fn for_editors(finished: &TokenStream) -> TokenStream {
    if finished.is_empty() {
        return TokenStream::new();
    }
    quote! {
        #[allow(unexpected_cfgs)]
        {
            #[cfg(rust_analyzer)]
            { #finished }
        }
    }
}

/// The longest beginning of the tokens that is whole.
pub(crate) fn finished<T: syn::parse::Parse>(tokens: TokenStream) -> Option<T> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let beginnings = (1..=tokens.len()).rev().map(|end| tokens[..end].iter().cloned().collect());
    let mut whole = beginnings.filter_map(|tokens: TokenStream| syn::parse2(tokens).ok());
    whole.next()
}

/// Makes cargo expand again when the variable changes; it would not notice otherwise.
fn rerun() -> TokenStream {
    quote! {
        const _: bool = ::core::option_env!("CORDIAL_EXPAND").is_some();
    }
}

#[allow(clippy::print_stderr, reason = "printing the expansion is what the user asked for")]
fn print(name: &str, tokens: &TokenStream) {
    let Ok(asked) = std::env::var(EXPAND) else { return };
    if asked == name || asked == "1" {
        eprintln!("// {name}\n{}", print::lines(tokens));
    }
}
