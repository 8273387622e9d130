//! Tables: rows that many processes share and one owns, as OTP's ETS, with typed keys and values.
//!
//! `table!` declares one. Its owner makes it, in `init` or wherever it has its context; others get
//! a [`TableRef`], which is an address: it stays good over the owner's restarts, and says
//! [`TableError::Gone`] while there is no table behind it. A table ends with its owner, before
//! anybody is told of that, unless it has an heir.
//!
//! ```
//! # #[cordial::main(current_thread)] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use cordial::prelude::*;
//!
//! table! {
//!     /// Where the vehicles are.
//!     pub Positions: u32 => (f64, f64), set, protected
//! }
//!
//! #[gen_server]
//! pub struct Tracker {
//!     positions: Positions,
//! }
//! #[gen_server]
//! impl Tracker {
//!     #[init]
//!     fn init(ctx: &mut Ctx<Self>) -> Self {
//!         Self { positions: Positions::new(ctx) }
//!     }
//!     #[call]
//!     fn fix(&mut self, vehicle: u32, at: (f64, f64)) -> Result<(), cordial::ets::TableError> {
//!         self.positions.insert(vehicle, at)
//!     }
//!     #[call]
//!     fn positions(&self) -> PositionsRef {
//!         self.positions.reader()
//!     }
//! }
//!
//! let tracker = Tracker::start().await?;
//! tracker.fix(7, (53.5, 9.9)).await?;
//! // From here on nobody asks the tracker: readers read, and never wait for it.
//! let positions = tracker.positions().await?;
//! assert_eq!(positions.lookup(&7)?, Some((53.5, 9.9)));
//! gen_server::stop(&tracker).await?;
//! assert!(positions.lookup(&7).is_err());
//! # Ok(()) }
//! # use cordial::gen_server;
//! ```
//!
//! - Kinds: a `set` or `ordered_set` has one row per key, a `bag` or `duplicate_bag` several.
//! - Protection: of a `protected` table the owner writes and others read; of a `public` one all do
//!   both, of a `private` one nobody else does either.
//! - Reading: [`lookup`](Reading::lookup), [`select`](Reading::select), [`fold`](Reading::fold),
//!   [`pin`](Reading::pin); in order [`first`](Reading::first), [`next`](Reading::next),
//!   [`range`](Reading::range).
//! - Writing: [`insert`](Writing::insert), [`insert_all`](Writing::insert_all),
//!   [`insert_new`](Writing::insert_new), [`take`](Writing::take), [`delete`](Writing::delete),
//!   [`update_element`](Writing::update_element), [`update_counter`](Writing::update_counter).
//! - Owning: [`reader`](Owned::reader), [`set_heir`](Owned::set_heir), [`rename`](Owned::rename),
//!   [`give_away`], [`delete`](delete()).
//! - As a child: a `public` table in `supervisor!` is owned by the supervisor and outlives its
//!   siblings' crashes, see [`TableSpec`].
//!
//! `examples/cache.rs` is a cache whose readers do not ask its owner.
//!
//! # What it costs
//! Readers of a `set`, `bag` or `duplicate_bag` take no lock and never wait, neither for each other
//! nor for writers. Readers of an `ordered_set` share a lock, for as long as it takes to find a row
//! or 32 of them. The writers of one table take turns.
//! A look-up copies the value: keep large ones behind an `Arc`, or use [`with`](Reading::with) or
//! [`pin`](Reading::pin).
//! What is replaced or deleted is dropped when no reader can look at it any more: a little later,
//! by any thread that uses the table.
//!
//! # Rows that go by themselves
//! `ttl = 5s`: a row is gone so long after it was written; reading does not prolong it. From then
//! on nobody sees it, and what it takes is given back by the table's next write.
//! `max = 1000`: a write that makes more rows takes away those that were written longest ago.
//! Without either a table grows as long as it is written to, as any map.
//!
//! # Differences from OTP
//! Keys and values have types, and so has protection: a handle that may not write has no methods
//! that write. Match specifications are closures. There is no `first` and `next` on what has no
//! order ([`each`](Reading::each) and [`chunks`](Reading::chunks) are safe without fixing a table),
//! no `lookup` that takes a copy apart, and counters have the range of their type.
//! A closure that writes holds the table's turn: it must not write to the same table. Where it
//! writes to another one it waits for that for 5 s at most, and panics then: somebody may do it the
//! other way round.
mod core;
mod counter;
mod error;
mod gates;
mod handle;
mod kind;
mod known;
mod ordered;
mod read;
mod spec;
mod store;
mod write;

use self::core::Core;
use crate::gen_server::{Accepts, Ctx, GenServer, Ref};
use crate::process::{Found, Mailbox, Message, Node, Target};
use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use counter::{Count, Step};
pub use error::{Info, TableError};
pub use handle::{Looking, Owned, Reading, TableRef, Transfer, Writing};
pub use kind::{
    Access, Bag, Datum, DuplicateBag, Holds, OrderedSet, Private, Protected, Public, Set, Shared,
};
pub use read::{Chunks, Pinned};
pub use spec::TableSpec;

#[doc(hidden)]
pub use ordered::{Ordered, TreeStore, Waste, Way};
#[doc(hidden)]
pub use read::Pin;
#[doc(hidden)]
pub use store::{Cursor, Find, HashStore, Row, Slot, Store, Taken, Turns};

/// A type of table: what `table!` writes, and what can be written by hand.
pub trait Table: Sized + 'static {
    /// What rows are found by.
    type Key: Datum;
    /// What lies under a key.
    type Value: Datum;
    /// [`Set`], [`OrderedSet`], [`Bag`] or [`DuplicateBag`].
    type Kind: Holds<Self::Key, Self::Value>;
    /// [`Public`], [`Protected`] or [`Private`].
    type Access: Access;
    /// What errors and `info` call it.
    const NAME: &'static str;

    /// When rows go by themselves.
    fn options() -> Options {
        Options::default()
    }
    /// The owner's handle, as this type.
    fn of_owned(owned: Owned<Self>) -> Self;
    /// The owner's handle in it.
    fn into_owned(self) -> Owned<Self>;
}

/// A value that knows its key: what [`insert_object`](Writing::insert_object) takes.
///
/// # Examples
/// ```
/// use cordial::ets::Keyed;
/// struct Ship {
///     name: &'static str,
///     id: u32,
/// }
/// impl Keyed for Ship {
///     type Key = u32;
///     fn key(&self) -> u32 {
///         self.id
///     }
/// }
/// assert_eq!(Ship { name: "ada", id: 7 }.key(), 7);
/// # let _ = Ship { name: "ada", id: 7 }.name;
/// ```
pub trait Keyed {
    /// What it is found by.
    type Key;
    /// Its key; as OTP's `keypos`, wherever it stands.
    fn key(&self) -> Self::Key;
}

/// When rows go by themselves; never, unless it is said.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Options {
    /// So long after they were written.
    pub ttl: Option<Duration>,
    /// Who was written longest ago, beyond so many rows.
    pub max: Option<usize>,
}

impl Options {
    /// Rows go because of their age, so it is known which came first.
    pub(crate) const fn go_by_age(self) -> bool {
        self.ttl.is_some() || self.max.is_some()
    }
}

/// As `info` tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "they are called as what they stand for")]
pub enum Kind {
    Set,
    OrderedSet,
    Bag,
    DuplicateBag,
}

/// As `info` tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "they are called as what they stand for")]
pub enum Protection {
    Public,
    Protected,
    Private,
}

pub(crate) type StoreOf<T> =
    <<T as Table>::Kind as Holds<<T as Table>::Key, <T as Table>::Value>>::Store;
pub(crate) type RowOf<T> =
    <<T as Table>::Kind as Holds<<T as Table>::Key, <T as Table>::Value>>::Row;
pub(crate) type FoundOf<T> =
    <<T as Table>::Kind as Holds<<T as Table>::Key, <T as Table>::Value>>::Found;

/// Who can own a table: a server by its context, a plain process by its mailbox.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot own a table",
    label = "not a process's own context",
    note = "a table is made by its owner: with `ctx` in a server, with its mailbox in a process"
)]
pub trait Owner {
    #[doc(hidden)]
    fn found(&self) -> Found;
}

impl<S: GenServer> Owner for Ctx<S> {
    fn found(&self) -> Found {
        Self::found(self)
    }
}

impl<M: Message> Owner for Mailbox<M> {
    fn found(&self) -> Found {
        self.address().find().expect("who has a mailbox lives")
    }
}

/// Makes a table of this process: what `X::new(ctx)` does.
///
/// Where an earlier incarnation of the process had a table of this type (the n-th where it has
/// several), it comes back at that table's address, empty.
pub fn new<T: Table>(owner: &impl Owner) -> T {
    T::of_owned(Core::owned_by(&owner.found()))
}

/// [`new`], with an heir from the beginning: what `X::new(ctx, &keeper)` does of a table with
/// `heir = Keeper`.
pub fn with_heir<T, S>(owner: &impl Owner, heir: &Ref<S>) -> T
where
    T: Table,
    S: Accepts<Transfer<T>>,
{
    let owned: Owned<T> = Core::owned_by(&owner.found());
    // A table that is gone already has no heir: its owner is just ending.
    let _ = owned.set_heir(heir, ());
    T::of_owned(owned)
}

/// Deletes a table that this process owns; nobody inherits it.
///
/// # Errors
/// [`TableError::Gone`], [`TableError::NotOwner`] when it was handed over by its heir's setting.
pub fn delete<T: Table>(table: T) -> Result<(), TableError> {
    let owned = table.into_owned();
    let tenure = owned.tenure().expect("an owner's handle has a tenure");
    owned.core().delete(tenure)
}

/// Gives a table to another server, which is told by a [`Transfer`] with `data`; OTP's `give_away`.
/// The heir's setting stays.
///
/// # Errors
/// The table, where the server is gone or the table is not this handle's any more, with the reason.
pub fn give_away<T, S, D>(table: T, to: &Ref<S>, data: D) -> Result<(), (T, TableError)>
where
    T: Table,
    S: Accepts<Transfer<T, D>>,
    D: Clone + Send + Sync + 'static,
{
    let owned = table.into_owned();
    let tenure = owned.tenure().expect("an owner's handle has a tenure");
    let recipient = handle::Recipient { server: to.clone(), data };
    let given = owned.core().hand_over(tenure, &recipient);
    given.map_err(|error| (T::of_owned(owned), error))
}

/// The table of this type that has a name, on the node of the process that calls.
///
/// See [`Owned::rename`].
pub fn whereis<T: Table>(name: &str) -> Option<TableRef<T>> {
    let named = Node::current()?.services.get::<known::Known>()?.named(name)?;
    let core = (named as Arc<dyn Any + Send + Sync>).downcast::<Core<T>>().ok()?;
    Some(TableRef::to(core))
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Set => "set",
            Self::OrderedSet => "ordered_set",
            Self::Bag => "bag",
            Self::DuplicateBag => "duplicate_bag",
        })
    }
}
