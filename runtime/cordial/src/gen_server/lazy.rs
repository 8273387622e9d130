//! A start that is planned first and carried out when it is awaited: what servers and trees have in
//! common.
use super::StartIn;
use crate::error::StartError;
use crate::process::held::Claim;
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
    fn carry_out(self, node: &Arc<Node>, how: StartIn) -> Begun<H>;
}

/// A start that was begun: most are over by then. Dropped before, it kills what it began.
pub(crate) enum Begun<T> {
    Over(Result<T, StartError>),
    Waits(Pin<Box<dyn Future<Output = Result<T, StartError>> + Send>>),
}

impl<T: Send + 'static> Begun<T> {
    /// The same start with another result.
    pub(crate) fn then<U>(
        self,
        f: impl FnOnce(Result<T, StartError>) -> Result<U, StartError> + Send + 'static,
    ) -> Begun<U> {
        match self {
            Self::Over(result) => Begun::Over(f(result)),
            Self::Waits(waits) => Begun::Waits(Box::pin(async move { f(waits.await) })),
        }
    }
}

impl<T> Unpin for Begun<T> {}

impl<T: 'static> Future for Begun<T> {
    type Output = Result<T, StartError>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Self::Waits(waits) = &mut *self {
            return waits.as_mut().poll(cx);
        }
        match std::mem::replace(&mut *self, Self::Waits(Box::pin(std::future::pending()))) {
            Self::Over(result) => Poll::Ready(result),
            Self::Waits(_) => unreachable!("just looked"),
        }
    }
}

/// A start before its first poll, under way, or over.
pub(crate) enum Lazy<P, H> {
    Planned(P, Options),
    Begun(Begun<H>),
    Over,
}

/// What a caller may say of any start.
pub(crate) struct Options {
    name: Option<Arc<str>>,
    claim: Option<Arc<dyn Claim>>,
    linked: bool,
    limit: Option<Duration>,
    /// The limit is the caller's own.
    is_own_limit: bool,
}

impl<P, H> Unpin for Lazy<P, H> {}

impl<P: Plan<H>, H: Send + 'static> Lazy<P, H> {
    pub(crate) fn new(plan: P, name: Option<Arc<str>>, limit: Option<Duration>) -> Self {
        Self::Planned(
            plan,
            Options { name, claim: None, linked: false, limit, is_own_limit: false },
        )
    }

    /// What is to be started, before it is.
    pub(crate) fn plan(&mut self) -> Option<&mut P> {
        match self {
            Self::Planned(plan, _) => Some(plan),
            Self::Begun(_) | Self::Over => None,
        }
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

    pub(crate) fn claim(self, claim: Arc<dyn Claim>) -> Self {
        self.change(|options| options.claim = Some(claim))
    }

    pub(crate) fn link(self) -> Self {
        self.change(|options| options.linked = true)
    }

    pub(crate) fn limit(self, limit: Option<Duration>) -> Self {
        self.change(|options| {
            (options.limit, options.is_own_limit) = (limit, limit.is_some());
        })
    }

    pub(crate) fn blocking(self, on: &Node) -> Result<H, StartError> {
        rt::block_on(on.runtime(), self)
    }
}

impl Options {
    fn carry_out<H>(self, plan: impl Plan<H>) -> Result<Begun<H>, StartError> {
        let node = Node::current().ok_or(StartError::NoRuntime)?;
        let parent = match self.linked {
            true => Some(process::current().ok_or(StartError::NoParent)?),
            false => None,
        };
        let Self { name, claim, limit, is_own_limit, .. } = self;
        Ok(plan.carry_out(&node, StartIn { name, claim, parent, limit, is_own_limit }))
    }
}

impl<P: Plan<H>, H: Send + 'static> Future for Lazy<P, H> {
    type Output = Result<H, StartError>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut begun = match std::mem::replace(&mut *self, Self::Over) {
            Self::Planned(plan, options) => options.carry_out(plan)?,
            Self::Begun(begun) => begun,
            Self::Over => panic!("a start is awaited once"),
        };
        let polled = Pin::new(&mut begun).poll(cx);
        if polled.is_pending() {
            *self = Self::Begun(begun);
        }
        polled
    }
}
