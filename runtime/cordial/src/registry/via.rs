//! Servers under a key: `#[gen_server(via = Rooms, key = String)]`.
use super::hold::{self, HoldOf};
use super::store::Store;
use super::{AsKey, Registry, Unique, told};
use crate::error::StartError;
use crate::gen_server::{Client, GenServer, Ref, Start};
use crate::pid::Pid;
use crate::process::held::{Claim, Claimed};
use crate::process::{Found, Node, Process, RawRef, Resolve};
use crate::supervisor::ChildSpec;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

/// A server whose instances are started under a key of a registry; what
/// `#[gen_server(via = Rooms, key = String)]` implements.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cordial::prelude::*;
///
/// cordial::registry! {
///     /// Every room by its name.
///     Rooms: String => ChatRoom, unique
/// }
/// #[gen_server(via = Rooms, key = String)]
/// #[derive(Clone, Default)]
/// struct ChatRoom(u32);
/// #[gen_server]
/// impl ChatRoom {
///     #[cast]
///     fn say(&mut self) {
///         self.0 += 1;
///     }
///     #[call]
///     fn said(&self) -> u32 {
///         self.0
///     }
/// }
///
/// Rooms::start().await?;
/// ChatRoom::start(ChatRoom(0)).key("lobby").await?;
/// ChatRoom::at("lobby").say();
/// assert_eq!(ChatRoom::at("lobby").said().await?, 1);
/// assert!(ChatRoom::whereis("attic").is_none());
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is started under no key",
    label = "no registry names its instances",
    note = "write `#[gen_server(via = Registry, key = Type)]` on its struct"
)]
pub trait Keyed: GenServer {
    /// What a key is.
    type Key: Eq + Hash + Clone + Debug + Send + Sync + 'static;
    /// The registry.
    type Via: Unique<Key = Self::Key, Member = Ref<Self>, Value = ()>;
}

/// A key as the name that a server is started under.
struct Named<S: Keyed>(S::Key);

type StoreOf<S> = Store<<S as Keyed>::Via>;

impl<S: Keyed> Named<S> {
    fn new<Q: AsKey<S::Key> + ?Sized>(key: &Q) -> Arc<Self> {
        Arc::new(Self(key.to_key()))
    }
}

impl<S: Keyed> Claim for Named<S> {
    fn claim(
        &self,
        node: &Node,
        pid: Pid,
        process: &Arc<dyn Process>,
    ) -> Result<Claimed, StartError> {
        let no_registry = StartError::NoRegistry(<S::Via as Registry>::NAME);
        let store = node.services.get::<StoreOf<S>>().ok_or(no_registry)?;
        let who = Found { pid, process: process.clone() };
        let member = <Ref<S> as super::Member>::of(&who).expect("it is started as what it is");
        let record = hold::record(&who, self.0.clone(), (member, ()));
        store.insert(&record).map_err(|owner| StartError::AlreadyStarted(owner.holder()))?;
        told::registered(node, &record);
        let tie = Some(store.keeper.clone());
        Ok(Claimed { hold: Box::new(HoldOf::of(store, record)), tie })
    }
}

/// At each send.
impl<S: Keyed> Resolve for Named<S> {
    fn resolve(&self, node: &Node) -> Option<Found> {
        let found = |store: &StoreOf<S>| {
            let found =
                |pid, member: &Ref<S>| Found { pid, process: Ref::raw_of(member).process() };
            store.only(&self.0, |record| found(record.pid, &record.member))
        };
        node.services.with(found).flatten()
    }

    fn text(&self) -> Arc<str> {
        format!("{}[{:?}]", <S::Via as Registry>::NAME, self.0).into()
    }
}

/// `Type::at(&key)`: an address that stands for the key.
pub(crate) fn at<S: Keyed, Q>(key: &Q) -> Ref<S>
where
    Q: AsKey<S::Key> + ?Sized,
{
    let raw = RawRef::standing_for(Named::<S>::new(key));
    Ref::from_client(S::Client::from_raw(raw))
}

impl<S: Keyed> Start<S> {
    /// Registers it under this key of the server's registry, before `init` runs.
    ///
    /// Awaited, the start fails with [`StartError::AlreadyStarted`] if somebody has the key, and
    /// with [`StartError::NoRegistry`] if the registry does not run.
    pub fn key<Q>(self, key: &Q) -> Self
    where
        Q: AsKey<S::Key> + ?Sized,
    {
        self.claim(Named::<S>::new(key))
    }
}

impl<S: Keyed, R> ChildSpec<S, R> {
    /// Every incarnation is registered under this key of the server's registry, before its `init`
    /// runs.
    pub fn key<Q>(self, key: &Q) -> Self
    where
        Q: AsKey<S::Key> + ?Sized,
    {
        self.claim(Named::<S>::new(key))
    }
}

pub(super) fn claim_of<S: Keyed, Q>(key: &Q) -> Arc<dyn Claim>
where
    Q: AsKey<S::Key> + ?Sized,
{
    Named::<S>::new(key)
}
