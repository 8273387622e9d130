//! What is read, what is told, and which states are made.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::quote;

use super::expand;
use crate::entry::Expansion;
use crate::messages;

fn errors_of(input: TokenStream) -> Vec<String> {
    let errors = expand(input).error.into_iter().flatten();
    errors.map(|error| error.to_string()).collect()
}

/// All `struct`s and `enum`s that are made, in their order.
fn types_of(input: TokenStream) -> Vec<String> {
    let text = expand(input).tokens.to_string();
    let words: Vec<&str> = text.split_whitespace().collect();
    let named = words.windows(2).filter(|pair| matches!(pair[0], "struct" | "enum"));
    named.map(|pair| pair[1].to_owned()).filter(|name| name != "_Held").collect()
}

fn checkout() -> TokenStream {
    quote! {
        pub Checkout: Customer => Till {
            loop Shopping {
                choice Customer {
                    Add(title: String, price: u32) => {
                        Till -> Customer: Subtotal(u32);
                        continue Shopping;
                    }
                    Pay(u32) => {
                        choice Till as Verdict within 30s {
                            Receipt(String) => end,
                            Declined => continue Shopping
                        }
                    }
                    Leave => end,
                }
            }
        }
    }
}

#[test]
fn every_state_has_a_name_of_its_own() {
    assert_eq!(errors_of(checkout()), [""; 0]);
    assert_eq!(
        types_of(checkout()),
        [
            "Checkout",
            "Wire",
            "Shopping",
            "RecvSubtotal",
            "Verdict",
            "VerdictOffer",
            "End",
            "Shopping",
            "ShoppingOffer",
            "SendSubtotal",
            "Verdict",
            "End",
        ]
    );
    let twice = quote!(P: A => B { A -> B: Ack; B -> A: Ack; A -> B: Ack; });
    assert_eq!(
        types_of(twice),
        [
            "P", "Wire", "SendAck", "RecvAck", "SendAck2", "End", "RecvAck", "SendAck", "RecvAck2",
            "End"
        ]
        .map(str::to_owned)
    );
}

#[test]
fn steps_fall_through_to_what_stands_behind() {
    let input = quote! {
        P: A => B {
            choice A { X => B -> A: Y, Z => {} }
            A -> B: W(u8) within infinity;
            loop L { loop M { B -> A: V; choice B { Go => continue L, On => {} } } }
        }
    };
    assert_eq!(errors_of(input.clone()), [""; 0]);
    let made = types_of(input);
    assert!(!made.contains(&"End".to_owned()), "it never ends: {made:?}");
    assert!(made.contains(&"L".to_owned()) && !made.contains(&"M".to_owned()), "{made:?}");
}

#[test]
fn one_slip_is_one_error() {
    let told = |input: TokenStream, expected: &str| assert_eq!(errors_of(input), [expected]);
    told(quote!(P => B {}), messages::PROTOCOL_SHAPE);
    told(quote!(P: A => B), messages::PROTOCOL_SHAPE);
    told(quote!(P: A => B {}), "`P` says nothing: write at least one step");
    told(quote!(P: A => B { end }), "`P` says nothing: write at least one step");
    told(quote!(P: A => B { loop L { end } }), "`P` says nothing: write at least one step");
    told(quote!(P: A => A { A -> A: X; }), messages::SAME_ROLE_TWICE);
    told(
        quote!(P: A => B { A -> C: X; }),
        "`C` is not part of this protocol; the roles are `A` and `B`",
    );
    told(quote!(P: A => B { A -> A: X; }), "`A` cannot send to itself");
    told(quote!(P: A => B { A - B: X; A -> B: Y; }), messages::NO_STEP_OF_A_PROTOCOL);
    told(
        quote!(P: A => B { chioce A { X => end, Y => end } }),
        "unknown step `chioce`; did you mean `choice`?",
    );
    told(quote!(P: A => B { loop L { A -> B: X; continue Nope } }), "no enclosing `loop Nope`");
    told(quote!(P: A => B { choice A { X => end } }), messages::CHOICE_OF_ONE);
    told(
        quote!(P: A => B { A -> B: X(u8); B -> A: X(u16); }),
        "`X` carries another type elsewhere in this protocol; give it another name",
    );
    told(quote!(P: A => B { end; A -> B: X; A -> B: Y; }), messages::STEP_NEVER_REACHED);
    told(quote!(P: A => B { A -> B: X; loop L {} }), messages::LOOP_SAYS_NOTHING);
    told(
        quote!(P: A => B { A -> B: X within 5; }),
        "a duration needs a unit: `5ms`, `5s`, `5min` or `5h`",
    );
    told(
        quote!(P: A => B { choice A within 5s as C { X => end, Y => end } }),
        messages::BAD_TIMEOUT,
    );
    told(quote!(P: A => B { choice A { X => end, Y end, Z => end } }), messages::BRANCH_SHAPE);
    told(quote!(P: A => B { #[cfg(x)] A -> B: X; }), messages::STEP_TAKES_ONLY_DOCS);
}

/// Cut at every border of tokens, inside of groups as well.
fn prefixes(tokens: TokenStream) -> Vec<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut all = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let before = || tokens[..at].iter().cloned();
        all.push(before().collect());
        if let TokenTree::Group(group) = token {
            for inside in prefixes(group.stream()) {
                let cut = TokenTree::Group(Group::new(group.delimiter(), inside));
                all.push(before().chain([cut]).collect());
            }
        }
    }
    all
}

#[test]
fn what_is_half_typed_keeps_what_is_finished() {
    let all = prefixes(checkout());
    assert!(all.len() > 60, "only {}", all.len());
    let mut told = 0;
    for prefix in all {
        let expanded = expand(prefix.clone());
        told += u32::from(expanded.error.is_some());
        let made = expanded.tokens.to_string();
        assert!(syn::parse2::<syn::File>(expanded.tokens).is_ok(), "{prefix} makes {made}");
        let text = prefix.to_string();
        let keeps = |written: &str, name| !text.contains(written) || made.contains(name);
        assert!(keeps("=> Till {", "enum Checkout"), "{prefix}");
        assert!(keeps("Subtotal (u32) ;", "fn subtotal"), "{prefix}");
        assert!(keeps("Receipt (String) => end ,", "fn receipt"), "{prefix}");
    }
    assert!(told > 50, "only {told} are told of");
}

#[test]
fn what_is_right_stays_beside_what_is_not() {
    let input = quote!(P: A => B { A -> B: X(u8); B ->; A -> B: Y; });
    assert_eq!(errors_of(input.clone()).len(), 1);
    let made = types_of(input);
    assert!(made.contains(&"SendX".to_owned()) && made.contains(&"SendY".to_owned()), "{made:?}");
}

#[test]
fn a_name_that_is_made_is_none_that_was_written() {
    let input = quote!(Talk: A => B { A -> B: Hi(String, hi_1: u8, u8, hi_3_: u8); });
    let Expansion { tokens, error } = expand(input);
    assert!(error.is_none(), "{error:?}");
    let text = tokens.to_string();
    let expected = "fn hi (self , hi_1_ : String , hi_1 : u8 , hi_3 : u8 , hi_3_ : u8)";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn names_that_cannot_stand_beside_one_another_are_one_error() {
    let told = ["`Hi` carries two values called `a`; rename one of them"];
    assert_eq!(errors_of(quote!(Talk: A => B { A -> B: Hi(a: u8, a: u8); })), told);
    let told = [messages::fill(messages::RESERVED_ROLE, &[&"connect"])];
    assert_eq!(errors_of(quote!(Talk: connect => B { B -> connect: Hi; })), told);
}
