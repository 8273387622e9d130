//! What can go wrong with a table, and what is told of one.
use super::{Kind, Protection};
use crate::pid::Pid;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Why a table did not do what it was asked.
///
/// # Examples
/// ```
/// use cordial::ets::TableError;
/// let gone = TableError::Gone { table: "Positions", owner: None };
/// assert_eq!(gone.to_string(), "table `Positions` is gone: nobody owns it");
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum TableError {
    /// It has no owner: not yet, or not any more. The address stays: a supervised owner that is
    /// started again makes the table anew behind it.
    Gone {
        /// The table's type.
        table: &'static str,
        /// Who owned it last.
        owner: Option<Pid>,
    },
    /// It was handed over: the handle that was used is that of an earlier owner.
    NotOwner {
        /// The table's type.
        table: &'static str,
        /// Who owns it now.
        owner: Option<Pid>,
    },
    /// Nothing lies under the key.
    NoKey {
        /// The table's type.
        table: &'static str,
    },
    /// The counter would leave the range of its type; nothing was counted.
    Overflow {
        /// The table's type.
        table: &'static str,
    },
    /// There is nobody to hand the table to.
    NoProc {
        /// The table's type.
        table: &'static str,
    },
    /// Another living table has this name.
    NameTaken {
        /// The name.
        name: Arc<str>,
        /// Who owns the table that has it.
        owner: Option<Pid>,
        /// For how long the table has had it.
        held_for: Duration,
    },
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone { table, owner: Some(owner) } => {
                write!(f, "table `{table}` is gone: its owner {owner} has ended or deleted it")
            }
            Self::Gone { table, owner: None } => {
                write!(f, "table `{table}` is gone: nobody owns it")
            }
            Self::NotOwner { table, owner: Some(owner) } => {
                write!(f, "table `{table}` belongs to {owner} now")
            }
            Self::NotOwner { table, owner: None } => {
                write!(f, "table `{table}` belongs to somebody else now")
            }
            Self::NoKey { table } => write!(f, "table `{table}` has nothing under this key"),
            Self::Overflow { table } => {
                write!(f, "a counter of table `{table}` would leave the range of its type")
            }
            Self::NoProc { table } => {
                write!(f, "table `{table}` stays where it is: there is no such process")
            }
            Self::NameTaken { name, owner: Some(owner), held_for } => {
                write!(f, "a table of {owner} has had the name `{name}` for {held_for:?}")
            }
            Self::NameTaken { name, owner: None, held_for } => {
                write!(f, "another table has had the name `{name}` for {held_for:?}")
            }
        }
    }
}

impl Error for TableError {}

/// What is known of a living table; everybody may ask, whatever its protection.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Info {
    /// The table's type.
    pub table: &'static str,
    /// What it is registered as.
    pub name: Option<Arc<str>>,
    /// What kind of table it is.
    pub kind: Kind,
    /// Who may do what.
    pub protection: Protection,
    /// Who owns it.
    pub owner: Pid,
    /// Who gets it when the owner ends, as of now.
    pub heir: Option<Pid>,
    /// How many rows there are.
    pub size: usize,
    /// About how many bytes the rows take where they lie; what they point to is not counted.
    pub memory: usize,
}
