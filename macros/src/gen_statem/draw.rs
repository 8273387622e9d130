//! Draws the machine for the documentation of its states, as a mermaid diagram.

use quote::ToTokens;

use super::model::Statem;
use crate::attrs::Time;

/// The lines of the diagram, fences included.
pub(super) fn lines(machine: &Statem) -> Vec<String> {
    let mut lines = vec!["```mermaid".to_owned(), "stateDiagram-v2".to_owned()];
    lines.extend(machine.states.first().map(|first| format!("    [*] --> {first}")));
    let mut drawn: Vec<(String, Vec<String>)> = Vec::new();
    for edge in machine.edges() {
        let arrow = format!("    {} --> {}", edge.from, edge.to);
        match drawn.iter_mut().find(|(there, _)| *there == arrow) {
            Some((_, labels)) => labels.push(edge.by),
            None => drawn.push((arrow, vec![edge.by])),
        }
    }
    lines.extend(
        drawn.into_iter().map(|(arrow, labels)| format!("{arrow} : {}", labels.join(", "))),
    );
    lines.push("```".to_owned());
    lines
}

/// A time as it was written, without the signs that a diagram has a meaning for.
pub(super) fn time(time: &Time) -> String {
    match time {
        Time::Fixed(fixed, _) => format!("{fixed:?}"),
        Time::Computed(expr) => {
            let text = expr.to_token_stream().to_string();
            text.chars().filter(|sign| !sign.is_whitespace() && !":;".contains(*sign)).collect()
        }
    }
}
