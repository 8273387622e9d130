//! What a node knows of its tables: where a process's next incarnation finds them again, and their
//! names.
use crate::pid::Pid;
use crate::rt::sync::Lock;
use crate::rt::time::Instant;
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Weak};

/// A table that has a name.
pub(super) trait NamedTable: Any + Send + Sync {
    fn owner(&self) -> Option<Pid>;
}

/// Of which owner (an address of memory), of which type, the how many-th.
pub(super) type Place = (usize, TypeId, usize);
type Table = Arc<dyn Any + Send + Sync>;

struct Named {
    id: usize,
    table: Weak<dyn NamedTable>,
    since: Instant,
}

/// Entries go with their tables, so there are never more than of those.
#[derive(Default)]
pub(super) struct Known {
    places: Lock<HashMap<Place, Weak<dyn Any + Send + Sync>>>,
    names: Lock<HashMap<Arc<str>, Named>>,
}

impl Known {
    // ----- places -----

    /// What lives at a place, or what is made for it.
    pub(super) fn at(&self, place: Place, make: impl FnOnce() -> Table) -> Table {
        if let Some(there) = self.places.lock().get(&place).and_then(Weak::upgrade) {
            return there;
        }
        let made = make();
        self.places.lock().insert(place, Arc::downgrade(&made));
        made
    }

    /// Whoever was there is gone for good.
    pub(super) fn leave(&self, place: Place) {
        let mut places = self.places.lock();
        if places.get(&place).is_some_and(|there| there.strong_count() == 0) {
            places.remove(&place);
        }
    }

    // ----- names -----

    /// `Err`: who has it, and since when.
    pub(super) fn name(
        &self,
        name: Arc<str>,
        id: usize,
        table: &Arc<dyn NamedTable>,
    ) -> Result<(), (Arc<dyn NamedTable>, Instant)> {
        let mut names = self.names.lock();
        let there = names.get(&name).and_then(|named| {
            let table = named.table.upgrade().filter(|table| table.owner().is_some())?;
            Some((named.id, table, named.since))
        });
        match there {
            Some((holder, ..)) if holder == id => {}
            Some((_, table, since)) => return Err((table, since)),
            None => {
                let (table, since) = (Arc::downgrade(table), Instant::now());
                names.insert(name, Named { id, table, since });
            }
        }
        Ok(())
    }

    pub(super) fn free(&self, name: &str, id: usize) {
        let mut names = self.names.lock();
        if names.get(name).is_some_and(|named| named.id == id) {
            names.remove(name);
        }
    }

    pub(super) fn named(&self, name: &str) -> Option<Arc<dyn NamedTable>> {
        let table = self.names.lock().get(name)?.table.upgrade()?;
        table.owner().is_some().then_some(table)
    }
}
