//! What is told of applications: their ends, and callbacks that failed.
//!
//! Events of the target `cordial::application`; the end of a node also goes to stderr where nobody
//! subscribed, as a crash does.
use crate::exit::ExitReason;
use crate::gen_server::Restart;
use std::fmt::Display;

/// The tree ended by itself.
pub(super) fn ended(application: &str, restart: Restart, reason: &ExitReason, ends_node: bool) {
    let restart = match restart {
        Restart::Permanent => "permanent",
        Restart::Transient => "transient",
        Restart::Temporary => "temporary",
    };
    if ends_node {
        let then = format!("it is {restart}, so the node ends");
        error(&format!("application `{application}` ended: {reason}; {then}"));
    } else {
        #[cfg(feature = "tracing")]
        tracing::warn!(
            target: "cordial::application",
            report = "ended", application, restart, reason = %reason,
            "application `{application}` ended: {reason}"
        );
    }
}

/// A callback panicked or took too long.
pub(super) fn callback_failed(application: &str, callback: &str, why: &dyn Display) {
    error(&format!("`{callback}` of application `{application}` failed: {why}"));
}

fn error(text: &str) {
    #[cfg(feature = "tracing")]
    if tracing::dispatcher::has_been_set() {
        tracing::error!(target: "cordial::application", "{text}");
        return;
    }
    to_stderr(text);
}

#[expect(clippy::print_stderr, reason = "what nobody subscribed to is told on stderr")]
fn to_stderr(text: &str) {
    eprintln!("cordial: {text}");
}
