//! What services keep per node, and what processes own there.
//!
//! A service stores what it likes under keys of its own; the process layer knows nothing of it but
//! when a process ends.
use crate::pid::Pid;
use crate::rt::sync::Lock;
use papaya::HashMap as Map;
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock, Weak};

/// Something that a process owns: it is told of the end, before anybody else is (E2).
pub(crate) trait Belonging: Any + Send + Sync {
    /// No other's that lives.
    fn id(&self) -> usize;
    fn owner_ended(self: Arc<Self>, pid: Pid);
}

/// A table that has a name.
pub(crate) trait NamedTable: Any + Send + Sync {
    fn owner(&self) -> Option<Pid>;
}

/// Of which owner (an address of memory), of which type, the how many-th.
pub(crate) type Place = (usize, TypeId, usize);
type Value = Arc<dyn Any + Send + Sync>;
type Named = (usize, Weak<dyn NamedTable>);

#[derive(Default)]
pub(crate) struct Kept {
    /// Read by many and seldom written; made by the first write.
    globals: OnceLock<Map<usize, Value>>,
    places: Lock<HashMap<Place, Weak<dyn Any + Send + Sync>>>,
    names: Lock<HashMap<Arc<str>, Named>>,
}

impl Kept {
    // ----- globals -----

    pub(crate) fn global<O>(&self, key: usize, look: impl FnOnce(Option<&Value>) -> O) -> O {
        let Some(globals) = self.globals.get() else { return look(None) };
        let globals = globals.pin();
        look(globals.get(&key))
    }

    /// Puts a value in the place of another; `None` takes it away.
    pub(crate) fn swap_global(&self, key: usize, value: Option<Value>) -> Option<Value> {
        let globals = self.globals.get_or_init(Map::new).pin();
        match value {
            Some(value) => globals.insert(key, value).cloned(),
            None => globals.remove(&key).cloned(),
        }
    }

    // ----- places -----

    /// What lives at a place, or what is made for it.
    pub(crate) fn place(&self, place: Place, make: impl FnOnce() -> Value) -> Value {
        if let Some(there) = self.places.lock().get(&place).and_then(Weak::upgrade) {
            return there;
        }
        let made = make();
        self.places.lock().insert(place, Arc::downgrade(&made));
        made
    }

    /// Whoever was there is gone for good.
    pub(crate) fn leave_place(&self, place: Place) {
        let mut places = self.places.lock();
        if places.get(&place).is_some_and(|there| there.strong_count() == 0) {
            places.remove(&place);
        }
    }

    // ----- names of tables -----

    /// `Err`: who has it.
    pub(crate) fn name_table(
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

    pub(crate) fn free_table(&self, name: &str, id: usize) {
        let mut names = self.names.lock();
        if names.get(name).is_some_and(|(holder, _)| *holder == id) {
            names.remove(name);
        }
    }

    pub(crate) fn table_named(&self, name: &str) -> Option<Arc<dyn NamedTable>> {
        let table = self.names.lock().get(name)?.1.upgrade()?;
        table.owner().is_some().then_some(table)
    }
}
