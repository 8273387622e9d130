//! Behaviours: a part of a protocol as a trait, which servers of several types have, and a handle
//! that knows that part and nothing else.
//!
//! ```text
//!  #[behaviour] trait Storage        gen_server(behaviours(Storage)) impl DiskStore
//!  StorageMsg · StorageClient        DiskStoreMsg::Storage(StorageMsg)
//!          │                                          ▲
//!  StorageRef::from(disk) ── get("a") ── StorageMsg::Get { .. } ── the same mailbox
//! ```
use super::{Ctx, Flow, GenServer, Ref};
use crate::pid::Pid;
use crate::process::{Behaviour, BehaviourClient, Carries, Found, Message, Part, RawRef, Target};
use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
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

/// Messages that a server of the type `S` can handle: those of a behaviour that it implements.
pub trait PartOf<S: GenServer>: Message + Sized {
    /// Handles it, if need be with a wait.
    fn handle(self, server: &mut S, ctx: &mut Ctx<S>) -> impl Future<Output = Flow> + Send;

    /// Handles it without a wait.
    ///
    /// # Errors
    /// The message back, if it needs one.
    fn handle_sync(self, server: &mut S, ctx: &mut Ctx<S>) -> Result<Flow, Self>;
}

// ===== What is asked for once =====

/// Whether `B` is a behaviour, in a constant: `IsBehaviour::<dyn Storage>::YES`.
pub struct IsBehaviour<B: ?Sized>(PhantomData<B>);

impl<B: Behaviour + ?Sized> IsBehaviour<B> {
    /// It is: this one is found before that of [`OrNot`].
    pub const YES: bool = true;
}

/// What is not known to hold.
pub trait OrNot {
    /// It does not.
    const YES: bool = false;
}
impl<B: ?Sized> OrNot for IsBehaviour<B> {}

/// `B` if it is a behaviour, and one without messages if it is none: that it is none is told where
/// it is asked for, and not once more at each use. `S`, the server, is of the crate that asks.
pub type Named<S, B, const IS: bool> = <S as Choose<B, IS>>::Behaviour;

/// See [`Named`].
pub trait Choose<B: ?Sized, const IS: bool> {
    /// What is chosen.
    type Behaviour: Behaviour + ?Sized;
}
impl<S, B: Behaviour + ?Sized> Choose<B, true> for S {
    type Behaviour = B;
}
impl<S, B: ?Sized + 'static> Choose<B, false> for S {
    type Behaviour = Nothing<B>;
}

/// A message on its way to its server, which implements the trait, or should.
pub struct Handed<S, M>(M, PhantomData<fn(S)>);

impl<S, M> Handed<S, M> {
    /// Of a message that has come.
    pub fn of(msg: M) -> Self {
        Self(msg, PhantomData)
    }
}

impl<S: GenServer, M: PartOf<S>> Handed<S, M> {
    /// See [`PartOf::handle`]: this one is found before that of [`Refused`].
    pub fn handle(self, server: &mut S, ctx: &mut Ctx<S>) -> impl Future<Output = Flow> + Send {
        self.0.handle(server, ctx)
    }
    /// See [`PartOf::handle_sync`].
    ///
    /// # Errors
    /// The message back, if it needs a wait.
    pub fn handle_sync(self, server: &mut S, ctx: &mut Ctx<S>) -> Result<Flow, M> {
        self.0.handle_sync(server, ctx)
    }
}

impl<S, M> Deref for Handed<S, M> {
    type Target = Refused<S, M>;
    fn deref(&self) -> &Refused<S, M> {
        &Refused(PhantomData)
    }
}

/// A message whose server does not implement the trait, which was told.
pub struct Refused<S, M>(PhantomData<fn(S, M)>);

impl<S: GenServer, M: Message> Refused<S, M> {
    /// See [`Handed::handle`].
    pub async fn handle(&self, _: &mut S, _: &mut Ctx<S>) -> Flow {
        unreachable!("it stands beside an error")
    }
    /// See [`Handed::handle_sync`].
    ///
    /// # Errors
    /// None.
    pub fn handle_sync(&self, _: &mut S, _: &mut Ctx<S>) -> Result<Flow, M> {
        unreachable!("it stands beside an error")
    }
}

/// The behaviour, the messages and the client that stand for what is none.
pub struct Nothing<B: ?Sized>(PhantomData<fn(&B)>, Infallible);

#[diagnostic::do_not_recommend]
impl<B: ?Sized + 'static> Behaviour for Nothing<B> {
    type Msg = Self;
    type Client = Self;
}
impl<B: ?Sized + 'static> BehaviourClient for Nothing<B> {
    type Behaviour = Self;
    fn from_part(_: Part<Self>) -> Self {
        unreachable!("it stands beside an error")
    }
    fn part(&self) -> &Part<Self> {
        match self.1 {}
    }
}
impl<B: ?Sized + 'static> Message for Nothing<B> {
    fn kind(&self) -> &'static str {
        match self.1 {}
    }
}
impl<S: GenServer, B: ?Sized + 'static> PartOf<S> for Nothing<B> {
    async fn handle(self, _: &mut S, _: &mut Ctx<S>) -> Flow {
        match self.1 {}
    }
    fn handle_sync(self, _: &mut S, _: &mut Ctx<S>) -> Result<Flow, Self> {
        match self.1 {}
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

/// `probe::<StorageRef>()` is what `probe::<dyn Storage>()` is.
impl<C: BehaviourClient> Faked for BehaviourRef<C>
where
    <C::Behaviour as Behaviour>::Msg: Carries<C::Behaviour>,
{
    type Msg = <C::Behaviour as Behaviour>::Msg;
    type Handle = Self;
    fn handle(address: RawRef<Self::Msg>) -> Self {
        Self::of_part(Part::of(&address))
    }
}
