//! `expect_cast!`, `expect_call!`, `assert_receive!`, `refute_receive!`: what must come to a probe.
//!
//! ```text
//! probe, pattern [if guard] [=> value] [, within 5s]
//! ```
//! The expansion calls one function of the test kit with two closures over the message: the first
//! gives what the pattern binds, or the message back; the second shows the fields that the pattern
//! names. What stands after `=>` runs outside of both, so that it may `.await` and `return`.

use std::ops::Range;

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Expr, FieldPat, Member, Pat, PatStruct, Path, Token};

use crate::attrs::Time;
use crate::crate_path::CratePath;
use crate::entry::Expansion;
use crate::errors::Errors;
use crate::hygiene;
use crate::messages::{self, fill};
use crate::pattern::{self, Name, is_constant};

/// Which of the macros it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verb {
    Cast,
    Call,
    Assert,
    Refute,
}

impl Verb {
    fn name(self) -> &'static str {
        match self {
            Self::Cast => "expect_cast",
            Self::Call => "expect_call",
            Self::Assert => "assert_receive",
            Self::Refute => "refute_receive",
        }
    }

    /// The function of the kit that does it.
    fn function(self) -> Ident {
        let name = match self {
            Self::Cast | Self::Call => "next",
            Self::Assert => "any",
            Self::Refute => "none",
        };
        Ident::new(name, Span::call_site())
    }
}

/// What a use of one of them becomes: statements, and perhaps a value.
pub(crate) fn expand(verb: Verb, input: &TokenStream) -> Expansion {
    let mut errors = Errors::default();
    let parser = |input: ParseStream<'_>| Expectation::read(verb, input);
    if let Some(expectation) = errors.keep(parser.parse2(input.clone())) {
        check(verb, &expectation, &mut errors);
        if errors.is_empty() {
            let text = as_written(input, &expectation.place);
            let text = text.unwrap_or_else(|| expectation.written.to_string());
            return Expansion::good(expectation.expand(verb, &text));
        }
    }
    let error = errors.finish().expect_err("what is good was expanded");
    Expansion::broken(TokenStream::new(), error)
}

// ===== Parse =====

/// One use.
struct Expectation {
    krate: CratePath,
    probe: Expr,
    /// Pattern and guard.
    written: TokenStream,
    /// How many tokens stood before the end of the input where they began, and where they ended.
    place: Range<usize>,
    pattern: Pat,
    guard: Option<Expr>,
    value: Option<Expr>,
    within: Option<Time>,
}

impl Expectation {
    fn read(verb: Verb, input: ParseStream<'_>) -> syn::Result<Self> {
        let krate = CratePath::parse_front(input)?;
        let needs_pattern = || fill(messages::EXPECT_NEEDS_PATTERN, &[&verb.name()]);
        if input.is_empty() {
            return Err(syn::Error::new(Span::call_site(), needs_pattern()));
        }
        let probe: Expr = input.parse()?;
        let comma: Option<Token![,]> = input.parse()?;
        if comma.is_none() || input.is_empty() {
            return Err(syn::Error::new_spanned(probe, needs_pattern()));
        }
        let begin = left(input);
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        let guard = if input.parse::<Option<Token![if]>>()?.is_some() {
            Some(input.parse::<Expr>()?)
        } else {
            None
        };
        let place = begin..left(input);
        let written = match &guard {
            Some(guard) => quote!(#pattern if #guard),
            None => pattern.to_token_stream(),
        };

        let value = if input.parse::<Option<Token![=>]>>()?.is_some() {
            Some(input.parse()?)
        } else {
            None
        };
        let within = read_time(verb, input)?;
        let pattern = with_any_fields(pattern);
        Ok(Self { krate, probe, written, place, pattern, guard, value, within })
    }
}

/// `, within 5s`
fn read_time(verb: Verb, input: ParseStream<'_>) -> syn::Result<Option<Time>> {
    let message = || fill(messages::EXPECT_ENDS_WITH_TIME, &[&verb.name()]);
    if input.parse::<Option<Token![,]>>()?.is_none() {
        return if input.is_empty() { Ok(None) } else { Err(input.error(message())) };
    }
    if input.is_empty() {
        return Ok(None);
    }
    let is_within = input.fork().parse::<Ident>().is_ok_and(|word| word == "within");
    if !is_within {
        return Err(input.error(message()));
    }
    let within: Ident = input.parse()?;
    if input.is_empty() {
        return Err(syn::Error::new_spanned(within, message()));
    }
    let time = input.parse()?;
    input.parse::<Option<Token![,]>>()?;
    if input.is_empty() { Ok(Some(time)) } else { Err(input.error(message())) }
}

/// A variant by its name alone stands for itself with any fields.
fn with_any_fields(pattern: Pat) -> Pat {
    let path: Path = match &pattern {
        Pat::Path(path) if path.qself.is_none() => path.path.clone(),
        Pat::Ident(name) if name.subpat.is_none() && is_constant(&name.ident) => {
            name.ident.clone().into()
        }
        _ => return pattern,
    };
    syn::parse_quote!(#path { .. })
}

// ===== Check =====

fn check(verb: Verb, expectation: &Expectation, errors: &mut Errors) {
    let value = &expectation.value;
    match verb {
        Verb::Call => check_call(expectation, errors),
        Verb::Refute => {
            if let Some(value) = value {
                errors.at(value, messages::REFUTE_GIVES_NOTHING);
            }
        }
        Verb::Cast | Verb::Assert => {}
    }
}

fn check_call(expectation: &Expectation, errors: &mut Errors) {
    let Pat::Struct(pattern) = &expectation.pattern else {
        return errors.at(&expectation.written, messages::EXPECT_CALL_OF_ONE);
    };
    let from = pattern.fields.iter().find(|field| is_from(field));
    if let Some(from) = from {
        errors.at(from, messages::EXPECT_CALL_HAS_FROM);
    }
    if expectation.value.is_none() {
        errors.at(&expectation.written, messages::EXPECT_CALL_ANSWERS);
    }
}

fn is_from(field: &FieldPat) -> bool {
    matches!(&field.member, Member::Named(name) if name == "from")
}

// ===== Expand =====

impl Expectation {
    /// `text` is what a failure says was expected.
    fn expand(&self, verb: Verb, text: &str) -> TokenStream {
        let Self { krate, value, .. } = self;
        let (from, why) = (hygiene::local("from"), hygiene::local("why"));
        let kit = quote!(#krate::__private::kit);
        let (name, function) = (verb.name(), verb.function());
        let place = hygiene::at(self.probe.span());
        let probe = hygiene::as_receiver(self.probe.clone());
        let probe = quote_spanned!(place=> #probe.__received());
        let within = match &self.within {
            Some(time) => quote!(::core::option::Option::Some(#time)),
            None => quote!(::core::option::Option::None),
        };
        let names = self.names(verb);
        let (attempt, bound) = self.attempt(verb, &names, &from);
        // What only the guard looks at is used too.
        let used = self.guard.as_ref().map(|_| {
            let idents = names.iter().map(|name| &name.ident);
            quote!(let _ = (#(&#idents,)*);)
        });
        let describe = self.describe();
        let ends = match (verb, value) {
            (Verb::Call, Some(value)) => quote!(#from.reply(#value)),
            (_, Some(value)) => value.to_token_stream(),
            (_, None) => TokenStream::new(),
        };
        quote! {
            #[allow(unused_imports)]
            use #kit::{Received as _, ShowDebug as _, ShowType as _};
            let #bound = match #kit::#function(
                #probe,
                #kit::Asked { verb: #name, pattern: #text, within: #within },
                #attempt,
                #describe,
            )
            .await
            {
                ::core::result::Result::Ok(bound) => bound,
                ::core::result::Result::Err(#why) => ::core::panic!("{}", #why),
            };
            #used
            #ends
        }
    }

    /// The variables that the pattern binds.
    fn names(&self, verb: Verb) -> Vec<Name> {
        if verb == Verb::Refute { Vec::new() } else { pattern::names_of(&self.pattern) }
    }

    /// The closure that takes a message or gives it back, and the pattern of what it takes out.
    fn attempt(&self, verb: Verb, names: &[Name], from: &Ident) -> (TokenStream, TokenStream) {
        let (message, other) = (hygiene::local("message"), hygiene::local("other"));
        let taken = names.iter().map(|name| &name.ident);
        let (pattern, taken, bound) = match (verb, &self.pattern) {
            (Verb::Call, Pat::Struct(call)) => {
                let pattern = with_from(call, from);
                (pattern, quote!((#(#taken,)* #from,)), quote!((#(#names,)* #from,)))
            }
            (_, pattern) => {
                (pattern.to_token_stream(), quote!((#(#taken,)*)), quote!((#(#names,)*)))
            }
        };
        let guard = self.guard.iter();
        let attempt = quote! {
            |#message| match #message {
                #[allow(unused_mut, unused_variables)]
                #pattern #(if #guard)* => ::core::result::Result::Ok(#taken),
                #[allow(unreachable_patterns)]
                #other => ::core::result::Result::Err(#other),
            }
        };
        (attempt, bound)
    }

    /// The closure that shows the fields that the pattern names.
    fn describe(&self) -> TokenStream {
        let message = hygiene::local("message");
        let Pat::Struct(pattern) = &self.pattern else {
            return quote!(|_| ::core::option::Option::None);
        };
        let krate = &self.krate;
        let kit = quote!(#krate::__private::kit);
        let path = &pattern.path;
        let members: Vec<&Member> = pattern.fields.iter().map(|field| &field.member).collect();
        let locals: Vec<Ident> =
            (0..members.len()).map(|at| hygiene::local(&format!("field_{at}"))).collect();
        let parts = members.iter().zip(&locals).map(|(member, local)| {
            let text = format!("{}: ", member.to_token_stream());
            quote!(#text, &(&#kit::Field(#local)).show())
        });
        let shown = parts.reduce(|all, part| quote!(#all, ", ", #part)).unwrap_or(quote!(""));
        quote! {
            |#message| match #message {
                #path { #(#members: #locals,)* .. } => {
                    ::core::option::Option::Some([#shown].concat())
                }
                #[allow(unreachable_patterns)]
                _ => ::core::option::Option::None,
            }
        }
    }
}

/// The pattern of a call, which takes its handle too.
fn with_from(call: &PatStruct, from: &Ident) -> TokenStream {
    let PatStruct { path, fields, rest, .. } = call;
    let name = path.segments.last().expect("a path has a name");
    let member = Ident::new("from", hygiene::at(name.ident.span()));
    let fields = fields.iter();
    quote!(#path { #(#fields,)* #member: #from, #rest })
}

// ===== The text of the pattern =====

/// How many tokens are left.
fn left(input: ParseStream<'_>) -> usize {
    flat(input.cursor().token_stream()).len()
}

/// What stands at `place` in the input, with the spaces that its writer put there: the compiler
/// knows them of the input as a whole only.
fn as_written(input: &TokenStream, place: &Range<usize>) -> Option<String> {
    let (text, tokens) = (input.to_string(), flat(input.clone()));
    let (begin, end) = (tokens.len() - place.start, tokens.len() - place.end);
    let (mut at, mut from) = (0, None);
    for (index, token) in tokens[..end].iter().enumerate() {
        at += text[at..].len() - text[at..].trim_start().len();
        if index == begin {
            from = Some(at);
        }
        at += text[at..].starts_with(token).then_some(token.len())?;
    }
    Some(text[from?..at].split_whitespace().collect::<Vec<_>>().join(" "))
}

/// All tokens in one line, delimiters among them.
fn flat(tokens: TokenStream) -> Vec<String> {
    let mut all = Vec::new();
    for token in tokens {
        let TokenTree::Group(group) = token else {
            all.push(token.to_string());
            continue;
        };
        let (open, close) = match group.delimiter() {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Brace => ("{", "}"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::None => ("", ""),
        };
        all.push(open.to_owned());
        all.extend(flat(group.stream()));
        all.push(close.to_owned());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_errors(verb: Verb, input: &TokenStream, expected: &[&str]) {
        let errors = expand(verb, input).error.into_iter().flatten();
        let errors: Vec<String> = errors.map(|error| error.to_string()).collect();
        assert_eq!(errors, expected);
    }

    #[test]
    fn every_part_but_probe_and_pattern_may_be_left_out() {
        for input in [
            quote!(probe, Msg::Reset),
            quote!(&mut probe, Msg::Add { points: 3, .. },),
            quote!(probe, Msg::Add { points } if points > 3 => points, within 5s),
            quote!(crate = my::cordial; probe, Reset | Stop, within secs(5),),
        ] {
            check_errors(Verb::Cast, &input, &[]);
            check_errors(Verb::Assert, &input, &[]);
        }
        check_errors(Verb::Refute, &quote!(probe, Msg::Reset if late, within 5s), &[]);
        check_errors(Verb::Call, &quote!(probe, Msg::Total => Ok(3)), &[]);
    }

    #[test]
    fn one_slip_is_one_error() {
        let needs = "`expect_cast!` takes a probe and a pattern: `expect_cast!(probe, Msg::Name)`";
        check_errors(Verb::Cast, &quote!(), &[needs]);
        check_errors(Verb::Cast, &quote!(Msg::Reset), &[needs]);
        let late = "after the pattern of `expect_cast!` stands at most how long it may take: \
                    `within 5s`";
        check_errors(Verb::Cast, &quote!(probe, Msg::Reset, 5s), &[late]);
        check_errors(Verb::Cast, &quote!(probe, Msg::Reset, within), &[late]);
        check_errors(Verb::Call, &quote!(probe, Msg::Total), &[messages::EXPECT_CALL_ANSWERS]);
        check_errors(Verb::Call, &quote!(probe, _ => 1), &[messages::EXPECT_CALL_OF_ONE]);
        let from = [messages::EXPECT_CALL_HAS_FROM];
        check_errors(Verb::Call, &quote!(probe, Msg::Get { from, .. } => 1), &from);
        let gives = [messages::REFUTE_GIVES_NOTHING];
        check_errors(Verb::Refute, &quote!(probe, Msg::Reset => 1), &gives);
    }

    #[test]
    fn text_of_a_pattern_is_cut_out_of_the_input() {
        let input = quote!(crate = c; &mut p.q(), A { b: Some([1..=2, ..]) } if b > "x y" => 3, );
        let parser = |input: ParseStream<'_>| Expectation::read(Verb::Cast, input);
        let expectation = parser.parse2(input.clone()).expect("it is one");
        let text = as_written(&input, &expectation.place);
        let text = text.map(|text| text.replace(' ', ""));
        assert_eq!(text.as_deref(), Some("A{b:Some([1..=2,..])}ifb>\"xy\""));
    }
}
