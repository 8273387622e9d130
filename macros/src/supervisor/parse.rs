//! Tokens → `Input`: the shape of a tree. What its words mean is the model's business.
//!
//! A field or a child that cannot be read is told and left out; reading goes on after the next
//! comma, so that one slip does not hide the other mistakes of the tree.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::token::{Brace, Bracket, Paren};
use syn::{
    AngleBracketedGenericArguments, Attribute, Expr, Generics, Pat, Path, PathArguments,
    PathSegment, Token, Type, Visibility, braced, bracketed, parenthesized,
};

use super::late;
use crate::argument;
use crate::crate_path::CratePath;
use crate::errors::Errors;
use crate::messages::{self, fill};

/// One use of the macro, as it was written.
pub(crate) struct Input {
    pub(crate) header: Header,
    pub(crate) body: Body,
}

/// Everything before the brace.
pub(crate) struct Header {
    pub(crate) krate: CratePath,
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    pub(crate) params: Vec<ParamInput>,
}

/// `fleet_id: u32`
pub(crate) struct ParamInput {
    pub(crate) pat: Pat,
    pub(crate) ty: Type,
}

/// The fields of one supervisor, the whole tree's or a nested one's.
#[derive(Default)]
pub(crate) struct Body {
    pub(crate) settings: Vec<Setting>,
    /// `None` without a field `children`.
    pub(crate) children: Option<Vec<Entry>>,
    /// Something in here could not be read, so what is missing may have been meant to be there.
    pub(crate) incomplete: bool,
}

/// `name: value`
pub(crate) struct Setting {
    pub(crate) name: Ident,
    pub(crate) value: TokenStream,
}

/// What stands in `children: [..]`.
pub(crate) enum Entry {
    Child(ChildInput),
    If(IfInput),
}

/// `if condition { .. }`
pub(crate) struct IfInput {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) condition: Expr,
    pub(crate) entries: Vec<Entry>,
}

/// `id: what { settings }`
pub(crate) struct ChildInput {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) id: Ident,
    pub(crate) what: What,
    pub(crate) settings: Vec<Setting>,
}

/// What follows a child's id.
pub(crate) enum What {
    /// `Type(args)`; without parentheses there are no arguments.
    One { ty: Path, args: Args },
    /// `dynamic Type`
    Dynamic { ty: Path, args: Args },
    /// `partition(4) Type(args)`; without a count it is one per core.
    Partition { count: Option<Expr>, ty: Path, args: Args },
    /// `task(future)`
    Task { word: Ident, args: Args },
    /// `supervisor { .. }`
    Nested(Body),
    /// `dynamic dyn Trait`: the word that a later version brings.
    Later(Ident),
}

/// The arguments of a child.
#[derive(Default)]
pub(crate) struct Args {
    pub(crate) exprs: Vec<Expr>,
    /// The parentheses, if there are any.
    pub(crate) parens: Option<Span>,
}

/// Reads a use of the macro; `None` if not even its name can be read.
pub(crate) fn input(tokens: TokenStream, errors: &mut Errors) -> Option<Input> {
    let (header, rest) = errors.keep(parse_header.parse2(late::mark(tokens)))?;
    let mut body = Body::default();
    let parser = |input: ParseStream<'_>| {
        if !input.peek(Brace) {
            let place = if input.is_empty() { header.name.span() } else { input.span() };
            input.parse::<TokenStream>()?;
            let message = fill(messages::SUPERVISOR_NEEDS_BODY, &[&header.name]);
            return Err(syn::Error::new(place, message));
        }
        let content;
        braced!(content in input);
        body = parse_body(&content, errors)?;
        Ok(())
    };
    let result = parser.parse2(rest);
    body.incomplete |= errors.keep(result).is_none();
    Some(Input { header, body })
}

/// Everything before the brace, and what follows.
fn parse_header(input: ParseStream<'_>) -> syn::Result<(Header, TokenStream)> {
    let krate = CratePath::parse_front(input)?;
    let attrs = input.call(Attribute::parse_outer)?;
    let vis = input.parse()?;
    if !input.peek(syn::Ident) {
        return Err(syn::Error::new(input.span(), messages::SUPERVISOR_NEEDS_NAME));
    }
    let name: Ident = input.parse()?;
    let mut generics = input.call(argument::parse_generics)?;
    let params = if input.peek(Paren) { parse_params(input)? } else { Vec::new() };
    generics.where_clause = input.parse()?;
    let header = Header { krate, attrs, vis, name, generics, params };
    Ok((header, input.parse()?))
}

fn parse_params(input: ParseStream<'_>) -> syn::Result<Vec<ParamInput>> {
    let content;
    parenthesized!(content in input);
    let params = content.parse_terminated(parse_param, Token![,])?;
    Ok(params.into_iter().collect())
}

fn parse_param(input: ParseStream<'_>) -> syn::Result<ParamInput> {
    let pat = input.call(Pat::parse_single)?;
    input.parse::<Token![:]>()?;
    Ok(ParamInput { pat, ty: input.parse()? })
}

// ===== Fields =====

fn parse_body(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Body> {
    let mut body = Body::default();
    while !input.is_empty() {
        let field = recover(input, errors, |input, errors| parse_field(input, &mut body, errors));
        body.incomplete |= field.is_none();
    }
    Ok(body)
}

/// `children: [..]` goes into the body, all else is looked at by name later.
fn parse_field(input: ParseStream<'_>, body: &mut Body, errors: &mut Errors) -> syn::Result<()> {
    let name: Ident = input.call(Ident::parse_any)?;
    input.parse::<Token![:]>()?;
    if name != "children" || !input.peek(Bracket) {
        body.incomplete |= name == "children";
        body.settings.push(Setting { value: parse_value(input, &name)?, name });
        return Ok(());
    }
    let content;
    bracketed!(content in input);
    let children = parse_entries(&content, errors, &mut body.incomplete);
    match &body.children {
        Some(_) => errors.at(&name, fill(messages::OPTION_GIVEN_TWICE, &[&name])),
        None => body.children = Some(children),
    }
    Ok(())
}

fn parse_setting(input: ParseStream<'_>) -> syn::Result<Setting> {
    let name: Ident = input.call(Ident::parse_any)?;
    input.parse::<Token![:]>()?;
    Ok(Setting { value: parse_value(input, &name)?, name })
}

/// Everything up to the next comma.
fn parse_value(input: ParseStream<'_>, name: &Ident) -> syn::Result<TokenStream> {
    let mut value = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        value.extend([input.parse::<TokenTree>()?]);
    }
    if value.is_empty() {
        return Err(syn::Error::new(name.span(), fill(messages::FIELD_NEEDS_VALUE, &[name])));
    }
    Ok(value)
}

/// Reads one thing and the comma after it; when it cannot be read, tells so and skips it.
fn recover<T>(
    input: ParseStream<'_>,
    errors: &mut Errors,
    read: impl FnOnce(ParseStream<'_>, &mut Errors) -> syn::Result<T>,
) -> Option<T> {
    let ahead = input.fork();
    let result = read(&ahead, errors).and_then(|read| {
        if !ahead.is_empty() {
            ahead.parse::<Token![,]>()?;
        }
        Ok(read)
    });
    if result.is_ok() {
        input.advance_to(&ahead);
    } else {
        skip_past_comma(input);
    }
    errors.keep(result)
}

fn skip_past_comma(input: ParseStream<'_>) {
    while let Ok(token) = input.parse::<TokenTree>() {
        if matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ',') {
            return;
        }
    }
}

// ===== Children =====

fn parse_entries(input: ParseStream<'_>, errors: &mut Errors, incomplete: &mut bool) -> Vec<Entry> {
    let mut entries = Vec::new();
    while !input.is_empty() {
        let entry = recover(input, errors, |input, errors| parse_entry(input, errors, incomplete));
        *incomplete |= entry.is_none();
        entries.extend(entry);
    }
    entries
}

fn parse_entry(
    input: ParseStream<'_>,
    errors: &mut Errors,
    incomplete: &mut bool,
) -> syn::Result<Entry> {
    let attrs = input.call(Attribute::parse_outer)?;
    if input.peek(Token![if]) {
        return Ok(Entry::If(parse_if(input, attrs, errors, incomplete)?));
    }
    let id: Ident = input.parse()?;
    input.parse::<Token![:]>()?;
    let what = parse_what(input, errors, incomplete)?;
    let settings = if input.peek(Brace) { parse_settings(input)? } else { Vec::new() };
    Ok(Entry::Child(ChildInput { attrs, id, what, settings }))
}

fn parse_if(
    input: ParseStream<'_>,
    attrs: Vec<Attribute>,
    errors: &mut Errors,
    incomplete: &mut bool,
) -> syn::Result<IfInput> {
    input.parse::<Token![if]>()?;
    let condition = input.call(Expr::parse_without_eager_brace)?;
    let content;
    braced!(content in input);
    let entries = parse_entries(&content, errors, incomplete);
    if input.peek(Token![else]) {
        return Err(syn::Error::new(input.span(), messages::IF_WITHOUT_ELSE));
    }
    Ok(IfInput { attrs, condition, entries })
}

fn parse_what(
    input: ParseStream<'_>,
    errors: &mut Errors,
    incomplete: &mut bool,
) -> syn::Result<What> {
    let word = input.fork().call(Ident::parse_any).ok();
    match word {
        Some(word) if word == "supervisor" && input.peek2(Brace) => {
            input.parse::<Ident>()?;
            let content;
            braced!(content in input);
            let body = parse_body(&content, errors)?;
            *incomplete |= body.incomplete;
            Ok(What::Nested(body))
        }
        Some(word) if word == "dynamic" && input.peek2(Token![dyn]) => {
            input.parse::<Ident>()?;
            let keyword = input.call(Ident::parse_any)?;
            parse_type(input)?;
            Ok(What::Later(keyword))
        }
        Some(word) if word == "dynamic" && input.peek2(Ident::peek_any) => {
            input.parse::<Ident>()?;
            Ok(What::Dynamic { ty: parse_named_type(input, &word)?, args: parse_args(input)? })
        }
        Some(word) if word == "task" && !input.peek2(Token![::]) && !input.peek2(Token![<]) => {
            input.parse::<Ident>()?;
            Ok(What::Task { word, args: parse_args(input)? })
        }
        Some(word) if word == "partition" && is_partition(input) => {
            input.parse::<Ident>()?;
            let count = if input.peek(Paren) { Some(parse_count(input)?) } else { None };
            let ty = parse_named_type(input, &word)?;
            Ok(What::Partition { count, ty, args: parse_args(input)? })
        }
        _ => Ok(What::One { ty: parse_type(input)?, args: parse_args(input)? }),
    }
}

/// `partition Type` and `partition(4) Type`, but not a type that is called so.
fn is_partition(input: ParseStream<'_>) -> bool {
    input.peek2(Ident::peek_any) || input.peek2(Paren) && input.peek3(Ident::peek_any)
}

fn parse_count(input: ParseStream<'_>) -> syn::Result<Expr> {
    let content;
    parenthesized!(content in input);
    content.parse()
}

/// What `dynamic` and `partition` start has a name, also where it is a tree.
fn parse_named_type(input: ParseStream<'_>, word: &Ident) -> syn::Result<Path> {
    let next = input.fork().call(Ident::parse_any).ok();
    match next.filter(|next| next == "supervisor" && input.peek2(Brace)) {
        Some(next) => {
            let message = fill(messages::NESTED_NEEDS_A_NAME, &[word]);
            Err(syn::Error::new(next.span(), message))
        }
        None => parse_type(input),
    }
}

fn parse_settings(input: ParseStream<'_>) -> syn::Result<Vec<Setting>> {
    let content;
    braced!(content in input);
    Ok(content.parse_terminated(parse_setting, Token![,])?.into_iter().collect())
}

/// A path with generics but without `(..)`, which are a child's arguments and not the sugar of
/// `Fn(..)`.
fn parse_type(input: ParseStream<'_>) -> syn::Result<Path> {
    let leading_colon = input.parse()?;
    let mut segments = Punctuated::new();
    loop {
        if !starts_segment(input) {
            return Err(syn::Error::new(input.span(), messages::CHILD_NEEDS_TYPE));
        }
        let ident = input.call(Ident::parse_any)?;
        let arguments = if input.peek(Token![<]) {
            PathArguments::AngleBracketed(input.parse()?)
        } else if input.peek(Token![::]) && input.peek3(Token![<]) {
            PathArguments::AngleBracketed(
                input.call(AngleBracketedGenericArguments::parse_turbofish)?,
            )
        } else {
            PathArguments::None
        };
        segments.push_value(PathSegment { ident, arguments });
        if !input.peek(Token![::]) {
            return Ok(Path { leading_colon, segments });
        }
        segments.push_punct(input.parse()?);
    }
}

fn starts_segment(input: ParseStream<'_>) -> bool {
    input.peek(syn::Ident)
        || input.peek(Token![crate])
        || input.peek(Token![super])
        || input.peek(Token![self])
}

fn parse_args(input: ParseStream<'_>) -> syn::Result<Args> {
    let mut args = Args::default();
    if !input.peek(Paren) {
        return Ok(args);
    }
    let content;
    let parens = parenthesized!(content in input);
    args.parens = Some(parens.span.join());
    while !content.is_empty() {
        args.exprs.push(content.parse()?);
        if !content.is_empty() {
            content.parse::<Token![,]>()?;
        }
    }
    Ok(args)
}
