//! `#[behaviour]`: a trait becomes messages, a client of its own, and a handle of whoever has it.
//!
//! ```text
//! trait Storage ──▶ the trait, its marks taken out ── two hidden methods that dispatch
//!                   StorageMsg · StorageCasts · StorageClient · StorageRef
//!                   impl Behaviour for dyn Storage: by the trait's name all of it is found
//! ```
//! A server's `behaviours(Storage)` names the trait and nothing else, so it may be imported under
//! any name, from any crate.

mod check;
mod expand;
mod read;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Item, ItemTrait, TraitItem};

use super::bodies::Bodies;
use super::read::Mark;
use crate::entry::Expansion;
use crate::errors::Errors;
use crate::messages;

/// Expands `#[behaviour(args)] item`.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> Expansion {
    let (without_bodies, bodies) = Bodies::take_from(item.clone());
    let mut parsed = match parse(without_bodies) {
        Ok(parsed) => parsed,
        Err(error) => return Expansion::broken(without_marks(item), error),
    };
    let mut errors = Errors::default();
    let mut server = read::behaviour(args, &mut parsed, &mut errors);
    check::behaviour(&mut server, &parsed, &mut errors);
    match errors.finish() {
        Ok(()) => Expansion::good(bodies.restore(expand::behaviour(
            parsed,
            &server,
            expand::Purpose::Run,
        ))),
        Err(error) => {
            let tokens = expand::behaviour(parsed, &server, expand::Purpose::Resolve);
            Expansion::broken(bodies.restore(tokens), error)
        }
    }
}

fn parse(item: TokenStream) -> syn::Result<ItemTrait> {
    match syn::parse2::<Item>(item)? {
        Item::Trait(item) => Ok(item),
        other => Err(syn::Error::new_spanned(other, messages::BEHAVIOUR_ON_WRONG_ITEM)),
    }
}

/// An item that is no trait of ours, without the attributes that only we know.
fn without_marks(item: TokenStream) -> TokenStream {
    match syn::parse2::<ItemTrait>(item.clone()) {
        Ok(mut parsed) => {
            for item in &mut parsed.items {
                if let TraitItem::Fn(method) = item {
                    method.attrs.retain(|attr| !matches!(Mark::of(attr), Mark::Role(_)));
                }
            }
            parsed.into_token_stream()
        }
        Err(_) => super::read::without_marks(item),
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn errors_of(item: TokenStream) -> Vec<String> {
        let errors = expand(TokenStream::new(), item).error.into_iter().flatten();
        errors.map(|error| error.to_string()).collect()
    }

    #[test]
    fn a_trait_of_calls_and_casts_is_a_behaviour() {
        let item = quote! {
            pub trait Storage<K: Ord>: Sync {
                #[call(timeout = 2s)]
                fn get(&self, key: &str) -> Option<K>;
                #[call]
                async fn flush(&mut self, ctx: &mut Ctx<Self>) -> Result<(), String> {
                    half typed
                }
                #[cast]
                fn put(&mut self, #[into] key: String, value: K) {}
                #[call]
                fn later(&mut self, from: ReplyTo<u8>);
                fn name(&self) -> String;
            }
        };
        let Expansion { tokens, error } = expand(TokenStream::new(), item);
        assert!(error.is_none(), "{error:?}");
        let text = tokens.to_string();
        assert!(!text.contains("call (timeout") && !text.contains("# [into]"), "{text}");
        assert!(text.contains("{ half typed }"), "{text}");
    }

    #[test]
    fn one_slip_is_one_error() {
        let of = |item: TokenStream| errors_of(quote!(trait Storage { #item }));
        assert_eq!(
            errors_of(quote!(
                struct X;
            )),
            [messages::BEHAVIOUR_ON_WRONG_ITEM]
        );
        assert_eq!(
            of(quote!()),
            ["`Storage` has no callbacks: mark at least one method `#[call]` or `#[cast]`"]
        );
        let role =
            ["a behaviour has calls and casts: `#[init]` belongs on the server's own `impl`"];
        assert_eq!(
            of(quote!(
                #[init]
                fn new() -> Self;
                #[cast]
                fn a(&mut self);
            )),
            role
        );
        let fixed = [messages::BEHAVIOUR_HAS_FUNCTIONS_ONLY];
        assert_eq!(
            of(quote!(
                type Key;
                #[cast]
                fn a(&mut self);
            )),
            fixed
        );
        assert_eq!(
            of(quote!(
                const N: u8;
                #[cast]
                fn a(&mut self);
            )),
            fixed
        );
    }

    #[test]
    fn one_slip_in_a_callback_is_one_error() {
        let of = |item: TokenStream| errors_of(quote!(trait Storage { #item }));
        let generic = [messages::GENERIC_CALLBACK];
        assert_eq!(
            of(quote!(
                #[cast]
                fn a<T>(&mut self, t: T);
            )),
            generic
        );
        let same = [messages::CALLBACK_NAMES_SELF];
        assert_eq!(
            of(quote!(
                #[cast]
                fn a(&mut self, other: Vec<Self>);
            )),
            same
        );
        assert_eq!(
            of(quote!(
                #[call]
                fn a(&self) -> Self;
            )),
            same
        );
        let task = ["`task` is about one server's state or mailbox, and a behaviour knows neither"];
        assert_eq!(
            of(quote!(
                #[call(task)]
                async fn a(&self) -> u8;
            )),
            task
        );
    }
}
