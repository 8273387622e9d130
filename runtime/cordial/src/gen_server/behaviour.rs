//! Behaviours: a part of a protocol as a trait, which servers of several types have, and a handle
//! that knows that part and nothing else.
//!
//! ```text
//!  #[behaviour] trait Storage        gen_server(behaviours(Storage)) impl DiskStore
//!  StorageMsg · StorageClient        DiskStoreMsg::Storage(StorageMsg)
//!          │                                          ▲
//!  StorageRef::from(disk) ── get("a") ── StorageMsg::Get { .. } ── the same mailbox
//! ```
use super::{GenServer, Ref};
use crate::pid::Pid;
use crate::process::{Behaviour, BehaviourClient, Carries, Found, Message, Part, RawRef, Target};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

/// A server that has the behaviour `B`: what `#[gen_server(behaviours(..))]` says.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no server with the behaviour `{B}`",
    label = "it does not take this behaviour's messages",
    note = "name the trait in `#[gen_server(behaviours(..))]` of its `impl`, and implement it"
)]
pub trait HasBehaviour<B: Behaviour + ?Sized>: GenServer<Msg: Carries<B>> {}

/// The handle of any server that has a certain behaviour.
///
/// Whoever is given one can make the behaviour's calls and casts and no others, and does not depend
/// on the server's type: a narrow capability. `#[behaviour] trait Storage` writes `StorageRef` for
/// `BehaviourRef<StorageClient>`, and a `Ref` of a server becomes one by `into`.
///
/// It is the same address under another type: it survives restarts, equals any other that reaches
/// the same place, shows itself as the server does, and can be watched, stopped and killed as any
/// process. A send through it costs one call through a pointer more than through a `Ref`.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cordial::prelude::*;
/// use std::collections::HashMap;
///
/// #[behaviour]
/// pub trait Storage {
///     #[call]
///     fn get(&self, key: &str) -> Option<u32>;
///     #[cast]
///     fn put(&mut self, key: &str, value: u32);
///     /// A default body makes a callback optional.
///     #[call]
///     async fn flush(&mut self) -> bool {
///         true
///     }
/// }
///
/// #[gen_server]
/// #[derive(Default, Clone)]
/// struct Heap(HashMap<String, u32>);
/// #[gen_server(behaviours(Storage))]
/// impl Heap {
///     #[call]
///     fn len(&self) -> usize {
///         self.0.len()
///     }
/// }
/// impl Storage for Heap {
///     fn get(&self, key: &str) -> Option<u32> {
///         self.0.get(key).copied()
///     }
///     fn put(&mut self, key: &str, value: u32) {
///         self.0.insert(key.to_owned(), value);
///     }
/// }
///
/// async fn count(storage: &StorageRef, key: &str) -> Result<u32, CallError> {
///     let next = storage.get(key).await?.unwrap_or(0) + 1;
///     storage.put(key, next);
///     Ok(next)
/// }
///
/// let heap = Heap::start(Heap::default()).await?;
/// let storage: StorageRef = heap.clone().into();
/// assert_eq!(count(&storage, "visits").await?, 1);
/// assert_eq!(count(&storage, "visits").await?, 2);
/// assert!(storage.flush().await?);
/// assert_eq!(heap.len().await?, 1);
/// # Ok(()) }
/// ```
pub struct BehaviourRef<C: BehaviourClient>(C);

impl<C: BehaviourClient> BehaviourRef<C> {
    /// Associated, not a method: after the dot stands the behaviour's protocol.
    pub(crate) fn of_part(part: Part<C::Behaviour>) -> Self {
        Self(C::from_part(part))
    }
}

impl<S: HasBehaviour<C::Behaviour>, C: BehaviourClient> From<Ref<S>> for BehaviourRef<C> {
    fn from(server: Ref<S>) -> Self {
        Self::of_part(Part::of(Ref::raw_of(&server)))
    }
}

impl<C: BehaviourClient> Deref for BehaviourRef<C> {
    type Target = C;
    fn deref(&self) -> &C {
        &self.0
    }
}

impl<C: BehaviourClient> Clone for BehaviourRef<C> {
    fn clone(&self) -> Self {
        Self::of_part(self.0.part().clone())
    }
}

impl<C: BehaviourClient> PartialEq for BehaviourRef<C> {
    fn eq(&self, other: &Self) -> bool {
        self.0.part() == other.0.part()
    }
}
impl<C: BehaviourClient> Eq for BehaviourRef<C> {}

impl<C: BehaviourClient> Hash for BehaviourRef<C> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.part().hash(state);
    }
}

impl<C: BehaviourClient> fmt::Debug for BehaviourRef<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.part().fmt(f)
    }
}

impl<C: BehaviourClient> Target for BehaviourRef<C> {
    fn find(&self) -> Option<Found> {
        self.0.part().find()
    }
    fn last_pid(&self) -> Option<Pid> {
        self.0.part().last_pid()
    }
    fn name(&self) -> Option<Arc<str>> {
        self.0.part().name()
    }
}

/// What a test can put a probe in the place of: a server, or a behaviour as `dyn Storage`.
#[diagnostic::on_unimplemented(
    message = "a probe stands for a server or a behaviour, and `{Self}` is neither",
    label = "not a server"
)]
pub trait Faked {
    /// What comes to the probe.
    type Msg: Message;
    /// What is given out instead of the real one's handle.
    type Handle;
    #[doc(hidden)]
    fn handle(address: RawRef<Self::Msg>) -> Self::Handle;
}

#[diagnostic::do_not_recommend]
impl<S: GenServer> Faked for S {
    type Msg = S::Msg;
    type Handle = Ref<S>;
    fn handle(address: RawRef<S::Msg>) -> Ref<S> {
        Ref::from_client(<S::Client as super::Client>::from_raw(address))
    }
}
