//! The rules of a `#[gen_statem] impl`: one function per rule, named `check_*`.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::ReceiverKind;

use super::model::{Clause, Fate, On, Statem};
use super::read::{inputs, is_enter_ctx};
use crate::attrs::{enumerate, nearest};
use crate::errors::Errors;
use crate::gen_server::check as server;
use crate::messages::{self, fill};
use crate::method::{Method, Param, Slot};
use crate::print;

/// Looks at the whole machine. What makes the other rules meaningless is looked at first.
pub(super) fn machine(machine: &mut Statem, errors: &mut Errors) {
    if !has_states(machine, errors) {
        return server::server(&mut machine.server, errors);
    }
    check_states_differ(machine, errors);
    check_states_are_known(machine, errors);
    check_clauses(machine, errors);
    check_events(machine, errors);
    check_timeouts(machine, errors);
    check_enters(machine, errors);
    server::server(&mut machine.server, errors);
    if errors.is_empty() {
        check_reachable(machine, errors);
    }
}

// ===== States =====

/// A machine without states has one that nobody can name, for the fallback.
fn has_states(machine: &mut Statem, errors: &mut Errors) -> bool {
    if !machine.states.is_empty() {
        return true;
    }
    let message = fill(messages::STATEM_WITHOUT_STATES, &[&machine.server.name]);
    errors.at(&machine.server.self_ty, message);
    machine.states.push(Ident::new("__None", proc_macro2::Span::call_site()));
    false
}

fn check_states_differ(machine: &mut Statem, errors: &mut Errors) {
    let mut seen: Vec<Ident> = Vec::new();
    machine.states.retain(|state| {
        let is_new = !seen.contains(state);
        if is_new {
            seen.push(state.clone());
        } else {
            errors.at(state, fill(messages::STATE_GIVEN_TWICE, &[state]));
        }
        is_new
    });
}

/// Every state that is named anywhere is one of the machine's. One that is misspelt is taken for
/// what was meant; a clause for an unknown one is taken for one of any state, so that nothing is
/// missing.
fn check_states_are_known(machine: &mut Statem, errors: &mut Errors) {
    let Statem { states, clauses, timed, enters, unknown, .. } = machine;
    let texts: Vec<String> = states.iter().map(ToString::to_string).collect();
    let mut correct = |named: &mut Vec<Ident>| {
        for state in named.iter_mut().filter(|state| !states.contains(state)) {
            let near = nearest(&state.to_string(), texts.iter().map(String::as_str));
            errors.at(&*state, unknown_state(state, near, &texts));
            unknown.push(state.clone());
            let meant = states.iter().find(|known| near.is_some_and(|near| **known == near));
            if let Some(meant) = meant {
                let span = state.span();
                *state = meant.clone();
                state.set_span(span);
            }
        }
        named.retain(|state| states.contains(state));
    };
    let timed_ons = timed.iter_mut().map(|timed| (&mut timed.on, Some(&mut timed.row)));
    let clause_ons = clauses.iter_mut().map(|clause| (&mut clause.on, Some(&mut clause.row)));
    let enter_ons = enters.iter_mut().map(|enter| (&mut enter.on, None));
    for (on, row) in clause_ons.chain(timed_ons).chain(enter_ons) {
        row.map(&mut correct);
        if let On::These(states) = on {
            correct(states);
            if states.is_empty() {
                *on = On::Any(None);
            }
        }
    }
    unknown.sort();
    unknown.dedup();
}

fn unknown_state(state: &Ident, near: Option<&str>, all: &[String]) -> String {
    match near {
        Some(near) => fill(messages::UNKNOWN_STATE_NEAR, &[state, &near]),
        None => {
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            fill(messages::UNKNOWN_STATE, &[state, &enumerate(&all)])
        }
    }
}

fn check_reachable(machine: &Statem, errors: &mut Errors) {
    let reachable = machine.reachable();
    let Some(initial) = machine.states.first() else { return };
    for state in machine.states.iter().filter(|state| !reachable.contains(state)) {
        errors.at(state, fill(messages::UNREACHABLE_STATE, &[state, initial]));
    }
}

// ===== Clauses =====

/// Each clause by itself, as a handler of a server is looked at. The one that stands for its event
/// is looked at with the server.
fn check_clauses(machine: &mut Statem, errors: &mut Errors) {
    let heads: Vec<_> = machine
        .server
        .messages()
        .map(|head| (head.method.name.clone(), signature(&head.method), head.role.word()))
        .collect();
    for clause in &mut machine.clauses {
        let Some((_, like, word)) = heads.iter().find(|(name, ..)| *name == clause.event) else {
            continue;
        };
        if clause.has_role && clause.handler.role.word() != *word {
            errors.at(&clause.event, fill(messages::CLAUSES_DIFFER, &[&clause.event, word]));
        } else if clause.fate == Fate::Handled && signature(&clause.handler.method) != *like {
            check_like_its_event(clause, errors);
        }
    }
    check_counts(machine, errors);
}

/// What is looked at in one clause: that of its event is looked at with the server.
fn signature(method: &Method) -> String {
    let output = &method.output;
    format!("{} {}", inputs(method), quote::quote!(#output))
}

fn check_like_its_event(clause: &mut Clause, errors: &mut Errors) {
    let mut handler = clause.handler.clone();
    handler.method.name = clause.event.clone();
    let blank = |text: String| text.starts_with('_');
    for param in &mut handler.method.params {
        if param.slot == Slot::Value && blank(param.called()) {
            param.pat = syn::parse_quote!(unused);
        }
    }
    server::handler(&handler, errors);
}

/// Every clause of an event takes as many arguments.
fn check_counts(machine: &Statem, errors: &mut Errors) {
    for clause in machine.clauses.iter().filter(|clause| clause.fate == Fate::Handled) {
        let Some(head) = machine.head(&clause.event) else { continue };
        if clause.handler.method.values().count() != head.method.values().count() {
            let wanted: Vec<String> = head.method.values().map(shown).collect();
            let message = fill(messages::ARGUMENTS_DIFFER, &[&clause.event, &wanted.join(", ")]);
            errors.at(&clause.event, message);
        }
    }
}

fn shown(param: &Param) -> String {
    print::lines(&param.to_token_stream())
}

// ===== Events =====

fn check_events(machine: &Statem, errors: &mut Errors) {
    for event in machine.events() {
        let of: Vec<&Clause> = machine.of(event).collect();
        let found = errors.count();
        check_one_clause_per_state(&of, machine, errors);
        if errors.count() == found && machine.head(event).is_some() {
            check_handled_everywhere(event, &of, machine, errors);
            check_handled_somewhere(event, machine, errors);
        }
    }
}

fn check_one_clause_per_state(of: &[&Clause], machine: &Statem, errors: &mut Errors) {
    let mut named: Vec<&Ident> = Vec::new();
    let mut any = false;
    let without_cfg = |clause: &&&Clause| !clause.handler.method.has_cfg();
    for clause in of.iter().filter(without_cfg) {
        match &clause.on {
            On::Any(Some(_)) if any => {
                errors.at(&clause.event, fill(messages::SECOND_CLAUSE, &[&clause.event, &"_"]));
            }
            On::Any(_) => any = true,
            On::These(states) => {
                for state in states {
                    if named.contains(&state) {
                        let message = fill(messages::SECOND_CLAUSE, &[&clause.event, state]);
                        errors.at(state, message);
                    }
                    named.push(state);
                }
            }
        }
    }
    let all = machine.states.iter().all(|state| named.contains(&state));
    let has_cfg = of.iter().any(|clause| clause.handler.method.has_cfg());
    let any = of.iter().find(|clause| matches!(clause.on, On::Any(Some(_))));
    if let (Some(clause), true, false) = (any, all, has_cfg) {
        errors.at(&clause.event, fill(messages::CLAUSE_NEVER_REACHED, &[&clause.event]));
    }
}

fn check_handled_everywhere(event: &Ident, of: &[&Clause], machine: &Statem, errors: &mut Errors) {
    for state in &machine.states {
        let is_for = |clause: &&Clause| clause.on.is_any() || clause.on.names(state);
        if !of.iter().any(is_for) {
            errors.at(event, fill(messages::EVENT_UNHANDLED, &[event, state, state]));
        }
    }
}

fn check_handled_somewhere(event: &Ident, machine: &Statem, errors: &mut Errors) {
    let fates = machine.states.iter().filter_map(|state| machine.clause(event, state));
    if fates.clone().all(|clause| clause.fate != Fate::Handled)
        && fates.into_iter().any(|clause| clause.fate == Fate::Postponed)
    {
        errors.at(event, fill(messages::EVENT_NEVER_HANDLED, &[event]));
    }
}

// ===== Timeouts and enters =====

fn check_timeouts(machine: &mut Statem, errors: &mut Errors) {
    let mut seen: Vec<(String, String)> = Vec::new();
    for timed in &machine.timed {
        let word = timed.word.to_string();
        check_borrows_the_data(&timed.method, errors);
        if timed.method.values().next().is_some() {
            errors.at(inputs(&timed.method), messages::IDLE_WITH_ARGUMENTS);
        }
        if let (On::Any(Some(span)), "after") = (&timed.on, word.as_str()) {
            errors.push(syn::Error::new(*span, messages::AFTER_IN_ANY_STATE));
        }
        if !timed.method.has_cfg() {
            check_first_of_its_state(&timed.on, &word, &mut seen, errors);
        }
    }
}

fn check_enters(machine: &mut Statem, errors: &mut Errors) {
    let mut seen: Vec<(String, String)> = Vec::new();
    for enter in &machine.enters {
        check_borrows_the_data(&enter.method, errors);
        let others = enter.method.params.iter().filter(|param| !is_enter_ctx(param));
        for (place, param) in others.enumerate() {
            if param.slot != Slot::Value || place > 0 {
                errors.at(&param.ty, messages::ENTER_ARGUMENTS);
            }
        }
        if !enter.method.has_cfg() {
            check_first_of_its_state(&enter.on, "enter", &mut seen, errors);
        }
    }
}

fn check_first_of_its_state(
    on: &On,
    word: &str,
    seen: &mut Vec<(String, String)>,
    errors: &mut Errors,
) {
    let mut add = |state: String, at: proc_macro2::Span| {
        let entry = (word.to_owned(), state);
        if seen.contains(&entry) {
            let message = fill(messages::SECOND_OF_A_STATE, &[&word, &entry.1]);
            errors.push(syn::Error::new(at, message));
        } else {
            seen.push(entry);
        }
    };
    match on {
        On::Any(Some(span)) => add("_".to_owned(), *span),
        On::Any(None) => {}
        On::These(states) => {
            states.iter().for_each(|state| add(state.to_string(), state.span()));
        }
    }
}

fn check_borrows_the_data(method: &Method, errors: &mut Errors) {
    match &method.receiver {
        None => errors.at(&method.name, fill(messages::NO_RECEIVER, &[&method.name])),
        Some(receiver) if !matches!(receiver.kind, ReceiverKind::Reference(..)) => {
            errors.at(receiver, messages::RECEIVER_BY_VALUE);
        }
        Some(_) => {}
    }
}
