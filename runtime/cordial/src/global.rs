//! Values of a whole node, read often and written seldom: OTP's `persistent_term`, typed.
use crate::process::Node;
use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::AtomicU8;

/// A variable of which each node has its own, declared as a `static`.
///
/// Readers take no lock and copy nothing; who holds what [`get`](Self::get) gave keeps it, whatever
/// is put or erased afterwards. It goes with the node.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::Global;
///
/// #[derive(PartialEq)]
/// struct Limits {
///     speed: u32,
/// }
/// static LIMITS: Global<Limits> = Global::new();
///
/// assert!(LIMITS.get().is_none());
/// LIMITS.put(Limits { speed: 50 });
/// assert_eq!(LIMITS.with(|limits| limits.map(|limits| limits.speed)), Some(50));
/// let old = LIMITS.get().expect("it was put");
/// LIMITS.put(Limits { speed: 80 });
/// assert_eq!(old.speed, 50);
/// assert!(LIMITS.erase() && !LIMITS.erase());
/// # }
/// ```
///
/// # Differences from OTP
/// Replacing a value does not look through all processes: who has the old one keeps it alive.
pub struct Global<T: 'static> {
    /// So that each has an address of its own.
    _place: AtomicU8,
    value: PhantomData<fn() -> T>,
}

impl<T> Global<T> {
    /// A variable that no node has yet.
    #[allow(clippy::new_without_default, reason = "a `static` is the only place for it")]
    pub const fn new() -> Self {
        Self { _place: AtomicU8::new(0), value: PhantomData }
    }

    fn key(&'static self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

impl<T: Send + Sync + 'static> Global<T> {
    /// The value, shared: a pointer is cloned, never what it points to. `None` until one is put,
    /// and outside of a runtime.
    pub fn get(&'static self) -> Option<Arc<T>> {
        Node::current()?.services.of_static(self.key(), |value| value.cloned()).and_then(as_type)
    }

    /// Looks at the value where it lies. `None` as in [`get`](Self::get).
    ///
    /// What is put meanwhile is seen by the next look.
    pub fn with<O>(&'static self, look: impl FnOnce(Option<&T>) -> O) -> O {
        let Some(node) = Node::current() else { return look(None) };
        node.services
            .of_static(self.key(), |value| look(value.and_then(|value| value.downcast_ref())))
    }

    /// Sets the value for the whole node. One that equals what is there changes nothing: who has
    /// that one has the present one still.
    ///
    /// # Panics
    /// Outside of a runtime.
    pub fn put(&'static self, value: T)
    where
        T: PartialEq,
    {
        if !self.with(|before| before == Some(&value)) {
            self.replace(value);
        }
    }

    /// Sets the value for the whole node, and gives the one before.
    ///
    /// # Panics
    /// Outside of a runtime.
    pub fn replace(&'static self, value: T) -> Option<Arc<T>> {
        let node = Node::current().expect("only a node has values: called outside of a runtime");
        node.services.swap_of_static(self.key(), Some(Arc::new(value))).and_then(as_type)
    }

    /// Takes the value away. False: there was none.
    pub fn erase(&'static self) -> bool {
        Node::current().is_some_and(|node| node.services.swap_of_static(self.key(), None).is_some())
    }
}

/// Nobody else has the key, so the type is known.
fn as_type<T: Send + Sync + 'static>(value: Arc<dyn Any + Send + Sync>) -> Option<Arc<T>> {
    value.downcast().ok()
}

impl<T> fmt::Debug for Global<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Global<{}>", std::any::type_name::<T>())
    }
}
