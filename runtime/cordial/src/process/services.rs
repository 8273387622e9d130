//! What layers above keep per node: at most one of each type, found by its type, and the values of
//! statics.
//!
//! It is looked up far more often than it changes, so readers never wait: what is taken away is
//! freed when nobody looks at it any more. Nearly all of it knows processes and with them the node,
//! so it must not be left to a later change, which may never come ([`let_go`]).
use super::ties::IdHasher;
use papaya::Guard;
use std::any::{Any, TypeId};
use std::hash::{BuildHasher, BuildHasherDefault, Hash};
use std::sync::{Arc, OnceLock};

type ById<V> = papaya::HashMap<TypeId, V, BuildHasherDefault<IdHasher>>;
type Value = Arc<dyn Any + Send + Sync>;

/// More threads than look into the same map at the same moment.
const LOOKERS: usize = 64;

#[derive(Default)]
pub(crate) struct Services {
    by_type: ById<Value>,
    /// By the address of the static; made by the first write.
    of_statics: OnceLock<papaya::HashMap<usize, Value>>,
}

impl Services {
    /// `f` with the one of this type, if there is one.
    #[inline]
    pub(crate) fn with<T: Any + Send + Sync, U>(&self, f: impl FnOnce(&T) -> U) -> Option<U> {
        let services = self.by_type.pin();
        services.get(&TypeId::of::<T>())?.downcast_ref().map(f)
    }

    pub(crate) fn get<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        let services = self.by_type.pin();
        services.get(&TypeId::of::<T>())?.clone().downcast().ok()
    }

    /// The one of this type, made if there is none.
    pub(crate) fn get_or_make<T: Any + Send + Sync + Default>(&self) -> Arc<T> {
        let services = self.by_type.pin();
        let there = services.get_or_insert_with(TypeId::of::<T>(), || Arc::new(T::default()));
        there.clone().downcast().expect("each lies at its own type")
    }

    /// `Err`: the one that is there; it stays.
    pub(crate) fn offer<T: Any + Send + Sync>(&self, service: Arc<T>) -> Result<(), Arc<T>> {
        let services = self.by_type.pin();
        match services.try_insert(TypeId::of::<T>(), service) {
            Ok(_) => Ok(()),
            Err(taken) => {
                let there = taken.current.clone().downcast();
                Err(there.expect("each lies at its own type"))
            }
        }
    }

    /// In the place of the one that is there.
    pub(crate) fn put<T: Any + Send + Sync>(&self, service: Arc<T>) {
        if self.by_type.pin().insert(TypeId::of::<T>(), service).is_some() {
            let_go(&self.by_type, TypeId::of::<()>());
        }
    }

    /// False: it was not there (any more).
    pub(crate) fn withdraw<T: Any + Send + Sync>(&self, service: &Arc<T>) -> bool {
        let own = Arc::as_ptr(service).cast::<()>();
        let is_own = |_: &TypeId, there: &Arc<dyn Any + Send + Sync>| {
            std::ptr::eq(Arc::as_ptr(there).cast(), own)
        };
        let is_gone =
            matches!(self.by_type.pin().remove_if(&TypeId::of::<T>(), is_own), Ok(Some(_)));
        if is_gone {
            let_go(&self.by_type, TypeId::of::<()>());
        }
        is_gone
    }

    /// Nobody asks any more: the runtime went away.
    pub(crate) fn clear(&self) {
        self.by_type.pin().clear();
        let_go(&self.by_type, TypeId::of::<()>());
        if let Some(values) = self.of_statics.get() {
            values.pin().clear();
            let_go(values, 0);
        }
    }

    // ----- values of statics -----

    pub(crate) fn of_static<O>(&self, address: usize, look: impl FnOnce(Option<&Value>) -> O) -> O {
        let Some(values) = self.of_statics.get() else { return look(None) };
        let values = values.pin();
        look(values.get(&address))
    }

    /// Puts a value in the place of another; `None` takes it away.
    pub(crate) fn swap_of_static(&self, address: usize, value: Option<Value>) -> Option<Value> {
        let values = self.of_statics.get_or_init(papaya::HashMap::new);
        let before = match value {
            Some(value) => values.pin().insert(address, value).cloned(),
            None => values.pin().remove(&address).cloned(),
        };
        if before.is_some() {
            let_go(values, 0);
        }
        before
    }
}

/// The map frees what it no longer has once that is as much as threads look into it: so it is given
/// that much of nothing.
fn let_go<K, H>(map: &papaya::HashMap<K, Value, H>, nobody: K)
where
    K: Hash + Eq + Copy,
    H: BuildHasher,
{
    let (guard, nothing) = (map.guard(), Arc::new(()));
    for _ in 0..LOOKERS {
        map.insert(nobody, nothing.clone(), &guard);
    }
    map.remove(&nobody, &guard);
    guard.flush();
}
