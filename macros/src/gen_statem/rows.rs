//! `to![Locked | Open]` in a return type: what it says, and the type that it becomes.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::parse::{ParseStream, Parser};
use syn::visit_mut::{self, VisitMut};
use syn::{ReturnType, Token, Type, parse_quote};

use super::model::{Answer, Row, row_name, state_mod};
use crate::argument;
use crate::crate_path::CratePath;
use crate::errors::Errors;
use crate::messages;

/// What a clause returns, taken apart.
pub(super) struct Returned {
    pub(super) answer: Answer,
    /// The states of its `to![..]`.
    pub(super) states: Vec<Ident>,
    /// The `to![..]` itself, for errors that underline it.
    pub(super) written: Option<Type>,
    /// The return type without the transition.
    pub(super) reply: ReturnType,
}

/// What the rows of a machine are made with.
pub(super) struct Rows<'a> {
    pub(super) krate: &'a CratePath,
    pub(super) machine: &'a Ident,
    /// The states that there are.
    pub(super) states: &'a [Ident],
    pub(super) rows: &'a mut Vec<Row>,
    pub(super) errors: &'a mut Errors,
}

impl Rows<'_> {
    /// Reads what a clause returns, and puts a type in the place of each `to![..]`.
    pub(super) fn take(&mut self, output: &mut ReturnType) -> Returned {
        let as_written = output.clone();
        let mut search = Search { rows: self, states: Vec::new(), written: None, in_tuple: false };
        search.visit_return_type_mut(output);
        let Search { states, written, in_tuple, .. } = search;
        let mut answer = answer(&as_written);
        if let (true, Some(to)) = (in_tuple && answer != Answer::Both, &written) {
            self.errors.at(to, messages::ANSWER_COMES_FIRST);
            answer = Answer::Both;
        }
        let reply = match (answer, &as_written) {
            (Answer::Value, _) if written.is_none() => as_written.clone(),
            (Answer::Both, ReturnType::Type(arrow, ty)) => match argument::peeled(ty) {
                Type::Tuple(tuple) => match tuple.elems.iter().find(|part| !is_to(part)) {
                    Some(value) => ReturnType::Type(*arrow, Box::new(value.clone())),
                    None => ReturnType::Default,
                },
                _ => ReturnType::Default,
            },
            _ => ReturnType::Default,
        };
        // A `to![..]` inside of a `Result` is what a cast returns: all of it is the move.
        let answer =
            if answer == Answer::Value && written.is_some() { Answer::Move } else { answer };
        Returned { answer, states, written, reply }
    }

    /// The row of these states, and the type of a transition along it.
    fn row(&mut self, states: &[Ident]) -> Type {
        let known = |state: &&Ident| self.states.contains(*state);
        let mut sorted: Vec<Ident> = states.iter().filter(known).cloned().collect();
        let place = |state: &Ident| self.states.iter().position(|known| known == state);
        sorted.sort_by_key(place);
        sorted.dedup();
        for state in &mut sorted {
            state.set_span(Span::call_site());
        }
        let name = row_name(&sorted);
        if !self.rows.iter().any(|row| row.name == name) {
            self.rows.push(Row { name: name.clone(), states: sorted });
        }
        let (krate, module) = (self.krate, state_mod(self.machine));
        let states = crate::hygiene::suffixed(self.machine, "State");
        parse_quote!(#krate::gen_statem::Goto<#states, #module::#name>)
    }
}

/// How a return type stands to its `to![..]`.
fn answer(output: &ReturnType) -> Answer {
    let ReturnType::Type(_, ty) = output else { return Answer::Value };
    match argument::peeled(ty) {
        ty if is_to(ty) => Answer::Move,
        Type::Tuple(tuple) if tuple.elems.len() == 2 && tuple.elems.last().is_some_and(is_to) => {
            Answer::Both
        }
        _ => Answer::Value,
    }
}

fn is_to(ty: &Type) -> bool {
    matches!(argument::peeled(ty), Type::Macro(found) if found.mac.path.is_ident("to"))
}

struct Search<'a, 'b> {
    rows: &'a mut Rows<'b>,
    states: Vec<Ident>,
    written: Option<Type>,
    /// One of them is a part of a tuple.
    in_tuple: bool,
}

impl VisitMut for Search<'_, '_> {
    fn visit_type_mut(&mut self, node: &mut Type) {
        if let Type::Tuple(tuple) = node {
            self.in_tuple |= tuple.elems.iter().any(is_to);
        }
        let Type::Macro(found) = node else { return visit_mut::visit_type_mut(self, node) };
        if !found.mac.path.is_ident("to") {
            return;
        }
        let states = match alternatives.parse2(found.mac.tokens.clone()) {
            Ok(states) => states,
            Err(_) => {
                self.rows.errors.at(&*found, messages::BAD_TO);
                Vec::new()
            }
        };
        if states.is_empty() && self.rows.errors.is_empty() {
            self.rows.errors.at(&*found, messages::BAD_TO);
        }
        let row = self.rows.row(&states);
        self.states.extend(states);
        self.written.get_or_insert_with(|| node.clone());
        *node = row;
    }
}

/// `A | B | C`, with a bar in front or without.
pub(super) fn alternatives(input: ParseStream<'_>) -> syn::Result<Vec<Ident>> {
    input.parse::<Option<Token![|]>>()?;
    let mut states = Vec::new();
    while !input.is_empty() {
        states.push(input.parse::<Ident>()?);
        if input.is_empty() || input.peek(Token![,]) {
            break;
        }
        input.parse::<Token![|]>()?;
    }
    Ok(states)
}

/// What a body needs to name the states of its machine.
pub(super) fn opening(machine: &Ident) -> TokenStream {
    let module = state_mod(machine);
    quote!(#[allow(unused_imports)] use #module::*;)
}
