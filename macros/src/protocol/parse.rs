//! Tokens → [`Protocol`]: the shape. What cannot be read is told and left out, the rest stays.

use proc_macro2::{Ident, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Expr, Token, braced, parenthesized, token};

use super::model::{Branch, Choice, Message, Part, Protocol, Step, Within};
use crate::attrs::{self, Time};
use crate::crate_path::CratePath;
use crate::errors::Errors;
use crate::messages::{self, fill};

/// The words that begin a step.
const WORDS: [&str; 4] = ["choice", "loop", "continue", "end"];

impl Protocol {
    /// `None`: there is nothing that a name could be given to.
    pub(super) fn read(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Option<Self>> {
        let head = Self::read_head(input);
        let mut protocol = match head {
            Ok(protocol) => protocol,
            Err(error) => {
                errors.push(error);
                skip(input, |_| false)?;
                return Ok(None);
            }
        };
        let shape = |error: syn::Error| syn::Error::new(error.span(), messages::PROTOCOL_SHAPE);
        if word_is(input, "within") {
            protocol.within = errors.keep(read_within(input));
        }
        let body = (|| {
            let body;
            braced!(body in input);
            protocol.steps = read_steps(&body, errors)?;
            Ok(())
        })();
        errors.keep(body.map_err(shape));
        if !input.is_empty() {
            errors.push(syn::Error::new(input.span(), messages::PROTOCOL_SHAPE));
            skip(input, |_| false)?;
        }
        Ok(Some(protocol))
    }

    /// `pub Name: A => B`
    fn read_head(input: ParseStream<'_>) -> syn::Result<Self> {
        let krate = CratePath::parse_front(input)?;
        let (attrs, vis) = (input.call(Attribute::parse_outer)?, input.parse()?);
        let shape = |error: syn::Error| syn::Error::new(error.span(), messages::PROTOCOL_SHAPE);
        let name = input.parse().map_err(shape)?;
        input.parse::<Token![:]>().map_err(shape)?;
        let first = input.parse().map_err(shape)?;
        input.parse::<Token![=>]>().map_err(shape)?;
        let roles = [first, input.parse().map_err(shape)?];
        Ok(Self { krate, attrs, vis, name, roles, within: None, steps: Vec::new() })
    }
}

/// Up to the end; a step that cannot be read is told, and those behind it are read.
fn read_steps(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Vec<Step>> {
    let mut steps = Vec::new();
    while !input.is_empty() {
        if input.parse::<Option<Token![;]>>()?.is_some() {
            continue;
        }
        match read_step(input, errors) {
            Ok(step) => steps.extend(step),
            Err(error) => {
                errors.push(error);
                skip(input, |sign| sign == ';')?;
            }
        }
    }
    Ok(steps)
}

fn read_step(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Option<Step>> {
    let docs = read_docs(input, errors)?;
    let word = input.call(Ident::parse_any).map_err(no_step)?;
    if input.peek(Token![->]) {
        return read_say(docs, word, input, errors).map(Some);
    }
    let text = word.to_string();
    let kind = match attrs::nearest(&text, WORDS) {
        _ if WORDS.contains(&text.as_str()) => text.as_str(),
        Some(near) => {
            errors.at(&word, attrs::unknown("step", &text, WORDS));
            near
        }
        None => return Err(syn::Error::new(word.span(), messages::NO_STEP_OF_A_PROTOCOL)),
    };
    match kind {
        "choice" => read_choice(input, errors).map(|choice| Some(Step::Choice(choice))),
        "loop" => {
            let label = input.parse().map_err(no_step)?;
            let body;
            braced!(body in input);
            Ok(Some(Step::Loop { label, steps: read_steps(&body, errors)? }))
        }
        "continue" => Ok(Some(Step::Continue { word, label: input.parse().map_err(no_step)? })),
        _ => Ok(Some(Step::End { word })),
    }
}

#[allow(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
fn no_step(error: syn::Error) -> syn::Error {
    syn::Error::new(error.span(), messages::NO_STEP_OF_A_PROTOCOL)
}

/// `A -> B: Msg(T)`, of which `A` is read.
fn read_say(
    docs: Vec<Attribute>,
    from: Ident,
    input: ParseStream<'_>,
    errors: &mut Errors,
) -> syn::Result<Step> {
    input.parse::<Token![->]>()?;
    let to = input.parse().map_err(no_step)?;
    input.parse::<Token![:]>().map_err(no_step)?;
    let message = read_message(docs, input)?;
    let within = match word_is(input, "within") {
        true => errors.keep(read_within(input)),
        false => None,
    };
    Ok(Step::Say { from, to, message, within })
}

/// `Role as Name within 5s { .. }`
fn read_choice(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Choice> {
    let role = input.parse().map_err(no_step)?;
    let name = match input.parse::<Option<Token![as]>>()? {
        Some(_) => Some(input.parse()?),
        None => None,
    };
    let within = match word_is(input, "within") {
        true => errors.keep(read_within(input)),
        false => None,
    };
    let body;
    braced!(body in input);
    let (mut branches, before) = (Vec::new(), errors.count());
    while !body.is_empty() {
        match read_branch(&body, errors) {
            Ok(branch) => branches.push(branch),
            Err(error) => {
                errors.push(error);
                skip(&body, |sign| sign == ',')?;
            }
        }
    }
    let is_whole = errors.count() == before;
    Ok(Choice { role, name, within, branches, is_whole })
}

/// `Msg(T) => step,` or `Msg(T) => { steps }`
fn read_branch(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Branch> {
    let shape = |error: syn::Error| syn::Error::new(error.span(), messages::BRANCH_SHAPE);
    let docs = read_docs(input, errors)?;
    let message = read_message(docs, input).map_err(shape)?;
    let no_way = |_| syn::Error::new(message.name.span(), messages::BRANCH_SHAPE);
    input.parse::<Token![=>]>().map_err(no_way)?;
    if input.peek(token::Brace) {
        let body;
        braced!(body in input);
        let steps = read_steps(&body, errors)?;
        input.parse::<Option<Token![,]>>()?;
        return Ok(Branch { message, steps });
    }
    let step = read_step(input, errors)?;
    let has_braces = matches!(step, Some(Step::Choice(_) | Step::Loop { .. }));
    let has_comma = input.parse::<Option<Token![,]>>()?.is_some();
    if !has_comma && !has_braces && !input.is_empty() {
        return Err(syn::Error::new(input.span(), messages::BRANCH_SHAPE));
    }
    Ok(Branch { message, steps: step.into_iter().collect() })
}

fn read_docs(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Vec<Attribute>> {
    let mut docs = input.call(Attribute::parse_outer)?;
    docs.retain(|attr| {
        let is_doc = attr.path().is_ident("doc");
        if !is_doc {
            errors.at(attr, messages::STEP_TAKES_ONLY_DOCS);
        }
        is_doc
    });
    Ok(docs)
}

/// `Msg`, `Msg(T, U)`, `Msg(name: T)`
fn read_message(docs: Vec<Attribute>, input: ParseStream<'_>) -> syn::Result<Message> {
    let name = input.parse().map_err(no_step)?;
    let mut payload = Vec::new();
    if input.peek(token::Paren) {
        let body;
        parenthesized!(body in input);
        while !body.is_empty() {
            let is_named =
                body.peek(syn::Ident) && body.peek2(Token![:]) && !body.peek2(Token![::]);
            let name = match is_named {
                true => Some(body.parse()?),
                false => None,
            };
            if name.is_some() {
                body.parse::<Token![:]>()?;
            }
            payload.push(Part { name, ty: body.parse()? });
            if !body.is_empty() {
                body.parse::<Token![,]>()?;
            }
        }
    }
    Ok(Message { docs, name, payload })
}

fn word_is(input: ParseStream<'_>, word: &str) -> bool {
    input.fork().call(Ident::parse_any).is_ok_and(|next| next == word)
}

/// `within 5s`, `within infinity`, `within LIMIT`
fn read_within(input: ParseStream<'_>) -> syn::Result<Within> {
    input.call(Ident::parse_any)?;
    if word_is(input, "infinity") {
        input.call(Ident::parse_any)?;
        return Ok(Within::Infinity);
    }
    let expr = input.call(Expr::parse_without_eager_brace)?;
    match &expr {
        // A choice's name stands before its time.
        Expr::Cast(_) => Err(syn::Error::new_spanned(&expr, fill(messages::BAD_TIMEOUT, &[]))),
        Expr::Path(path)
            if path
                .path
                .get_ident()
                .is_some_and(|word| !word.unraw().to_string().starts_with(char::is_uppercase)) =>
        {
            Err(syn::Error::new_spanned(&expr, fill(messages::BAD_TIMEOUT, &[])))
        }
        _ => Time::from_expr(expr).map(Within::After),
    }
}

/// Behind the next such sign, or to the end.
fn skip(input: ParseStream<'_>, is_end: impl Fn(char) -> bool) -> syn::Result<()> {
    while !input.is_empty() {
        if let TokenTree::Punct(sign) = input.parse::<TokenTree>()?
            && is_end(sign.as_char())
        {
            break;
        }
    }
    Ok(())
}
