//! What the clauses say, as plain data: [`Statem`].

use proc_macro2::{Ident, Span};

use crate::attrs::Time;
use crate::gen_server::model::{Handler, Server};
use crate::hygiene;
use crate::method::Method;

/// A state machine.
pub(crate) struct Statem {
    /// What others see: one handler per event, made of its clauses.
    pub(crate) server: Server,
    /// The states, the initial one first.
    pub(crate) states: Vec<Ident>,
    pub(crate) clauses: Vec<Clause>,
    /// `#[after]` and `#[idle]`.
    pub(crate) timed: Vec<Timed>,
    pub(crate) enters: Vec<Enter>,
    /// The rows of the transition table, each once.
    pub(crate) rows: Vec<Row>,
    /// What was named as a state and is none, so that bodies which go there are no second error.
    pub(crate) unknown: Vec<Ident>,
}

/// The states that a clause is for.
pub(crate) enum On {
    /// Those that have no clause of their own. `None`: it is unclear, and an error stands beside.
    Any(Option<Span>),
    These(Vec<Ident>),
}

/// `#[on(Locked)] #[cast] fn button(..)`
pub(crate) struct Clause {
    pub(crate) on: On,
    /// The event, which is the name of the method as it was written.
    pub(crate) event: Ident,
    pub(crate) fate: Fate,
    /// What `#[call]`, `#[cast]` and `#[info]` say, and the method, whose return type is the reply.
    pub(crate) handler: Handler,
    /// Its role was written.
    pub(crate) has_role: bool,
    /// The method that is called; its name differs from the event's where that has many clauses.
    pub(crate) emitted: Ident,
    pub(crate) answer: Answer,
    /// Where it leads to, besides staying.
    pub(crate) row: Vec<Ident>,
}

/// What becomes of an event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fate {
    Handled,
    Postponed,
    Ignored,
}

/// What the value of a clause is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Answer {
    /// A reply, or nothing.
    Value,
    /// `to![..]`
    Move,
    /// `(T, to![..])`
    Both,
}

/// `#[on(Open)] #[after(5s)]` or `#[idle(5s)]`
pub(crate) struct Timed {
    pub(crate) word: Ident,
    pub(crate) on: On,
    pub(crate) time: Time,
    pub(crate) method: Method,
    pub(crate) emitted: Ident,
    pub(crate) row: Vec<Ident>,
}

/// `#[enter(Open)]`
pub(crate) struct Enter {
    pub(crate) on: On,
    pub(crate) method: Method,
    pub(crate) emitted: Ident,
}

/// One row of the transition table: a type that leads to these states.
pub(crate) struct Row {
    pub(crate) name: Ident,
    pub(crate) states: Vec<Ident>,
}

impl Statem {
    /// `DoorState`
    pub(crate) fn state_enum(&self) -> Ident {
        hygiene::suffixed(&self.server.name, "State")
    }

    /// `mod door_state`, whose types are the states.
    pub(crate) fn state_mod(&self) -> Ident {
        state_mod(&self.server.name)
    }

    /// The events, in the order of their first clauses.
    pub(crate) fn events(&self) -> Vec<&Ident> {
        let mut events: Vec<&Ident> = Vec::new();
        for clause in &self.clauses {
            if !events.contains(&&clause.event) {
                events.push(&clause.event);
            }
        }
        events
    }

    /// The clauses of one event.
    pub(crate) fn of(&self, event: &Ident) -> impl Iterator<Item = &Clause> {
        self.clauses.iter().filter(move |clause| clause.event == *event)
    }

    /// The handler that stands for all clauses of an event.
    pub(crate) fn head(&self, event: &Ident) -> Option<&Handler> {
        self.server.messages().find(|handler| handler.method.name == *event)
    }

    /// Whether any clause awaits; then the process needs a future for every event. Which of a
    /// behaviour's callbacks do, the behaviour knows.
    pub(crate) fn waits(&self) -> bool {
        let methods = self.clauses.iter().map(|clause| &clause.handler.method);
        let timed = self.timed.iter().map(|timed| &timed.method);
        let enters = self.enters.iter().map(|enter| &enter.method);
        !self.server.behaviours.is_empty()
            || methods.chain(timed).chain(enters).any(|method| method.asyncness.is_some())
    }
}

impl On {
    /// Whether it names this state.
    pub(crate) fn names(&self, state: &Ident) -> bool {
        matches!(self, Self::These(states) if states.contains(state))
    }

    pub(crate) const fn is_any(&self) -> bool {
        matches!(self, Self::Any(_))
    }
}

/// `door_state` for `Door`.
pub(crate) fn state_mod(machine: &Ident) -> Ident {
    hygiene::item(&format!("{}_state", hygiene::snake_case(machine)))
}

/// The row type of these states: `LockedOrOpen`.
pub(crate) fn row_name(states: &[Ident]) -> Ident {
    let names: Vec<String> =
        states.iter().map(|state| syn::ext::IdentExt::unraw(state).to_string()).collect();
    hygiene::item(&format!("__To{}", names.join("Or")))
}
