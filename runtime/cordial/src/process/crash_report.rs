//! What is told when a process dies by its own fault: one report, readable by a person.
//!
//! It goes to `tracing` as one error event; where no subscriber listens, to stderr. It is written
//! after everybody concerned has been told.
use super::cell::Crash;
use crate::exit::ExitReason;
use crate::pid::Pid;
use std::fmt::Write;

pub(crate) fn emit(server: &str, pid: Pid, reason: &ExitReason, crash: &Crash, starting: bool) {
    let text = text(server, pid, reason, crash, starting);
    #[cfg(feature = "tracing")]
    if tracing::dispatcher::has_been_set() {
        tracing::error!(
            target: "cordial::crash",
            server,
            pid = %pid,
            reason = %reason,
            last_message = crash.last_message.unwrap_or("none"),
            "{text}"
        );
        return;
    }
    to_stderr(&text);
}

#[expect(clippy::print_stderr, reason = "a crash nobody subscribed to is told on stderr")]
fn to_stderr(text: &str) {
    eprintln!("{text}");
}

fn text(server: &str, pid: Pid, reason: &ExitReason, crash: &Crash, starting: bool) -> String {
    let mut text = format!("cordial: `{server}` {pid} crashed");
    if starting {
        text.push_str(" in `init`");
    }
    let mut line = |what: &str, value: &dyn std::fmt::Display| {
        let _ = write!(text, "\n  {what:<13} {value}");
    };
    line("reason", reason);
    if let Some(first) = &crash.first {
        line("before that", first);
    }
    if let Some(kind) = crash.last_message {
        line("last message", &kind);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::PanicReason;

    #[test]
    fn report_names_server_reason_place_and_last_message() {
        let panic = PanicReason::new("boom".into(), Some("src/a.rs:3:5".into()));
        let crash = Crash { last_message: Some("add"), first: None };
        let pid = Pid::new(0, 4, 2);
        let text = text("scoreboard", pid, &ExitReason::Panic(panic), &crash, false);
        let expected = "cordial: `scoreboard` <0.4.2> crashed\n  \
                        reason        panicked: boom at src/a.rs:3:5\n  \
                        last message  add";
        assert_eq!(text, expected);
    }
}
