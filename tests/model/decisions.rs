//! What a supervisor has to decide, without anything that it does: the model's seam.
//!
//! `rules.rs` decides as the rules of OTP say, `pure.rs` as cordial's own plan does. `sim/` carries
//! out what either of them decides.
use crate::history::{Flags, Role};

/// A child in one incarnation of a supervisor; keys only grow.
pub(crate) type Key = usize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Stopped,
    Running,
    /// Its last start failed, and it is tried again.
    Restarting,
}

/// What is done next, one after the other. A start that fails ends the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Todo {
    Stop(Key),
    Start(Key),
    Forget(Key),
    /// By a message to oneself.
    Retry(Key),
    /// Stop the rest in reverse order, then exit with `shutdown`.
    End,
}

pub(crate) trait Decisions: Sized {
    fn new(flags: Flags) -> Self;
    fn add(&mut self, key: Key, role: Role);
    fn forget(&mut self, key: Key);
    /// How a start went.
    fn started(&mut self, key: Key);
    fn ignored(&mut self, key: Key) -> Vec<Todo>;
    fn failed(&mut self, key: Key) -> Vec<Todo>;
    /// A child that ran ended by itself, at `now` milliseconds.
    fn exited(&mut self, key: Key, reason: &str, now: u64) -> Vec<Todo>;
    fn retry(&mut self, key: Key, now: u64) -> Vec<Todo>;
    fn terminate(&mut self, key: Key) -> Vec<Todo>;
    fn stop_all(&mut self) -> Vec<Todo>;
    fn state(&self, key: Key) -> Option<State>;
    /// In start order.
    fn children(&self) -> Vec<Key>;
    /// Specs, active, supervisors, workers.
    fn counts(&self) -> [usize; 4];
}
