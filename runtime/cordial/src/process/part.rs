//! An address that takes a part of what is understood there, and forgets the rest.
//!
//! It is the cell itself under another type, so it costs nothing to make, and is as stable as any
//! address: who lives there may be restarted.
use super::address::Cast;
use super::cell::{Cell, Head, Message, Pushed};
use super::named::Resolve;
use super::run::server_name;
use super::target::{Found, Target};
use super::{Process, RawRef};
use crate::error::SendError;
use crate::pid::Pid;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A trait with `#[behaviour]`, as a type: `dyn Storage`.
#[diagnostic::on_unimplemented(
    message = "this trait is no behaviour: put `#[behaviour]` on it",
    label = "no `#[behaviour]` stands on this trait"
)]
pub trait Behaviour: 'static {
    /// One variant per callback.
    type Msg: Message;
    /// The methods of its handle.
    type Client: BehaviourClient<Behaviour = Self>;
}

/// What the handle of a behaviour derefs to: its calls and casts.
pub trait BehaviourClient: Send + Sync + 'static {
    /// Whose client it is.
    type Behaviour: Behaviour + ?Sized;
    #[doc(hidden)]
    fn from_part(part: Part<Self::Behaviour>) -> Self;
    #[doc(hidden)]
    fn part(&self) -> &Part<Self::Behaviour>;
}

/// A mailbox's messages, those of the behaviour `B` among them.
///
/// `#[gen_server(behaviours(..))]` implements it for the mailbox enum, as one variant.
#[diagnostic::on_unimplemented(
    message = "a mailbox of `{Self}` does not take the messages of `{B}`",
    label = "no variant holds them"
)]
pub trait Carries<B: Behaviour + ?Sized>: Message {
    /// The message that holds this one.
    fn carry(message: B::Msg) -> Self;
}

/// A cell whose mailbox takes the messages of `B` among others.
trait Takes<B: Behaviour + ?Sized>: Send + Sync {
    fn head(&self) -> &Head;
    fn put(self: Arc<Self>, message: B::Msg) -> Result<Pushed, SendError>;
    fn put_asked(self: Arc<Self>, message: B::Msg) -> Result<Pushed, SendError>;
    /// Where its mail goes now, if it stands for a name.
    fn leads_to(&self) -> Option<Arc<dyn Takes<B>>>;
    fn name(&self) -> Option<Arc<dyn Resolve>>;
    fn into_process(self: Arc<Self>) -> Arc<dyn Process>;
    fn server(&self) -> Arc<str>;
}

impl<B: Behaviour + ?Sized, M: Carries<B>> Takes<B> for Cell<M> {
    fn head(&self) -> &Head {
        &self.head
    }
    fn put(self: Arc<Self>, message: B::Msg) -> Result<Pushed, SendError> {
        self.send(M::carry(message))
    }
    fn put_asked(self: Arc<Self>, message: B::Msg) -> Result<Pushed, SendError> {
        self.ask(M::carry(message))
    }
    fn leads_to(&self) -> Option<Arc<dyn Takes<B>>> {
        Some(self.elsewhere()?)
    }
    fn name(&self) -> Option<Arc<dyn Resolve>> {
        self.stands_for()
    }
    fn into_process(self: Arc<Self>) -> Arc<dyn Process> {
        self
    }
    fn server(&self) -> Arc<str> {
        server_name::<M>()
    }
}

/// An address whose mailbox takes the messages of `B`, whatever else it takes.
pub struct Part<B: Behaviour + ?Sized>(Arc<dyn Takes<B>>);

impl<B: Behaviour + ?Sized> Part<B> {
    pub(crate) fn of<M: Carries<B>>(address: &RawRef<M>) -> Self {
        Self(address.0.clone())
    }

    pub(crate) fn cast(&self, message: B::Msg) -> Cast {
        Cast(self.0.clone().put(message).map(drop))
    }

    /// [`cast`](Self::cast), by who is about to wait for the answer (D8).
    pub(crate) fn ask(&self, message: B::Msg) -> Result<Pushed, SendError> {
        self.0.clone().put_asked(message)
    }

    /// Where mail to this address goes now: here, unless it stands for a name.
    pub(crate) fn resolved(&self) -> Self {
        let elsewhere = if self.0.head().is_open() { None } else { self.0.leads_to() };
        elsewhere.map_or_else(|| self.clone(), Self)
    }

    pub(crate) fn head(&self) -> &Head {
        self.0.head()
    }

    pub(crate) fn process(&self) -> Arc<dyn Process> {
        self.0.clone().into_process()
    }
}

impl<B: Behaviour + ?Sized> Clone for Part<B> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<B: Behaviour + ?Sized> PartialEq for Part<B> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::addr_eq(Arc::as_ptr(&self.0), Arc::as_ptr(&other.0))
    }
}
impl<B: Behaviour + ?Sized> Eq for Part<B> {}

impl<B: Behaviour + ?Sized> Hash for Part<B> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).cast::<()>().hash(state);
    }
}

impl<B: Behaviour + ?Sized> fmt::Debug for Part<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.server())?;
        match self.resolved().head().pid() {
            Some(pid) => write!(f, "{pid}"),
            None => f.write_str("<closed>"),
        }
    }
}

impl<B: Behaviour + ?Sized> Target for Part<B> {
    fn find(&self) -> Option<Found> {
        let here = self.resolved();
        Some(Found { pid: here.head().pid()?, process: here.process() })
    }
    fn last_pid(&self) -> Option<Pid> {
        self.head().last_pid()
    }
    fn name(&self) -> Option<Arc<str>> {
        // Nobody ever lives at an address that stands for a name.
        let name = self.last_pid().is_none().then(|| self.0.name())?;
        name.map(|name| name.text())
    }
}
