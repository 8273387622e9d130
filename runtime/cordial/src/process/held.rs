//! What a process holds elsewhere: entries that others find it by, tables that it owns. They go
//! with it, before anybody learns that it has ended.
use super::{Found, Node, Process, panics};
use crate::error::StartError;
use crate::pid::Pid;
use std::any::Any;
use std::sync::Arc;

/// What one process holds in one place.
pub(crate) trait Hold: Any + Send {
    /// The process has ended.
    fn release(self: Box<Self>);
}

/// All that one process holds; few, so a vector.
pub(crate) type Held = Vec<Box<dyn Hold>>;

/// What of this kind is held.
pub(crate) fn of_kind<H: Hold>(held: &mut Held) -> Option<&mut H> {
    held.iter_mut().find_map(|hold| (hold.as_mut() as &mut dyn Any).downcast_mut())
}

/// Takes away what of this kind is held.
pub(crate) fn take_kind<H: Hold>(held: &mut Held) -> Option<Box<dyn Hold>> {
    take_one::<H>(held, |_| true)
}

/// Takes away the first of this kind that `is_it`.
pub(crate) fn take_one<H: Hold>(
    held: &mut Held,
    is_it: impl Fn(&H) -> bool,
) -> Option<Box<dyn Hold>> {
    let at = held.iter().position(|hold| {
        let hold: &dyn Any = hold.as_ref();
        hold.downcast_ref().is_some_and(&is_it)
    })?;
    Some(held.swap_remove(at))
}

/// Each by itself: a panic in the drop of what is the user's harms no other.
pub(crate) fn release(held: Held) {
    for hold in held {
        let _ = panics::contain(|| hold.release());
    }
}

/// A name of whatever kind that a process is started under.
pub(crate) trait Claim: Send + Sync {
    /// Takes it for a process that is about to begin.
    ///
    /// # Errors
    /// It belongs to somebody, or there is nobody who could give it.
    fn claim(
        &self,
        node: &Node,
        pid: Pid,
        process: &Arc<dyn Process>,
    ) -> Result<Claimed, StartError>;
}

/// A name that was taken.
pub(crate) struct Claimed {
    pub(crate) hold: Box<dyn Hold>,
    /// With whom the process lives and dies while it has the name.
    pub(crate) tie: Option<Found>,
}
