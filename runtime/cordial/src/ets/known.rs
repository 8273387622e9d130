//! What a node knows of its tables: where a process's next incarnation finds them again, and their
//! names.
use crate::pid::Pid;
use crate::rt::sync::Lock;
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
type Named = (usize, Weak<dyn NamedTable>);

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

    /// `Err`: who has it.
    pub(super) fn name(
        &self,
        name: Arc<str>,
        id: usize,
        table: &Arc<dyn NamedTable>,
    ) -> Result<(), Arc<dyn NamedTable>> {
        let mut names = self.names.lock();
        if let Some((_, holder)) = names.get(&name).filter(|(holder, _)| *holder != id)
            && let Some(holder) = holder.upgrade().filter(|holder| holder.owner().is_some())
        {
            return Err(holder);
        }
        names.insert(name, (id, Arc::downgrade(table)));
        Ok(())
    }

    pub(super) fn free(&self, name: &str, id: usize) {
        let mut names = self.names.lock();
        if names.get(name).is_some_and(|(holder, _)| *holder == id) {
            names.remove(name);
        }
    }

    pub(super) fn named(&self, name: &str) -> Option<Arc<dyn NamedTable>> {
        let table = self.names.lock().get(name)?.1.upgrade()?;
        table.owner().is_some().then_some(table)
    }
}
