//! A protocol as text, for the documentation of what is made of it.

use proc_macro2::Ident;
use quote::ToTokens;

use super::model::{Message, Protocol, Step};
use crate::print;

/// The steps, one per line.
pub(super) fn protocol(protocol: &Protocol) -> String {
    let [first, second] = &protocol.roles;
    let mut page = format!("{}: {first} => {second}\n", protocol.name);
    steps(&protocol.steps, 1, &mut page);
    page
}

fn steps(all: &[Step], depth: usize, page: &mut String) {
    for step in all {
        let indent = "    ".repeat(depth);
        match step {
            Step::Say { from, to, message, .. } => {
                page.push_str(&format!("{indent}{from} -> {to}: {}\n", said(message)));
            }
            Step::Choice(choice) => {
                page.push_str(&format!("{indent}choice {}\n", choice.role));
                for branch in &choice.branches {
                    page.push_str(&format!("{indent}    {}\n", said(&branch.message)));
                    steps(&branch.steps, depth + 2, page);
                }
            }
            Step::Loop { label, steps: inside } => {
                page.push_str(&format!("{indent}loop {label}\n"));
                steps(inside, depth + 1, page);
            }
            Step::Continue { label, .. } => {
                page.push_str(&format!("{indent}continue {label}\n"));
            }
            Step::End { .. } => page.push_str(&format!("{indent}end\n")),
        }
    }
}

fn said(message: &Message) -> String {
    let types = message.payload.iter().map(|part| print::lines(&part.ty.to_token_stream()));
    match message.payload.is_empty() {
        true => message.name.to_string(),
        false => format!("{}({})", message.name, types.collect::<Vec<_>>().join(", ")),
    }
}

/// `` `A`, `B` or `C` ``
pub(super) fn any_of<'a>(names: impl Iterator<Item = &'a Ident>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}
