//! `#[gen_server(closed)]`: no handle travels in a message.
//!
//! A server's handles are then those that it was started with, and a tree gives each child only
//! handles of those that start before it. So no call can come back to where it began, and the
//! compiler has proved it; what is left are casts, names and what a server looks up itself.
use crate::error::{CallError, TryCallError};
use crate::exit::ExitReason;
use crate::pid::{MonitorRef, Pid};
use crate::signal::{Down, Exit, Timeout};
use crate::task::{Ended, TaskError};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;
use std::{ffi, net, num, path, time};

/// A type that holds no handle of a server: what the messages of a `#[gen_server(closed)]` and
/// their answers are made of.
///
/// The types of the standard library that hold nothing of others have it, and those that hold
/// others have it if these do. A type of one's own has it by `#[derive(NotAHandle)]`, which asks
/// the same of its fields, or by an `impl` that promises it. An error behind a `dyn Error`, as in
/// an [`ExitReason`] or an `io::Error`, is taken for one that holds none.
///
/// # Examples
/// ```
/// use cordial::prelude::*;
///
/// #[derive(Clone, cordial::NotAHandle)]
/// struct Fix {
///     lat: f64,
///     lon: f64,
/// }
/// #[gen_server]
/// #[derive(Clone)]
/// struct Tracker(Option<Fix>);
/// #[gen_server(closed)]
/// impl Tracker {
///     #[cast]
///     fn moved(&mut self, to: Fix) {
///         self.0 = Some(to);
///     }
///     #[call]
///     fn position(&self) -> Option<Fix> {
///         self.0.clone()
///     }
/// }
/// # fn main() {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot travel in a message of a `closed` server",
    label = "a handle, or a type that may hold one",
    note = "a `closed` server gets its handles when it starts, so that no circle of calls can \
        come about; of a type that holds none say so: `#[derive(cordial::NotAHandle)]`"
)]
pub trait NotAHandle {}

/// Asked of each type that travels.
pub fn no_handle<T: NotAHandle + ?Sized>() {}

macro_rules! hold_nothing {
    ($($ty:ty),* $(,)?) => { $(#[diagnostic::do_not_recommend] impl NotAHandle for $ty {})* };
}
hold_nothing!(
    (),
    bool,
    char,
    str,
    String,
    u8,
    u16,
    u32,
    u64,
    u128,
    usize,
    i8,
    i16,
    i32,
    i64,
    i128,
    isize,
    f32,
    f64,
    num::NonZeroU8,
    num::NonZeroU16,
    num::NonZeroU32,
    num::NonZeroU64,
    num::NonZeroUsize,
    num::NonZeroI32,
    num::NonZeroI64,
    ffi::OsStr,
    ffi::OsString,
    ffi::CStr,
    ffi::CString,
    path::Path,
    path::PathBuf,
    time::Duration,
    time::Instant,
    time::SystemTime,
    net::IpAddr,
    net::Ipv4Addr,
    net::Ipv6Addr,
    net::SocketAddr,
    std::io::Error,
    std::fmt::Error,
    Pid,
    MonitorRef,
    ExitReason,
    Down,
    Exit,
    Timeout,
    CallError,
    TaskError,
);

macro_rules! hold_others {
    ($($ty:ident<$($of:ident),*>),* $(,)?) => {
        $(impl<$($of: NotAHandle),*> NotAHandle for $ty<$($of),*> {})*
    };
}
hold_others!(
    Option<T>, Vec<T>, VecDeque<T>, LinkedList<T>, BTreeSet<T>, BinaryHeap<T>, BTreeMap<K, V>,
    Result<T, E>, TryCallError<E>, Ended<Tag, T>,
);

macro_rules! tuples {
    ($($($of:ident)+;)*) => {
        $(#[diagnostic::do_not_recommend]
        impl<$($of: NotAHandle),+> NotAHandle for ($($of,)+) {})*
    };
}
tuples! { A; A B; A B C; A B C D; A B C D E; A B C D E F; A B C D E F G; A B C D E F G H; }

impl<T: NotAHandle + ?Sized> NotAHandle for Box<T> {}
impl<T: NotAHandle + ?Sized> NotAHandle for Arc<T> {}
impl<T: NotAHandle + ?Sized> NotAHandle for Rc<T> {}
impl<T: NotAHandle + ?Sized> NotAHandle for &T {}
impl<T: NotAHandle> NotAHandle for [T] {}
impl<T: NotAHandle, const N: usize> NotAHandle for [T; N] {}
impl<T: ?Sized> NotAHandle for PhantomData<T> {}
impl<K: NotAHandle, V: NotAHandle, S> NotAHandle for HashMap<K, V, S> {}
impl<T: NotAHandle, S> NotAHandle for HashSet<T, S> {}
