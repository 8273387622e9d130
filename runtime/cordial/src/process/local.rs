//! Values of a process's own: what OTP calls the process dictionary, typed (PROC-40).
//!
//! They are kept with the process. A value is taken out while the user's code looks at it, so none
//! of that code runs under a lock.
use super::current;
use std::any::{Any, TypeId};
use std::fmt;
use std::marker::PhantomData;

/// A variable of which each process has its own; declared with `process::local!`.
///
/// The value lives as long as the process that set it: it is dropped with the process's state. A
/// process that is started by another inherits nothing.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::process::{self, Mailbox};
/// process::local! {
///     /// Which request this process works for.
///     static REQUEST: u64;
/// }
/// let (_, down) = process::spawn_monitor(async |_: Mailbox<()>| {
///     assert_eq!(REQUEST.set(7), None);
///     assert_eq!(REQUEST.get(), Some(7));
///     process::spawn_monitor(async |_: Mailbox<()>| assert_eq!(REQUEST.get(), None)).1.await;
///     assert_eq!(REQUEST.set(8), Some(7));
///     assert_eq!(REQUEST.with(|request| request.copied()), Some(8));
///     assert_eq!(REQUEST.take(), Some(8));
/// });
/// assert_eq!(down.await.reason, cordial::ExitReason::Normal);
/// # }
/// ```
pub struct Local<T: 'static> {
    key: fn() -> TypeId,
    name: &'static str,
    value: PhantomData<fn() -> T>,
}

/// What stands in the place of a value while somebody looks at it.
struct Lent;

impl<T: Send + 'static> Local<T> {
    /// What `local!` calls: `K` is nobody else's.
    #[doc(hidden)]
    pub const fn new<K: 'static>(name: &'static str) -> Self {
        Self { key: TypeId::of::<K>, name, value: PhantomData }
    }

    /// Sets the value of the process that calls, and gives the one before.
    ///
    /// # Panics
    /// Outside of a process, and inside the same variable's [`with`](Self::with).
    pub fn set(&self, value: T) -> Option<T> {
        assert!(
            current().is_some(),
            "only a process has values of its own: `{}.set` was called outside of one",
            self.name
        );
        self.swap(Some(Box::new(value)))
    }

    /// A copy of the value of the process that calls; `None` where it has none, and outside of a
    /// process.
    ///
    /// # Panics
    /// Inside the same variable's [`with`](Self::with).
    pub fn get(&self) -> Option<T>
    where
        T: Clone,
    {
        self.with(|value| value.cloned())
    }

    /// Takes the value away and gives it; OTP's `Process.delete`. `None` as in [`get`](Self::get).
    ///
    /// # Panics
    /// Inside the same variable's [`with`](Self::with).
    pub fn take(&self) -> Option<T> {
        self.swap(None)
    }

    /// Looks at the value of the process that calls, where it lies. `None` as in
    /// [`get`](Self::get).
    ///
    /// # Panics
    /// Inside itself, for the same variable.
    pub fn with<R>(&self, look: impl FnOnce(Option<&T>) -> R) -> R {
        struct Back<'a, T: Send + 'static>(&'a Local<T>, Option<T>);
        impl<T: Send + 'static> Drop for Back<'_, T> {
            fn drop(&mut self) {
                let value = self.1.take().map(|value| Box::new(value) as Box<dyn Any + Send>);
                self.0.exchange(value);
            }
        }
        let Some(value) = self.swap(None) else { return look(None) };
        self.exchange(Some(Box::new(Lent)));
        let back = Back(self, Some(value));
        look(back.1.as_ref())
    }

    fn swap(&self, value: Option<Box<dyn Any + Send>>) -> Option<T> {
        let before = self.exchange(value)?;
        match before.downcast::<T>() {
            Ok(before) => Some(*before),
            Err(lent) => {
                self.exchange(Some(lent));
                panic!("`{}` is read or set inside its own `with`", self.name)
            }
        }
    }

    fn exchange(&self, value: Option<Box<dyn Any + Send>>) -> Option<Box<dyn Any + Send>> {
        let me = current()?;
        me.process.swap_local(me.pid, (self.key)(), value)
    }
}

impl<T> fmt::Debug for Local<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Local({})", self.name)
    }
}

pub(crate) type Values = Vec<(TypeId, Box<dyn Any + Send>)>;

/// What a process keeps of its own; few, so a vector.
#[derive(Default)]
pub(crate) struct Locals(Values);

impl Locals {
    pub(crate) fn swap(
        &mut self,
        key: TypeId,
        value: Option<Box<dyn Any + Send>>,
    ) -> Option<Box<dyn Any + Send>> {
        let at = self.0.iter().position(|(its, _)| *its == key);
        match (at, value) {
            (Some(at), Some(value)) => Some(std::mem::replace(&mut self.0[at].1, value)),
            (Some(at), None) => Some(self.0.swap_remove(at).1),
            (None, Some(value)) => {
                self.0.push((key, value));
                None
            }
            (None, None) => None,
        }
    }

    pub(crate) fn take(&mut self) -> Values {
        std::mem::take(&mut self.0)
    }
}

/// Declares variables of which each process has its own: `local! { static NAME: Type; }`. See
/// [`Local`](crate::process::Local).
#[doc(hidden)]
#[macro_export]
macro_rules! __cordial_local {
    ($($(#[$meta:meta])* $vis:vis static $name:ident: $value:ty;)*) => {$(
        $(#[$meta])*
        $vis static $name: $crate::process::Local<$value> = {
            struct Key;
            $crate::process::Local::new::<Key>(::core::stringify!($name))
        };
    )*};
}
#[doc(inline)]
pub use __cordial_local as local;
