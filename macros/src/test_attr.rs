//! `#[cordial::test]`: an async test on a node of its own, whose clock stands still while anything
//! is left to do.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::ItemFn;

use crate::async_fn::{self, AsyncFn};
use crate::attrs::{Kind, Known};
use crate::entry::Expansion;
use crate::errors::Errors;
use crate::messages;

const OPTIONS: [Known; 3] =
    [("workers", Kind::Value), ("seed", Kind::Value), ("crate", Kind::Value)];

/// What an annotated test becomes.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> Expansion {
    let mut errors = Errors::default();
    let Some(function) = AsyncFn::read("test", args, &OPTIONS, item.clone(), &mut errors) else {
        return async_fn::broken(item, errors);
    };
    check_is_not_a_test_already(&function.item, &mut errors);
    if errors.is_empty() {
        Expansion::good(expand_test(&function))
    } else {
        async_fn::broken(TokenStream::new(), errors)
    }
}

/// `#[tokio::test]` beside ours would run the body twice, once without a node.
fn check_is_not_a_test_already(item: &ItemFn, errors: &mut Errors) {
    for attr in &item.attrs {
        if attr.path().segments.last().is_some_and(|last| last.ident == "test") {
            errors.at(attr, messages::TEST_IS_A_TEST);
        }
    }
}

fn expand_test(function: &AsyncFn) -> TokenStream {
    let AsyncFn { krate, item, .. } = function;
    let (attrs, vis, name, output) = (&item.attrs, &item.vis, &item.sig.ident, &item.sig.output);
    let (inner, inner_name) = (function.inner(), async_fn::inner_name());
    let (workers, seed) = (function.workers_of_test(), function.seed_of_test());
    let run = if function.returns_result() { "run_try_test_as" } else { "run_test_as" };
    let run = Ident::new(run, Span::call_site());
    quote! {
        #[::core::prelude::v1::test]
        #(#attrs)*
        #vis fn #name() #output {
            #inner
            #krate::__private::#run(#workers, #seed, #inner_name())
        }
    }
}
