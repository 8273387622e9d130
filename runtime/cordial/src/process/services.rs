//! What layers above keep per node: at most one of each type, found by its type.
//!
//! It is looked up far more often than it changes, so readers never wait.
use super::ties::IdHasher;
use std::any::{Any, TypeId};
use std::hash::BuildHasherDefault;
use std::sync::Arc;

type ById<V> = papaya::HashMap<TypeId, V, BuildHasherDefault<IdHasher>>;

#[derive(Default)]
pub(crate) struct Services(ById<Arc<dyn Any + Send + Sync>>);

impl Services {
    /// `f` with the one of this type, if there is one.
    #[inline]
    pub(crate) fn with<T: Any + Send + Sync, U>(&self, f: impl FnOnce(&T) -> U) -> Option<U> {
        let services = self.0.pin();
        services.get(&TypeId::of::<T>())?.downcast_ref().map(f)
    }

    pub(crate) fn get<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        let services = self.0.pin();
        services.get(&TypeId::of::<T>())?.clone().downcast().ok()
    }

    /// `Err`: the one that is there; it stays.
    pub(crate) fn offer<T: Any + Send + Sync>(&self, service: Arc<T>) -> Result<(), Arc<T>> {
        let services = self.0.pin();
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
        self.0.pin().insert(TypeId::of::<T>(), service);
    }

    /// False: it was not there (any more).
    pub(crate) fn withdraw<T: Any + Send + Sync>(&self, service: &Arc<T>) -> bool {
        let own = Arc::as_ptr(service).cast::<()>();
        let is_own = |_: &TypeId, there: &Arc<dyn Any + Send + Sync>| {
            std::ptr::eq(Arc::as_ptr(there).cast(), own)
        };
        matches!(self.0.pin().remove_if(&TypeId::of::<T>(), is_own), Ok(Some(_)))
    }
}
