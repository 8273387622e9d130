//! Whatever names a process: handles, pids, supervisors' handles.
use super::{Node, Process, node};
use crate::pid::Pid;
use std::sync::Arc;

/// Something that [`monitor`](super::monitor), [`link`](super::link), [`exit`](super::exit) and
/// their like can aim at.
///
/// Implemented for [`Ref`](crate::Ref), [`RawRef`](crate::RawRef), [`Pid`], the handles of
/// supervisors, and `str`, which is a registered name. Acting on a handle reaches the living
/// incarnation, on a name whoever has it now; acting on a `Pid` reaches that incarnation or nobody.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::{ExitReason, process};
/// let sleeper = process::spawn(async |mut mail: process::Mailbox<()>| mail.next().await);
/// process::register("sleeper", &sleeper).unwrap();
/// let down = process::monitor("sleeper");
/// process::exit("sleeper", ExitReason::Kill);
/// assert_eq!(down.await.reason, ExitReason::Killed);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` names no process",
    label = "neither a handle nor a pid nor a name"
)]
pub trait Target {
    /// The living process behind it.
    #[doc(hidden)]
    fn find(&self) -> Option<Found>;

    /// Who lives there, or did last; `None` where there never was anybody.
    #[doc(hidden)]
    fn last_pid(&self) -> Option<Pid> {
        self.find().map(|found| found.pid)
    }

    /// The registered name that it is, if it is one.
    #[doc(hidden)]
    fn name(&self) -> Option<Arc<str>> {
        None
    }

    /// What `gen_server::whereis` answers: a pid is where it is, also when it is gone (GS-47).
    #[doc(hidden)]
    fn whereis(&self) -> Option<Pid> {
        self.find().map(|found| found.pid)
    }
}

/// A living process, as of now.
#[doc(hidden)]
#[derive(Clone)]
pub struct Found {
    pub(crate) pid: Pid,
    pub(crate) process: Arc<dyn Process>,
}

impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.pid.fmt(f)
    }
}

impl Target for Pid {
    fn find(&self) -> Option<Found> {
        let process = node::by_number(self.node())?.table.get(*self)?;
        Some(Found { pid: *self, process })
    }
    fn last_pid(&self) -> Option<Pid> {
        Some(*self)
    }
    fn whereis(&self) -> Option<Pid> {
        Some(*self)
    }
}

impl Target for str {
    fn find(&self) -> Option<Found> {
        let (pid, process) = Node::current()?.names.find(self)?;
        Some(Found { pid, process })
    }
    fn name(&self) -> Option<Arc<str>> {
        Some(self.into())
    }
}
