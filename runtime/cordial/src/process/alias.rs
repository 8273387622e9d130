//! Aliases: addresses of a process that can be switched off, so that an answer that comes too late
//! goes nowhere (PROC-37 to PROC-39).
//!
//! Whether an alias is active is looked at, and changed, in the same step in which its message is
//! put into the mailbox: of many that send to a reply alias one is heard, exactly.
use super::cell::{Cell, Inner, Message};
use super::plain::Mailbox;
use super::{Found, Target, monitor_as};
use crate::mailbox::Mail;
use crate::pid::{MonitorRef, Pid};
use crate::rt::dispatch;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// What switches the alias of a monitor off; see [`Mailbox::monitor_alias`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unalias {
    /// Only [`Alias::unalias`].
    Explicit,
    /// The end of the monitor, too: its `Down`, or a demonitor.
    Demonitor,
    /// The first message, too, which also takes the monitor away; and what `Demonitor` says.
    ReplyDemonitor,
}

/// What switches an alias off by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    Alias,
    Reply,
    Monitor(Unalias),
}

impl Mode {
    fn ends_with_message(self) -> bool {
        matches!(self, Self::Reply | Self::Monitor(Unalias::ReplyDemonitor))
    }

    fn ends_with_monitor(self) -> bool {
        matches!(self, Self::Monitor(Unalias::Demonitor | Unalias::ReplyDemonitor))
    }
}

/// A second address of a process, which reaches it until it is switched off.
///
/// What is sent to it then is dropped in silence, as is what is sent to a process that is gone. It
/// belongs to one incarnation. Copies of it are equal.
pub struct Alias<M: Message> {
    cell: Arc<Cell<M>>,
    pid: Pid,
    id: MonitorRef,
}

impl<M: Message> Alias<M> {
    /// Sends a message: as to the process itself while the alias is active, else to nobody.
    pub fn send(&self, message: M) {
        self.cell.send_by_alias(self.pid, self.id, message);
    }

    /// Switches it off. True: it was active. Only the process itself can: anybody else gets
    /// `false`, and it stays.
    pub fn unalias(&self) -> bool {
        let is_own = dispatch::running() == Some(self.pid);
        is_own && self.cell.alive(self.pid, |inner| inner.drop_alias(self.id)) == Some(true)
    }

    /// Whose alias it is.
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// The monitor that it was made with, which its [`Down`](crate::Down) carries; for an alias
    /// without one it is a reference that nothing else has.
    pub fn monitor(&self) -> MonitorRef {
        self.id
    }
}

impl<M: Message> Clone for Alias<M> {
    fn clone(&self) -> Self {
        Self { cell: self.cell.clone(), pid: self.pid, id: self.id }
    }
}

impl<M: Message> PartialEq for Alias<M> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}
impl<M: Message> Eq for Alias<M> {}

impl<M: Message> Hash for Alias<M> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl<M: Message> fmt::Debug for Alias<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Alias({}, {})", self.pid, self.id.0)
    }
}

impl<M: Message> Mailbox<M> {
    /// An alias that is active until [`Alias::unalias`].
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)] async fn main() {
    /// use cordial::process::{self, Mailbox};
    /// let (_, down) = process::spawn_monitor(async |mut mail: Mailbox<()>| {
    ///     let alias = mail.alias();
    ///     alias.send(());
    ///     mail.next().await;
    ///     assert!(alias.unalias());
    ///     alias.send(()); // To nobody.
    ///     assert!(mail.receive_if(|()| true).after(cordial::millis(5)).await.is_none());
    /// });
    /// assert_eq!(down.await.reason, cordial::ExitReason::Normal);
    /// # }
    /// ```
    pub fn alias(&self) -> Alias<M> {
        self.make_alias(Mode::Alias)
    }

    /// An alias that one message comes through: the first switches it off.
    pub fn alias_reply(&self) -> Alias<M> {
        self.make_alias(Mode::Reply)
    }

    /// A monitor and an alias with one reference: the other answers to the alias, or its end comes
    /// as a [`Down`](crate::Down).
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)] async fn main() {
    /// use cordial::process::{self, Alias, Mailbox, Received, Unalias};
    ///
    /// enum Talk {
    ///     Ask(Alias<Talk>),
    ///     Answer,
    /// }
    /// impl cordial::Message for Talk {
    ///     fn kind(&self) -> &'static str {
    ///         "talk"
    ///     }
    /// }
    /// let server = process::spawn(async |mut mail: Mailbox<Talk>| {
    ///     if let Talk::Ask(alias) = mail.next().await {
    ///         alias.send(Talk::Answer);
    ///         alias.send(Talk::Answer); // One answer is enough.
    ///     }
    /// });
    /// let (_, down) = process::spawn_monitor(async move |mut mail: Mailbox<Talk>| {
    ///     let alias = mail.monitor_alias(&server, Unalias::ReplyDemonitor);
    ///     server.send(Talk::Ask(alias));
    ///     assert!(matches!(mail.receive().await, Received::Message(Talk::Answer)));
    /// });
    /// assert_eq!(down.await.reason, cordial::ExitReason::Normal);
    /// # }
    /// ```
    pub fn monitor_alias(&self, target: &(impl Target + ?Sized), unalias: Unalias) -> Alias<M> {
        let alias = self.make_alias(Mode::Monitor(unalias));
        monitor_as(&Found { pid: alias.pid, process: self.cell.as_process() }, target, alias.id);
        alias
    }

    fn make_alias(&self, mode: Mode) -> Alias<M> {
        let (cell, pid) = (self.cell.clone(), self.pid());
        let id = cell.head.node.next_ref();
        cell.alive(pid, |inner| inner.ext().rare().aliases.add(id, mode));
        Alias { cell, pid, id }
    }
}

impl<M> Inner<M> {
    /// False: it was not active.
    pub(super) fn drop_alias(&mut self, id: MonitorRef) -> bool {
        let rare = self.ext.as_mut().and_then(|ext| ext.rare.as_mut());
        rare.is_some_and(|rare| rare.aliases.remove(id).is_some())
    }

    /// The monitor with this reference has ended.
    pub(super) fn drop_alias_of_monitor(&mut self, id: MonitorRef) {
        if self.alias(id).is_some_and(Mode::ends_with_monitor) {
            self.drop_alias(id);
        }
    }

    fn alias(&mut self, id: MonitorRef) -> Option<Mode> {
        self.ext.as_mut()?.rare.as_mut()?.aliases.get_mut(id).copied()
    }
}

impl<M: Message> Cell<M> {
    fn send_by_alias(self: &Arc<Self>, to: Pid, id: MonitorRef, message: M) {
        let (mut message, mut watched) = (Some(message), None);
        let ready = self.alive(to, |inner| {
            let Some(mode) = inner.alias(id) else { return false };
            if mode.ends_with_message() {
                inner.drop_alias(id);
                let monitors = inner.ext.as_mut().map(|ext| &mut ext.monitors);
                watched = monitors.and_then(|monitors| monitors.watching.remove(id));
            }
            let mail = Mail::User(message.take().expect("sent once"));
            #[cfg(feature = "chaos")]
            let mail = self.note_sent(mail);
            inner.take_in(mail)
        });
        self.schedule_if(ready);
        if let Some(process) = watched.and_then(|watched| watched.process) {
            process.forget_watcher(id);
        }
    }
}
