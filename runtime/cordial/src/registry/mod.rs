//! Registries: processes by keys, typed; Elixir's `Registry`.
//!
//! A registry is declared with [`registry!`](macro@crate::registry) and runs as a child of a
//! supervisor, above those that it names.
//! Under a key of a [`Unique`] registry is one process, under a key of a [`Duplicate`] one are any
//! number, in the order in which they came.
//!
//! ```text
//! registry! { pub Rooms: String => ChatRoom, unique }        whereis, at, ensure
//! registry! { pub Members: String => User, duplicate }       each, values
//! ```
//!
//! | to | there is |
//! |---|---|
//! | give a server its key at its start | `#[gen_server(via = Rooms, key = String)]`, [`Keyed`] |
//! | register the process that runs | [`Ctx::join`](crate::Ctx::join), [`Registry::register`] |
//! | take its entries away | [`Ctx::leave`](crate::Ctx::leave), [`Registry::unregister_match`] |
//! | find one | [`Unique::whereis`], [`Unique::entry`], `ChatRoom::at(&key)` |
//! | find it, or start it | [`Unique::ensure`], [`DynamicRef::ensure`](crate::DynamicRef::ensure) |
//! | do something with all of a key | [`Registry::each`], [`Registry::dispatch`] |
//! | look around | [`Registry::lookup`], [`values`], [`keys_of`], [`count`], [`select`] |
//! | keep something beside the entries | [`Registry::put_meta`], [`Registry::meta`] |
//! | do something once at a time | [`Registry::lock`] |
//!
//! [`values`]: Registry::values
//! [`keys_of`]: Registry::keys_of
//! [`count`]: Registry::count
//! [`select`]: Registry::select
//!
//! `examples/registry_chat.rs` is a whole program: rooms that are started when somebody enters.
//!
//! # What holds
//! An entry belongs to the process that made it, and goes with it: by the time that anybody learns
//! of a process's end, its entries are gone, and its keys are free.
//! A process is linked to a registry while it has entries there: if the registry ends, so does
//! everybody in it, and those who are restarted find an empty one.
//! Reading never waits, whoever registers meanwhile.
//! What a process is found by (`Ref`) is its address: a handle that was looked up reaches a
//! supervised server's next incarnation, too.
//!
//! # Where it does not run
//! Nobody is in a registry that does not run, so looking there finds nobody. Registering says so:
//! [`RegistryError::NotRunning`], [`StartError::NoRegistry`](crate::StartError::NoRegistry).
//!
//! # Differences from OTP
//! A key has a type, and so has who is found: `whereis` gives a [`Ref`].
//! Looking where no registry runs is no crash.
//! Partitions cost nothing and bring little: entries are never kept by a process, so one that is
//! slow or suspended delays nobody.
mod ctx;
mod ensure;
mod entry;
mod errors;
mod gate;
mod hold;
mod keeper;
mod key;
mod log;
mod reading;
mod store;
mod told;
mod via;

use crate::exit::ExitReason;
use crate::gen_server::{Child, Client, Ctx, GenServer, Ref, Start};
use crate::pid::Pid;
use crate::process::{self, Found, RawRef};
use crate::supervisor::{ChildOf, ChildSpec, StartChildError};
use std::any::Any;
use std::fmt::Debug;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;

pub use entry::{Entry, Event};
pub use errors::RegistryError;
pub use gate::KeyGuard;
pub use keeper::{Keeper, RegistryMsg};
pub use key::AsKey;
pub(crate) use reading::each_entry;
pub use via::Keyed;
pub(crate) use via::at;

/// How many entries a key may have.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Keys {
    /// One.
    Unique,
    /// Any number.
    Duplicate,
}

/// Who is found in a registry: a server's handle, or a pid where any process may be.
pub trait Member: Clone + Send + Sync + 'static {
    /// The handle of this process, if it is of that kind.
    #[doc(hidden)]
    fn of(found: &Found) -> Option<Self>;
}

impl Member for Pid {
    fn of(found: &Found) -> Option<Self> {
        Some(found.pid)
    }
}

impl<S: GenServer> Member for Ref<S> {
    fn of(found: &Found) -> Option<Self> {
        let cell = found.process.clone().into_any().downcast().ok()?;
        Some(Self::from_client(S::Client::from_raw(RawRef(cell))))
    }
}

/// Who is found as this is a server `S`, or may be one.
#[diagnostic::on_unimplemented(
    message = "a `{S}` is not found in a registry of `{Self}`",
    label = "this registry holds other processes",
    note = "`registry! {{ Name: Key => Server, .. }}` says which"
)]
pub trait MemberOf<S: GenServer>: Member {
    /// The handle of the server whose callback runs.
    #[doc(hidden)]
    fn of_ctx(ctx: &Ctx<S>) -> Self;
}

impl<S: GenServer> MemberOf<S> for Pid {
    fn of_ctx(ctx: &Ctx<S>) -> Self {
        ctx.pid()
    }
}

impl<S: GenServer> MemberOf<S> for Ref<S> {
    fn of_ctx(ctx: &Ctx<S>) -> Self {
        ctx.me()
    }
}

/// A registry: what [`registry!`](macro@crate::registry) declares.
///
/// All of it are functions of the type: `Rooms::lookup("lobby")`. They look at the registry of the
/// node where they are called; keys are given as `HashMap::get` takes them.
///
/// # Examples
/// Users in rooms, each with what he is called there:
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cordial::prelude::*;
///
/// cordial::registry! {
///     /// Who is in which room, and under which name.
///     Rooms: String => User, duplicate, value = String
/// }
///
/// #[gen_server]
/// #[derive(Clone, Default)]
/// struct User(Vec<String>);
/// #[gen_server]
/// impl User {
///     #[call]
///     fn enter(&self, room: &str, called: &str, ctx: &mut Ctx<Self>) {
///         ctx.join::<Rooms>(room, called.to_owned()).unwrap();
///     }
///     #[call]
///     fn go_out(&self, room: &str, ctx: &mut Ctx<Self>) {
///         ctx.leave::<Rooms>(room);
///     }
///     #[cast]
///     fn line(&mut self, text: &str) {
///         self.0.push(text.to_owned());
///     }
///     #[call]
///     fn heard(&self) -> Vec<String> {
///         self.0.clone()
///     }
/// }
///
/// supervisor! {
///     pub Chat {
///         children: [rooms: Rooms, ann: User(User::default()), bob: User(User::default())],
///     }
/// }
///
/// let chat = Chat::start().await?;
/// chat.ann.enter("tea", "ann").await?;
/// chat.bob.enter("tea", "bob").await?;
/// assert_eq!(Rooms::values("tea"), ["ann", "bob"]);
///
/// Rooms::each("tea", |user| { user.line("hello"); });
/// assert_eq!(chat.bob.heard().await?, ["hello"]);
///
/// chat.ann.go_out("tea").await?;
/// assert_eq!(Rooms::values("tea"), ["bob"]);
/// # Ok(()) }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no registry",
    label = "not declared with `registry!`"
)]
pub trait Registry: Sized + 'static {
    /// What entries are found by.
    type Key: Eq + Hash + Clone + Debug + Send + Sync + 'static;
    /// Who is found: a [`Ref`], or a [`Pid`] where any process may be registered.
    type Member: Member;
    /// What an entry carries.
    type Value: Send + Sync + 'static;
    /// What it is called in errors, and as a child.
    const NAME: &'static str;
    /// How many entries a key may have.
    const KEYS: Keys;
    /// In how many places the entries lie; nobody sees it but
    /// [`dispatch_parallel`](Self::dispatch_parallel).
    const PARTITIONS: usize = 1;
    /// Whether who has entries is linked to the registry.
    #[doc(hidden)]
    const TIES: bool = true;

    /// Who listens: `listener = Type` of `registry!`.
    #[doc(hidden)]
    fn tell(_event: &Event<Self>) {}

    /// An entry has gone, by whatever.
    #[doc(hidden)]
    fn gone(_entry: &Entry<Self>) {}

    /// What it begins with: `meta = value` of `registry!`.
    #[doc(hidden)]
    fn prepare() {}

    // ----- the registry itself -----

    /// Starts it by itself; in a program it is a child: `rooms: Rooms` in `supervisor!`.
    ///
    /// # Errors
    /// [`StartError::AlreadyStarted`](crate::StartError::AlreadyStarted) where it runs already:
    /// there is one per node.
    fn start() -> Start<Keeper<Self>> {
        Start::new(()).claim(keeper::Opening::<Self>::new())
    }

    /// How a supervisor starts it.
    fn child_spec() -> ChildSpec<Keeper<Self>> {
        ChildSpec::new(()).claim(keeper::Opening::<Self>::new()).id(Self::NAME)
    }

    /// Whether it runs on this node.
    fn is_running() -> bool {
        store::with::<Self, _>(|_| ()).is_some()
    }

    // ----- the process that runs -----

    /// Registers the process that runs, of whatever kind. A server calls
    /// [`Ctx::join`](crate::Ctx::join).
    ///
    /// # Errors
    /// [`RegistryError::Taken`] says who has a unique key, also if it is the process itself;
    /// [`NotRunning`](RegistryError::NotRunning); [`NoProcess`](RegistryError::NoProcess) outside
    /// of a process.
    fn register<Q>(key: &Q, value: Self::Value) -> Result<(), RegistryError>
    where
        Self: Registry<Member = Pid>,
        Q: AsKey<Self::Key> + ?Sized,
    {
        let who = me::<Self>()?;
        let pid = who.pid;
        enter_as::<Self>(&who, key.to_key(), pid, value)
    }

    /// Takes away what the process that runs has under this key, and nothing of anybody else.
    fn unregister<Q>(key: &Q)
    where
        Q: AsKey<Self::Key> + ?Sized,
    {
        if let Some(who) = process::current() {
            leave_as::<Self>(&who, |record| key.is(&record.key));
        }
    }

    /// As [`unregister`](Self::unregister), where `pick` picks the value.
    fn unregister_match<Q>(key: &Q, pick: impl Fn(&Self::Value) -> bool)
    where
        Q: AsKey<Self::Key> + ?Sized,
    {
        if let Some(who) = process::current() {
            leave_as::<Self>(&who, |record| key.is(&record.key) && pick(&record.value));
        }
    }

    // ----- the entries of a key -----

    /// The entries of a key, in the order in which they were made.
    fn lookup<Q>(key: &Q) -> Vec<Entry<Self>>
    where
        Q: AsKey<Self::Key> + ?Sized,
    {
        reading::lookup(key)
    }

    /// The values of a key's entries, in the order in which they were made.
    fn values<Q>(key: &Q) -> Vec<Self::Value>
    where
        Q: AsKey<Self::Key> + ?Sized,
        Self::Value: Clone,
    {
        reading::lookup::<Self, Q>(key).iter().map(|entry| entry.value().clone()).collect()
    }

    /// Those entries of a key whose value `pick` picks; the key is taken as it is.
    fn matching<Q>(key: &Q, pick: impl Fn(&Self::Value) -> bool) -> Vec<Entry<Self>>
    where
        Q: AsKey<Self::Key> + ?Sized,
    {
        let mut entries = reading::lookup::<Self, Q>(key);
        entries.retain(|entry| pick(entry.value()));
        entries
    }

    /// How many entries of a key have a value that `pick` picks.
    fn count_matching<Q>(key: &Q, pick: impl Fn(&Self::Value) -> bool) -> usize
    where
        Q: AsKey<Self::Key> + ?Sized,
    {
        Self::matching(key, pick).len()
    }

    /// Does something with the handle of everybody under a key, here and now; the cheapest way to
    /// send to all of them. Who comes or goes meanwhile may be met or not.
    fn each<Q>(key: &Q, f: impl FnMut(&Self::Member))
    where
        Q: AsKey<Self::Key> + ?Sized,
    {
        reading::each::<Self, Q>(key, f);
    }

    /// Calls `f` once with all entries of a key, here and now; not at all if there are none.
    fn dispatch<Q>(key: &Q, f: impl FnOnce(&[Entry<Self>]))
    where
        Q: AsKey<Self::Key> + ?Sized,
    {
        let entries = reading::lookup(key);
        if !entries.is_empty() {
            f(&entries);
        }
    }

    /// As [`dispatch`](Self::dispatch), beside whoever calls it: once per partition that has
    /// entries, each in a process of its own. With unique keys or one partition it runs here.
    ///
    /// # Errors
    /// The reason why one of them ended, if it did not end by itself: a panic of `f`.
    ///
    /// # Cancel safety
    /// Dropped, those that were begun go on.
    fn dispatch_parallel<Q>(
        key: &Q,
        f: impl Fn(&[Entry<Self>]) + Send + Sync + 'static,
    ) -> impl Future<Output = Result<(), ExitReason>> + Send
    where
        Q: AsKey<Self::Key> + ?Sized,
    {
        reading::dispatch_parallel(key, f)
    }

    // ----- all entries -----

    /// How many entries there are.
    fn count() -> usize {
        store::with::<Self, _>(store::Store::len).unwrap_or(0)
    }

    /// The keys that have entries, in no order.
    fn keys() -> Vec<Self::Key> {
        store::with::<Self, _>(store::Store::keys).unwrap_or_default()
    }

    /// The keys of a process's entries in the order in which they were made: a key as often as it
    /// has entries there.
    fn keys_of(pid: Pid) -> Vec<Self::Key> {
        let entries = reading::of_pid::<Self>(pid).into_iter();
        entries.map(|entry| entry.key().clone()).collect()
    }

    /// The values of a process's entries under a key, in the order in which they were made.
    fn values_of<Q>(key: &Q, pid: Pid) -> Vec<Self::Value>
    where
        Q: AsKey<Self::Key> + ?Sized,
        Self::Value: Clone,
    {
        let entries = reading::of_pid::<Self>(pid).into_iter();
        let of_key = entries.filter(|entry| key.is(entry.key()));
        of_key.map(|entry| entry.value().clone()).collect()
    }

    /// What `pick` makes of all entries of all keys; keys come in no order.
    ///
    /// It goes over all of them: to look at one key, see [`matching`](Self::matching).
    fn select<T>(pick: impl FnMut(&Entry<Self>) -> Option<T>) -> Vec<T> {
        reading::all::<Self>().iter().filter_map(pick).collect()
    }

    /// How many entries of all keys `pick` picks; it goes over all of them.
    fn count_select(mut pick: impl FnMut(&Entry<Self>) -> bool) -> usize {
        reading::all::<Self>().iter().filter(|entry| pick(entry)).count()
    }

    // ----- beside the entries -----

    /// Keeps a value with the registry, in the place of the one of this type.
    ///
    /// # Errors
    /// [`RegistryError::NotRunning`].
    fn put_meta<T: Any + Send + Sync>(value: T) -> Result<(), RegistryError> {
        let put = |store: &store::Store<Self>| reading::put_meta(store, value);
        store::with::<Self, _>(put).ok_or(RegistryError::NotRunning { registry: Self::NAME })
    }

    /// The value of this type that is kept with the registry. It stays whoever comes and goes, and
    /// ends with the registry.
    fn meta<T: Any + Send + Sync>() -> Option<Arc<T>> {
        store::with::<Self, _>(reading::meta).flatten()
    }

    /// Takes the value of this type away.
    fn delete_meta<T: Any + Send + Sync>() {
        let _ = store::with::<Self, _>(reading::delete_meta::<Self, T>);
    }

    /// Waits until nobody has the lock of this key, and has it until the guard is dropped: also if
    /// its holder panics or is killed. It has nothing to do with the entries of the key. Whoever
    /// has it and asks for it again waits for itself.
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use cordial::prelude::*;
    /// cordial::registry! {
    ///     Rooms: String => Pid, unique
    /// }
    /// Rooms::start().await?;
    /// let guard = Rooms::lock("tea").await?;
    /// let other = Rooms::lock("coffee").await?;
    /// drop((guard, other));
    /// Rooms::lock("tea").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`RegistryError::NotRunning`].
    ///
    /// # Cancel safety
    /// Dropped while it waits, it leaves the line; those who wait are served in order.
    fn lock<Q>(key: &Q) -> impl Future<Output = Result<KeyGuard<Self>, RegistryError>> + Send
    where
        Q: AsKey<Self::Key> + Sync + ?Sized,
    {
        gate::lock(key)
    }
}

/// A registry whose keys have one entry each: it names processes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no registry with unique keys",
    label = "only a unique key names one process",
    note = "write `registry! {{ {Self}: Key => Server, unique }}`"
)]
pub trait Unique: Registry {
    /// Who has this key.
    #[inline]
    fn whereis<Q>(key: &Q) -> Option<Self::Member>
    where
        Q: AsKey<Self::Key> + ?Sized,
    {
        store::with::<Self, _>(|store| store.only(key, |record| record.member.clone())).flatten()
    }

    /// The entry of this key: who has it, with what, and for how long.
    fn entry<Q>(key: &Q) -> Option<Entry<Self>>
    where
        Q: AsKey<Self::Key> + ?Sized,
    {
        store::with::<Self, _>(|store| store.only(key, |record| Entry(record.clone()))).flatten()
    }

    /// Changes the value of an entry of the process that runs: gives the new entry and the one
    /// before.
    ///
    /// # Errors
    /// [`RegistryError::NotOwner`], and `f` is not called then.
    fn update_value<Q>(
        key: &Q,
        f: impl FnOnce(&Self::Value) -> Self::Value,
    ) -> Result<(Entry<Self>, Entry<Self>), RegistryError>
    where
        Q: AsKey<Self::Key> + ?Sized,
    {
        reading::update_value(key, f)
    }

    /// The server under this key, started with these arguments if there is none: under the
    /// `dynamic` child that says `by: Key` in `supervisor!`. Of many who ask at once one starts it,
    /// and all get it.
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use cordial::prelude::*;
    ///
    /// cordial::registry! {
    ///     Rooms: String => ChatRoom, unique
    /// }
    /// #[gen_server(via = Rooms, key = String)]
    /// #[derive(Clone, Default)]
    /// struct ChatRoom(u32);
    /// #[gen_server]
    /// impl ChatRoom {
    ///     #[call]
    ///     fn say(&mut self) -> u32 {
    ///         self.0 += 1;
    ///         self.0
    ///     }
    /// }
    /// supervisor! {
    ///     pub Chat {
    ///         children: [names: Rooms, rooms: dynamic ChatRoom { by: String }],
    ///     }
    /// }
    /// let chat = Chat::start().await?;
    /// assert_eq!(Rooms::ensure("lobby", ChatRoom(0)).await?.say().await?, 1);
    /// assert_eq!(Rooms::ensure("lobby", ChatRoom(0)).await?.say().await?, 2);
    /// assert_eq!(chat.rooms.ensure("lobby", ChatRoom(0)).await?.say().await?, 3);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`DynamicRef::ensure`](crate::DynamicRef::ensure);
    /// [`StartError::NoStarter`](crate::StartError::NoStarter) where no such child was made and
    /// nobody has the key.
    fn ensure<S, Q, A>(
        key: &Q,
        args: A,
    ) -> impl Future<Output = Result<Ref<S>, StartChildError>> + Send
    where
        Self: Registry<Member = Ref<S>>,
        S: Keyed<Key = Self::Key, Via = Self> + Child<Handle = Ref<S>>,
        Q: AsKey<Self::Key> + ?Sized,
        A: ChildOf<S>,
    {
        let ensured = match ensure::starter::<S>() {
            Some(children) => Ok(children.ensure(key, args)),
            None => Err(Self::whereis(key).ok_or_else(|| {
                let nobody = crate::error::StartError::NoStarter(Self::NAME);
                StartChildError::Start(nobody)
            })),
        };
        async move {
            match ensured {
                Ok(ensured) => ensured.await,
                Err(there) => there,
            }
        }
    }
}

/// A registry whose keys may have any number of entries: who is interested in something.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no registry with duplicate keys",
    label = "a unique key has one entry",
    note = "write `registry! {{ {Self}: Key => Server, duplicate }}`"
)]
pub trait Duplicate: Registry {}

/// The process that runs.
fn me<R: Registry>() -> Result<Found, RegistryError> {
    process::current().ok_or(RegistryError::NoProcess { registry: R::NAME })
}

pub(crate) fn enter_as<R: Registry>(
    who: &Found,
    key: R::Key,
    member: R::Member,
    value: R::Value,
) -> Result<(), RegistryError> {
    let store = store::get::<R>().ok_or(RegistryError::NotRunning { registry: R::NAME })?;
    let record = hold::record(who, key, (member, value));
    hold::enter(&store, who, &record)
}

/// Takes the newest of a process's entries under a key away, if it has one.
pub(crate) fn leave_one<R: Registry, Q: AsKey<R::Key> + ?Sized>(who: &Found, key: &Q) -> bool {
    let own = hold::entries_of::<R>(who);
    let newest = own.iter().rev().find(|record| key.is(&record.key)).map(|record| record.number);
    let taken = hold::take_out::<R>(who, |record| Some(record.number) == newest);
    taken.into_iter().map(|record| told::left(who, record)).count() > 0
}

fn leave_as<R: Registry>(who: &Found, pick: impl Fn(&entry::Record<R>) -> bool) {
    for record in hold::take_out::<R>(who, pick) {
        told::left(who, record);
    }
}
