//! The handles of a table: the owner's, everybody's, and what each may do.
use super::core::{Core, Inherit};
use super::error::{Info, TableError};
use super::kind::{Access, Holds, Shared};
use super::known::NamedTable;
use super::store::Store;
use super::{Protection, RowOf, Table};
use crate::gen_server::{Accepts, GenServer, Ref};
use crate::mailbox::Mail;
use crate::pid::Pid;
use crate::process::{Found, Target};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{ControlFlow, Deref};
use std::sync::Arc;

/// What everybody may do with any table: ask what it is.
pub struct Looking<T: Table>(pub(super) Arc<Core<T>>);

/// What who may read can do: [`Looking`], and look-ups, selections, walks.
pub struct Reading<T: Table>(Looking<T>);

/// What who may write can do: [`Reading`], and inserts, deletes, updates.
pub struct Writing<T: Table> {
    reading: Reading<T>,
    /// `None`: anybody's, for the table is public.
    tenure: Option<u64>,
}

/// The address of a table: what others than its owner have of it.
///
/// It is one pointer, cheap to clone, and stays good when the table is gone: where the owner is
/// started again by its supervisor and makes the table anew, the same `TableRef` reaches the new
/// one. Between the two everything answers [`TableError::Gone`].
///
/// It derefs to what others may do: a public table's to [`Writing`], a protected one's to
/// [`Reading`], a private one's to [`Looking`].
pub struct TableRef<T: Table>(<T::Access as Access>::Shared<T>);

/// The handle of a table's owner; `table!` writes a type around it that derefs to it.
///
/// There is one for each tenure: handing the table over takes it. Dropping it deletes nothing: as
/// in OTP a table lives until it is deleted or its owner ends.
pub struct Owned<T: Table>(Writing<T>);

/// A table has come to its new owner, as OTP's `'ETS-TRANSFER'`: by its heir's setting or by
/// [`give_away`](super::give_away). A server takes it with an `#[info]` handler.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cordial::ets::Transfer;
/// use cordial::gen_server;
/// use cordial::prelude::*;
///
/// table! { pub Orders: u32 => String, set, protected, heir = Keeper }
///
/// /// Keeps the orders while nobody else does.
/// #[gen_server]
/// pub struct Keeper(Option<Orders>);
/// #[gen_server]
/// impl Keeper {
///     #[info]
///     fn inherits(&mut self, transfer: Transfer<Orders>) {
///         self.0 = Some(transfer.table);
///     }
///     #[call]
///     fn order(&self, number: u32) -> Option<String> {
///         self.0.as_ref()?.lookup(&number).ok()?
///     }
/// }
///
/// #[gen_server]
/// pub struct Desk(Orders);
/// #[gen_server]
/// impl Desk {
///     #[init]
///     fn init(keeper: KeeperRef, ctx: &mut Ctx<Self>) -> Self {
///         Self(Orders::new(ctx, &keeper))
///     }
///     #[cast]
///     fn take(&mut self, number: u32, order: &str) {
///         let _ = self.0.insert(number, order.to_owned());
///     }
/// }
///
/// let keeper = Keeper::start(Keeper(None)).await?;
/// let desk = Desk::start(keeper.clone()).await?;
/// desk.take(1, "tea");
/// gen_server::stop(&desk).await?;
/// assert_eq!(keeper.order(1).await?.as_deref(), Some("tea"));
/// # Ok(()) }
/// ```
pub struct Transfer<T, D = ()> {
    /// The owner's handle.
    pub table: T,
    /// Who owned it before.
    pub from: Pid,
    /// What was given with it, or set with the heir.
    pub data: D,
}

impl<T: Table> Looking<T> {
    /// What is known of the table; `None` while it is gone.
    pub fn info(&self) -> Option<Info> {
        let core = &self.0;
        let (name, heir) = {
            let about = core.about.lock();
            (about.name.clone(), about.heir.clone())
        };
        let owner = core.owner()?;
        let size = self.size().ok()?;
        let row = size_of::<T::Key>() + size_of::<RowOf<T>>();
        Some(Info {
            table: T::NAME,
            name,
            kind: T::Kind::KIND,
            protection: T::Access::PROTECTION,
            owner,
            heir: heir.and_then(|heir| heir.find()).map(|heir| heir.pid),
            size,
            memory: size_of::<Core<T>>() + size * row,
        })
    }

    /// How many rows there are, those whose time is over not counted.
    ///
    /// # Errors
    /// [`TableError::Gone`].
    pub fn size(&self) -> Result<usize, TableError> {
        let is_counted = self.0.options.ttl.is_none() && T::Kind::IS_SINGLE;
        if is_counted {
            return self.0.read(|store| store.count());
        }
        self.0.read(|store| {
            let mut size = 0;
            store.walk(&mut |_, row| {
                size += self.0.fresh(Some(row)).map_or(0, |row| T::Kind::values(row).len());
                ControlFlow::Continue(())
            });
            size
        })
    }

    /// Who owns it; `None` while it is gone.
    pub fn owner(&self) -> Option<Pid> {
        self.0.owner()
    }

    /// Who may do what.
    pub fn protection(&self) -> Protection {
        T::Access::PROTECTION
    }
}

impl<T: Table> Reading<T> {
    pub(super) fn core(&self) -> &Arc<Core<T>> {
        &self.0.0
    }
}

impl<T: Table> Writing<T> {
    pub(super) fn tenure(&self) -> Option<u64> {
        self.tenure
    }
}

impl<T: Table> Owned<T> {
    pub(super) fn of(table: Looking<T>, tenure: u64) -> Self {
        Self(Writing { reading: Reading(table), tenure: Some(tenure) })
    }

    /// What others may have of the table: readers, or with a `public` one everybody.
    pub fn reader(&self) -> TableRef<T> {
        TableRef::to(self.core().clone())
    }

    /// Who gets the table when this process ends, with what it is told then; OTP's `heir`. The
    /// setting stays when the table is handed over.
    ///
    /// It goes to who lives behind `heir` at that time; if nobody does the table is deleted.
    ///
    /// # Errors
    /// [`TableError::Gone`], [`TableError::NotOwner`].
    pub fn set_heir<S, D>(&self, heir: &Ref<S>, data: D) -> Result<(), TableError>
    where
        S: Accepts<Transfer<T, D>>,
        D: Clone + Send + Sync + 'static,
    {
        let heir = Arc::new(Recipient { server: heir.clone(), data });
        let before = self
            .core()
            .write_all(self.tenure(), |_| Ok(self.core().about.lock().heir.replace(heir)))?;
        drop(before);
        Ok(())
    }

    /// Nobody gets the table: it is deleted when this process ends.
    ///
    /// # Errors
    /// [`TableError::Gone`], [`TableError::NotOwner`].
    pub fn no_heir(&self) -> Result<(), TableError> {
        let heir =
            self.core().write_all(self.tenure(), |_| Ok(self.core().about.lock().heir.take()))?;
        drop(heir);
        Ok(())
    }

    /// Names the table: [`whereis`](super::whereis) finds it. A table has one name; a second one
    /// takes the place of the first, as OTP's `rename`.
    ///
    /// # Errors
    /// [`TableError::NameTaken`], [`TableError::Gone`], [`TableError::NotOwner`].
    pub fn rename(&self, name: &str) -> Result<(), TableError> {
        self.core().write_all(self.tenure(), |_| Ok(()))?;
        let (core, name) = (self.core(), Arc::<str>::from(name));
        let taken =
            core.known().name(name.clone(), core.id(), &(core.clone() as Arc<dyn NamedTable>));
        if let Err((holder, since)) = taken {
            let (owner, held_for) = (holder.owner(), since.elapsed());
            return Err(TableError::NameTaken { name, owner, held_for });
        }
        let before = core.about.lock().name.replace(name.clone());
        if let Some(before) = before.filter(|before| *before != name) {
            core.known().free(&before, core.id());
        }
        if core.owner().is_none() {
            core.known().free(&name, core.id());
            return Err(core.gone());
        }
        Ok(())
    }
}

impl<T: Table> TableRef<T> {
    pub(super) fn to(core: Arc<Core<T>>) -> Self {
        Self(<T::Access as Access>::Shared::of(Looking(core)))
    }

    pub(super) fn core(&self) -> &Arc<Core<T>> {
        &self.0.looking().0
    }
}

/// Who gets a table, and with what.
pub(super) struct Recipient<S: GenServer, D> {
    pub(super) server: Ref<S>,
    pub(super) data: D,
}

impl<T, S, D> Inherit<T> for Recipient<S, D>
where
    T: Table,
    S: Accepts<Transfer<T, D>>,
    D: Clone + Send + Sync + 'static,
{
    fn find(&self) -> Option<Found> {
        self.server.find()
    }

    /// Ownership is no mail of the user's: it never counts against a bound.
    fn tell(&self, table: T, from: Pid) {
        let transfer = Transfer { table, from, data: self.data.clone() };
        let mail = Mail::Own(Box::new(S::accept(transfer)));
        Ref::raw_of(&self.server).deliver(mail);
    }
}

// ===== What each derefs to, and what all of them are =====

impl<T: Table> Deref for Reading<T> {
    type Target = Looking<T>;
    fn deref(&self) -> &Looking<T> {
        &self.0
    }
}

impl<T: Table> Deref for Writing<T> {
    type Target = Reading<T>;
    fn deref(&self) -> &Reading<T> {
        &self.reading
    }
}

impl<T: Table> Deref for Owned<T> {
    type Target = Writing<T>;
    fn deref(&self) -> &Writing<T> {
        &self.0
    }
}

impl<T: Table> Deref for TableRef<T> {
    type Target = <T::Access as Access>::Shared<T>;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T: Table> Shared<T> for Looking<T> {
    fn of(table: Self) -> Self {
        table
    }
    fn looking(&self) -> &Self {
        self
    }
}
impl<T: Table> Shared<T> for Reading<T> {
    fn of(table: Looking<T>) -> Self {
        Self(table)
    }
    fn looking(&self) -> &Looking<T> {
        &self.0
    }
}
impl<T: Table> Shared<T> for Writing<T> {
    fn of(table: Looking<T>) -> Self {
        Self { reading: Reading(table), tenure: None }
    }
    fn looking(&self) -> &Looking<T> {
        &self.reading.0
    }
}

impl<T: Table> Clone for TableRef<T> {
    fn clone(&self) -> Self {
        Self::to(self.core().clone())
    }
}

/// Two are equal when they are the same address.
impl<T: Table> PartialEq for TableRef<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(self.core(), other.core())
    }
}
impl<T: Table> Eq for TableRef<T> {}

impl<T: Table> Hash for TableRef<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.core().id().hash(state);
    }
}

/// No row is ever printed.
macro_rules! debug {
    ($($handle:ident, $core:expr;)*) => {$(
        impl<T: Table> fmt::Debug for $handle<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let core: fn(&Self) -> &Core<T> = $core;
                match core(self).owner() {
                    Some(owner) => write!(f, "{} of {owner}", T::NAME),
                    None => write!(f, "{}<gone>", T::NAME),
                }
            }
        }
    )*};
}
debug! {
    Looking, |table| &table.0;
    Reading, |table| table.core();
    Writing, |table| table.core();
    Owned, |table| table.core();
    TableRef, |table| table.core();
}

impl<T, D: fmt::Debug> fmt::Debug for Transfer<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transfer")
            .field("from", &self.from)
            .field("data", &self.data)
            .finish_non_exhaustive()
    }
}
