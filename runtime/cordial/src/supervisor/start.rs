//! How trees and children are started: the lazy start, and the requests to a supervisor.
use super::StartChildError;
use super::child_spec::{Definition, IntoChild, Site};
use super::server::SupervisorMsg;
use crate::error::StartError;
use crate::gen_server::{self, Begun, Call, Lazy, Plan, Runner, StartIn, TryCall};
use crate::mailbox::ReplyTo;
use crate::process::{DEFAULT_LIMIT, Node, RawRef, panics};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// A tree that is about to be started. Awaiting it starts it and gives the tree's handles.
///
/// # Examples
/// See [`Builder`](super::Builder) and [`TreeSpec`](super::TreeSpec).
///
/// # Errors
/// Awaiting it gives a [`StartError`]: [`StartError::Child`] names the child that did not start;
/// those before it are stopped again, in reverse order, and the supervisor is gone.
/// [`StartError::DuplicateChild`] and [`StartError::InvalidFlags`] come before anything starts.
///
/// # Cancel safety
/// Nothing exists before the first poll; dropped while children start, all of it is killed.
///
/// # Differences from OTP
/// Each child's start is bounded by 60 s.
#[must_use = "nothing is started until this is awaited"]
pub struct StartTree<H>(Lazy<Build<H>, H>);

/// How a tree is described, once it is known where.
struct Build<H>(Box<BuildFn<H>>);

type BuildFn<H> = dyn FnOnce(&Arc<Node>) -> Built<H> + Send;
type Built<H> = Result<(H, Definition), StartError>;

impl<H: Send + 'static> Plan<H> for Build<H> {
    fn carry_out(self, node: &Arc<Node>, how: StartIn) -> Begun<H> {
        let build = self.0;
        // SUP-5
        let built = panics::contain(|| build(node)).map_err(StartError::Init).flatten();
        match built {
            Ok((handle, child)) => child.start.start(how).then(|started| started.map(|_| handle)),
            Err(error) => Begun::Over(Err(error)),
        }
    }
}

impl<H: Send + 'static> StartTree<H> {
    pub(crate) fn new(build: impl FnOnce(&Arc<Node>) -> Built<H> + Send + 'static) -> Self {
        Self(Lazy::new(Build(Box::new(build)), None, None))
    }

    pub(crate) fn of<C>(spec: C) -> Self
    where
        C: IntoChild<Handle = H> + Send + 'static,
    {
        Self::new(move |node| {
            let mut site = Site::new(node.clone());
            let built = spec.into_child(&mut site);
            site.error.map_or(Ok(built), Err)
        })
    }

    /// Registers the supervisor under this name, before any child starts (SUP-53).
    ///
    /// Awaited, the start fails with [`StartError::AlreadyStarted`] if somebody has the name.
    pub fn name(self, name: &str) -> Self {
        Self(self.0.name(name))
    }

    /// Links the supervisor to the process that starts it, before any child starts.
    pub fn link(self) -> Self {
        Self(self.0.link())
    }

    /// Bounds the start of the whole tree.
    pub fn timeout(self, limit: Duration) -> Self {
        Self(self.0.limit(Some(limit)))
    }

    /// Bounds the start of each child only, as it is until something else is said.
    pub fn no_timeout(self) -> Self {
        Self(self.0.limit(None))
    }

    /// Starts it from a thread that is no worker of a runtime.
    ///
    /// # Errors
    /// As awaiting it.
    ///
    /// # Panics
    /// Inside a runtime, which would wait for itself.
    pub fn blocking(self, on: &Node) -> Result<H, StartError> {
        self.0.blocking(on)
    }
}

impl<H: Send + 'static> Future for StartTree<H> {
    type Output = Result<H, StartError>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl<H> fmt::Debug for StartTree<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StartTree")
    }
}

// ===== Requests =====

/// A request to a supervisor, bounded as any call.
pub(crate) fn ask<T: Send + 'static>(
    supervisor: &RawRef<SupervisorMsg>,
    kind: &'static str,
    make: impl FnOnce(ReplyTo<T>) -> SupervisorMsg,
) -> Call<T> {
    gen_server::call(supervisor, kind, Some(DEFAULT_LIMIT), Runner::Callee, make)
}

/// A request that takes as long as children take to start and to stop, which is bounded itself: who
/// waits for an idle supervisor may do its work meanwhile (D8).
pub(crate) fn try_ask<T: Send + 'static, E: Send + 'static>(
    supervisor: &RawRef<SupervisorMsg>,
    kind: &'static str,
    make: impl FnOnce(ReplyTo<Result<T, E>>) -> SupervisorMsg,
) -> TryCall<T, E> {
    gen_server::try_call(supervisor, kind, None, Runner::Either, make)
}

/// A child that was asked for.
pub(crate) type Requested<H> = Pin<Box<dyn Future<Output = Result<H, StartChildError>> + Send>>;

/// Makes a child's address where the supervisor lives, and asks it to start the child there. It
/// takes as long as the child's `init`, which is bounded itself.
pub(crate) fn start_child<H: Send + 'static>(
    supervisor: &RawRef<SupervisorMsg>,
    build: impl FnOnce(&mut Site) -> (H, Definition),
) -> Requested<H> {
    let mut site = Site::new(supervisor.node().clone());
    let built = panics::contain(|| build(&mut site)).map_err(StartError::Init);
    let sent = match (built, site.error) {
        (Err(error), _) | (Ok(_), Some(error)) => Err(StartChildError::Start(error)),
        (Ok((handle, child)), None) => {
            let start = |from| SupervisorMsg::StartChild(child, from);
            Ok((handle, gen_server::call(supervisor, "start_child", None, Runner::Either, start)))
        }
    };
    Box::pin(async move {
        let (handle, started) = sent?;
        started.await.map_err(StartChildError::Call)??;
        Ok(handle)
    })
}
