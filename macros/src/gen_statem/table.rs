//! The transition table that the clauses make: which one is for an event in a state, and where it
//! leads.

use proc_macro2::Ident;

use super::model::{Clause, Fate, Statem};

/// A transition: from, to, by.
pub(super) struct Edge<'a> {
    pub(super) from: &'a Ident,
    pub(super) to: &'a Ident,
    pub(super) by: String,
}

impl Statem {
    /// The clause of an event in a state: its own, or the one for any state.
    pub(super) fn clause(&self, event: &Ident, state: &Ident) -> Option<&Clause> {
        let own = self.of(event).find(|clause| clause.on.names(state));
        own.or_else(|| self.of(event).find(|clause| clause.on.is_any()))
    }

    /// Every declared transition to another state, in the order of the source.
    pub(super) fn edges(&self) -> Vec<Edge<'_>> {
        let mut edges = Vec::new();
        for from in &self.states {
            let mut add = |row: &[Ident], by: &dyn Fn() -> String| {
                let others = self.states.iter().filter(|to| *to != from && row.contains(to));
                edges.extend(others.map(|to| Edge { from, to, by: by() }));
            };
            for event in self.events() {
                if let Some(clause) = self.clause(event, from)
                    && clause.fate == Fate::Handled
                {
                    add(&clause.row, &|| event.to_string());
                }
            }
            for timed in &self.timed {
                let has_own =
                    |other: &super::model::Timed| other.word == timed.word && other.on.names(from);
                let is_for =
                    timed.on.names(from) || (timed.on.is_any() && !self.timed.iter().any(has_own));
                if is_for {
                    add(&timed.row, &|| {
                        format!("{} {}", timed.word, super::draw::time(&timed.time))
                    });
                }
            }
        }
        edges
    }

    /// The states to which transitions lead from the initial one.
    pub(super) fn reachable(&self) -> Vec<&Ident> {
        let edges = self.edges();
        let mut found: Vec<&Ident> = self.states.first().into_iter().collect();
        let mut at = 0;
        while let Some(from) = found.get(at).copied() {
            for edge in edges.iter().filter(|edge| edge.from == from) {
                if !found.contains(&edge.to) {
                    found
                        .push(self.states.iter().find(|state| *state == edge.to).expect("a state"));
                }
            }
            at += 1;
        }
        found
    }
}
