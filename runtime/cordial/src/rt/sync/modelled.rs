//! Threads as loom or shuttle runs them: every step of a lock or an atomic is one of its own, and
//! the tool decides who takes the next. Only the crate's own models are built with it.
#[cfg(loom)]
pub(crate) use loom::sync::{Mutex, MutexGuard};
#[cfg(shuttle)]
pub(crate) use shuttle::sync::{Mutex, MutexGuard, atomic};

#[cfg(loom)]
use loom::thread::LocalKey;
#[cfg(shuttle)]
use shuttle::thread::LocalKey;

use std::cell::{Cell, RefCell};

#[cfg(loom)]
#[doc(hidden)]
pub(crate) use loom::thread_local as tool_thread_local;
#[cfg(shuttle)]
#[doc(hidden)]
pub(crate) use shuttle::thread_local as tool_thread_local;

/// As std's; the tools' own take no `const` blocks.
macro_rules! locals {
    ($($(#[$meta:meta])* static $name:ident: $of:ty = const { $init:expr };)*) => {$(
        $crate::rt::sync::threads::tool_thread_local! { $(#[$meta])* static $name: $of = $init; }
    )*};
}
pub(crate) use locals as thread_local;

/// Loom takes an access that is `SeqCst` for one that is `AcqRel`, but knows fences: so there is
/// one on either side. That orders what lies around it, too, a little more than the access would.
#[cfg(loom)]
pub(crate) mod atomic {
    use loom::sync::atomic::{self, fence};
    use std::sync::atomic::Ordering::{self, SeqCst};

    fn step<T>(order: Ordering, access: impl FnOnce() -> T) -> T {
        if order != SeqCst {
            return access();
        }
        fence(SeqCst);
        let out = access();
        fence(SeqCst);
        out
    }

    macro_rules! atomics {
        ($($name:ident $of:ty: $($change:ident)*;)*) => {$(
            #[derive(Debug, Default)]
            pub(crate) struct $name(atomic::$name);

            impl $name {
                pub(crate) fn new(value: $of) -> Self {
                    Self(atomic::$name::new(value))
                }
                pub(crate) fn load(&self, order: Ordering) -> $of {
                    step(order, || self.0.load(order))
                }
                #[allow(dead_code, reason = "not every kind is stored to")]
                pub(crate) fn store(&self, value: $of, order: Ordering) {
                    step(order, || self.0.store(value, order));
                }
                $(pub(crate) fn $change(&self, value: $of, order: Ordering) -> $of {
                    step(order, || self.0.$change(value, order))
                })*
            }

            impl From<$of> for $name {
                fn from(value: $of) -> Self {
                    Self::new(value)
                }
            }
        )*};
    }

    atomics! {
        AtomicBool bool: swap;
        AtomicU32 u32: swap fetch_add fetch_sub;
        AtomicU64 u64: fetch_add fetch_and fetch_or;
        AtomicUsize usize: fetch_add fetch_sub;
    }
}

/// What std's `LocalKey<Cell<T>>` has and the tools' has not.
pub(crate) trait CellKey<T> {
    fn set(&'static self, value: T);
    fn replace(&'static self, value: T) -> T;
    fn get(&'static self) -> T
    where
        T: Copy;
}

impl<T: 'static> CellKey<T> for LocalKey<Cell<T>> {
    fn set(&'static self, value: T) {
        self.with(|cell| cell.set(value));
    }
    fn replace(&'static self, value: T) -> T {
        self.with(|cell| cell.replace(value))
    }
    fn get(&'static self) -> T
    where
        T: Copy,
    {
        self.with(Cell::get)
    }
}

/// What std's `LocalKey<RefCell<T>>` has and the tools' has not.
pub(crate) trait RefKey<T> {
    fn take(&'static self) -> T
    where
        T: Default;
    fn with_borrow<R>(&'static self, f: impl FnOnce(&T) -> R) -> R;
}

impl<T: 'static> RefKey<T> for LocalKey<RefCell<T>> {
    fn take(&'static self) -> T
    where
        T: Default,
    {
        self.with(RefCell::take)
    }
    fn with_borrow<R>(&'static self, f: impl FnOnce(&T) -> R) -> R {
        self.with(|cell| f(&cell.borrow()))
    }
}
