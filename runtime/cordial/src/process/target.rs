//! Whatever names a process: handles, pids, supervisors' handles.
use super::{Process, node};
use crate::pid::Pid;
use std::sync::Arc;

/// Something that [`monitor`](super::monitor), [`link`](super::link), [`exit`](super::exit) and
/// their like can aim at.
///
/// Implemented for [`Ref`](crate::Ref), [`RawRef`](crate::RawRef), [`Pid`] and the handles of
/// supervisors. Acting on a handle reaches the living incarnation; acting on a `Pid` reaches that
/// incarnation or nobody.
pub trait Target {
    /// The living process behind it.
    #[doc(hidden)]
    fn find(&self) -> Option<Found>;
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
}

impl<T: Target + ?Sized> Target for &T {
    fn find(&self) -> Option<Found> {
        (**self).find()
    }
}
