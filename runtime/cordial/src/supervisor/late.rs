//! The place of a child that others are given before it is added to its tree.
use super::child_spec::ChildSpec;
use super::tree::Builder;
use crate::gen_server::{Child, Client, GenServer, Late, Ref};
use crate::process::{Node, RawRef};
use std::fmt;
use std::sync::Arc;

/// The place of a child in a tree that is being built, before its spec is known; what
/// [`Builder::late`] gives.
///
/// Children above it are given its [`handle`](Self::handle), and [`with`](Self::with) its spec it
/// is added as any other. In `supervisor!` all of it is written `late id`.
///
/// A place that no spec takes reaches nobody.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cordial::prelude::*;
///
/// #[gen_server]
/// #[derive(Clone)]
/// struct Source(Late<CountRef>);
/// #[gen_server]
/// impl Source {
///     #[cast]
///     fn push(&self, n: u32) {
///         self.0.add(n);
///     }
/// }
///
/// #[gen_server]
/// struct Count(SourceRef, u32);
/// #[gen_server]
/// impl Count {
///     #[init]
///     fn init(source: SourceRef) -> Self {
///         source.push(3);
///         Self(source, 0)
///     }
///     #[cast]
///     fn add(&mut self, n: u32) {
///         self.1 += n;
///     }
/// }
///
/// let mut tree = Supervisor::builder();
/// let count = tree.late::<Count>();
/// let source = tree.add(Source::child_spec(Source(count.handle())));
/// tree.add(count.with(Count::child_spec(source)));
/// tree.start().await?;
/// # Ok(()) }
/// ```
#[must_use = "casts to a place that no child takes reach nobody"]
pub struct LateChild<S: GenServer> {
    /// `None`: a child has taken it.
    raw: Option<RawRef<S::Msg>>,
}

impl<S: GenServer> LateChild<S> {
    pub(super) fn new(node: &Arc<Node>) -> Self {
        let raw = RawRef::unborn(node);
        raw.0.reserve(S::MAILBOX);
        Self { raw: Some(raw) }
    }

    fn raw(&self) -> &RawRef<S::Msg> {
        self.raw.as_ref().expect("only `take` empties it, and that is its end")
    }

    /// What those above it hold.
    pub fn handle(&self) -> Late<Ref<S>> {
        Late::of(Ref::from_client(S::Client::from_raw(self.raw().clone())))
    }

    /// The spec of a child that will live at this place.
    pub fn with<R>(self, spec: ChildSpec<S, R>) -> ChildSpec<S, R> {
        spec.at(self)
    }

    /// From here on the child sees to it that nothing waits for ever.
    pub(super) fn take(mut self) -> RawRef<S::Msg> {
        self.raw.take().expect("it is taken once")
    }
}

impl<S: GenServer> Drop for LateChild<S> {
    fn drop(&mut self) {
        if let Some(raw) = &self.raw {
            raw.0.release();
        }
    }
}

impl<S: GenServer> fmt::Debug for LateChild<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LateChild({:?})", self.raw())
    }
}

/// A handle of which there is a [`Late`] one: a server's.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no casts, so nobody can hold it `late`",
    label = "not the handle of a server"
)]
pub trait HasCasts {
    /// The place of the server: a [`LateChild`].
    type Place;

    /// A place where nobody lives yet.
    #[doc(hidden)]
    fn place(node: &Arc<Node>) -> Self::Place;
}

impl<S: GenServer> HasCasts for Ref<S> {
    type Place = LateChild<S>;

    fn place(node: &Arc<Node>) -> LateChild<S> {
        LateChild::new(node)
    }
}

impl Builder {
    /// The place of a child that is added later, for those above it: a [`LateChild`].
    ///
    /// # Examples
    /// See [`LateChild`].
    pub fn late<T: Child<Handle: HasCasts>>(&self) -> <T::Handle as HasCasts>::Place {
        T::Handle::place(self.node())
    }
}
