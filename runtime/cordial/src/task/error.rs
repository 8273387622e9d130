//! Why a task has no result.
use crate::error::WaitPath;
use crate::exit::ExitReason;
use crate::pid::Pid;
use std::error::Error;
use std::fmt;
use std::time::Duration;

/// Why there is no result of a task; the task itself stands last.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::{Task, TaskError, millis};
/// let task = Task::spawn(std::future::pending::<()>());
/// let error = task.timeout(millis(1)).await.unwrap_err();
/// assert!(matches!(error, TaskError::Timeout(..)));
/// assert!(error.to_string().ends_with("gave no result within 1ms"));
/// # }
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum TaskError {
    /// It ended before it had a result; `NoProc` where its end was told before.
    Exit(ExitReason, Pid),
    /// It has no result within this time.
    Timeout(Duration, Pid),
    /// Somebody else than its owner waits for it.
    NotOwner {
        /// Who started it.
        owner: Pid,
        /// Who waits.
        caller: Pid,
        /// The task.
        task: Pid,
    },
    /// It waits for its owner, who would wait for it: both for ever.
    Deadlock(WaitPath, Pid),
    /// Its supervisor did not start it.
    NotStarted(ExitReason),
}

impl TaskError {
    /// Why it ended, if it did.
    pub fn reason(&self) -> Option<&ExitReason> {
        match self {
            Self::Exit(reason, _) => Some(reason),
            _ => None,
        }
    }

    /// Whether the time ran out.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Timeout(..))
    }
}

impl fmt::Display for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exit(reason, task) => write!(f, "task {task} ended without a result: {reason}"),
            Self::Timeout(after, task) => write!(f, "task {task} gave no result within {after:?}"),
            Self::NotOwner { owner, caller, task } => {
                write!(f, "task {task} is awaited by its owner {owner} only, and not by {caller}")
            }
            Self::Deadlock(path, task) => {
                write!(f, "waiting for task {task} would take for ever: {path}")
            }
            Self::NotStarted(reason) => write!(f, "the task was not started: {reason}"),
        }
    }
}

impl Error for TaskError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Exit(reason, _) | Self::NotStarted(reason) => Some(reason),
            _ => None,
        }
    }
}
