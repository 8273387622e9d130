//! What supervisors tell about their children: one event each, readable by a person.
//!
//! Each has the fields `report` (which of them it is), `supervisor`, `supervisor_pid` and `child`.
//! A restart is a warning, giving up an error, starts and stops are for debugging.
//! Without the feature `tracing` nothing is told.
//!
//! ```text
//!   progress           pid                          it runs
//!   child_terminated   pid, reason, next, ..        it ended, and that needs attention
//!   restarting         count, max_restarts, period  it is started again
//!   start_error        reason                       it did not start
//!   shutdown           reason, ..                   the supervisor stops itself
//!   shutdown_error     pid, reason                  it did not stop as it was told to
//!   shutdown_leaked    pid                          it was killed and is still there
//! ```
//! A crash is told as `child_terminated`, then `restarting`, then `progress`; or as
//! `child_terminated`, then `shutdown` (SUP-52). The first of them tells it all:
//!
//! ```text
//! child `a` <0.5.1> of `harbor` <0.4.1> terminated
//!   reason        panicked: boom at src/a.rs:3:5
//!   restarts      2 of 3 in 5s
//!   next          restart `a`, `b`
//! ```
//! `restarts` stands there where there is one, or would be one too many.
use super::intensity::Intensity;
use super::plan::{Action, ChildKey};
use crate::error::StartError;
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::signal::Exit;
use crate::telemetry::{self, events};
use std::fmt;
use std::sync::Arc;

/// The supervisor that tells.
#[derive(Clone, Copy)]
pub(crate) struct Teller<'a> {
    pub(crate) id: &'a str,
    pub(crate) pid: Pid,
}

macro_rules! event {
    (
        $level:ident, $report:literal, $teller:expr, $child:expr,
        { $($field:ident: $value:expr),* }, $($text:tt)+
    ) => {{
        #[cfg(feature = "tracing")]
        tracing::$level!(
            target: "cordial::supervisor",
            report = $report,
            supervisor = $teller.id,
            supervisor_pid = %$teller.pid,
            child = $child,
            $($field = $value,)*
            $($text)+
        );
        #[cfg(not(feature = "tracing"))]
        let _ = || ($teller.id, $teller.pid, $child, format!($($text)+), $($value),*);
    }};
}

impl Teller<'_> {
    fn names(self, child: &str) -> (Arc<str>, Pid, Arc<str>) {
        (self.id.into(), self.pid, child.into())
    }

    /// A child runs.
    pub(crate) fn progress(self, child: &str, pid: Pid) {
        telemetry::emit(|| {
            let (supervisor, supervisor_pid, child) = self.names(child);
            events::ChildStarted { supervisor, supervisor_pid, child, pid }
        });
        event!(
            debug, "progress", self, child,
            { pid: pid.to_string() },
            "child `{child}` started as {pid}"
        );
    }

    /// A child ended in a way that needs attention (SUP-51).
    pub(crate) fn child_terminated(
        self,
        child: &str,
        exit: &Exit,
        next: &Next<'_>,
        intensity: &Intensity,
    ) {
        let Exit { from: pid, reason } = exit;
        let counted = next.is_counted().then_some(intensity);
        let restarts = Restarts(counted);
        telemetry::emit(|| {
            let (supervisor, supervisor_pid, child) = self.names(child);
            let (pid, reason, next) = (*pid, reason.clone(), next.to_string());
            events::ChildTerminated { supervisor, supervisor_pid, child, pid, reason, next }
        });
        event!(
            warn, "child_terminated", self, child,
            {
                pid: pid.to_string(),
                reason: reason.to_string(),
                restarts: counted.map(Intensity::count),
                max_restarts: counted.map(Intensity::max_restarts),
                period_ms: counted.map(|intensity| millis(intensity.period())),
                next: next.to_string()
            },
            "child `{child}` {pid} of `{}` {} terminated\n  \
             reason        {reason}{restarts}\n  \
             next          {next}",
            self.id, self.pid
        );
    }

    /// A child is started again, for so many times within the period.
    pub(crate) fn restarting(self, child: &str, intensity: &Intensity) {
        let (count, most) = (intensity.count(), intensity.max_restarts());
        let period = intensity.period();
        telemetry::emit(|| {
            let (supervisor, supervisor_pid, child) = self.names(child);
            let max_restarts = most;
            events::ChildRestarting {
                supervisor,
                supervisor_pid,
                child,
                count,
                max_restarts,
                period,
            }
        });
        event!(
            warn, "restarting", self, child,
            { count: count, max_restarts: most, period_ms: millis(period) },
            "restarting `{child}`: {count} of {most} within {period:?}"
        );
    }

    /// A start failed.
    pub(crate) fn start_error(self, child: &str, error: &StartError) {
        telemetry::emit(|| {
            let (supervisor, supervisor_pid, child) = self.names(child);
            events::ChildStartError { supervisor, supervisor_pid, child, error: error.to_string() }
        });
        event!(
            warn, "start_error", self, child,
            { reason: error.to_string() },
            "child `{child}` did not start: {error}"
        );
    }

    /// The supervisor gives up.
    pub(crate) fn gave_up(self, child: &str, intensity: &Intensity) {
        let (most, period) = (intensity.max_restarts(), intensity.period());
        telemetry::emit(|| {
            let (supervisor, supervisor_pid, child) = self.names(child);
            let max_restarts = most;
            events::SupervisorGaveUp { supervisor, supervisor_pid, child, max_restarts, period }
        });
        event!(
            error, "shutdown", self, child,
            {
                reason: "reached_max_restart_intensity",
                max_restarts: most,
                period_ms: millis(period)
            },
            "giving up: over {most} restarts in {period:?}, last `{child}`"
        );
    }

    /// The supervisor ends with its significant children.
    pub(crate) fn shuts_down(self, child: &str) {
        event!(
            info, "shutdown", self, child,
            { reason: "significant_child_ended" },
            "shutting down: the significant child `{child}` has ended"
        );
    }

    /// A child did not stop as it was told to (SUP-33).
    pub(crate) fn shutdown_error(self, child: &str, pid: Pid, reason: &ExitReason) {
        event!(
            warn, "shutdown_error", self, child,
            { pid: pid.to_string(), reason: reason.to_string() },
            "child `{child}` {pid} was told to stop and ended with: {reason}"
        );
    }

    /// A killed child is still there: its code does not await.
    pub(crate) fn leaked(self, child: &str, pid: Pid) {
        event!(
            error, "shutdown_leaked", self, child,
            { pid: pid.to_string() },
            "child `{child}` {pid} was killed but its code blocks a thread"
        );
    }
}

/// `2 of 3 in 5s`
struct Used<'a>(&'a Intensity);

impl fmt::Display for Used<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(intensity) = self;
        let (count, most) = (intensity.count(), intensity.max_restarts());
        write!(f, "{count} of {most} in {:?}", intensity.period())
    }
}

/// The line that tells of them, where there is one.
struct Restarts<'a>(Option<&'a Intensity>);

impl fmt::Display for Restarts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |intensity| write!(f, "\n  restarts      {}", Used(intensity)))
    }
}

/// What a supervisor does about the end of a child, in words.
pub(crate) struct Next<'a> {
    pub(crate) child: ChildKey,
    pub(crate) actions: &'a [Action],
    /// What a child is called.
    pub(crate) id: &'a dyn Fn(ChildKey) -> &'a str,
}

impl Next<'_> {
    /// It is a restart, or would have been one too many.
    fn is_counted(&self) -> bool {
        let restarts = |action: &Action| matches!(action, Action::Start(_) | Action::GiveUp(_));
        self.actions.iter().any(restarts)
    }

    fn started(&self) -> impl Iterator<Item = ChildKey> {
        self.actions.iter().filter_map(|action| match action {
            Action::Start(key) => Some(*key),
            _ => None,
        })
    }
}

impl fmt::Display for Next<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.actions {
            [.., Action::GiveUp(_)] => return f.write_str("give up and stop the others"),
            [.., Action::ShutDown(_)] => return f.write_str("shut down with it"),
            _ => {}
        }
        let all = self.started().count();
        match self.started().next() {
            None => return f.write_str("nothing: it is not restarted"),
            Some(only) if all == 1 && only == self.child => return f.write_str("restart it"),
            Some(_) => f.write_str("restart ")?,
        }
        for (place, key) in self.started().take(MOST_SHOWN).enumerate() {
            write!(f, "{}`{}`", if place == 0 { "" } else { ", " }, (self.id)(key))?;
        }
        match all.saturating_sub(MOST_SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// Children that a report names, so that it stays readable.
const MOST_SHOWN: usize = 8;

fn millis(period: std::time::Duration) -> u64 {
    u64::try_from(period.as_millis()).unwrap_or(u64::MAX)
}
