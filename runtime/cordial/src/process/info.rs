//! What can be seen of a process from outside (PROC-41).
use super::ancestors::Ancestor;
use super::{Target, current};
use crate::pid::Pid;
use std::fmt::Display;
use std::sync::Arc;

/// What a process does at a moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Status {
    /// It has nothing to do, or awaits something.
    Waiting,
    /// It is ready, and waits for its turn.
    Runnable,
    /// It has its turn.
    Running,
}

/// What can be seen of a living process, as of one moment; what [`info`] gives.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Info {
    /// Who it is.
    pub pid: Pid,
    /// Its name, if it has one.
    pub registered_name: Option<Arc<str>>,
    /// What it calls itself, see [`set_label`].
    pub label: Option<Arc<str>>,
    /// Whom it is linked to, in no order.
    pub links: Vec<Pid>,
    /// Whom it monitors by message, once for each monitor that has not fired.
    pub monitors: Vec<Pid>,
    /// Which processes monitor it, or wait for its answer; once for each monitor.
    pub monitored_by: Vec<Pid>,
    /// Mail that waits. What a running process has taken in hand for its turn does not count.
    pub message_queue_len: usize,
    /// What it does.
    pub status: Status,
    /// Whether exit signals become messages to it.
    pub trap_exit: bool,
    /// Whom it descends from, youngest first.
    pub ancestors: Vec<Ancestor>,
}

impl Info {
    /// Who started it; `None` for a process that was started outside of all others.
    pub fn parent(&self) -> Option<Pid> {
        self.ancestors.first().map(Ancestor::pid)
    }
}

/// What can be seen of a process; `None` when it is gone, or has accepted an exit signal that ends
/// it.
///
/// It is seen from outside: the process is not asked and does not wait.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::process::{self, Mailbox};
/// let sleeper = process::spawn(async |_: Mailbox<()>| std::future::pending::<()>().await);
/// process::register("sleeper", &sleeper).unwrap();
/// sleeper.send(());
/// let info = process::info("sleeper").unwrap();
/// assert_eq!(info.registered_name.as_deref(), Some("sleeper"));
/// assert_eq!((info.message_queue_len, info.parent()), (1, None));
/// # }
/// ```
pub fn info(target: &(impl Target + ?Sized)) -> Option<Info> {
    let found = target.find()?;
    found.process.info(found.pid)
}

/// Says what the process that calls is for: shown by [`info`], told apart by nothing.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::process::{self, Mailbox};
/// let (_, down) = process::spawn_monitor(async |mail: Mailbox<()>| {
///     process::set_label(format_args!("import of {}", "may"));
///     assert_eq!(process::label(&mail.address()).as_deref(), Some("import of may"));
/// });
/// assert_eq!(down.await.reason, cordial::ExitReason::Normal);
/// # }
/// ```
///
/// # Panics
/// Outside of a process.
pub fn set_label(label: impl Display) {
    let me = current().expect("only a process has a label: `set_label` was called outside of one");
    me.process.set_label(me.pid, label.to_string().into());
}

/// What a process calls itself; `None` until it has said so, and when it is gone.
pub fn label(target: &(impl Target + ?Sized)) -> Option<Arc<str>> {
    info(target)?.label
}
