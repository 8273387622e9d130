//! What a supervisor answers when it does not do what it was asked to, one type per request.
use super::server::Who;
use crate::error::{CallError, StartError};
use crate::pid::Pid;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// Why a child was not started.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum StartChildError {
    /// A child with this id lives, as this process.
    AlreadyStarted(Pid),
    /// There is a child with this id; it does not live.
    AlreadyPresent,
    /// The dynamic supervisor has as many children as it may have.
    MaxChildren(usize),
    /// Its start failed; under a dynamic supervisor also: its `init` asked to be ignored. Nothing
    /// of it is kept.
    Start(StartError),
    /// The supervisor did not answer.
    Call(CallError),
}

impl fmt::Display for StartChildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyStarted(pid) => write!(f, "a child with this id runs as {pid}"),
            Self::AlreadyPresent => f.write_str("there is a child with this id, not running"),
            Self::MaxChildren(most) => write!(f, "as many children live as may: {most}"),
            Self::Start(error) => write!(f, "the child did not start: {error}"),
            Self::Call(error) => error.fmt(f),
        }
    }
}

impl Error for StartChildError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Start(error) => Some(error),
            Self::Call(error) => Some(error),
            _ => None,
        }
    }
}

impl From<StartError> for StartChildError {
    fn from(error: StartError) -> Self {
        Self::Start(error)
    }
}

/// The supervisor has no such child.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotFound(Arc<str>);

impl NotFound {
    pub(crate) fn of(who: &Who) -> Self {
        Self(match who {
            Who::Id(id) => format!("`{id}`").into(),
            Who::Pid(pid) => pid.to_string().into(),
            Who::Address(_) => "with this handle".into(),
        })
    }
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the supervisor has no child {}", self.0)
    }
}

impl Error for NotFound {}

/// Why [`restart_child`](super::restart_child) did not start a child.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum RestartChildError {
    /// There is no child with this id.
    NotFound(NotFound),
    /// It lives, as this process.
    Running(Pid),
    /// A restart failed and will be tried again without being asked.
    Restarting,
    /// Its start failed; it stays stopped.
    Start(StartError),
}

impl fmt::Display for RestartChildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound(error) => error.fmt(f),
            Self::Running(pid) => write!(f, "the child runs, as {pid}"),
            Self::Restarting => f.write_str("the child is being restarted already"),
            Self::Start(error) => write!(f, "the child did not start: {error}"),
        }
    }
}

impl Error for RestartChildError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NotFound(error) => Some(error),
            Self::Start(error) => Some(error),
            Self::Running(_) | Self::Restarting => None,
        }
    }
}

/// Why [`delete_child`](super::delete_child) did not delete a child.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum DeleteChildError {
    /// There is no child with this id.
    NotFound(NotFound),
    /// It lives, as this process.
    Running(Pid),
    /// A restart failed and will be tried again.
    Restarting,
}

impl fmt::Display for DeleteChildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound(error) => error.fmt(f),
            Self::Running(pid) => write!(f, "the child runs, as {pid}: terminate it first"),
            Self::Restarting => f.write_str("the child is being restarted: terminate it first"),
        }
    }
}

impl Error for DeleteChildError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NotFound(error) => Some(error),
            Self::Running(_) | Self::Restarting => None,
        }
    }
}

/// Why a partition supervisor has as many partitions as before.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ResizeError {
    /// It was started with fewer: this is the most it can have.
    TooMany(usize),
    /// This partition did not start; those started for the request are stopped again.
    Start(usize, RestartChildError),
}

impl fmt::Display for ResizeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany(most) => {
                write!(f, "it was started with {most} partitions and cannot have more")
            }
            Self::Start(partition, error) => write!(f, "partition {partition}: {error}"),
        }
    }
}

impl Error for ResizeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::TooMany(_) => None,
            Self::Start(_, error) => Some(error),
        }
    }
}
