//! Addresses that stand for a name: nobody ever lives at one, and at each send it asks who has the
//! name then.
//!
//! A handle stays one pointer, and mail to an address where somebody lives never comes here: the
//! name is asked for where a cell is found dead.
use super::cell::{Cell, Message};
use super::{Found, Node, RawRef};
use std::borrow::Cow;
use std::sync::Arc;

/// A name of whatever kind, asked for its process at each send.
pub(crate) trait Resolve: Send + Sync {
    /// Who has the name now.
    fn resolve(&self, node: &Node) -> Option<Found>;
    /// The name, as errors tell it.
    fn text(&self) -> Arc<str>;
}

/// A name of [`register`](super::register), on the node where the address was made.
struct LocalName(Arc<str>);

impl Resolve for LocalName {
    fn resolve(&self, node: &Node) -> Option<Found> {
        let (pid, process) = node.names.find(&self.0)?;
        Some(Found { pid, process })
    }
    fn text(&self) -> Arc<str> {
        self.0.clone()
    }
}

impl<M: Message> Cell<M> {
    /// Where mail to this address goes now, if it stands for a name. A process whose mailbox takes
    /// other messages is as good as none: nothing is delivered to it.
    #[cold]
    pub(super) fn elsewhere(&self) -> Option<Arc<Self>> {
        let name = self.stands_for()?;
        name.resolve(&self.head.node)?.process.into_any().downcast().ok()
    }

    /// It stands for a name, and who has that takes other messages (TYP-11).
    #[cold]
    pub(super) fn others_have_it(&self) -> bool {
        let found = self.stands_for().and_then(|name| name.resolve(&self.head.node));
        found.is_some_and(|Found { process, .. }| process.into_any().downcast::<Self>().is_err())
    }

    pub(super) fn stands_for(&self) -> Option<Arc<dyn Resolve>> {
        self.inner.lock().ext.as_ref()?.stands_for.clone()
    }
}

impl<M: Message> RawRef<M> {
    /// An address that stands for a name.
    pub(crate) fn standing_for(name: Arc<dyn Resolve>) -> Self {
        let cell = Cell::unborn(Node::current_or_absent());
        cell.inner.lock().ext().stands_for = Some(name);
        Self(cell)
    }

    /// An address that stands for a registered name.
    pub(crate) fn named(name: &str) -> Self {
        Self::standing_for(Arc::new(LocalName(name.into())))
    }

    /// Where mail to this address goes now: here, unless it stands for a name.
    #[inline]
    pub(crate) fn resolved(&self) -> Cow<'_, Self> {
        if self.0.head.is_open() {
            return Cow::Borrowed(self);
        }
        self.0.elsewhere().map_or(Cow::Borrowed(self), |cell| Cow::Owned(Self(cell)))
    }
}
