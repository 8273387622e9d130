//! The ladder: which rendering a type has is found by the compiler, where the type is known.
//!
//! Each rung has a method of the same name, for types that have what it needs; a rung stands for
//! the next one where it has none. So `ladder(&value).shown()` is the first that there is.
//!
//! Beside it each rung says whether it shows a field that is called like a secret: by a method that
//! does nothing, and is deprecated where it would be shown.
use super::{Inspect, Inspected};
use std::fmt::Debug;
use std::ops::Deref;

/// The first rung.
pub struct ByInspect<'a, T: ?Sized>(AfterInspect<'a, T>);

#[cfg(feature = "serde")]
type AfterInspect<'a, T> = ByJson<'a, T>;
#[cfg(not(feature = "serde"))]
type AfterInspect<'a, T> = ByDebug<'a, T>;

/// The second rung.
#[cfg(feature = "serde")]
pub struct ByJson<'a, T: ?Sized>(ByDebug<'a, T>);

/// The third rung.
pub struct ByDebug<'a, T: ?Sized>(ByName<'a, T>);

/// The last rung, which all have.
pub struct ByName<'a, T: ?Sized>(&'a T);

/// All rungs, for one value.
pub fn ladder<T: ?Sized>(value: &T) -> ByInspect<'_, T> {
    let last = ByDebug(ByName(value));
    #[cfg(feature = "serde")]
    let last = ByJson(last);
    ByInspect(last)
}

impl<T: Inspect + ?Sized> ByInspect<'_, T> {
    /// What is shown.
    pub fn shown(&self) -> Inspected {
        let Self(rest) = self;
        #[cfg(feature = "serde")]
        let ByJson(rest) = rest;
        rest.0.0.inspect()
    }
    /// A field is called like a secret.
    pub fn shows_this(&self) {}
}

#[cfg(feature = "serde")]
impl<T: serde::Serialize + ?Sized> ByJson<'_, T> {
    /// What is shown.
    pub fn shown(&self) -> Inspected {
        Inspected::json(self.0.0.0)
    }
    /// As above.
    #[deprecated(note = "this field is called like a secret and would be shown, in crash \
        reports and by `sys`: mark it `#[inspect(redact)]` or `#[inspect(skip)]`, or \
        `#[inspect(show)]` if it is none")]
    pub fn shows_this(&self) {}
}

impl<T: Debug + ?Sized> ByDebug<'_, T> {
    /// What is shown.
    pub fn shown(&self) -> Inspected {
        Inspected::debug(self.0.0)
    }
    /// As above.
    #[deprecated(note = "this field is called like a secret and would be shown, in crash \
        reports and by `sys`: mark it `#[inspect(redact)]` or `#[inspect(skip)]`, or \
        `#[inspect(show)]` if it is none")]
    pub fn shows_this(&self) {}
}

impl<T: ?Sized> ByName<'_, T> {
    /// What is shown.
    pub fn shown(&self) -> Inspected {
        Inspected::type_name::<T>()
    }
    /// A field is called like a secret.
    pub fn shows_this(&self) {}
}

#[cfg(feature = "serde")]
impl<'a, T: ?Sized> Deref for ByInspect<'a, T> {
    type Target = ByJson<'a, T>;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

#[cfg(not(feature = "serde"))]
impl<'a, T: ?Sized> Deref for ByInspect<'a, T> {
    type Target = ByDebug<'a, T>;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

#[cfg(feature = "serde")]
impl<'a, T: ?Sized> Deref for ByJson<'a, T> {
    type Target = ByDebug<'a, T>;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<'a, T: ?Sized> Deref for ByDebug<'a, T> {
    type Target = ByName<'a, T>;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// `inspect = Debug`
pub fn show_debug<T: Debug>(value: &T) -> Inspected {
    Inspected::debug(value)
}

/// `inspect = Serialize`
#[cfg(feature = "serde")]
pub fn show_json<T: serde::Serialize>(value: &T) -> Inspected {
    Inspected::json(value)
}
