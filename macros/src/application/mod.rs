//! `#[application]`: the tree of a `supervisor!` becomes an application.
//!
//! ```text
//! #[application(..)] supervisor! { pub S {..} } ──▶ supervisor! { #[application(..)] pub S {..} }
//! supervisor! ──take──▶ Application ──expand──▶ impl Application for S · S::run
//! ```
//! Before the macro call the attribute only moves inside; what it means is told there, beside what
//! the tree is.

mod expand;
mod model;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::{Item, ItemMacro};

use crate::entry::Expansion;
use crate::messages;

pub(crate) use model::Application;

/// The attribute in front of a macro call.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> Expansion {
    let args = Group::new(Delimiter::Parenthesis, args);
    let args = quote!(#[application #args]);
    // `Self::supervisor!` is a call for rustc, and no item.
    match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Macro(call))
            if call.mac.path.segments.last().is_some_and(|last| last.ident == "supervisor") =>
        {
            Expansion::good(moved_inside(args, call))
        }
        _ => {
            let first: Option<TokenTree> = item.clone().into_iter().next();
            let error = syn::Error::new_spanned(first, messages::APPLICATION_ON_WRONG_ITEM);
            Expansion::broken(item, error)
        }
    }
}

/// The same call with the attribute behind its `crate = path;`, and documentation with it.
fn moved_inside(ours: TokenStream, mut call: ItemMacro) -> TokenStream {
    let mut front = TokenStream::new();
    let mut tokens = call.mac.tokens.into_iter().peekable();
    let is_crate = |token: &TokenTree| matches!(token, TokenTree::Ident(ident) if ident == "crate");
    if tokens.peek().is_some_and(is_crate) {
        for token in tokens.by_ref() {
            let is_last = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ';');
            front.extend([token]);
            if is_last {
                break;
            }
        }
    }
    let others = std::mem::take(&mut call.attrs);
    front.extend(quote!(#(#others)*));
    front.extend(ours);
    call.mac.tokens = quote!(#front #(#tokens)*);
    quote!(#call)
}
