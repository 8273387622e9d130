//! One entry: who is registered under which key, with what, and since when.
use super::Registry;
use super::log::Mortal;
use crate::error::Holder;
use crate::pid::Pid;
use crate::rt::sync::atomic::AtomicBool;
use crate::rt::time::Instant;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering::{AcqRel, Acquire};
use std::time::Duration;

/// What a registry knows of one registration.
///
/// It is a look at what was registered when it was asked for: the process may be gone meanwhile.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cordial::prelude::*;
/// use cordial::process::{self, Mailbox};
///
/// cordial::registry! {
///     Stalls: String => Pid, unique, value = u32
/// }
/// Stalls::start().await?;
/// let (stall, mut up) = (process::spawn(async |mut mail: Mailbox<()>| {
///     Stalls::register("tea", 7).unwrap();
///     mail.next().await;
/// }), Stalls::entry("tea"));
/// while up.is_none() {
///     process::sleep(cordial::millis(1)).await;
///     up = Stalls::entry("tea");
/// }
/// let entry = up.unwrap();
/// assert_eq!((entry.key().as_str(), *entry.value()), ("tea", 7));
/// assert_eq!(Some(entry.pid()), stall.pid());
/// # Ok(()) }
/// ```
pub struct Entry<R: Registry>(pub(super) Arc<Record<R>>);

pub(super) struct Record<R: Registry> {
    pub(super) key: R::Key,
    pub(super) member: R::Member,
    pub(super) value: R::Value,
    pub(super) pid: Pid,
    pub(super) since: Instant,
    /// Orders the entries of a registry.
    pub(super) number: u64,
    pub(super) gone: AtomicBool,
}

impl<R: Registry> Record<R> {
    /// Who has the key.
    pub(super) fn holder(&self) -> Holder {
        Holder::of_name(self.pid, self.since.elapsed())
    }
}

impl<R: Registry> Mortal for Record<R> {
    fn has_gone(&self) -> bool {
        self.gone.load(Acquire)
    }
    fn go(&self) -> bool {
        !self.gone.swap(true, AcqRel)
    }
}

impl<R: Registry> Entry<R> {
    /// Under what it is registered.
    pub fn key(&self) -> &R::Key {
        &self.0.key
    }

    /// What it was registered with.
    pub fn value(&self) -> &R::Value {
        &self.0.value
    }

    /// The handle of who is registered.
    pub fn member(&self) -> &R::Member {
        &self.0.member
    }

    /// The process that registered; its handle may stand for a later incarnation by now.
    pub fn pid(&self) -> Pid {
        self.0.pid
    }

    /// Which of all entries of the registry it is.
    pub(crate) fn number(&self) -> u64 {
        self.0.number
    }

    /// For how long it has been registered.
    pub fn held_for(&self) -> Duration {
        self.0.since.elapsed()
    }
}

impl<R: Registry> Clone for Entry<R> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Of the same registration.
impl<R: Registry> PartialEq for Entry<R> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<R: Registry> Eq for Entry<R> {}

/// Never shows the value.
impl<R: Registry> fmt::Debug for Entry<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{:?}] = {}", R::NAME, self.0.key, self.0.pid)
    }
}

/// What a listener of a registry is told.
///
/// # Differences from OTP
/// None: as there, the end of a process tells listeners nothing; monitor it for that.
pub enum Event<R: Registry> {
    /// A process has registered.
    Registered(Entry<R>),
    /// A process has taken its entry away.
    Unregistered(Entry<R>),
}

impl<R: Registry> Clone for Event<R> {
    fn clone(&self) -> Self {
        match self {
            Self::Registered(entry) => Self::Registered(entry.clone()),
            Self::Unregistered(entry) => Self::Unregistered(entry.clone()),
        }
    }
}

impl<R: Registry> fmt::Debug for Event<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registered(entry) => write!(f, "Registered({entry:?})"),
            Self::Unregistered(entry) => write!(f, "Unregistered({entry:?})"),
        }
    }
}
