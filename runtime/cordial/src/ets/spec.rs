//! Tables as children: owned by the supervisor itself.
use super::core::Core;
use super::{Table, TableRef};
use crate::process::{Found, Node};
use crate::supervisor::{Holding, TreeItem};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// A public table as a child of a supervisor: `X::child_spec()`.
///
/// It is no process: the supervisor itself owns it, from before its first child starts until it
/// ends. So it outlives all crashes of its siblings, under every strategy, is not listed by
/// `which_children` and not counted. Where the supervisor is restarted, the table is empty again,
/// at the same address.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cordial::prelude::*;
///
/// table! { pub Buckets: String => u32, set, public }
///
/// #[gen_server]
/// #[derive(Clone)]
/// pub struct Worker {
///     buckets: BucketsRef,
/// }
/// #[gen_server]
/// impl Worker {
///     #[call]
///     fn add(&mut self, bucket: &str) -> Result<u32, cordial::ets::TableError> {
///         self.buckets.update_counter_or(&bucket.to_owned(), |count| count, 1, 0)
///     }
/// }
///
/// supervisor! {
///     Shop {
///         children: [
///             buckets: Buckets,
///             worker: Worker(Worker { buckets }),
///         ],
///     }
/// }
///
/// let shop = Shop::start().await?;
/// assert_eq!(shop.worker.add("red").await?, 1);
/// // Whatever happens to the worker, the table stays.
/// assert_eq!(shop.buckets.lookup("red")?, Some(1));
/// # Ok(()) }
/// ```
#[must_use = "a spec makes nothing; give it to a supervisor"]
pub struct TableSpec<T>(PhantomData<fn() -> T>);

impl<T: Table<Access = super::Public>> TableSpec<T> {
    /// A table of this type.
    pub const fn new() -> Self {
        Self(PhantomData)
    }

    /// What it is called in its supervisor; tables are not listed, so it is not kept.
    pub fn id(self, _: &'static str) -> Self {
        self
    }
}

impl<T: Table<Access = super::Public>> Default for TableSpec<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for TableSpec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TableSpec({})", std::any::type_name::<T>())
    }
}

impl<T: Table<Access = super::Public>> TreeItem for TableSpec<T> {
    type Handle = TableRef<T>;

    fn add_to(self, tree: &mut crate::supervisor::Builder) -> TableRef<T> {
        tree.hold(|node: &Arc<Node>| {
            let core = Core::<T>::unborn(node.clone());
            (TableRef::to(core.clone()), core)
        })
    }
}

impl<T: Table> Holding for Core<T> {
    fn begin(self: Arc<Self>, owner: &Found) {
        // The owner's handle is nobody's: a public table is written to by its references.
        let _ = Self::begin(&self, owner);
    }
}
