//! What supervisors tell about their children: one event each, readable by a person.
//!
//! A restart is a warning, giving up an error, starts and stops are for debugging.
//! Without the feature `tracing` nothing is told.
use super::intensity::Intensity;
use crate::error::StartError;
use crate::exit::ExitReason;
use crate::pid::Pid;

/// The supervisor that tells.
#[derive(Clone, Copy)]
pub(crate) struct Teller<'a> {
    pub(crate) name: &'a str,
    pub(crate) pid: Pid,
}

macro_rules! event {
    ($level:ident, $teller:expr, $child:expr, $($text:tt)+) => {{
        #[cfg(feature = "tracing")]
        tracing::$level!(
            target: "cordial::supervisor",
            supervisor = $teller.name,
            supervisor_pid = %$teller.pid,
            child = $child,
            $($text)+
        );
        #[cfg(not(feature = "tracing"))]
        let _ = ($teller.name, $teller.pid, $child, format_args!($($text)+));
    }};
}

impl Teller<'_> {
    /// A child runs.
    pub(crate) fn started(self, child: &str, pid: Pid) {
        event!(debug, self, child, "child `{child}` started as {pid}");
    }

    /// A child ended in a way that needs attention (SUP-51).
    pub(crate) fn terminated(self, child: &str, pid: Pid, reason: &ExitReason) {
        event!(warn, self, child, "child `{child}` {pid} terminated: {reason}");
    }

    /// A child is started again, for so many times within the period.
    pub(crate) fn restarting(self, child: &str, intensity: &Intensity) {
        let (count, most, period) =
            (intensity.count(), intensity.max_restarts(), intensity.period());
        event!(warn, self, child, "restarting `{child}`: {count} of {most} within {period:?}");
    }

    /// A start failed.
    pub(crate) fn start_error(self, child: &str, error: &StartError) {
        event!(warn, self, child, "child `{child}` did not start: {error}");
    }

    /// The supervisor gives up.
    pub(crate) fn gave_up(self, child: &str, intensity: &Intensity) {
        let (most, period) = (intensity.max_restarts(), intensity.period());
        event!(error, self, child, "giving up: over {most} restarts in {period:?}, last `{child}`");
    }

    /// A child did not stop as it was told to (SUP-33).
    pub(crate) fn shutdown_error(self, child: &str, pid: Pid, reason: &ExitReason) {
        event!(
            warn,
            self,
            child,
            "child `{child}` {pid} was told to stop and ended with: {reason}"
        );
    }

    /// A killed child is still there: its code does not await.
    pub(crate) fn leaked(self, child: &str, pid: Pid) {
        event!(error, self, child, "child `{child}` {pid} was killed but its code blocks a thread");
    }
}
