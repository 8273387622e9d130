//! What is told when a process dies by its own fault: one report, readable by a person.
//!
//! It goes to `tracing` as one error event; where no subscriber listens, to stderr. It is written
//! after everybody concerned has been told.
use super::ancestors::Ancestor;
use super::cell::Crash;
use crate::exit::ExitReason;
use crate::pid::Pid;
use std::fmt::Write;

/// Ancestors that a report names, so that it stays readable.
const MOST_SHOWN: usize = 8;

/// What there is to tell.
pub(super) struct CrashReport<'a> {
    pub(super) server: &'a str,
    pub(super) pid: Pid,
    pub(super) reason: &'a ExitReason,
    pub(super) crash: Crash,
    /// It crashed in `init`.
    pub(super) starting: bool,
    /// Youngest first.
    pub(super) ancestors: Vec<Ancestor>,
}

impl CrashReport<'_> {
    pub(super) fn emit(&self) {
        let text = self.text();
        #[cfg(feature = "tracing")]
        if tracing::dispatcher::has_been_set() {
            tracing::error!(
                target: "cordial::crash",
                server = self.server,
                pid = %self.pid,
                reason = %self.reason,
                last_message = self.crash.last_message.unwrap_or("none"),
                ancestors = ?self.ancestors,
                "{text}"
            );
            return;
        }
        to_stderr(&text);
    }

    fn text(&self) -> String {
        let mut text = format!("cordial: `{}` {} crashed", self.server, self.pid);
        if self.starting {
            text.push_str(" in `init`");
        }
        let mut line = |what: &str, value: &dyn std::fmt::Display| {
            let _ = write!(text, "\n  {what:<13} {value}");
        };
        line("reason", self.reason);
        if let Some(first) = &self.crash.first {
            line("before that", first);
        }
        if let Some(kind) = self.crash.last_message {
            line("last message", &kind);
        }
        if !self.ancestors.is_empty() {
            line("ancestors", &self.ancestry());
        }
        text
    }

    /// Youngest first; of many the first and how many more.
    fn ancestry(&self) -> String {
        let shown: Vec<_> =
            self.ancestors.iter().take(MOST_SHOWN).map(ToString::to_string).collect();
        match self.ancestors.len().saturating_sub(MOST_SHOWN) {
            0 => shown.join(", "),
            more => format!("{}, and {more} more", shown.join(", ")),
        }
    }
}

#[expect(clippy::print_stderr, reason = "a crash nobody subscribed to is told on stderr")]
fn to_stderr(text: &str) {
    eprintln!("{text}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::PanicReason;
    use crate::process::ancestors::Lineage;

    #[test]
    fn report_names_server_reason_place_last_message_and_ancestors() {
        let panic = PanicReason::new("boom".into(), Some("src/a.rs:3:5".into()));
        let pid = Pid::new(0, 4, 2);
        let parent = Lineage::of(Pid::new(0, 1, 1), None, None);
        let lineage = Lineage::of(Pid::new(0, 2, 1), Some("games".into()), Some(&parent));
        let report = CrashReport {
            server: "scoreboard",
            pid,
            reason: &ExitReason::Panic(panic),
            crash: Crash { last_message: Some("add"), first: None },
            starting: false,
            ancestors: Lineage::list(Some(&lineage)),
        };
        let text = report.text();
        let expected = "cordial: `scoreboard` <0.4.2> crashed\n  \
                        reason        panicked: boom at src/a.rs:3:5\n  \
                        last message  add\n  \
                        ancestors     games, <0.1.1>";
        assert_eq!(text, expected);
    }
}
