//! What a protocol says, as plain data.

use proc_macro2::{Ident, Span};
use syn::{Attribute, Type, Visibility};

use super::machine;
use crate::attrs::Time;
use crate::crate_path::CratePath;
use crate::hygiene;

/// One protocol as the user wrote it.
pub(super) struct Protocol {
    pub(super) krate: CratePath,
    pub(super) attrs: Vec<Attribute>,
    pub(super) vis: Visibility,
    pub(super) name: Ident,
    /// Both roles, the one that opens the conversation first.
    pub(super) roles: [Ident; 2],
    /// How long each step is waited for that does not say it itself.
    pub(super) within: Option<Within>,
    pub(super) steps: Vec<Step>,
}

/// `within 5s`, `within infinity`
#[derive(Clone)]
pub(super) enum Within {
    Infinity,
    After(Time),
}

/// One thing that happens.
pub(super) enum Step {
    /// `A -> B: Msg(T);`
    Say { from: Ident, to: Ident, message: Message, within: Option<Within> },
    /// `choice A as Name { Msg(T) => .., .. }`
    Choice(Choice),
    /// `loop Label { .. }`
    Loop { label: Ident, steps: Vec<Self> },
    /// `continue Label`
    Continue { word: Ident, label: Ident },
    /// `end`
    End { word: Ident },
}

pub(super) struct Choice {
    pub(super) role: Ident,
    pub(super) name: Option<Ident>,
    pub(super) within: Option<Within>,
    pub(super) branches: Vec<Branch>,
    /// All that stands there could be read.
    pub(super) is_whole: bool,
}

/// What one side may say, and what follows then.
pub(super) struct Branch {
    pub(super) message: Message,
    pub(super) steps: Vec<Step>,
}

/// `Msg(T, ..)`
#[derive(Clone)]
pub(super) struct Message {
    pub(super) docs: Vec<Attribute>,
    pub(super) name: Ident,
    pub(super) payload: Vec<Part>,
}

/// One value of a message; its name is the parameter's.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) name: Option<Ident>,
    pub(super) ty: Type,
}

impl Step {
    /// Where it begins.
    pub(super) fn span(&self) -> Span {
        match self {
            Self::Say { from, .. } => from.span(),
            Self::Choice(choice) => choice.role.span(),
            Self::Loop { label, .. } => label.span(),
            Self::Continue { word, .. } | Self::End { word } => word.span(),
        }
    }
}

impl Protocol {
    /// After the same role was told, so that each side has a module of its own.
    pub(super) fn tell_roles_apart(&mut self) {
        let [first, second] = self.roles.each_ref().map(machine::snake_case);
        if first == second {
            self.roles[1] = hygiene::suffixed(&self.roles[1], "2");
        }
    }

    /// Which of the two roles this is; one that is none stands for the first.
    pub(super) fn role(&self, name: &Ident) -> usize {
        usize::from(*name == self.roles[1])
    }
}
