//! `pipe!`: a value and the steps that it goes through, as calls inside one another.
//!
//! ```text
//! raw |> str::trim |> parse()? |> total(1.5, _) |> |o| o.sum
//! apply(total(1.5, parse(str::trim(raw))?), |o| o.sum)
//! ```
//!
//! Nothing else is generated, and all that the user wrote keeps its place: what is wrong between
//! two steps is told by the compiler, at the step.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Expr, ExprAwait, ExprField, ExprIndex, ExprMacro, ExprMethodCall, ExprTry, Token, parse_quote,
};

use crate::crate_path::CratePath;
use crate::entry::{self, Expansion};
use crate::errors::Errors;
use crate::hygiene;
use crate::messages;

/// What a use of `pipe!` becomes: one expression.
pub(crate) fn expand(input: TokenStream) -> Expansion {
    let mut errors = Errors::default();
    let read = |input: ParseStream<'_>| {
        let krate = CratePath::parse_front(input)?;
        Ok((krate, input.parse::<TokenStream>()?))
    };
    let mut piped = Piped::default();
    if let Some((krate, rest)) = errors.keep(read.parse2(input)) {
        let (first, steps) = cut(rest, &mut errors);
        piped.value = read_value(first, &steps, &mut errors);
        for step in &steps {
            let pipe = Pipe { krate: &krate, bar: step.bar.span() };
            piped.put_through(step, &pipe, &mut errors);
        }
    }
    match (piped, errors.finish()) {
        (Piped { value: Some(value), .. }, Ok(())) => Expansion::good(value.into_token_stream()),
        (piped, Err(error)) => Expansion::broken(entry::for_editors(&piped.finished()), error),
        (Piped { value: None, .. }, Ok(())) => {
            unreachable!("what gives no expression has told why")
        }
    }
}

/// How far the value has come.
#[derive(Default)]
struct Piped {
    value: Option<Expr>,
    /// Steps that it cannot go through, as they are written.
    beside: Vec<Expr>,
}

impl Piped {
    /// Of a step that is not finished, as much as is.
    fn put_through(&mut self, step: &Step, pipe: &Pipe<'_>, errors: &mut Errors) {
        let read = errors.keep(read_step(&step.tokens));
        let is_whole = read.is_some();
        let Some(expr) = read.or_else(|| read_beginning(&step.tokens)) else { return };
        let Some(value) = self.value.take() else { return self.beside.push(expr) };
        self.value = match put_through(value.clone(), expr.clone(), pipe) {
            Ok(piped) => Some(piped),
            Err(error) => {
                if is_whole {
                    errors.push(error);
                }
                self.beside.push(expr);
                Some(value)
            }
        };
    }

    fn finished(&self) -> TokenStream {
        let all = self.value.iter().chain(&self.beside);
        quote!(#(let _ = #all;)*)
    }
}

// ===== Parse =====

/// What stands behind a `|>`.
struct Step {
    bar: TokenTree,
    tokens: TokenStream,
}

/// The tokens before the first `|>`, and each step; a `|>` with nothing behind it is told.
fn cut(input: TokenStream, errors: &mut Errors) -> (TokenStream, Vec<Step>) {
    let (mut first, mut steps) = (TokenStream::new(), Vec::<Step>::new());
    let mut tokens = input.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if is_punct(&token, '|') && tokens.next_if(|next| is_punct(next, '>')).is_some() {
            steps.push(Step { bar: token, tokens: TokenStream::new() });
        } else {
            steps.last_mut().map_or(&mut first, |step| &mut step.tokens).extend([token]);
        }
    }
    steps.retain(|step| {
        if step.tokens.is_empty() {
            errors.at(&step.bar, messages::PIPE_ENDS_OPEN);
        }
        !step.tokens.is_empty()
    });
    (first, steps)
}

fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

fn read_value(first: TokenStream, steps: &[Step], errors: &mut Errors) -> Option<Expr> {
    if first.is_empty() {
        let place = steps.first().map_or_else(Span::call_site, |step| step.bar.span());
        errors.push(syn::Error::new(place, messages::PIPE_WITHOUT_VALUE));
        return None;
    }
    errors.keep(syn::parse2(first.clone())).or_else(|| entry::finished(first))
}

/// Where the value of the steps before will stand, in a step that begins with a dot.
fn place_of_value() -> Expr {
    let place = hygiene::hidden("piped");
    parse_quote!(#place)
}

fn is_place_of_value(expr: &Expr) -> bool {
    matches!(expr, Expr::Path(path) if path.path.is_ident(&hygiene::hidden("piped")))
}

fn read_step(tokens: &TokenStream) -> syn::Result<Expr> {
    syn::parse2(with_place(tokens))
}

/// As much of a step as is finished.
fn read_beginning(tokens: &TokenStream) -> Option<Expr> {
    entry::finished(with_place(tokens))
}

fn with_place(tokens: &TokenStream) -> TokenStream {
    if tokens.clone().into_iter().next().is_some_and(|first| is_punct(&first, '.')) {
        let place = place_of_value();
        return quote!(#place #tokens);
    }
    tokens.clone()
}

// ===== Expand =====

/// What all steps share, and the `|>` of this one.
struct Pipe<'a> {
    krate: &'a CratePath,
    bar: Span,
}

/// The step with the value in its place.
fn put_through(value: Expr, mut step: Expr, pipe: &Pipe<'_>) -> syn::Result<Expr> {
    // What came in as a fragment of a macro of the user's.
    while let Expr::Group(group) = step {
        step = *group.expr;
    }
    if is_place_of_value(&step) {
        return Ok(hygiene::as_receiver(value));
    }
    match &mut step {
        Expr::Path(_) | Expr::Paren(_) => return Ok(call(&step, &value)),
        Expr::Field(field) if is_object(&field.base) => {
            return Ok(call(&parse_quote!((#field)), &value));
        }
        Expr::Closure(closure) => {
            let (krate, span) = (pipe.krate, hygiene::at(pipe.bar));
            let called = quote_spanned!(span=> #krate::__private::pipe(#value, #closure));
            return Ok(Expr::Verbatim(called));
        }
        Expr::Call(call) => put_into(value, &mut call.args)?,
        Expr::MethodCall(method) if is_object(&method.receiver) => {
            put_into(value, &mut method.args)?;
        }
        Expr::Macro(step) => put_into_macro(&value, step)?,
        // What follows the step itself.
        Expr::MethodCall(ExprMethodCall { receiver: inner, .. })
        | Expr::Field(ExprField { base: inner, .. })
        | Expr::Index(ExprIndex { expr: inner, .. })
        | Expr::Try(ExprTry { expr: inner, .. })
        | Expr::Await(ExprAwait { base: inner, .. }) => {
            let step = std::mem::replace(&mut **inner, Expr::Verbatim(TokenStream::new()));
            **inner = put_through(value, step, pipe)?;
        }
        other => return Err(syn::Error::new_spanned(other, messages::NO_STEP_OF_A_PIPE)),
    }
    Ok(step)
}

/// Something that is there already: `self.store.put(1)` is a method of `self.store`.
fn is_object(expr: &Expr) -> bool {
    match expr {
        Expr::Path(_) => !is_place_of_value(expr),
        Expr::Field(field) => is_object(&field.base),
        _ => false,
    }
}

/// `f(value)`
fn call(step: &Expr, value: &Expr) -> Expr {
    Expr::Verbatim(quote_spanned!(step.span()=> #step(#value)))
}

/// In the place of the `_`, or before all others.
fn put_into(value: Expr, args: &mut Punctuated<Expr, Token![,]>) -> syn::Result<()> {
    let mut marks = args.iter_mut().filter(|arg| matches!(arg, Expr::Infer(_)));
    match (marks.next(), marks.next()) {
        (None, _) => args.insert(0, value),
        (Some(mark), None) => *mark = value,
        (_, Some(second)) => {
            return Err(syn::Error::new_spanned(second, messages::PIPED_VALUE_TWICE));
        }
    }
    Ok(())
}

/// As [`put_into`], where the arguments are tokens.
fn put_into_macro(value: &Expr, step: &mut ExprMacro) -> syn::Result<()> {
    let (mut args, mut is_put, mut is_first) = (TokenStream::new(), false, true);
    let mut tokens = step.mac.tokens.clone().into_iter().peekable();
    let is_comma = |token: &TokenTree| is_punct(token, ',');
    while let Some(token) = tokens.next() {
        let is_mark = matches!(&token, TokenTree::Ident(mark) if mark == "_")
            && is_first
            && tokens.peek().is_none_or(is_comma);
        is_first = is_comma(&token);
        if is_mark && is_put {
            return Err(syn::Error::new_spanned(token, messages::PIPED_VALUE_TWICE));
        }
        match is_mark {
            true => value.to_tokens(&mut args),
            false => args.extend([token]),
        }
        is_put |= is_mark;
    }
    step.mac.tokens = match (is_put, args.is_empty()) {
        (true, _) => args,
        (false, true) => value.to_token_stream(),
        (false, false) => quote!(#value, #args),
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn becomes(input: TokenStream) -> String {
        let Expansion { tokens, error } = expand(input);
        assert!(error.is_none(), "{error:?}");
        tokens.to_string()
    }

    fn errors_of(input: TokenStream) -> Vec<String> {
        let errors = expand(input).error.into_iter().flatten();
        errors.map(|error| error.to_string()).collect()
    }

    #[test]
    fn value_goes_first_unless_a_mark_says_where() {
        let expected = quote!(total(1.5, check(str::trim(raw), 2)));
        let input = quote!(raw |> str::trim |> check(2) |> total(1.5, _));
        assert_eq!(becomes(input), expected.to_string());
    }

    #[test]
    fn what_follows_a_step_follows_its_call() {
        let input = quote!(raw |> parse()? |> store().await? |> .id |> .to_string());
        let expected = quote!(store(parse(raw)?).await?.id.to_string());
        assert_eq!(becomes(input), expected.to_string());
        let input = quote!(1 + 2 |> .pow(2) |> f.max(_));
        assert_eq!(becomes(input), quote!(f.max((1 + 2).pow(2))).to_string());
        let input = quote!(x |> self.board.add(5)? |> self.keep |> f()[0]);
        let expected = quote!(f((self.keep)(self.board.add(x, 5)?))[0]);
        assert_eq!(becomes(input), expected.to_string());
    }

    #[test]
    fn closures_and_macros_are_steps() {
        let input = quote!(x |> |o| o.total |> format!("{} {}", 1, _) |> dbg!() |> vec![1]);
        let expected =
            quote!(vec![dbg!(format!("{} {}", 1, ::cordial::__private::pipe(x, |o| o.total))), 1]);
        assert_eq!(becomes(input), expected.to_string());
        let input = quote!(crate = my::cordial; x |> async |o| o.run().await |> .await);
        let expected = quote!(my::cordial::__private::pipe(x, async |o| o.run().await).await);
        assert_eq!(becomes(input), expected.to_string());
    }

    #[test]
    fn value_alone_is_itself() {
        assert_eq!(becomes(quote!(a | b)), quote!(a | b).to_string());
    }

    #[test]
    fn one_slip_is_one_error() {
        let none = [messages::PIPE_WITHOUT_VALUE];
        assert_eq!(errors_of(quote!()), none);
        assert_eq!(errors_of(quote!(|> f)), none);
        let open = [messages::PIPE_ENDS_OPEN];
        assert_eq!(errors_of(quote!(x |> f |>)), open);
        assert_eq!(errors_of(quote!(x |> |> f)), open);
        let no_step = [messages::NO_STEP_OF_A_PIPE];
        assert_eq!(errors_of(quote!(x |> 2 |> f)), no_step);
        assert_eq!(errors_of(quote!(x |> f() + 1)), no_step);
        let twice = [messages::PIPED_VALUE_TWICE];
        assert_eq!(errors_of(quote!(x |> f(_, _))), twice);
        assert_eq!(errors_of(quote!(x |> format!("{}{}", _, _))), twice);
    }
}
