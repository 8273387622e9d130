//! What kinds of tables there are, and who may do what with one.
use super::handle::{Looking, Reading, Writing};
use super::ordered::TreeStore;
use super::store::{HashStore, Store};
use super::{Protection, Table};
use std::collections::HashMap;
use std::hash::Hash;

/// One row per key, found by `Hash` and `Eq`.
#[derive(Debug)]
pub enum Set {}
/// One row per key, in the order of `Ord`, which also says which keys are the same.
#[derive(Debug)]
pub enum OrderedSet {}
/// Several rows per key, no two of them equal.
#[derive(Debug)]
pub enum Bag {}
/// Several rows per key, equal ones among them.
#[derive(Debug)]
pub enum DuplicateBag {}

/// What can lie in any table: reads copy it, and any process may read.
pub trait Datum: Clone + Send + Sync + 'static {}
impl<D: Clone + Send + Sync + 'static> Datum for D {}

/// That a kind of table can hold rows of keys `K` and values `V`.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` table cannot hold rows of `{K}` and `{V}`",
    label = "not the keys and values of such a table",
    note = "all are `Clone + Send + Sync + 'static`; the keys of a `set`, `bag` or \
            `duplicate_bag` are `Hash + Eq`, those of an `ordered_set` are `Ord`, the values of a \
            `bag` are `PartialEq`"
)]
pub trait Holds<K, V>: 'static {
    /// What is kept under one key.
    type Row: Datum;
    /// What a look-up gives: an `Option` where there is one row per key, a `Vec` otherwise.
    type Found: IntoIterator<Item = V> + Send;
    #[doc(hidden)]
    type Store: Store<K, Self::Row>;
    /// As `info` tells it.
    const KIND: super::Kind;
    #[doc(hidden)]
    const IS_SINGLE: bool;

    /// What is kept once `value` was added; `None` if that changes nothing.
    #[doc(hidden)]
    fn added(before: Option<&Self::Row>, value: V) -> Option<Self::Row>;
    /// What is kept once all of them were added, key by key.
    #[doc(hidden)]
    fn merged(
        rows: Vec<(K, V)>,
        before: &mut dyn FnMut(&K) -> Option<Self::Row>,
    ) -> Vec<(K, Self::Row)>;
    #[doc(hidden)]
    fn values(row: &Self::Row) -> &[V];
    #[doc(hidden)]
    fn found(row: Option<&Self::Row>) -> Self::Found;
    /// A row of these values; `None` if there are none.
    #[doc(hidden)]
    fn row(values: Vec<V>) -> Option<Self::Row>;
}

macro_rules! single {
    ($kind:ident, $store:ident, $($bound:ident)+) => {
        #[diagnostic::do_not_recommend]
        impl<K: Datum $(+ $bound)+, V: Datum> Holds<K, V> for $kind {
            type Row = V;
            type Found = Option<V>;
            type Store = $store<K, V>;
            const KIND: super::Kind = super::Kind::$kind;
            const IS_SINGLE: bool = true;

            fn added(_: Option<&V>, value: V) -> Option<V> {
                Some(value)
            }
            fn merged(rows: Vec<(K, V)>, _: &mut dyn FnMut(&K) -> Option<V>) -> Vec<(K, V)> {
                rows
            }
            fn values(row: &V) -> &[V] {
                std::slice::from_ref(row)
            }
            fn found(row: Option<&V>) -> Option<V> {
                row.cloned()
            }
            fn row(mut values: Vec<V>) -> Option<V> {
                values.pop()
            }
        }
    };
}
single!(Set, HashStore, Hash Eq);
single!(OrderedSet, TreeStore, Ord);

macro_rules! several {
    ($kind:ident, [$($bound:ident)*], $is_there:expr) => {
        #[diagnostic::do_not_recommend]
        impl<K: Datum + Hash + Eq, V: Datum $(+ $bound)*> Holds<K, V> for $kind {
            type Row = Vec<V>;
            type Found = Vec<V>;
            type Store = HashStore<K, Vec<V>>;
            const KIND: super::Kind = super::Kind::$kind;
            const IS_SINGLE: bool = false;

            fn added(before: Option<&Vec<V>>, value: V) -> Option<Vec<V>> {
                let before = before.map_or(&[][..], Vec::as_slice);
                let is_there: fn(&[V], &V) -> bool = $is_there;
                if is_there(before, &value) {
                    return None;
                }
                let mut after = Vec::with_capacity(before.len() + 1);
                after.extend_from_slice(before);
                after.push(value);
                Some(after)
            }
            fn merged(
                rows: Vec<(K, V)>,
                before: &mut dyn FnMut(&K) -> Option<Vec<V>>,
            ) -> Vec<(K, Vec<V>)> {
                let mut merged: HashMap<K, Vec<V>> = HashMap::new();
                for (key, value) in rows {
                    let mut row = merged.remove(&key).or_else(|| before(&key)).unwrap_or_default();
                    let is_there: fn(&[V], &V) -> bool = $is_there;
                    if !is_there(&row, &value) {
                        row.push(value);
                    }
                    merged.insert(key, row);
                }
                merged.into_iter().collect()
            }
            fn values(row: &Vec<V>) -> &[V] {
                row
            }
            fn found(row: Option<&Vec<V>>) -> Vec<V> {
                row.cloned().unwrap_or_default()
            }
            fn row(values: Vec<V>) -> Option<Vec<V>> {
                (!values.is_empty()).then_some(values)
            }
        }
    };
}
several!(Bag, [PartialEq], |rows, value| rows.contains(value));
several!(DuplicateBag, [], |_, _| false);

/// Everybody reads and writes.
#[derive(Debug)]
pub enum Public {}
/// Everybody reads, the owner writes.
#[derive(Debug)]
pub enum Protected {}
/// The owner reads and writes.
#[derive(Debug)]
pub enum Private {}

/// What others than the owner may do, as the type that they are given.
pub trait Access: 'static {
    /// As `info` tells it.
    const PROTECTION: Protection;
    /// What a [`TableRef`](super::TableRef) derefs to.
    type Shared<T: Table>: Shared<T>;
}

/// See [`Access::Shared`].
pub trait Shared<T: Table>: Send + Sync + 'static {
    #[doc(hidden)]
    fn of(table: Looking<T>) -> Self;
    #[doc(hidden)]
    fn looking(&self) -> &Looking<T>;
}

impl Access for Public {
    const PROTECTION: Protection = Protection::Public;
    type Shared<T: Table> = Writing<T>;
}
impl Access for Protected {
    const PROTECTION: Protection = Protection::Protected;
    type Shared<T: Table> = Reading<T>;
}
impl Access for Private {
    const PROTECTION: Protection = Protection::Private;
    type Shared<T: Table> = Looking<T>;
}
