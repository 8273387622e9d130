//! The server of a key, started if there is none: one, however many ask for it at once.
use super::via::claim_of;
use super::{AsKey, Keyed, Unique};
use crate::dynamic_supervisor::{ChildOf, DynamicRef, DynamicSpec};
use crate::error::StartError;
use crate::gen_server::{Child, Ref};
use crate::process::Node;
use crate::supervisor::StartChildError;
use std::future::Future;
use std::sync::Arc;

impl<S: Keyed + Child<Handle = Ref<S>>> DynamicRef<S> {
    /// The child that is registered under this key; started with these arguments, a tuple or a
    /// spec, if there is none. Of many who ask at once one starts it, and all get it.
    ///
    /// # Examples
    /// See [`Unique::ensure`].
    ///
    /// # Errors
    /// As [`start_child`](Self::start_child); [`StartError::NoRegistry`] when the registry does
    /// not run.
    ///
    /// # Cancel safety
    /// Dropped, the child may be started all the same.
    pub fn ensure<Q, A>(
        &self,
        key: &Q,
        args: A,
    ) -> impl Future<Output = Result<Ref<S>, StartChildError>> + Send + use<S, Q, A>
    where
        Q: AsKey<S::Key> + ?Sized,
        A: ChildOf<S>,
    {
        let there = S::Via::whereis(key);
        let key = key.to_key();
        let started = there.is_none().then(|| self.start_claimed(args, claim_of::<S, _>(&key)));
        async move {
            let Some(started) = started else { return Ok(there.expect("one of the two")) };
            match started.await {
                // Somebody else was faster.
                Err(StartChildError::Start(StartError::AlreadyStarted(holder))) => {
                    let started = StartError::AlreadyStarted(holder);
                    S::Via::whereis(&key).ok_or(StartChildError::Start(started))
                }
                other => other,
            }
        }
    }
}

/// Where the servers of a registry are started that are not there.
pub(super) struct Starter<S: Keyed>(pub(super) DynamicRef<S>);

impl<S: Child + 'static> DynamicSpec<S> {
    /// The supervisor under which [`Unique::ensure`] starts the servers of their registry, whose
    /// keys are `K`s; of several the last that was made. In `supervisor!` it is `by: K`.
    pub fn by<K>(mut self) -> Self
    where
        S: Keyed<Key = K> + Child<Handle = Ref<S>>,
    {
        self.told = Some(|node: &Node, children: &DynamicRef<S>| {
            node.services.put(Arc::new(Starter::<S>(children.clone())));
        });
        self
    }
}

pub(super) fn starter<S: Keyed>() -> Option<DynamicRef<S>> {
    Node::current()?.services.with(|starter: &Starter<S>| starter.0.clone())
}
