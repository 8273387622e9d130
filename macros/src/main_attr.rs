//! `#[cordial::main]`: an async `main` on a node of its own, which is shut down in order after it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::ItemFn;

use crate::async_fn::{self, AsyncFn};
use crate::attrs::{Kind, Known};
use crate::entry::Expansion;
use crate::errors::Errors;
use crate::messages;

const OPTIONS: [Known; 3] =
    [("workers", Kind::Value), ("current_thread", Kind::Flag), ("crate", Kind::Value)];

/// What an annotated `main` becomes.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> Expansion {
    let mut errors = Errors::default();
    let Some(function) = AsyncFn::read("main", args, &OPTIONS, item.clone(), &mut errors) else {
        return async_fn::broken(item, errors);
    };
    check_is_called_main(&function.item, &mut errors);
    if errors.is_empty() {
        return Expansion::good(expand_main(&function));
    }
    let fallback = if function.item.sig.ident == "main" {
        quote!(
            fn main() {}
        )
    } else {
        item
    };
    async_fn::broken(fallback, errors)
}

fn check_is_called_main(item: &ItemFn, errors: &mut Errors) {
    if item.sig.ident != "main" {
        errors.at(&item.sig.ident, messages::MAIN_IS_CALLED_MAIN);
    }
}

fn expand_main(function: &AsyncFn) -> TokenStream {
    let AsyncFn { krate, item, .. } = function;
    let (attrs, vis) = (&item.attrs, &item.vis);
    let (inner, inner_name) = (function.inner(), async_fn::inner_name());
    let workers = function.workers_of_main();
    let name = if function.returns_result() { "run_try_main" } else { "run_main" };
    let run = Ident::new(name, Span::call_site());
    quote! {
        #(#attrs)*
        #vis fn main() -> ::std::process::ExitCode {
            #inner
            #krate::__private::#run(#workers, #inner_name())
        }
    }
}
