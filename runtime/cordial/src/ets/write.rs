//! What writers can do: insert, delete, update, count.
use super::core::Change;
use super::counter::{Count, Step};
use super::error::TableError;
use super::handle::Writing;
use super::kind::Holds;
use super::store::Store;
use super::{FoundOf, Keyed, Table};
use std::ops::ControlFlow;

type Done<O> = Result<O, TableError>;
/// What `select_replace` puts in the place of a value.
type Replace<'r, T> =
    dyn FnMut(&<T as Table>::Key, &<T as Table>::Value) -> Option<<T as Table>::Value> + 'r;
/// Where in a value a counter is.
type Part<V, C> = fn(&mut V) -> &mut C;
type Steps<V, C> = [(Part<V, C>, Step<C>)];

impl<T: Table> Writing<T> {
    /// Adds a row. With one row per key it takes the place of the one that is there; a bag keeps
    /// both, and a `bag` that has an equal one stays as it is.
    ///
    /// A row that is added to a bag costs a copy of those under its key.
    ///
    /// # Errors
    /// [`TableError::Gone`], [`TableError::NotOwner`]; so with everything that writes.
    pub fn insert(&self, key: T::Key, value: T::Value) -> Done<()> {
        self.core().write(self.tenure(), self.core().place(&key), |table| {
            if let Some(row) = table.added(&key, value) {
                table.put(key, row);
            }
            Ok(())
        })
    }

    /// [`insert`](Self::insert) of a value that knows its key.
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub fn insert_object(&self, value: T::Value) -> Done<()>
    where
        T::Value: Keyed<Key = T::Key>,
    {
        self.insert(value.key(), value)
    }

    /// Adds rows at once: nobody sees some of them without the others. Of two rows of one key in a
    /// set the later one counts.
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub fn insert_all(&self, rows: impl IntoIterator<Item = (T::Key, T::Value)>) -> Done<()> {
        let rows: Vec<_> = rows.into_iter().collect();
        self.core().write_all(self.tenure(), |table| {
            table.add_all(rows);
            Ok(())
        })
    }

    /// Adds a row if nothing lies under its key. True: it did.
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub fn insert_new(&self, key: T::Key, value: T::Value) -> Done<bool> {
        self.core().write(self.tenure(), self.core().place(&key), |table| {
            let is_new = table.look(&key, |row| row.is_none());
            if is_new && let Some(row) = table.added(&key, value) {
                table.put(key, row);
            }
            Ok(is_new)
        })
    }

    /// Adds rows at once, if nothing lies under any of their keys. True: it did.
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub fn insert_all_new(&self, rows: impl IntoIterator<Item = (T::Key, T::Value)>) -> Done<bool> {
        let rows: Vec<_> = rows.into_iter().collect();
        self.core().write_all(self.tenure(), |table| {
            let is_new = rows.iter().all(|(key, _)| table.look(key, |row| row.is_none()));
            if is_new {
                table.add_all(rows);
            }
            Ok(is_new)
        })
    }

    /// Takes away what lies under a key, and gives it.
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub fn take(&self, key: &T::Key) -> Done<FoundOf<T>> {
        self.core().write(self.tenure(), self.core().place(key), |table| {
            let found = table.look(key, T::Kind::found);
            table.remove(key);
            Ok(found)
        })
    }

    /// Takes away what lies under a key; that there is nothing is no error.
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub fn delete(&self, key: &T::Key) -> Done<()> {
        self.core().write(self.tenure(), self.core().place(key), |table| {
            table.remove(key);
            Ok(())
        })
    }

    /// Takes away the rows that are exactly this one.
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub fn delete_object(&self, key: &T::Key, value: &T::Value) -> Done<()>
    where
        T::Value: PartialEq,
    {
        self.core().write(self.tenure(), self.core().place(key), |table| {
            table.retain(key, &mut |_, theirs| theirs != value);
            Ok(())
        })
    }

    /// Takes away everything at once.
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub fn delete_all_objects(&self) -> Done<()> {
        self.core().write_all(self.tenure(), |table| {
            let keys = table.keys();
            table.apply(keys.into_iter().map(|key| (key, None)).collect());
            Ok(())
        })
    }

    /// Takes away the rows that a filter wants, and tells how many; OTP's `match_delete`, too. Each
    /// key by itself: others may see some of them gone and some not.
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub fn select_delete(&self, mut wants: impl FnMut(&T::Key, &T::Value) -> bool) -> Done<usize> {
        self.core().write_all(self.tenure(), |table| {
            let keys = table.keys();
            let each = keys.iter().map(|key| table.retain(key, &mut |k, v| !wants(k, v)));
            Ok(each.sum())
        })
    }

    /// Puts other values in the place of those for which `replace` gives one, and tells how many.
    /// The key stays; each row changes at once.
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    pub fn select_replace(
        &self,
        mut replace: impl FnMut(&T::Key, &T::Value) -> Option<T::Value>,
    ) -> Done<usize> {
        self.core().write_all(self.tenure(), |table| {
            let keys = table.keys();
            Ok(keys.into_iter().map(|key| table.replace(key, &mut replace)).sum())
        })
    }
}

impl<T: Table> Change<'_, '_, T> {
    fn add_all(&mut self, rows: Vec<(T::Key, T::Value)>) {
        let merged = T::Kind::merged(rows, &mut |key| self.look(key, |row| row.cloned()));
        let changes = merged.into_iter().map(|(key, row)| (key, Some(row))).collect();
        self.apply(changes);
    }

    fn keys(&self) -> Vec<T::Key> {
        let mut keys = Vec::new();
        self.store().walk(&mut |key, _| {
            keys.push(key.clone());
            ControlFlow::Continue(())
        });
        keys
    }

    /// Leaves the values that `keeps` wants; gives how many went.
    fn retain(&mut self, key: &T::Key, keeps: &mut dyn FnMut(&T::Key, &T::Value) -> bool) -> usize {
        let (kept, gone) = self.look(key, |row| {
            let values = row.map_or(&[][..], |row| T::Kind::values(row));
            let kept: Vec<_> = values.iter().filter(|value| keeps(key, value)).cloned().collect();
            let gone = values.len() - kept.len();
            (kept, gone)
        });
        if gone > 0 {
            self.set(key.clone(), T::Kind::row(kept));
        }
        gone
    }

    fn replace(&mut self, key: T::Key, replace: &mut Replace<'_, T>) -> usize {
        let mut replaced = 0;
        let after = self.look(&key, |row| {
            let values = row.map_or(&[][..], |row| T::Kind::values(row));
            let each = values.iter().map(|value| match replace(&key, value) {
                Some(other) => {
                    replaced += 1;
                    other
                }
                None => value.clone(),
            });
            each.collect::<Vec<_>>()
        });
        if replaced > 0 {
            self.set(key, T::Kind::row(after));
        }
        replaced
    }
}

// ===== One row per key =====

impl<T: Table> Writing<T>
where
    T::Kind: Holds<T::Key, T::Value, Row = T::Value>,
{
    /// Changes a copy of what lies under a key and puts it there: readers see the one or the other,
    /// other writers wait. False: nothing lies there, and nothing does after it. OTP's
    /// `update_element`.
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    ///
    /// # Panics
    /// When `change` writes to the same table.
    pub fn update_element(&self, key: &T::Key, change: impl FnOnce(&mut T::Value)) -> Done<bool> {
        self.core().write(self.tenure(), self.core().place(key), |table| {
            let Some(mut value) = table.look(key, |row| row.cloned()) else { return Ok(false) };
            change(&mut value);
            table.renew(key, value);
            Ok(true)
        })
    }

    /// Counts in a row: `part` says where the counter is, a number or a [`Step`] how it moves.
    /// Gives what it is then.
    ///
    /// # Errors
    /// [`TableError::NoKey`] when nothing lies under the key, [`TableError::Overflow`]; then
    /// nothing has changed. Otherwise as [`insert`](Self::insert).
    ///
    /// # Panics
    /// When `part` writes to the same table.
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)] async fn main() {
    /// # use cordial::process::{self, Mailbox};
    /// use cordial::ets::Step;
    /// use cordial::prelude::*;
    /// table! { Hits: &'static str => (u64, String), set, public }
    /// # let down = process::spawn_monitor(async |mail: Mailbox<()>| {
    /// let hits = Hits::new(&mail);
    /// hits.insert("home", (8, "index.html".to_owned())).unwrap();
    /// assert_eq!(hits.update_counter(&"home", |page| &mut page.0, 1), Ok(9));
    /// let step = Step::by(1).wrapping(9, 0);
    /// assert_eq!(hits.update_counter(&"home", |page| &mut page.0, step), Ok(0));
    /// # });
    /// # assert_eq!(down.1.await.reason, cordial::ExitReason::Normal);
    /// # }
    /// ```
    pub fn update_counter<C: Count>(
        &self,
        key: &T::Key,
        part: impl FnOnce(&mut T::Value) -> &mut C,
        step: impl Into<Step<C>>,
    ) -> Done<C> {
        self.count(key, None, |value| count_one(part(value), &step.into()))
    }

    /// [`update_counter`](Self::update_counter); where nothing lies under the key, `default` does
    /// first.
    ///
    /// # Errors
    /// [`TableError::Overflow`]; then nothing has changed. Otherwise as [`insert`](Self::insert).
    ///
    /// # Panics
    /// When `part` writes to the same table.
    pub fn update_counter_or<C: Count>(
        &self,
        key: &T::Key,
        part: impl FnOnce(&mut T::Value) -> &mut C,
        step: impl Into<Step<C>>,
        default: T::Value,
    ) -> Done<C> {
        self.count(key, Some(default), |value| count_one(part(value), &step.into()))
    }

    /// Several steps of one row's counters, all or none; gives what each is then, in their order.
    ///
    /// # Errors
    /// As [`update_counter`](Self::update_counter).
    ///
    /// # Panics
    /// When a `part` writes to the same table.
    pub fn update_counters<C: Count>(
        &self,
        key: &T::Key,
        steps: &Steps<T::Value, C>,
    ) -> Done<Vec<C>> {
        self.count(key, None, |value| {
            steps.iter().map(|(part, step)| count_one(part(value), step)).collect()
        })
    }

    fn count<O>(
        &self,
        key: &T::Key,
        default: Option<T::Value>,
        count: impl FnOnce(&mut T::Value) -> Option<O>,
    ) -> Done<O> {
        let name = T::NAME;
        self.core().write(self.tenure(), self.core().place(key), |table| {
            let there = table.look(key, |row| row.cloned());
            let is_there = there.is_some();
            let value = there.or(default);
            let mut value = value.ok_or(TableError::NoKey { table: name })?;
            let counted = count(&mut value).ok_or(TableError::Overflow { table: name })?;
            match is_there {
                true => table.renew(key, value),
                false => table.put(key.clone(), value),
            }
            Ok(counted)
        })
    }
}

fn count_one<C: Count>(counter: &mut C, step: &Step<C>) -> Option<C> {
    *counter = step.apply(*counter)?;
    Some(*counter)
}
