//! `#[cordial::chaos_test]`: an async test that is simulated once per seed.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, ExprLit, FnArg, Ident, ItemFn, Lit, LitInt, Visibility};

use crate::async_fn;
use crate::attrs::{Kind, Known, Options};
use crate::crate_path::CratePath;
use crate::entry::Expansion;
use crate::errors::Errors;
use crate::messages;

const OPTIONS: [Known; 3] =
    [("seeds", Kind::Value), ("steps", Kind::Value), ("crate", Kind::Value)];

/// Histories and turns where the attribute does not say.
const SEEDS: u64 = 100;
const STEPS: u64 = 400;

struct ChaosTest {
    krate: CratePath,
    item: ItemFn,
    seeds: LitInt,
    steps: LitInt,
}

/// What an annotated test becomes.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> Expansion {
    let mut errors = Errors::default();
    let Some(test) = read(args, item.clone(), &mut errors) else {
        return async_fn::broken(item, errors);
    };
    match errors.is_empty() {
        true => Expansion::good(expand_test(test)),
        false => async_fn::broken(TokenStream::new(), errors),
    }
}

fn read(args: TokenStream, item: TokenStream, errors: &mut Errors) -> Option<ChaosTest> {
    let mut options = Options::read(args, &OPTIONS, errors);
    let krate = CratePath::take(&mut options, errors);
    let mut number = |key: &str, message, default: u64| {
        let value = options.value(key);
        let read = value.and_then(|value| errors.keep(read_number(value, message)));
        read.unwrap_or_else(|| LitInt::new(&default.to_string(), proc_macro2::Span::call_site()))
    };
    let seeds = number("seeds", messages::SEEDS_IS_A_NUMBER, SEEDS);
    let steps = number("steps", messages::STEPS_IS_A_NUMBER, STEPS);
    let item = async_fn::read_item("chaos_test", item, errors)?;
    async_fn::check_is_async("chaos_test", &item, errors);
    async_fn::check_is_not_generic(&item, errors);
    check_takes_chaos(&item, errors);
    check_is_not_a_test_already(&item, errors);
    Some(ChaosTest { krate, item, seeds, steps })
}

fn read_number(value: Expr, message: &str) -> syn::Result<LitInt> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. })
            if number.suffix().is_empty() && number.base10_parse::<u32>().is_ok_and(|n| n > 0) =>
        {
            Ok(number)
        }
        other => Err(syn::Error::new_spanned(other, message)),
    }
}

fn check_takes_chaos(item: &ItemFn, errors: &mut Errors) {
    let mut inputs = item.sig.inputs.iter();
    match (inputs.next(), inputs.next()) {
        (Some(FnArg::Typed(_)), None) => {}
        (None, _) => errors.at(&item.sig.ident, messages::CHAOS_TEST_TAKES_CHAOS),
        _ => errors.at(&item.sig.inputs, messages::CHAOS_TEST_TAKES_CHAOS),
    }
}

/// A `#[test]` beside ours would call the function without what it takes.
fn check_is_not_a_test_already(item: &ItemFn, errors: &mut Errors) {
    for attr in &item.attrs {
        if attr.path().segments.last().is_some_and(|last| last.ident == "test") {
            errors.at(attr, messages::CHAOS_TEST_IS_A_TEST);
        }
    }
}

fn expand_test(test: ChaosTest) -> TokenStream {
    let ChaosTest { krate, item, seeds, steps } = test;
    let (attrs, vis, name) = (&item.attrs, &item.vis, &item.sig.ident);
    let inner_name: Ident = async_fn::inner_name();
    let mut inner = item.clone();
    inner.attrs.clear();
    inner.vis = Visibility::Inherited;
    inner.sig.ident = inner_name.clone();
    quote! {
        #[::core::prelude::v1::test]
        #(#attrs)*
        #vis fn #name() {
            #inner
            let test = #krate::__private::ChaosTest {
                name: ::core::concat!(::core::module_path!(), "::", ::core::stringify!(#name)),
                root: ::core::env!("CARGO_MANIFEST_DIR"),
                seeds: #seeds,
                steps: #steps,
            };
            #krate::__private::run_chaos_test(test, #inner_name)
        }
    }
}
