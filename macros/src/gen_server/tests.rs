//! Tests of the rules and of the shape of the expansion, without a compiler.

use proc_macro2::TokenStream;
use quote::quote;

use super::expand;

/// Everything that is wrong with a `#[gen_server(args)] item`.
fn errors_of(args: TokenStream, item: TokenStream) -> Vec<String> {
    let error = expand(args, item).error;
    error.into_iter().flatten().map(|error| error.to_string()).collect()
}

#[track_caller]
fn check(item: TokenStream, expected: &[&str]) {
    assert_eq!(errors_of(TokenStream::new(), item), expected);
}

/// The expansion as a person would write it.
fn pretty(args: TokenStream, item: TokenStream) -> String {
    let tokens = expand(args, item).into_tokens();
    prettyplease::unparse(&syn::parse2(tokens).expect("the expansion is made of items"))
}

#[test]
fn a_server_of_four_handlers_expands_to_at_most_120_lines() {
    let item = quote! {
        pub struct Board { scores: Scores }
    };
    let protocol = quote! {
        impl Board {
            #[cast] pub fn add(&mut self, player: &str, pts: u32) {}
            #[cast] pub fn reset(&mut self) {}
            #[call] pub fn get(&self, player: &str) -> u32 {}
            #[call] pub async fn total(&self) -> u64 {}
        }
    };
    let mut lines = 0;
    for item in [item, protocol] {
        let own = prettyplease::unparse(&syn::parse2(item.clone()).expect("an item"));
        let text = pretty(TokenStream::new(), item);
        println!("{text}");
        lines += text.lines().count() - own.lines().count();
    }
    println!("{lines} lines");
    assert!(lines <= 120, "{lines} lines");
}
