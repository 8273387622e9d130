//! The rules of a protocol: one function per rule, named `check_*`.

use std::collections::HashMap;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::ext::IdentExt;

use super::machine;
use super::model::{Choice, Message, Protocol, Step};
use crate::argument::{self, Flaw};
use crate::errors::Errors;
use crate::messages::{self, fill};
use crate::print;

/// Looks at the whole protocol, in the order of the source.
pub(super) fn protocol(protocol: &Protocol, errors: &mut Errors) {
    check_name_is_a_types(protocol, errors);
    check_roles_differ(protocol, errors);
    if !protocol.steps.iter().any(says_something) {
        if errors.is_empty() {
            errors.at(&protocol.name, fill(messages::PROTOCOL_IS_EMPTY, &[&protocol.name]));
        }
        return;
    }
    let mut check = Check {
        protocol,
        errors,
        loops: Vec::new(),
        named: Vec::new(),
        payloads: HashMap::new(),
        types: Vec::new(),
    };
    check.steps(&protocol.steps);
    check.check_payloads_are_no_states();
}

/// `end` alone is no conversation; an empty loop is told where it is followed.
fn says_something(step: &Step) -> bool {
    match step {
        Step::Loop { steps, .. } => steps.is_empty() || steps.iter().any(says_something),
        Step::End { .. } => false,
        Step::Say { .. } | Step::Choice(_) | Step::Continue { .. } => true,
    }
}

fn check_name_is_a_types(protocol: &Protocol, errors: &mut Errors) {
    if protocol.name.unraw() == machine::snake_case(&protocol.name) {
        errors.at(&protocol.name, fill(messages::PROTOCOL_NAME, &[&protocol.name]));
    }
}

fn check_roles_differ(protocol: &Protocol, errors: &mut Errors) {
    for role in protocol.roles.iter().filter(|role| **role == "connect") {
        errors.at(role, fill(messages::RESERVED_ROLE, &[role]));
    }
    let [first, second] = &protocol.roles;
    if machine::snake_case(first) == machine::snake_case(second) {
        errors.at(second, messages::SAME_ROLE_TWICE);
    }
}

/// What has been seen on the way to a step.
struct Check<'a> {
    protocol: &'a Protocol,
    errors: &'a mut Errors,
    /// The loops around it.
    loops: Vec<&'a Ident>,
    /// All loops and choices that have names.
    named: Vec<&'a Ident>,
    /// What each message carries.
    payloads: HashMap<String, String>,
    /// The types that messages name.
    types: Vec<Ident>,
}

impl<'a> Check<'a> {
    /// Whether control comes to the end of them.
    fn steps(&mut self, steps: &'a [Step]) -> bool {
        let mut goes_on = true;
        let mut told = false;
        for step in steps {
            if !goes_on && !told {
                told = true;
                self.errors.push(syn::Error::new(step.span(), messages::STEP_NEVER_REACHED));
            }
            goes_on &= self.step(step);
        }
        goes_on
    }

    fn step(&mut self, step: &'a Step) -> bool {
        match step {
            Step::Say { from, to, message, .. } => {
                self.check_speaks_to_the_other(from, to);
                self.message(message);
                true
            }
            Step::Choice(choice) => self.choice(choice),
            Step::Loop { label, steps } => {
                self.check_name_is_free(label);
                self.loops.push(label);
                self.steps(steps);
                self.loops.pop();
                false
            }
            Step::Continue { label, .. } => {
                self.check_loop_is_around(label);
                false
            }
            Step::End { .. } => false,
        }
    }

    fn choice(&mut self, choice: &'a Choice) -> bool {
        self.check_is_a_role(&choice.role);
        if let Some(name) = &choice.name {
            self.check_name_is_free(name);
        }
        if choice.branches.len() < 2 && choice.is_whole {
            self.errors.at(&choice.role, messages::CHOICE_OF_ONE);
        }
        let mut goes_on = choice.branches.is_empty();
        let mut methods: Vec<(String, &Ident)> = Vec::new();
        for branch in &choice.branches {
            let name = &branch.message.name;
            let method = machine::snake_case(name);
            match methods.iter().find(|(other, _)| *other == method) {
                Some((_, first)) if **first == *name => {
                    self.errors.at(name, fill(messages::BRANCH_TWICE, &[name]));
                }
                Some((_, first)) => {
                    self.errors.at(name, fill(messages::SAME_METHOD, &[first, name, &method]));
                }
                None => methods.push((method, name)),
            }
            self.message(&branch.message);
            goes_on |= self.steps(&branch.steps);
        }
        goes_on
    }

    fn check_is_a_role(&mut self, role: &Ident) {
        let [first, second] = &self.protocol.roles;
        if role != first && role != second {
            self.errors.at(role, fill(messages::UNKNOWN_ROLE, &[role, first, second]));
        }
    }

    fn check_speaks_to_the_other(&mut self, from: &Ident, to: &Ident) {
        let before = self.errors.count();
        self.check_is_a_role(from);
        self.check_is_a_role(to);
        let [first, second] = &self.protocol.roles;
        if from == to && first != second && self.errors.count() == before {
            self.errors.at(to, fill(messages::SPEAKS_TO_ITSELF, &[to]));
        }
    }

    /// Names of loops and choices are names of states.
    fn check_name_is_free(&mut self, name: &'a Ident) {
        if machine::RESERVED.iter().any(|reserved| name == reserved) {
            self.errors.at(name, fill(messages::RESERVED_STATE, &[name]));
        } else if self.named.contains(&name) {
            self.errors.at(name, fill(messages::STATE_TWICE, &[name]));
        }
        self.named.push(name);
    }

    fn check_loop_is_around(&mut self, label: &Ident) {
        if self.loops.contains(&label) {
            return;
        }
        let around: Vec<String> = self.loops.iter().map(ToString::to_string).collect();
        let names: Vec<&str> = around.iter().map(String::as_str).collect();
        let near = crate::attrs::nearest(&label.to_string(), names);
        let message = match near {
            Some(near) => fill(messages::UNKNOWN_LABEL_NEAR, &[label, &near]),
            None => fill(messages::UNKNOWN_LABEL, &[label]),
        };
        self.errors.at(label, message);
    }

    fn message(&mut self, message: &Message) {
        for part in &message.payload {
            check_payload_travels(&message.name, &part.ty, self.errors);
        }
        self.check_values_differ(message);
        let payload = machine::payload_text(message);
        let name = message.name.to_string();
        match self.payloads.get(&name) {
            Some(first) if *first != payload => {
                self.errors.at(&message.name, fill(messages::TWO_PAYLOADS, &[&message.name]));
            }
            Some(_) => {}
            None => {
                self.types.extend(machine::payload_names(message));
                self.payloads.insert(name, payload);
            }
        }
    }

    fn check_values_differ(&mut self, message: &Message) {
        let mut seen: Vec<&Ident> = Vec::new();
        for name in message.payload.iter().filter_map(|part| part.name.as_ref()) {
            if seen.contains(&name) {
                self.errors.at(name, fill(messages::VALUE_TWICE, &[&message.name, name]));
            }
            seen.push(name);
        }
    }

    /// Types are looked up where the states are declared, so a state of that name hides one.
    fn check_payloads_are_no_states(&mut self) {
        for name in &self.types {
            let is_state = self.named.contains(&name);
            if is_state || machine::RESERVED.iter().any(|reserved| name == reserved) {
                self.errors.at(name, fill(messages::PAYLOAD_IS_A_STATE, &[name]));
            }
        }
    }
}

/// A message is moved to a process that may live longer than who sends it.
fn check_payload_travels(message: &Ident, ty: &syn::Type, errors: &mut Errors) {
    let Some(flaw) = argument::flaw(ty) else { return };
    let owned = fill(messages::PAYLOAD_IS_OWNED, &[message]);
    let (found, text) = match flaw {
        Flaw::Local(found) => {
            let text = fill(messages::NOT_SEND, &[&print::lines(&found)]);
            (found, text)
        }
        Flaw::ImplTrait(found) | Flaw::Reference(found) => (found, owned),
        Flaw::Lifetime(found) => (found.to_token_stream(), owned),
    };
    errors.at(found, text);
}
