//! Tests of the rules and of the shape of the expansion, without a compiler.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse_quote;

use super::expand;
use super::model::{OnErr, Role, Server, Timeout};
use crate::errors::Errors;

/// Everything that is wrong with `#[gen_server(args)] item`.
fn errors_of(args: TokenStream, item: TokenStream) -> Vec<String> {
    let error = expand(args, item).error;
    error.into_iter().flatten().map(|error| error.to_string()).collect()
}

/// The expansion as a person would write it.
fn pretty(args: TokenStream, item: TokenStream) -> String {
    let tokens = expand(args, item).into_tokens();
    prettyplease::unparse(&syn::parse2(tokens).expect("the expansion is made of items"))
}

// ===== What is read =====

#[test]
fn the_model_says_what_was_written() {
    let mut item = parse_quote! {
        impl Board {
            #[init] fn new(#[into] name: String) -> Self { .. }
            #[call(timeout = infinity, or_crash)] fn get(&self) -> Result<u32, E> { .. }
            #[cast(on_err = log)] fn add(&mut self, n: u32) -> Result<(), E> { .. }
            #[every(5s)] fn tick(&mut self) {}
            fn helper(&self) {}
        }
    };
    let mut errors = Errors::default();
    let server = Server::take_from(quote!(mailbox = 3), &mut item, &mut errors);
    assert!(errors.is_empty() && server.mailbox.is_some());
    let words: Vec<&str> = server.handlers.iter().map(|handler| handler.role.word()).collect();
    assert_eq!(words, ["init", "call", "cast", "every"]);
    let call = server.handlers[1].call().expect("the second is a call");
    assert!(matches!(call.timeout, Timeout::Infinity) && call.or_crash.is_some());
    assert!(matches!(server.handlers[2].role, Role::Cast { on_err: OnErr::Log, .. }));
    assert!(server.handlers[1].is_flat() && server.replaces("helper"));
}

#[test]
fn our_attributes_leave_the_users_impl() {
    let mut item = parse_quote! {
        impl Board {
            /// Docs stay.
            #[inline]
            #[cast]
            fn add(&mut self, #[into] n: u32) {}
        }
    };
    Server::take_from(TokenStream::new(), &mut item, &mut Errors::default());
    let text = quote!(#item).to_string();
    assert!(text.contains("inline") && text.contains("Docs stay"));
    assert!(!text.contains("cast") && !text.contains("into"));
}

#[test]
fn type_parameters_become_sendable() {
    let mut item = parse_quote!(
        impl<K: Send, V> Cache<K, V> {}
    );
    Server::take_from(TokenStream::new(), &mut item, &mut Errors::default());
    let expected: syn::ItemImpl = parse_quote! {
        impl<K: Send + 'static, V: ::core::marker::Send + 'static> Cache<K, V> {}
    };
    assert_eq!(quote!(#item).to_string(), quote!(#expected).to_string());
}

// ===== What is refused =====

#[track_caller]
fn check(item: TokenStream, expected: &[&str]) {
    assert_eq!(errors_of(TokenStream::new(), item), expected);
}

#[test]
fn every_mistake_of_a_server_is_told_at_once() {
    check(
        quote! {
            impl Board {
                #[cast] fn add(&mut self, n: u32) -> u32 { .. }
                #[cal] fn get(&self) -> u32 { .. }
                #[call(timout = 2s)] fn put(self, name: &mut String) {}
            }
        },
        &[
            "unknown attribute `#[cal]`; did you mean `#[call]`?",
            "unknown option `timout`; did you mean `timeout`?",
            "nobody waits for a cast, so there is nobody to return a value to; make it a \
             `#[call]`, or return `()`, `Flow` or `Result<(), E>`",
            "a handler borrows the state: use `&mut self` or `&self`",
            "`name` cannot be `&mut`: a message is moved into the mailbox; take it by value",
        ],
    );
}

#[test]
fn a_twin_with_another_cfg_is_no_duplicate() {
    check(
        quote! {
            impl Board {
                #[cfg(a)] #[call] fn get(&self) -> u32 { 1 }
                #[cfg(not(a))] #[call] fn get(&self) -> u32 { 2 }
                #[cfg(a)] #[terminate] fn bye(&mut self) {}
                #[terminate] fn end(&mut self) {}
                #[cfg(a)] #[info] fn one(&mut self, n: u8) {}
                #[info] fn two(&mut self, n: u8) {}
            }
        },
        &[],
    );
}

#[test]
fn attributes_of_the_language_are_not_taken_for_slips() {
    let item = quote! {
        impl Board {
            #[cold] #[inline] #[must_use] #[call] fn get(&self) -> u32 { 1 }
            #[test] fn plain() {}
        }
    };
    check(item, &[]);
}

#[test]
fn a_server_that_only_ticks_understands_something() {
    check(quote!(impl Board { #[every(1s)] fn tick(&mut self) {} }), &[]);
    check(quote!(impl Board { #[idle(1s)] fn quiet(&mut self) {} }), &[]);
}

// ===== What is generated =====

#[test]
fn a_cast_is_a_variant_a_client_method_and_an_arm() {
    let item = quote!(impl Counter { #[cast] pub fn add(&mut self, by: u64) {} });
    let text = pretty(TokenStream::new(), item);
    for line in [
        "    Add { by: u64 },",
        "            Self::Add { .. } => \"add\",",
        "    pub fn add(&self, by: u64) -> ::cordial::Cast {",
        "        ::cordial::__private::cast(&self.0, CounterMsg::Add { by })",
        "            CounterMsg::Add { by } => into_flow(Self::add(self, by)),",
    ] {
        assert!(text.lines().any(|found| found == line), "`{line}` is not in\n{text}");
    }
}

#[test]
fn the_fallback_has_every_name_of_the_good_expansion() {
    let good = quote! {
        impl Board {
            #[init] fn new(size: u32) -> Self {}
            #[cast] fn add(&mut self, n: u32) {}
            #[call] fn get(&self) -> u32 {}
            #[info] fn word(&mut self, word: String) {}
            #[handle_continue] fn load(&mut self, from: u8) {}
        }
    };
    let wrong = quote! {
        impl Board {
            #[init] fn new(size: u32) -> Self {}
            #[cast] fn add(&mut self, n: u32) -> u32 {}
            #[call] fn get(&self) -> u32 {}
            #[info] fn word(&mut self, word: String) {}
            #[handle_continue] fn load(&mut self, from: u8) {}
        }
    };
    let headers = |item: TokenStream| -> Vec<String> {
        let text = pretty(TokenStream::new(), item);
        let starts = ["pub enum", "pub struct", "impl", "    pub fn", "    fn add", "    fn get"];
        let is_header = |line: &&str| starts.iter().any(|start| line.starts_with(start));
        text.lines().filter(is_header).map(|line| line.trim_end().to_owned()).collect()
    };
    let broken = headers(wrong);
    // What only the good expansion has serves its own bodies.
    let missing = headers(good).into_iter().filter(|line| !broken.contains(line));
    let missing: Vec<String> = missing.collect();
    assert!(missing.iter().all(|line| line.contains("fn add(&mut self")), "{missing:#?}");
}

#[test]
fn lifetimes_of_a_server_are_told_once() {
    let item = quote!(
        impl<'a> Board<'a> {
            #[call]
            fn get(&self) -> u32 {}
        }
    );
    let text = "a server owns its state: it cannot borrow for `'a`; store an owned value or an \
                `Arc<T>`";
    check(item, &[text]);
}
