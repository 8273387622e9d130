//! The typed address of a mailbox: what every handle is made of.
use super::cell::{Cell, Message};
use super::target::{Found, Target};
use super::{Node, Process};
use crate::error::SendError;
use crate::mailbox::{Mail, WaitForRoom};
use crate::pid::Pid;
use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// The address of a process whose mailbox takes `M`.
///
/// It is one pointer, cheap to clone, and outlives what lives there: a supervised process is
/// restarted at the same address. Generated clients hold one; [`Ref`](crate::Ref) is the handle
/// that users see. Two are equal when they are the same address.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::process::{self, Mailbox};
/// let (echo, done) = process::spawn_monitor(async |mut mail: Mailbox<()>| {
///     mail.next().await;
/// });
/// echo.send(());
/// assert_eq!(done.await.reason, cordial::ExitReason::Normal);
/// # }
/// ```
pub struct RawRef<M>(pub(crate) Arc<Cell<M>>);

impl<M: Message> RawRef<M> {
    /// An address that nobody lives at yet.
    pub(crate) fn unborn(node: &Arc<Node>) -> Self {
        Self(Cell::unborn(node.clone()))
    }

    pub(crate) fn process(&self) -> Arc<dyn Process> {
        self.0.as_process()
    }

    pub(crate) fn node(&self) -> &Arc<Node> {
        &self.0.head.node
    }

    /// Who lives here now, or has the name that the address stands for; `None` while it is closed.
    pub fn pid(&self) -> Option<Pid> {
        self.resolved().0.head.pid()
    }

    /// Sends a message. It never waits; whether it was queued can be asked of the result.
    #[inline(always)]
    pub fn send(&self, message: M) -> Cast {
        Cast(self.0.send(message).map(drop))
    }

    /// A message that a timer or the process itself brings: never counts against a bound.
    pub(crate) fn deliver(&self, mail: Mail<M>) -> bool {
        self.0.push(mail).is_ok()
    }
}

impl<M: Message> Clone for RawRef<M> {
    #[inline]
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<M: Message> PartialEq for RawRef<M> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
impl<M: Message> Eq for RawRef<M> {}

impl<M: Message> Hash for RawRef<M> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}

impl<M: Message> fmt::Debug for RawRef<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::run::server_name::<M>())?;
        match self.pid() {
            Some(pid) => write!(f, "{pid}"),
            None => f.write_str("<closed>"),
        }
    }
}

impl<M: Message> Target for RawRef<M> {
    fn find(&self) -> Option<Found> {
        let here = self.resolved();
        Some(Found { pid: here.0.head.pid()?, process: here.process() })
    }
    fn last_pid(&self) -> Option<Pid> {
        self.0.head.last_pid()
    }
    fn name(&self) -> Option<Arc<str>> {
        // Nobody ever lives at an address that stands for a name.
        let name = self.last_pid().is_none().then(|| self.0.stands_for())?;
        name.map(|name| name.text())
    }
}

/// What a cast answers: it is sent already, or was not; nobody has to look.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::process::{self, Mailbox};
/// let (gone, done) = process::spawn_monitor(async |_: Mailbox<()>| {});
/// done.await;
/// assert_eq!(gone.send(()).sent(), Err(cordial::SendError::NoProc));
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cast(pub(crate) Result<(), SendError>);

impl Cast {
    /// Whether the message was queued.
    ///
    /// # Errors
    /// [`SendError::NoProc`] when nobody lives there, [`SendError::Full`] when a bounded mailbox
    /// has no room. That it was queued does not mean that it will be handled: the process may end
    /// before.
    pub fn sent(self) -> Result<(), SendError> {
        self.0
    }
}

/// A cast to a mailbox whose senders wait for room: `on_full = wait`.
///
/// Its place is taken when the client method is called, so casts of one sender keep their order;
/// awaiting it waits until the message is in the mailbox. Two servers that wait for room at each
/// other wait for ever: put a limit around one of them.
///
/// # Errors
/// Awaiting gives [`SendError::NoProc`] when nobody lives there, or the server ends before.
///
/// # Cancel safety
/// Dropped, it gives its place back, and the message is not sent unless it is in the mailbox
/// already.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::prelude::*;
/// #[gen_server]
/// #[derive(Clone, Default)]
/// struct Store(Vec<u32>);
/// #[gen_server(mailbox = 1, on_full = wait)]
/// impl Store {
///     #[cast]
///     fn put(&mut self, number: u32) {
///         self.0.push(number);
///     }
///     #[call]
///     fn all(&self) -> Vec<u32> {
///         self.0.clone()
///     }
/// }
/// let store = Store::start(Store::default()).await.unwrap();
/// for number in 0..3 {
///     store.put(number).await.unwrap();
/// }
/// assert_eq!(store.all().await, Ok(vec![0, 1, 2]));
/// # }
/// ```
#[must_use = "its place in the line is given back when it is dropped; `.await` it"]
pub struct CastWait(Room);

enum Room {
    Over(Result<(), SendError>),
    Waiting(Arc<dyn WaitForRoom>),
}

impl CastWait {
    pub(super) fn over(sent: Result<(), SendError>) -> Self {
        Self(Room::Over(sent))
    }

    pub(super) fn waiting(ticket: Arc<dyn WaitForRoom>) -> Self {
        Self(Room::Waiting(ticket))
    }

    /// Does not wait: for places that cannot, such as a `Drop`.
    ///
    /// # Errors
    /// [`SendError::Full`] when it is not in the mailbox by now: its place is given back.
    /// [`SendError::NoProc`] when nobody lives there.
    pub fn try_now(mut self) -> Result<(), SendError> {
        match std::mem::replace(&mut self.0, Room::Over(Ok(()))) {
            Room::Over(sent) => sent,
            Room::Waiting(ticket) if ticket.leave() => Ok(()),
            Room::Waiting(_) => Err(SendError::Full),
        }
    }
}

impl Future for CastWait {
    type Output = Result<(), SendError>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let sent = match &self.0 {
            Room::Over(sent) => return Poll::Ready(*sent),
            Room::Waiting(ticket) => std::task::ready!(ticket.poll(cx)),
        };
        self.0 = Room::Over(sent);
        Poll::Ready(sent)
    }
}

impl Drop for CastWait {
    fn drop(&mut self) {
        if let Room::Waiting(ticket) = &self.0 {
            ticket.leave();
        }
    }
}

impl fmt::Debug for CastWait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Room::Over(sent) => write!(f, "CastWait({sent:?})"),
            Room::Waiting(_) => f.write_str("CastWait(waiting)"),
        }
    }
}
