//! Conversations with servers: how one is opened through a server's mailbox, and the task that
//! holds the server's side.
use super::{Opening, Protocol, SessionError};
use crate::error::CallError;
use crate::exit::ExitReason;
use crate::gen_server::{self, Call, Ctx, Flow, GenServer, Ref, Runner};
use crate::mailbox::ReplyTo;
use crate::process::{self, IntoExit, Monitor};
use crate::task::{Job, Nobody, Tie, launch_for};
use std::any::{Any, type_name};
use std::fmt;
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// A server that plays one role of a protocol: what `#[session(P as Role)]` makes it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not serve `{P}`",
    label = "its `#[gen_server] impl` has no `#[session({P} as ..)]`",
    note = "write `#[session({P} as Role)] async fn serve(me: Ref<Self>, s: ..)` in it"
)]
pub trait Serves<P: Protocol>: GenServer {
    /// The state in which its conversations begin.
    type Start: Opening<Protocol = P, Peer = Self::Peer>;
    /// The state in which they begin for whoever opens them.
    type Peer: Opening<Protocol = P>;
    /// The message that opens one.
    fn accept(start: Self::Start, from: ReplyTo<()>) -> Self::Msg;
}

/// The state in which one role begins.
#[derive(Debug)]
pub struct Plays<S>(PhantomData<fn(S)>);

impl<S> Plays<S> {
    /// The role.
    pub const ROLE: Self = Self(PhantomData);
}

/// Opens a conversation with a server: what `X::connect(&server)` calls.
pub fn connect<P: Protocol, S: Serves<P>>(server: &Ref<S>) -> Connect<S::Peer> {
    let (theirs, ours) = S::Start::open();
    let limit = Some(process::DEFAULT_LIMIT);
    let accepted = gen_server::call(Ref::raw_of(server), None, limit, Runner::Either, |from| {
        S::accept(theirs, from)
    });
    Connect { accepted, ours: Some(ours) }
}

/// A conversation with a server, on its way.
///
/// The message that opens it is sent when `connect` is called, so it has its place in the server's
/// mailbox behind what was sent before; awaiting waits until the server has begun with it, 5 s at
/// most unless [`timeout`](Self::timeout) says otherwise, and gives the caller's side.
///
/// # Errors
/// The [`CallError`] of a call: there is no such server, its mailbox is full, it did not come to
/// the message in time, it ended before.
///
/// # Cancel safety
/// Dropping it does not take the message back: the server begins, and hears that its peer has left.
#[must_use = "the message is already sent; `.await` it for the conversation"]
pub struct Connect<T> {
    accepted: Call<()>,
    ours: Option<T>,
}

impl<T> Connect<T> {
    /// Waits this long at most, counted from `connect`.
    pub fn timeout(self, limit: Duration) -> Self {
        Self { accepted: self.accepted.timeout(limit), ..self }
    }

    /// Waits as long as it takes.
    pub fn no_timeout(self) -> Self {
        Self { accepted: self.accepted.no_timeout(), ..self }
    }
}

impl<T> Unpin for Connect<T> {}

impl<T> Future for Connect<T> {
    type Output = Result<T, CallError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let accepted = Pin::new(&mut self.accepted).poll(cx);
        accepted.map_ok(|()| self.ours.take().expect("it is accepted once"))
    }
}

impl<T> fmt::Debug for Connect<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connect({:?})", self.accepted)
    }
}

// ===== The server's side =====

/// A session that is to be run.
pub struct Session {
    job: Job<ExitReason>,
    runs: &'static str,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({})", self.runs)
    }
}

/// Takes the future that a `#[session]` is.
pub fn session<F>(future: F) -> Session
where
    F: Future<Output: IntoExit + 'static> + Send + 'static,
{
    Session { job: Box::pin(async { end(future.await) }), runs: type_name::<F>() }
}

/// Runs a session beside the server that calls, and tells who opened it.
pub fn serve<S: GenServer, R: From<Flow>>(
    from: ReplyTo<()>,
    Session { job, runs }: Session,
    is_linked: bool,
    ctx: &mut Ctx<S>,
) -> R {
    let tie = if is_linked { Tie::Link } else { Tie::None };
    // Made here: the server may have ended before the session begins.
    let server = process::monitor(&ctx.pid());
    let job = Box::pin(beside(server, job));
    // On a node that stops nothing begins: the caller hears it by the drop of `from`.
    if launch_for(job, runs, tie, Nobody).is_ok() {
        from.reply(());
    }
    Flow::Continue.into()
}

/// The session, as long as its server lives.
async fn beside(mut server: Monitor, mut session: Job<ExitReason>) -> ExitReason {
    poll_fn(|cx| match Pin::new(&mut server).poll(cx) {
        Poll::Ready(down) => go_with(&down.reason),
        Poll::Pending => session.as_mut().poll(cx),
    })
    .await
}

/// The server has ended. That is no crash of the session's, so it goes as by a signal.
fn go_with(reason: &ExitReason) -> Poll<ExitReason> {
    match reason {
        ExitReason::Normal => Poll::Ready(ExitReason::Shutdown),
        reason => {
            process::exit(&process::self_pid(), reason.clone());
            Poll::Pending
        }
    }
}

/// How a session ends. That a peer has left is no crash.
fn end<T: IntoExit + 'static>(value: T) -> ExitReason {
    let ended = (&value as &dyn Any).downcast_ref::<Result<(), SessionError>>();
    match ended {
        Some(Err(_)) => ExitReason::Normal,
        _ => value.into_exit(),
    }
}
