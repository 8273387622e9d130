//! A start that is planned first and carried out when it is awaited: what servers and trees have in
//! common.
use super::StartIn;
use crate::error::StartError;
use crate::process::{self, Node};
use crate::rt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// What is to be started.
pub(crate) trait Plan<H>: Send + 'static {
    /// Starts it on this node.
    fn carry_out(
        self,
        node: Arc<Node>,
        how: StartIn,
    ) -> impl Future<Output = Result<H, StartError>> + Send;
}

/// A start before its first poll, under way, or over.
pub(crate) enum Lazy<P, H> {
    Planned(P, Options),
    Begun(Pin<Box<dyn Future<Output = Result<H, StartError>> + Send>>),
    Over,
}

/// What a caller may say of any start.
pub(crate) struct Options {
    name: Option<Arc<str>>,
    linked: bool,
    limit: Option<Duration>,
}

impl<P, H> Unpin for Lazy<P, H> {}

impl<P: Plan<H>, H: Send + 'static> Lazy<P, H> {
    pub(crate) fn new(plan: P, name: Option<Arc<str>>, limit: Option<Duration>) -> Self {
        Self::Planned(plan, Options { name, linked: false, limit })
    }

    fn change(mut self, change: impl FnOnce(&mut Options)) -> Self {
        if let Self::Planned(_, options) = &mut self {
            change(options);
        }
        self
    }

    pub(crate) fn name(self, name: &str) -> Self {
        self.change(|options| options.name = Some(name.into()))
    }

    pub(crate) fn link(self) -> Self {
        self.change(|options| options.linked = true)
    }

    pub(crate) fn limit(self, limit: Option<Duration>) -> Self {
        self.change(|options| options.limit = limit)
    }

    pub(crate) fn blocking(self, on: &Node) -> Result<H, StartError> {
        rt::block_on(on.runtime(), self)
    }
}

impl Options {
    async fn carry_out<H>(self, plan: impl Plan<H>) -> Result<H, StartError> {
        let node = Node::current().ok_or(StartError::NoRuntime)?;
        let parent = match self.linked {
            true => Some(process::current().ok_or(StartError::NoParent)?),
            false => None,
        };
        plan.carry_out(node, StartIn { name: self.name, parent, limit: self.limit }).await
    }
}

impl<P: Plan<H>, H: Send + 'static> Future for Lazy<P, H> {
    type Output = Result<H, StartError>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            match std::mem::replace(&mut *self, Self::Over) {
                Self::Planned(plan, options) => {
                    *self = Self::Begun(Box::pin(options.carry_out(plan)));
                }
                Self::Begun(mut begun) => {
                    let polled = begun.as_mut().poll(cx);
                    if polled.is_pending() {
                        *self = Self::Begun(begun);
                    }
                    return polled;
                }
                Self::Over => panic!("a start is awaited once"),
            }
        }
    }
}
