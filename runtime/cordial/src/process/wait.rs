//! Who waits for whom: the edge of a waiting process, and the walk that finds a circle.
//!
//! # Why no circle is missed
//! A process parks with its edge (under its lock) *before* it walks, and it walks if the callee was
//! running or waiting when the call came (`suspect`), or if mail has come for itself by the time it
//! parks. Take A → B → A. If B's call was in A's mailbox when A parked, A walks; if it came later,
//! B found A waiting or running, so B walks. Who walks has its own edge in place and reads the
//! others' under their locks, so the later of the two sees both.
//!
//! A handler that waits for several calls at once gets no edge (with one branch free it is not
//! stuck), nor does a call with a bound of its own, nor one whose handler was handed the
//! [`ReplyTo`](crate::ReplyTo): somebody else may answer it.
use super::Node;
use crate::mailbox::Owed;
use crate::pid::Pid;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

const LONGEST: usize = 1024;

/// A process waits for the answer of another.
#[derive(Clone)]
pub(crate) struct Edge {
    pub(crate) callee: Pid,
    pub(crate) owed: Arc<dyn Owed>,
    /// The callee was busy when the call came: it may be waiting for us.
    pub(crate) suspect: bool,
}

thread_local! {
    static PENDING: Cell<u32> = const { Cell::new(0) };
    static EDGE: RefCell<Option<Edge>> = const { RefCell::new(None) };
    /// A circle that the last walk found, for the next poll of the handler.
    static VERDICT: RefCell<Option<Vec<Pid>>> = const { RefCell::new(None) };
}

/// Notes of one poll of a process; those of an outer poll come back when it is dropped.
pub(crate) struct Notes {
    outer: (u32, Option<Edge>),
}

impl Notes {
    #[inline]
    pub(crate) fn begin() -> Self {
        Self { outer: (PENDING.replace(0), EDGE.take()) }
    }

    /// The one answer that the process waits for.
    #[inline]
    pub(crate) fn only(&self) -> Option<Edge> {
        let edge = EDGE.take();
        VERDICT.take(); // Whoever it was for has not looked.
        if PENDING.get() == 1 { edge } else { None }
    }
}

impl Drop for Notes {
    #[inline]
    fn drop(&mut self) {
        PENDING.set(self.outer.0);
        EDGE.replace(self.outer.1.take());
    }
}

/// A call of the process that is polled here is pending; `None` is one with a bound of its own.
pub(crate) fn note(edge: Option<Edge>) {
    PENDING.set(PENDING.get() + 1);
    if let Some(edge) = edge {
        EDGE.replace(Some(edge));
    }
}

/// The verdict for the call that is polled now, if a walk has just found a circle.
pub(crate) fn verdict() -> Option<Vec<Pid>> {
    VERDICT.take()
}

pub(crate) fn deliver(path: Vec<Pid>) {
    VERDICT.replace(Some(path));
}

/// From `callee` back to `own`, if they wait in a circle.
pub(crate) fn walk(node: &Node, own: Pid, callee: Pid) -> Option<Vec<Pid>> {
    let mut path = vec![own];
    let mut next = callee;
    while next != own {
        if path.len() == LONGEST || path.contains(&next) {
            return None;
        }
        path.push(next);
        next = node.table.get(next)?.waits_on(next)?;
    }
    Some(path)
}
