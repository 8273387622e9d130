//! `receive!`: the first mail that matches an arm, and what that arm makes of it.
//!
//! ```text
//! mail, [pattern [if guard] => value,]* [after 5s => value]
//! ```
//! Each arm is written twice. The first time mail is looked at where it lies: the pattern has a
//! guard that leaves with the arm's number, so what stands behind the guard, where the pattern
//! would move something, is never reached. The second time the mail is ours, and the pattern takes
//! it apart, outside of any closure, so that the value may `.await`, `return` and `break`.

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Arm, BinOp, Expr, Pat, Token};

use crate::attrs::Time;
use crate::crate_path::CratePath;
use crate::entry::{self, Expansion};
use crate::errors::Errors;
use crate::hygiene::{self, local};
use crate::messages;
use crate::pattern;

/// What a use of `receive!` becomes: a block.
pub(crate) fn expand(input: TokenStream) -> Expansion {
    let mut errors = Errors::default();
    let mut reception = None;
    let result = (|input: ParseStream<'_>| {
        let reception = reception.insert(Reception::begin(input, &mut errors)?);
        reception.read_arms(input, &mut errors)
    })
    .parse2(input);
    errors.keep(result);
    if let Some(reception) = &reception {
        check_guards(reception, &mut errors);
    }
    match (reception, errors.finish()) {
        (Some(reception), Ok(())) => Expansion::good(reception.expand()),
        (Some(reception), Err(error)) => {
            Expansion::broken(entry::for_editors(&reception.expand()), error)
        }
        (None, Err(error)) => Expansion::broken(TokenStream::new(), error),
        (None, Ok(())) => unreachable!("what has no mailbox has told why"),
    }
}

/// One use.
struct Reception {
    krate: CratePath,
    mail: Expr,
    arms: Vec<Choice>,
    after: Option<After>,
}

/// `pattern [if guard] => value`
struct Choice {
    attrs: Vec<syn::Attribute>,
    pattern: Pat,
    guard: Option<Expr>,
    value: Expr,
}

/// `after time => value`
struct After {
    time: Option<Time>,
    value: Expr,
}

// ===== Parse =====

impl Reception {
    /// The mailbox, and the comma behind it.
    fn begin(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Self> {
        let krate = CratePath::parse_front(input)?;
        if input.is_empty() {
            return Err(syn::Error::new(Span::call_site(), messages::RECEIVE_NEEDS_ARMS));
        }
        let mail: Expr = input.parse()?;
        if input.parse::<Option<Token![,]>>()?.is_none() || input.is_empty() {
            errors.at(&mail, messages::RECEIVE_NEEDS_ARMS);
        }
        Ok(Self { krate, mail, arms: Vec::new(), after: None })
    }

    fn read_arms(&mut self, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        while !input.is_empty() {
            if is_after(input) {
                return self.read_after(input, errors);
            }
            let Arm { attrs, pat, body: value, .. } = input.parse()?;
            let (pattern, guard) = match pat {
                Pat::Guard(guarded) => (*guarded.pat, Some(*guarded.guard)),
                pattern => (pattern, None),
            };
            self.arms.push(Choice { attrs, pattern, guard, value: *value });
        }
        Ok(())
    }

    fn read_after(&mut self, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        let word: Ident = input.parse()?;
        let time = if input.peek(Token![=>]) {
            errors.at(&word, messages::AFTER_NEEDS_TIME);
            None
        } else {
            errors.keep(Time::from_expr(input.parse()?))
        };
        // An arm whose pattern is no pattern: what its value is, is the language's to say.
        let rest: TokenStream = input.parse()?;
        let read_rest = |input: ParseStream<'_>| {
            let value = *input.parse::<Arm>()?.body;
            if !input.is_empty() {
                errors.at(&word, messages::AFTER_COMES_LAST);
            }
            self.after.get_or_insert(After { time, value });
            self.read_arms(input, errors)
        };
        read_rest.parse2(quote!(_ #rest))
    }
}

/// `after`, unless it is the beginning of a path.
fn is_after(input: ParseStream<'_>) -> bool {
    let is_word = input.fork().parse::<Ident>().is_ok_and(|word| word == "after");
    is_word && !input.peek2(Token![::])
}

// ===== Check =====

fn check_guards(reception: &Reception, errors: &mut Errors) {
    let guards = reception.arms.iter().filter_map(|arm| arm.guard.as_ref());
    for binding in guards.filter_map(bound) {
        errors.at(binding, messages::GUARD_BINDS_NOTHING);
    }
}

/// The first `let` of a condition.
fn bound(guard: &Expr) -> Option<&Expr> {
    match guard {
        Expr::Let(_) => Some(guard),
        Expr::Binary(both) if matches!(both.op, BinOp::And(_)) => {
            bound(&both.left).or_else(|| bound(&both.right))
        }
        _ => None,
    }
}

// ===== Expand =====

impl Reception {
    fn expand(&self) -> TokenStream {
        let (krate, mail) = (&self.krate, hygiene::as_receiver(self.mail.clone()));
        let (received, arm, found) = (local("received"), local("arm"), local("found"));
        let probes = self.arms.iter().enumerate().map(|(at, arm)| arm.probe(at, krate));
        // What is no mailbox is told at its place.
        let receive_by = Ident::new("receive_by", hygiene::at(self.mail.span()));
        let receive = quote! {
            #mail.#receive_by(|#received| -> ::core::option::Option<usize> {
                let _ = #received;
                #(#probes)*
                ::core::option::Option::None
            })
        };
        let values = self.arms.iter().enumerate().map(|(at, arm)| arm.value(at, krate));
        let choose = quote! {
            match #arm {
                #(#values)*
                _ => #krate::__private::no_arm(&#received),
            }
        };
        let Some(After { time, value }) = &self.after else {
            return quote! {
                let (#arm, #received) = #receive.await;
                #choose
            };
        };
        let limit = local("limit");
        let time = time
            .as_ref()
            .map_or_else(|| quote!(::core::time::Duration::ZERO), ToTokens::to_token_stream);
        quote! {
            let #limit: ::core::time::Duration = #time;
            let #found = #receive.after(#limit).await;
            match #found {
                ::core::option::Option::Some((#arm, #received)) => #choose
                ::core::option::Option::None => #value,
            }
        }
    }
}

impl Choice {
    /// Leaves the closure with the arm's number, if mail fits.
    fn probe(&self, at: usize, krate: &CratePath) -> TokenStream {
        let Self { attrs, pattern, guard, .. } = self;
        let it = local("it");
        let look = self.typed("look", krate);
        let at = Literal::usize_unsuffixed(at);
        let chosen = quote!({ return ::core::option::Option::Some(#at) });
        // In a closure of its own a guard neither leaves the macro's nor waits in it. That what
        // follows it leaves is what makes the compiler see that nothing is moved.
        let asks = guard.as_ref().filter(|guard| bound(guard).is_none());
        let holds = asks.map(|guard| {
            quote_spanned!(hygiene::at(guard.span())=> #krate::__private::holds(|| #guard) &&)
        });
        quote! {
            #(#attrs)*
            #[allow(
                unused_variables, unused_mut, unreachable_code, unreachable_patterns,
                clippy::diverging_sub_expression
            )]
            {
                if let ::core::option::Option::Some(#it) = #look {
                    match *#it {
                        #pattern if #holds #chosen => {}
                        _ => {}
                    }
                }
            }
        }
    }

    /// Takes the mail apart.
    fn value(&self, at: usize, krate: &CratePath) -> TokenStream {
        let Self { attrs, pattern, guard, value } = self;
        let at = Literal::usize_unsuffixed(at);
        let take = self.typed("take", krate);
        // A case of `A(n, _) | A(_, n)` is chosen by the guard.
        let again = guard.as_ref().filter(|guard| has_cases(pattern) || bound(guard).is_some());
        let again = again.map(|guard| quote!(if #guard));
        // What only the guard looks at is used too.
        let used = guard.as_ref().map(|_| {
            let names = pattern::names_of(pattern).into_iter().map(|name| name.ident);
            quote!(let _ = (#(&#names,)*);)
        });
        let value = match used {
            Some(used) => quote!({ #used #value }),
            None => value.to_token_stream(),
        };
        quote! {
            #(#attrs)*
            #at => match #take {
                #pattern #again => #value,
                #[allow(unreachable_patterns)]
                _ => #krate::__private::no_arm(&()),
            },
        }
    }

    /// `look(received)` or `take(received)`: as what the pattern says that it is, or as a message.
    fn typed(&self, function: &str, krate: &CratePath) -> TokenStream {
        let function = match says_its_type(&self.pattern) {
            true => Ident::new(function, Span::call_site()),
            false => Ident::new(&format!("{function}_message"), Span::call_site()),
        };
        let (begin, end) = (self.pattern.span(), end_of(&self.pattern));
        let function = hygiene::respanned(quote!(#krate::__private::#function), hygiene::at(begin));
        let mut received = local("received");
        received.set_span(received.span().located_at(begin));
        let mut argument = Group::new(Delimiter::Parenthesis, received.into_token_stream());
        argument.set_span(hygiene::at(end));
        quote!(#function #argument)
    }
}

fn end_of(pattern: &Pat) -> Span {
    let last = pattern.to_token_stream().into_iter().last();
    last.map_or_else(Span::call_site, |token| match token {
        TokenTree::Group(group) => group.span_close(),
        other => other.span(),
    })
}

/// Whether the compiler knows by the pattern alone what it is a pattern of.
fn says_its_type(pattern: &Pat) -> bool {
    match pattern {
        Pat::Struct(_) | Pat::TupleStruct(_) | Pat::Path(_) => true,
        Pat::Ident(name) => name.subpat.as_ref().is_some_and(|(_, inner)| says_its_type(inner)),
        Pat::Or(cases) => cases.cases.iter().any(says_its_type),
        Pat::Paren(inner) => says_its_type(&inner.pat),
        _ => false,
    }
}

/// Whether some part of the pattern is `a | b`.
fn has_cases(pattern: &Pat) -> bool {
    match pattern {
        Pat::Or(_) => true,
        Pat::Ident(name) => name.subpat.as_ref().is_some_and(|(_, inner)| has_cases(inner)),
        Pat::Paren(inner) => has_cases(&inner.pat),
        Pat::Reference(inner) => has_cases(&inner.pat),
        Pat::Slice(inner) => inner.elems.iter().any(has_cases),
        Pat::Struct(fields) => fields.fields.iter().any(|field| has_cases(&field.pat)),
        Pat::Tuple(inner) => inner.elems.iter().any(has_cases),
        Pat::TupleStruct(inner) => inner.elems.iter().any(has_cases),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors_of(input: TokenStream) -> Vec<String> {
        let errors = expand(input).error.into_iter().flatten();
        errors.map(|error| error.to_string()).collect()
    }

    #[test]
    fn arms_are_those_of_a_match_and_one_says_after_how_long() {
        for input in [
            quote!(mail, Msg::Stop => {} Msg::Num(n) if n > 3 => n, after 1s => 0),
            quote!(mail, _ => 1),
            quote!(crate = my::cordial; self.mail, Down { monitor, .. } if m == monitor => {}),
            quote!(&mut mail, a @ (Msg::A | Msg::B) => a, after self.patience() => return,),
            quote!(mail, after secs(1) => {}),
            quote!(mail, after::Now => {}, #[cfg(unix)] x if x.is_some() => {}),
        ] {
            assert_eq!(errors_of(input), [""; 0]);
        }
    }

    #[test]
    fn one_slip_is_one_error() {
        let needs = [messages::RECEIVE_NEEDS_ARMS];
        assert_eq!(errors_of(quote!()), needs);
        assert_eq!(errors_of(quote!(mail)), needs);
        assert_eq!(errors_of(quote!(mail,)), needs);
        assert_eq!(errors_of(quote!(mail, after => 1)), [messages::AFTER_NEEDS_TIME]);
        let last = [messages::AFTER_COMES_LAST];
        assert_eq!(errors_of(quote!(mail, after 1s => {} Msg::Stop => {})), last);
        assert_eq!(errors_of(quote!(mail, after 1s => {}, after 2s => {})), last);
        let unit = ["a duration needs a unit: `5ms`, `5s`, `5min` or `5h`"];
        assert_eq!(errors_of(quote!(mail, Msg::Stop => {} after 5 => {})), unit);
        let binds = [messages::GUARD_BINDS_NOTHING];
        assert_eq!(errors_of(quote!(mail, m if ready && let Some(x) = m.x() => x)), binds);
    }

    #[test]
    fn a_pattern_with_a_path_says_what_it_is_a_pattern_of() {
        let says = |pattern: TokenStream| {
            says_its_type(&Pat::parse_multi.parse2(pattern).expect("it is a pattern"))
        };
        assert!(says(quote!(Msg::Stop)));
        assert!(says(quote!(down @ Down { .. })));
        assert!(says(quote!((x | Msg::Num(x)))));
        assert!(!says(quote!(_)));
        assert!(!says(quote!(message)));
        assert!(!says(quote!(1..=3)));
        assert!(!says(quote!((1, Some(x)))));
    }
}
