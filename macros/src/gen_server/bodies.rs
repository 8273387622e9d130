//! Sets the bodies of an `impl`'s methods aside: they are the user's, so nothing here reads them.
//!
//! A body that is half typed then keeps no other method from being understood, and none is parsed
//! twice. In its place stands `{ 0_cordial_body }`, with its number, behind the `#![..]` with which
//! it begins: they say something of the method.

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Meta;

use crate::hygiene::regrouped;

const SUFFIX: &str = "_cordial_body";

/// The bodies, by their numbers.
#[derive(Default)]
pub(crate) struct Bodies {
    taken: Vec<Group>,
}

impl Bodies {
    /// Takes the bodies out of an item; one that is neither an `impl` nor a trait stays as it
    /// is.
    pub(crate) fn take_from(item: TokenStream) -> (TokenStream, Self) {
        let mut bodies = Self::default();
        let mut tokens: Vec<TokenTree> = item.into_iter().collect();
        let is_impl = |token| is_word(token, "impl") || is_word(token, "trait");
        let is_impl = tokens.iter().any(is_impl);
        if let Some(TokenTree::Group(group)) = tokens.last_mut()
            && is_impl
        {
            let inner = bodies.take_from_methods(group.stream());
            *group = regrouped(group, inner);
        }
        (tokens.into_iter().collect(), bodies)
    }

    fn take_from_methods(&mut self, methods: TokenStream) -> TokenStream {
        let mut inside = false;
        let mut tokens = methods.into_iter().peekable();
        let mut without = TokenStream::new();
        while let Some(token) = tokens.next() {
            let next = tokens.peek();
            match &token {
                token if is_word(token, "fn") => {
                    inside |= matches!(next, Some(TokenTree::Ident(_)));
                }
                TokenTree::Punct(punct) if punct.as_char() == ';' => inside = false,
                TokenTree::Group(group) if inside && is_body(group, next) => {
                    inside = false;
                    without.extend([TokenTree::Group(self.set_aside(group))]);
                    continue;
                }
                _ => {}
            }
            without.extend([token]);
        }
        without
    }

    fn set_aside(&mut self, body: &Group) -> Group {
        let number = format!("{}{SUFFIX}", self.taken.len());
        let number: Literal = number.parse().expect("a number with a suffix is a literal");
        let (attributes, statements) = opened(body);
        self.taken.push(match attributes.is_empty() {
            true => body.clone(), // Its closing brace stays where it is, for errors.
            false => regrouped(body, statements.collect()),
        });
        regrouped(body, attributes.into_iter().chain([number.into()]).collect())
    }

    /// Puts the bodies back.
    pub(crate) fn restore(&self, tokens: TokenStream) -> TokenStream {
        let restored = tokens.into_iter().map(|token| match token {
            TokenTree::Group(group) => TokenTree::Group(match self.body_of(&group) {
                Some(body) => match opened(&group).0 {
                    none if none.is_empty() => body.clone(),
                    attributes => {
                        regrouped(body, attributes.into_iter().chain(body.stream()).collect())
                    }
                },
                None => regrouped(&group, self.restore(group.stream())),
            }),
            other => other,
        });
        restored.collect()
    }

    /// The body for which `block` stands.
    pub(crate) fn behind(&self, block: &impl ToTokens) -> TokenStream {
        match block.to_token_stream().into_iter().next() {
            Some(TokenTree::Group(block)) => {
                self.body_of(&block).map_or_else(TokenStream::new, Group::stream)
            }
            _ => TokenStream::new(),
        }
    }

    /// Makes `tokens` the body for which `block` stands.
    pub(crate) fn put_behind(&mut self, block: &impl ToTokens, tokens: TokenStream) {
        if let Some(body) = self.body_behind(block) {
            *body = regrouped(body, tokens);
        }
    }

    fn body_behind(&mut self, block: &impl ToTokens) -> Option<&mut Group> {
        match block.to_token_stream().into_iter().next() {
            Some(TokenTree::Group(block)) => self.taken.get_mut(number_of(&block)?),
            _ => None,
        }
    }

    /// Puts `tokens` in front of the statements of the body for which `block` stands.
    pub(crate) fn open_with(&mut self, block: &impl ToTokens, tokens: &TokenStream) {
        let Some(body) = self.body_behind(block) else { return };
        *body = regrouped(body, tokens.clone().into_iter().chain(body.stream()).collect());
    }

    fn body_of(&self, group: &Group) -> Option<&Group> {
        self.taken.get(number_of(group)?)
    }
}

fn number_of(group: &Group) -> Option<usize> {
    let (_, mut tokens) = opened(group);
    let (Some(TokenTree::Literal(number)), None) = (tokens.next(), tokens.next()) else {
        return None;
    };
    number.to_string().strip_suffix(SUFFIX)?.parse().ok()
}

/// The `#![..]` with which a body begins, and what follows them.
fn opened(body: &Group) -> (Vec<TokenTree>, impl Iterator<Item = TokenTree>) {
    let mut attributes: Vec<TokenTree> = body.stream().into_iter().collect();
    let is_sign = |token: &TokenTree, sign| match token {
        TokenTree::Punct(punct) => punct.as_char() == sign,
        _ => false,
    };
    let is_attribute = |tokens: &&[TokenTree]| match tokens {
        [first, second, TokenTree::Group(said)] => {
            let is_whole = || syn::parse2::<Meta>(said.stream()).is_ok();
            is_sign(first, '#') && is_sign(second, '!') && is_whole()
        }
        _ => false,
    };
    let end = 3 * attributes.chunks(3).take_while(is_attribute).count();
    let statements = attributes.split_off(end);
    (attributes, statements.into_iter())
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if *ident == Ident::new(word, Span::call_site()))
}

/// Braces after a signature; those of a const argument are followed by `>` or `,`.
fn is_body(group: &Group, next: Option<&TokenTree>) -> bool {
    let is_argument =
        matches!(next, Some(TokenTree::Punct(next)) if matches!(next.as_char(), '>' | ','));
    group.delimiter() == Delimiter::Brace && !is_argument
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn bodies_come_back_as_they_were() {
        let item = quote! {
            impl Ring<{ 1 + 1 }> {
                const F: fn(u8) = { |_| () };
                fn one(&self) -> Ring<{ 1 + 1 }> where Self: Sized { self.  }
                fn none(&self);
                fn two(&self) { #![cfg(all())] #![allow(unused)] { 2 } }
                fn three(&self) { #![] { 3 } }
            }
        };
        let (without, bodies) = Bodies::take_from(item.clone());
        assert_eq!(bodies.taken.len(), 3);
        assert!(syn::parse2::<syn::ItemImpl>(without.clone()).is_ok());
        assert_eq!(bodies.restore(without).to_string(), item.to_string());
    }
}
