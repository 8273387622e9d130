//! The whole node: who is there, who is large, who waits for whom, who crashed.
use crate::pid::Pid;
pub use crate::process::crash_report::CrashRecord;
use crate::process::{Info, Node, Process};
use crate::rt::time;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What processes are compared by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Attr {
    /// Mail that waits.
    MailboxLen,
    /// Messages that were handled since [`keep_statistics`](super::keep_statistics) was called; 0
    /// for all others.
    Handled,
    /// Microseconds that this took.
    BusyMicros,
    /// Links.
    Links,
    /// How many processes monitor it or wait for its answer.
    MonitoredBy,
}

/// A process and what it was compared by.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Ranked {
    /// Who.
    pub pid: Pid,
    /// Its name, or that of its type.
    pub server: Arc<str>,
    /// How much.
    pub value: u64,
}

fn living() -> Vec<(Pid, Arc<dyn Process>)> {
    let Some(node) = Node::current() else { return Vec::new() };
    node.table.all().into_iter().filter_map(|process| Some((process.pid()?, process))).collect()
}

fn measure(attr: Attr, pid: Pid, process: &Arc<dyn Process>) -> Option<u64> {
    let size = |len: usize| u64::try_from(len).unwrap_or(u64::MAX);
    let statistics = || process.watching(pid)?.statistics();
    let of_info = |of: fn(&Info) -> usize| process.info(pid).map(|info| size(of(&info)));
    match attr {
        Attr::MailboxLen => of_info(|info| info.message_queue_len),
        Attr::Links => of_info(|info| info.links.len()),
        Attr::MonitoredBy => of_info(|info| info.monitored_by.len()),
        Attr::Handled => Some(statistics().map_or(0, |all| all.handled)),
        Attr::BusyMicros => Some(
            statistics().map_or(0, |all| u64::try_from(all.busy.as_micros()).unwrap_or(u64::MAX)),
        ),
    }
}

/// The `most` processes of this node that have the most, the first of all first; those that have
/// nothing are left out. No process is asked anything. As `recon:proc_count`.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::process::{self, Mailbox};
/// use cordial::sys::{self, Attr};
/// let busy = process::spawn(async |_: Mailbox<()>| std::future::pending::<()>().await);
/// (0..3).for_each(|_| drop(busy.send(()).sent()));
/// let top = sys::top(Attr::MailboxLen, 10);
/// assert_eq!((Some(top[0].pid), top[0].value), (busy.pid(), 3));
/// # }
/// ```
pub fn top(attr: Attr, most: usize) -> Vec<Ranked> {
    let all = living().into_iter().filter_map(|(pid, process)| {
        let value = measure(attr, pid, &process)?;
        Some((pid, process, value))
    });
    ranked(all, most)
}

/// The `most` processes of this node that got the most more within `window`; processes that began
/// meanwhile count from nothing. As `recon:proc_window`.
///
/// # Cancel safety
/// Nothing is lost when it is dropped.
pub async fn top_window(attr: Attr, most: usize, window: Duration) -> Vec<Ranked> {
    let before: HashMap<Pid, u64> = living()
        .into_iter()
        .filter_map(|(pid, process)| Some((pid, measure(attr, pid, &process)?)))
        .collect();
    let _ = time::timeout(window, std::future::pending::<()>()).await;
    let all = living().into_iter().filter_map(|(pid, process)| {
        let value = measure(attr, pid, &process)?;
        Some((pid, process, value.saturating_sub(before.get(&pid).copied().unwrap_or(0))))
    });
    ranked(all, most)
}

fn ranked(all: impl Iterator<Item = (Pid, Arc<dyn Process>, u64)>, most: usize) -> Vec<Ranked> {
    let mut all: Vec<_> = all.filter(|(.., value)| *value > 0).collect();
    all.sort_by_key(|(pid, _, value)| (std::cmp::Reverse(*value), *pid));
    let first = all.into_iter().take(most);
    first.map(|(pid, process, value)| Ranked { pid, server: process.server(), value }).collect()
}

/// A process waits for the answer of another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Waiting {
    /// Who waits.
    pub who: Pid,
    /// For whose answer.
    pub on: Pid,
}

/// Who waits for whose answer on this node, as of about now: calls with a limit of their own and
/// callers that are no process are not among them.
pub fn wait_graph() -> Vec<Waiting> {
    let waits = living().into_iter().filter_map(|(who, process)| {
        let on = process.edge()?.callee.pid()?;
        Some(Waiting { who, on })
    });
    let mut waits: Vec<_> = waits.collect();
    waits.sort_by_key(|wait| wait.who);
    waits
}

/// The last crashes of this node, the youngest first; it remembers 256.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::process::{self, Mailbox};
/// process::spawn_monitor(async |_: Mailbox<()>| panic!("boom")).1.await;
/// let crash = &cordial::sys::crashes(1)[0];
/// assert_eq!(crash.reason.panic().map(|panic| panic.message()), Some("boom"));
/// # }
/// ```
pub fn crashes(most: usize) -> Vec<CrashRecord> {
    Node::current().map_or(Vec::new(), |node| node.crashes.last(most))
}

/// A process and what it started.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Branch {
    /// Who.
    pub pid: Pid,
    /// Its name, or that of its type.
    pub server: Arc<str>,
    /// Who was started by it and lives, in the order of their pids.
    pub children: Vec<Self>,
}

/// All processes of this node below who started them; at the top are those that no living process
/// started.
///
/// Shown, a tree is a line for each process:
/// ```text
/// shop <0.1.1>
///   Till <0.2.1>
/// ```
pub fn tree() -> Vec<Branch> {
    let all = living();
    let mut below: HashMap<Option<Pid>, Vec<(Pid, Arc<str>)>> = HashMap::new();
    let known: std::collections::HashSet<Pid> = all.iter().map(|(pid, _)| *pid).collect();
    for (pid, process) in all {
        let parent = process.info(pid).and_then(|info| info.parent());
        let parent = parent.filter(|parent| known.contains(parent));
        below.entry(parent).or_default().push((pid, process.server()));
    }
    branches(&mut below, None)
}

fn branches(
    below: &mut HashMap<Option<Pid>, Vec<(Pid, Arc<str>)>>,
    of: Option<Pid>,
) -> Vec<Branch> {
    let mut own = below.remove(&of).unwrap_or_default();
    own.sort_by_key(|(pid, _)| *pid);
    let branch = |(pid, server)| Branch { pid, server, children: branches(below, Some(pid)) };
    own.into_iter().map(branch).collect()
}

impl fmt::Display for Branch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn line(branch: &Branch, depth: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            writeln!(f, "{:depth$}{} {}", "", branch.server, branch.pid, depth = 2 * depth)?;
            branch.children.iter().try_for_each(|child| line(child, depth + 1, f))
        }
        line(self, 0, f)
    }
}
