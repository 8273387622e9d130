//! Topics: who subscribes to one gets what is broadcast to it; the role of `Phoenix.PubSub`.
//!
//! It is a thin layer on a registry with duplicate keys. Where the subscribers are servers of one
//! type a registry alone does it, with the methods of their handles instead of messages:
//! `Rooms::each("lobby", |user| user.line(..))`, see [`registry`](mod@crate::registry).
use crate::gen_server::{Accepts, Child, Ctx, Ref, Start};
use crate::pid::Pid;
use crate::process::cell::Cell;
use crate::process::{self, Message};
use crate::registry::{AsKey, Keeper, Keys, Registry, RegistryError, each_entry, enter_as};
use crate::supervisor::ChildSpec;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// Topics on which `T`s are broadcast. Each subscriber says `M` of himself: who he is, since when,
/// what a list of those who are there shows.
///
/// It runs as a child of a supervisor, above its subscribers; there is one of each type per node.
/// Topics are strings, and exist while somebody subscribes to them.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cordial::prelude::*;
/// use cordial::PubSub;
///
/// #[derive(Clone, PartialEq, Debug)]
/// struct Fix(f64, f64);
/// type Fixes = PubSub<Fix, &'static str>;
///
/// #[gen_server]
/// #[derive(Clone, Default)]
/// struct Map(Vec<Fix>);
/// #[gen_server]
/// impl Map {
///     #[call]
///     fn follow(&self, fleet: u32, called: &'static str, ctx: &mut Ctx<Self>) {
///         Fixes::subscribe_with(ctx, &format!("fleet:{fleet}"), called).unwrap();
///     }
///     #[info]
///     fn fix(&mut self, fix: Fix) {
///         self.0.push(fix);
///     }
///     #[call]
///     fn seen(&self) -> Vec<Fix> {
///         self.0.clone()
///     }
/// }
///
/// supervisor! {
///     Live { children: [fixes: Fixes, map: Map(Map::default())] }
/// }
/// let live = Live::start().await?;
/// live.map.follow(42, "the map on the wall").await?;
/// assert_eq!(Fixes::broadcast("fleet:42", Fix(51.9, 4.5)), 1);
/// assert_eq!(Fixes::broadcast("fleet:7", Fix(0.0, 0.0)), 0);
/// assert_eq!(live.map.seen().await?, [Fix(51.9, 4.5)]);
/// assert_eq!(Fixes::subscribers("fleet:42")[0].1, "the map on the wall");
/// # Ok(()) }
/// ```
///
/// # What holds
/// Who broadcasts sends to all who subscribe at that time, in the order in which they came; each
/// subscriber gets what one process broadcasts in the order in which it did.
/// Whoever subscribes twice gets everything twice. A subscription ends with its process, before
/// anybody learns of that.
/// Nobody waits for slow subscribers: with a bounded mailbox (`mailbox = N`) they lose what they
/// have no room for, and [`Ctx::dropped`] counts it; without a bound their mailbox grows.
///
/// # Differences from OTP
/// A topic carries one type of message. Where it does not run nobody subscribes, and broadcasting
/// reaches nobody.
pub struct PubSub<T, M = ()>(PhantomData<fn() -> (T, M)>);

/// One who subscribes.
#[doc(hidden)]
pub struct Subscription<T, M> {
    deliver: Box<dyn Fn(T) -> bool + Send + Sync>,
    meta: M,
}

impl<T, M> Registry for PubSub<T, M>
where
    T: Clone + Send + 'static,
    M: Clone + Send + Sync + 'static,
{
    type Key = String;
    type Member = Pid;
    type Value = Subscription<T, M>;
    const NAME: &'static str = "PubSub";
    const KEYS: Keys = Keys::Duplicate;
}

#[diagnostic::do_not_recommend]
impl<T, M> Child for PubSub<T, M>
where
    T: Clone + Send + 'static,
    M: Clone + Send + Sync + 'static,
{
    type Handle = Ref<Keeper<Self>>;
}

impl<T, M> PubSub<T, M>
where
    T: Clone + Send + 'static,
    M: Clone + Send + Sync + 'static,
{
    /// Starts it by itself; in a program it is a child.
    pub fn start() -> Start<Keeper<Self>> {
        <Self as Registry>::start()
    }

    /// How a supervisor starts it.
    pub fn child_spec() -> ChildSpec<Keeper<Self>> {
        <Self as Registry>::child_spec()
    }

    /// The server that runs gets what is broadcast to a topic, as an `#[info]`.
    ///
    /// # Errors
    /// [`RegistryError::NotRunning`].
    pub fn subscribe<S: Accepts<T>>(ctx: &Ctx<S>, topic: &str) -> Result<(), RegistryError>
    where
        M: Default,
    {
        Self::subscribe_with(ctx, topic, M::default())
    }

    /// [`subscribe`](Self::subscribe), with what the server says of itself.
    ///
    /// # Errors
    /// [`RegistryError::NotRunning`].
    pub fn subscribe_with<S: Accepts<T>>(
        ctx: &Ctx<S>,
        topic: &str,
        meta: M,
    ) -> Result<(), RegistryError> {
        let cell = ctx.address().0;
        let deliver = Box::new(move |message| cell.inform(S::accept(message)).is_ok());
        enter_as::<Self>(&ctx.found(), topic.to_key(), ctx.pid(), Subscription { deliver, meta })
    }

    /// The plain process that runs gets what is broadcast to a topic, in its mailbox.
    ///
    /// # Errors
    /// [`RegistryError::NotRunning`]; [`RegistryError::NoProcess`] where no process runs whose
    /// mailbox takes `T`s.
    pub fn subscribe_mailbox(topic: &str, meta: M) -> Result<(), RegistryError>
    where
        T: Message,
    {
        let nobody = RegistryError::NoProcess { registry: <Self as Registry>::NAME };
        let me = process::current().ok_or(nobody.clone())?;
        let cell: Arc<Cell<T>> = me.process.clone().into_any().downcast().map_err(|_| nobody)?;
        let deliver = Box::new(move |message| cell.inform(message).is_ok());
        enter_as::<Self>(&me, topic.to_key(), me.pid, Subscription { deliver, meta })
    }

    /// The process that runs gets nothing more of a topic, however often it has subscribed; what
    /// is in its mailbox stays.
    pub fn unsubscribe(topic: &str) {
        <Self as Registry>::unregister(topic);
    }

    /// Sends a message to all who subscribe to a topic, and tells how many took it: a mailbox may
    /// be full.
    #[expect(clippy::needless_pass_by_value, reason = "a message is given away, as everywhere")]
    pub fn broadcast(topic: &str, message: T) -> usize {
        Self::send_to(topic, &message, |_| true)
    }

    /// [`broadcast`](Self::broadcast) to all but one: whoever has caused it, for the most part.
    #[expect(clippy::needless_pass_by_value, reason = "a message is given away, as everywhere")]
    pub fn broadcast_from(from: Pid, topic: &str, message: T) -> usize {
        Self::send_to(topic, &message, |pid| pid != from)
    }

    fn send_to(topic: &str, message: &T, is_meant: impl Fn(Pid) -> bool) -> usize {
        let mut taken = 0;
        each_entry::<Self, str>(topic, |subscription, pid| {
            if is_meant(pid) {
                taken += usize::from((subscription.deliver)(message.clone()));
            }
        });
        taken
    }

    /// Who subscribes to a topic, and what each says of himself, in the order in which they came.
    pub fn subscribers(topic: &str) -> Vec<(Pid, M)> {
        let mut all = Vec::new();
        each_entry::<Self, str>(topic, |subscription, pid| {
            all.push((pid, subscription.meta.clone()));
        });
        all
    }
}

impl<T, M> fmt::Debug for PubSub<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PubSub")
    }
}

impl<T, M: fmt::Debug> fmt::Debug for Subscription<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").field("meta", &self.meta).finish_non_exhaustive()
    }
}
