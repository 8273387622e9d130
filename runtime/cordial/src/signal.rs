//! What one process can learn of another besides messages: that it ended.
use crate::exit::ExitReason;
use crate::pid::{MonitorRef, Pid};

/// A monitored process ended. Each monitor gives exactly one.
///
/// A server receives it through an `#[info]` handler that takes a `Down`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Down {
    /// Which monitor fired.
    pub monitor: MonitorRef,
    /// Who ended.
    pub pid: Pid,
    /// Why; `NoProc` when it was gone before it was monitored.
    pub reason: ExitReason,
}

/// An exit signal as a message: what a process that traps exits receives instead of ending.
///
/// A server traps exits exactly when it has an `#[info]` handler that takes an `Exit`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// Who ended, or who sent the signal.
    pub from: Pid,
    /// Why.
    pub reason: ExitReason,
}

/// No message came in time; what `ctx.timeout(d)` delivers to an `#[info]` handler that takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout;
