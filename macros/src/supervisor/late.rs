//! `late sibling`, wherever it stands in an argument.
//!
//! It is no expression of Rust, so before anything is parsed it becomes a name that nobody else
//! can have: the variable of the sibling's late handle.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;

use crate::hygiene::regrouped;

/// How the variable of a late handle begins.
const PREFIX: &str = "__late_";

/// The tokens with a variable in place of each `late sibling` inside parentheses.
pub(crate) fn mark(tokens: TokenStream) -> TokenStream {
    mark_in(tokens.clone(), false).unwrap_or(tokens)
}

/// `None`: there is none, and every group keeps its spans.
fn mark_in(tokens: TokenStream, in_arguments: bool) -> Option<TokenStream> {
    let mut marked = Vec::new();
    let mut is_marked = false;
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let sibling = match &token {
            TokenTree::Ident(word) if in_arguments && word == "late" => tokens.next_if(is_name),
            _ => None,
        };
        marked.push(match (sibling, token) {
            (Some(sibling), _) => {
                is_marked = true;
                TokenTree::Ident(variable(&sibling))
            }
            (None, TokenTree::Group(group)) => {
                let inside = in_arguments || group.delimiter() == Delimiter::Parenthesis;
                match mark_in(group.stream(), inside) {
                    Some(stream) => {
                        is_marked = true;
                        TokenTree::Group(regrouped(&group, stream))
                    }
                    None => TokenTree::Group(group),
                }
            }
            (None, token) => token,
        });
    }
    is_marked.then(|| marked.into_iter().collect())
}

/// Any identifier that is no keyword.
fn is_name(token: &TokenTree) -> bool {
    syn::parse2::<Ident>(token.to_token_stream()).is_ok()
}

/// The variable of a sibling's late handle, shown where the sibling's name stands.
fn variable(sibling: &TokenTree) -> Ident {
    let name = sibling.to_string();
    Ident::new(&format!("{PREFIX}{}", name.strip_prefix("r#").unwrap_or(&name)), sibling.span())
}

/// The sibling that a variable is the late handle of.
pub(crate) fn sibling(variable: &Ident) -> Option<Ident> {
    let name = variable.to_string();
    let name = name.strip_prefix(PREFIX)?;
    let parsed = syn::parse_str::<Ident>(name);
    let mut sibling = parsed.unwrap_or_else(|_| Ident::new_raw(name, variable.span()));
    sibling.set_span(variable.span());
    Some(sibling)
}

/// Whether `variable` is the late handle of `child`.
pub(crate) fn is_of(variable: &Ident, child: &Ident) -> bool {
    *variable == format!("{PREFIX}{}", child.unraw())
}
