//! What is told when a process dies by its own fault: one report, readable by a person.
//!
//! It goes to `tracing` as one error event, whose fields are the lines of the report; where no
//! subscriber listens, to stderr. It is written after everybody concerned has been told. What its
//! supervisor does about it stands in the supervisor's own report.
//!
//! ```text
//! cordial: `till` <0.4.2> crashed
//!   reason        panicked: boom at src/till.rs:3:5
//!   before that   disk full                 the first reason, where `terminate` failed too
//!   label         late shift              what `set_label` said
//!   runs          till::count             the function of a task, which then has an owner
//!   last message  pay
//!   client        <0.5.1> `cashier`         whose call it was
//!   state as left 3 coins                   what `format_status` shows; after a panic: as left
//!   mail waiting  2                         it is discarded
//!   ancestors     shop, <0.1.1>
//! ```
use super::ancestors::Ancestor;
use super::cell::Crash;
use super::node::Node;
use crate::exit::ExitReason;
use crate::pid::Pid;
use crate::rt::sync::Lock;
use std::collections::VecDeque;
use std::fmt::{self, Write};
use std::sync::Arc;
use std::time::SystemTime;
#[cfg(feature = "tracing")]
use tracing::subscriber::NoSubscriber;

/// Ancestors that a report names, so that it stays readable.
const MOST_SHOWN: usize = 8;

/// Letters of a state in the text of a report; the field has all of them.
const LONGEST_STATE: usize = 1_000;

/// What there is to tell.
pub(super) struct CrashReport<'a> {
    pub(super) server: &'a str,
    pub(super) pid: Pid,
    pub(super) reason: &'a ExitReason,
    /// It crashed in `init`.
    pub(super) starting: bool,
    /// Mail that it had not come to.
    pub(super) waiting: usize,
    pub(super) client: Option<Client>,
    pub(super) label: Option<Arc<str>>,
    /// Youngest first.
    pub(super) ancestors: Vec<Ancestor>,
    pub(super) crash: Crash,
}

/// A process that died by its own fault, as it is remembered.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CrashRecord {
    /// When.
    pub at: SystemTime,
    /// Its name, or that of its type.
    pub server: String,
    /// Who it was.
    pub pid: Pid,
    /// Why.
    pub reason: ExitReason,
    /// It crashed in `init`.
    pub in_init: bool,
    /// The kind of what it handled last.
    pub last_message: Option<&'static str>,
    /// Mail that was lost.
    pub mail_waiting: usize,
    /// What `format_status` showed of its state, up to 4,096 bytes.
    pub state: Option<String>,
    /// The state is as a panic left it: half of a change may be done.
    pub poisoned: bool,
    /// Whom it descended from, youngest first.
    pub ancestors: Vec<Ancestor>,
}

/// Crashes that a node remembers.
const MOST_REMEMBERED: usize = 256;

/// Bytes of a state that are remembered.
const LONGEST_REMEMBERED: usize = 4_096;

/// The last crashes of a node.
#[derive(Default)]
pub(crate) struct Crashes(Lock<VecDeque<Arc<CrashRecord>>>);

impl Crashes {
    pub(super) fn keep(&self, report: CrashReport<'_>) {
        let Crash { last_message, state, poisoned, .. } = report.crash;
        let state = state.map(|mut state| {
            state.truncate(state.floor_char_boundary(LONGEST_REMEMBERED));
            state
        });
        let record = Arc::new(CrashRecord {
            at: SystemTime::now(),
            server: report.server.to_owned(),
            pid: report.pid,
            reason: report.reason.clone(),
            in_init: report.starting,
            last_message,
            mail_waiting: report.waiting,
            state,
            poisoned,
            ancestors: report.ancestors,
        });
        let mut all = self.0.lock();
        let oldest = if all.len() >= MOST_REMEMBERED { all.pop_back() } else { None };
        all.push_front(record);
        drop(all);
        let _ = super::panics::contain(|| drop(oldest)); // A reason may be the user's.
    }

    /// The youngest first.
    pub(crate) fn last(&self, most: usize) -> Vec<CrashRecord> {
        let all: Vec<_> = self.0.lock().iter().take(most).cloned().collect();
        all.iter().map(|record| CrashRecord::clone(record)).collect()
    }
}

/// Whose call was being handled.
pub(super) struct Client {
    pid: Pid,
    name: Option<Arc<str>>,
}

impl Client {
    pub(super) fn at(node: &Node, pid: Pid) -> Self {
        Self { pid, name: node.table.get(pid).and_then(|process| process.name()) }
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{} `{name}`", self.pid),
            None if self.pid.is_of_node() => f.write_str("outside of all processes"),
            None => self.pid.fmt(f),
        }
    }
}

/// Whether anybody would read of a crash.
pub(super) fn is_wanted() -> bool {
    #[cfg(feature = "chaos")]
    if crate::rt::sim::is_active() {
        return false; // Thousands of histories crash on purpose; the trace tells of it.
    }
    #[cfg(feature = "tracing")]
    if tracing::dispatcher::has_been_set() {
        return tracing::event_enabled!(target: "cordial::crash", tracing::Level::ERROR);
    }
    true
}

impl CrashReport<'_> {
    pub(super) fn emit(&self) {
        let text = self.text();
        #[cfg(feature = "tracing")]
        if !tracing::dispatcher::get_default(|who| who.is::<NoSubscriber>()) {
            self.event(&text);
            return;
        }
        to_stderr(&text);
    }

    #[cfg(feature = "tracing")]
    fn event(&self, text: &str) {
        let Crash { last_message, first, state, poisoned, runs, .. } = &self.crash;
        let client = self.client.as_ref();
        tracing::error!(
            target: "cordial::crash",
            server = self.server,
            pid = %self.pid,
            reason = %self.reason,
            first_reason = first.as_ref().map(tracing::field::display),
            in_init = self.starting,
            runs,
            label = self.label.as_deref(),
            last_message = last_message.unwrap_or("none"),
            client = client.map(|client| tracing::field::display(client.pid)),
            client_name = client.and_then(|client| client.name.as_deref()),
            state = state.as_deref(),
            poisoned,
            mail_waiting = self.waiting,
            ancestors = ?self.ancestors,
            "{text}"
        );
    }

    fn text(&self) -> String {
        let mut text = format!("cordial: `{}` {} crashed", self.server, self.pid);
        if self.starting {
            text.push_str(" in `init`");
        }
        let mut line = |what: &str, value: &dyn fmt::Display| {
            let _ = write!(text, "\n  {what:<13} {value}");
        };
        let Crash { last_message, first, state, poisoned, runs, .. } = &self.crash;
        line("reason", self.reason);
        if let Some(first) = first {
            line("before that", first);
        }
        if let Some(label) = &self.label {
            line("label", label);
        }
        if let Some(runs) = runs {
            line("runs", runs);
        }
        if let Some(kind) = last_message {
            line("last message", kind);
        }
        if let Some(client) = &self.client {
            line(if runs.is_some() { "owner" } else { "client" }, client);
        }
        if let Some(state) = state {
            line(if *poisoned { "state as left" } else { "state" }, &indented(state));
        }
        if self.waiting > 0 {
            line("mail waiting", &self.waiting);
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

/// Under one another, and no longer than a screen takes.
fn indented(state: &str) -> String {
    let shown: String = state.chars().take(LONGEST_STATE).collect();
    let more = state.chars().skip(LONGEST_STATE).count();
    let mut shown = shown.replace('\n', "\n                ");
    if more > 0 {
        let _ = write!(shown, ".. and {more} letters more");
    }
    shown
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

    fn boom() -> ExitReason {
        ExitReason::Panic(PanicReason::new("boom".into(), Some("src/till.rs:3:5".into())))
    }

    fn lineage() -> Vec<Ancestor> {
        let parent = Lineage::of(Pid::new(0, 1, 1), None, None);
        Lineage::list(Some(&Lineage::of(Pid::new(0, 2, 1), Some("shop".into()), Some(&parent))))
    }

    fn report(reason: &ExitReason, crash: Crash) -> CrashReport<'_> {
        CrashReport {
            server: "till",
            pid: Pid::new(0, 4, 2),
            reason,
            starting: false,
            waiting: 0,
            client: None,
            label: None,
            ancestors: Vec::new(),
            crash,
        }
    }

    #[test]
    fn whole_report_reads_as_one_screen() {
        let crash = Crash {
            last_message: Some("pay"),
            first: Some(ExitReason::custom("disk full")),
            state: Some("3 coins\n1 note".into()),
            poisoned: true,
            ..Crash::default()
        };
        let client = Client { pid: Pid::new(0, 5, 1), name: Some("cashier".into()) };
        let reason = boom();
        let report = CrashReport {
            waiting: 2,
            client: Some(client),
            ancestors: lineage(),
            ..report(&reason, crash)
        };
        let expected = "cordial: `till` <0.4.2> crashed\n  \
                        reason        panicked: boom at src/till.rs:3:5\n  \
                        before that   disk full\n  \
                        last message  pay\n  \
                        client        <0.5.1> `cashier`\n  \
                        state as left 3 coins\n                \
                        1 note\n  \
                        mail waiting  2\n  \
                        ancestors     shop, <0.1.1>";
        assert_eq!(report.text(), expected);
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let reason = ExitReason::custom("disk full");
        let text = report(&reason, Crash::default()).text();
        assert_eq!(text, "cordial: `till` <0.4.2> crashed\n  reason        disk full");
        let starting = CrashReport { starting: true, ..report(&reason, Crash::default()) };
        assert!(starting.text().starts_with("cordial: `till` <0.4.2> crashed in `init`\n"));
    }

    #[test]
    fn client_that_is_no_process_and_a_long_state_are_told_in_short() {
        let reason = boom();
        let state = Some("x".repeat(LONGEST_STATE + 7));
        let client = Some(Client { pid: Pid::of_node(0), name: None });
        let report = CrashReport { client, ..report(&reason, Crash { state, ..Crash::default() }) };
        let text = report.text();
        assert!(text.contains("\n  client        outside of all processes\n"), "{text}");
        assert!(text.ends_with("xxx.. and 7 letters more"), "{text}");
    }
}
