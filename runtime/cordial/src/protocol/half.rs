//! One side of a conversation, and the wait for what the other says.
use super::Conversation;
use super::error::{Peer, SessionError};
use super::line::{Gone, Line, Role};
use crate::mailbox;
use crate::pid::Pid;
use crate::process::{Bound, DEFAULT_LIMIT, Late, Node, wait};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// So many messages are heard without a wait before others have their turn.
const IN_A_ROW: u8 = 64;

/// One side of a conversation: what the generated states hold.
pub struct Half<W: Conversation> {
    /// `None`: it is over.
    line: Option<Arc<Line<W>>>,
    role: Role,
    /// How many messages were heard without a wait.
    in_a_row: u8,
}

/// Both sides of a new conversation.
///
/// # Panics
/// Without a runtime, as [`process::spawn`](crate::process::spawn).
#[track_caller]
pub fn open<W: Conversation + Send>() -> (Half<W>, Half<W>) {
    let Some(node) = Node::current() else {
        panic!("cannot open a conversation: there is no runtime");
    };
    let line = Line::new(node);
    let half = |role| Half { line: Some(line.clone()), role, in_a_row: 0 };
    (half(Role::First), half(Role::Second))
}

impl<W: Conversation> Half<W> {
    /// Says something.
    #[inline]
    #[must_use]
    pub fn say(self, word: W) -> Self {
        self.line().say(self.role, word);
        self
    }

    /// Waits for what comes next; `awaited` names it, `take` makes of it what the state promises.
    #[inline]
    pub fn hear<T>(self, awaited: &'static str, take: fn(W, Self) -> Option<T>) -> Receive<W, T> {
        let bound = Bound::new(&self.line().node, Some(DEFAULT_LIMIT));
        Receive { half: Some(self), take, awaited, bound, has_waited: false }
    }

    /// Nothing is to be said any more.
    #[inline]
    pub fn over(mut self) {
        self.line = None;
    }

    /// How the peer left, if it did and there is nothing to be heard from it.
    pub(super) fn peer_gone(&self) -> Option<SessionError> {
        self.line().peer_gone(self.role).map(|gone| self.gone(gone, None))
    }

    fn line(&self) -> &Arc<Line<W>> {
        self.line.as_ref().expect("only a side that is used up has no line")
    }

    #[cold]
    fn gone(&self, gone: Gone, awaited: Option<&'static str>) -> SessionError {
        match gone {
            Gone::Left => SessionError::PeerGone(self.peer(awaited, None)),
            Gone::Down(pid, reason) => SessionError::Down(reason, self.peer(awaited, Some(pid))),
        }
    }

    fn peer(&self, awaited: Option<&'static str>, pid: Option<Pid>) -> Peer {
        Peer::new((W::PROTOCOL, W::ROLES[self.role.peer() as usize]), awaited, pid)
    }

    /// Others have their turn after many messages that were there already.
    #[inline]
    fn yields(&mut self) -> bool {
        self.in_a_row += 1;
        if self.in_a_row < IN_A_ROW {
            return false;
        }
        self.in_a_row = 0;
        true
    }
}

/// The conversation was not over: the peer is told, at once or when it is known why (S4).
impl<W: Conversation> Drop for Half<W> {
    fn drop(&mut self) {
        if let Some(line) = self.line.take() {
            mailbox::let_go(line.farewell(self.role));
        }
    }
}

impl<W: Conversation> fmt::Debug for Half<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", W::ROLES[self.role as usize], W::PROTOCOL)
    }
}

/// What the peer says next, on its way.
///
/// Awaiting it gives what the peer said and the state in which the conversation is then. It waits
/// 5 s unless the protocol (`within 30s`) or [`timeout`](Self::timeout) says otherwise.
///
/// # Errors
/// A [`SessionError`]: the peer has left or ended, or said nothing for so long. What it said before
/// it left is heard first.
///
/// # Cancel safety
/// It holds this side: dropping it ends the conversation, and the peer is told. In a `select!`
/// await `&mut` of it.
#[must_use = "nothing is waited for yet: `.await` it for what the peer says"]
pub struct Receive<W: Conversation, T> {
    /// `None`: it was heard.
    half: Option<Half<W>>,
    take: fn(W, Half<W>) -> Option<T>,
    awaited: &'static str,
    bound: Bound,
    has_waited: bool,
}

impl<W: Conversation, T> Receive<W, T> {
    /// Waits this long at most, counted from the call of the method that gave it.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.bound.limit = Some(limit);
        self
    }

    /// Waits as long as it takes.
    pub fn no_timeout(mut self) -> Self {
        self.bound.limit = None;
        self
    }

    /// The peer has said nothing yet: sees to the bound.
    fn expect(&mut self, cx: &Context<'_>) -> Result<(), SessionError> {
        let half = self.half.as_mut().expect(HEARD_ONCE);
        half.in_a_row = 0;
        self.has_waited = true;
        let line = half.line();
        match self.bound.see_to(&line.node, cx, || line.owed()) {
            Ok(bell) => {
                wait::note_bounded(cx, bell);
                Ok(())
            }
            Err(Late(limit)) => {
                let peer = half.peer(Some(self.awaited), None);
                self.leave();
                Err(SessionError::Timeout(limit, peer))
            }
        }
    }

    /// Nothing is waited for any more.
    fn leave(&mut self) -> Option<Half<W>> {
        let half = self.half.take()?;
        self.bound.release(|| &half.line().node);
        Some(half)
    }
}

const HEARD_ONCE: &str = "what was heard is not awaited again";

impl<W: Conversation, T> Future for Receive<W, T> {
    type Output = Result<T, SessionError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let half = this.half.as_mut().expect(HEARD_ONCE);
        if !this.has_waited && half.yields() {
            this.has_waited = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        match half.line().hear(half.role, cx) {
            Poll::Ready(Ok(word)) => {
                let half = this.leave().expect(HEARD_ONCE);
                let heard = (this.take)(word, half);
                Poll::Ready(Ok(heard.expect("both sides are made of one automaton")))
            }
            Poll::Ready(Err(gone)) => Poll::Ready(Err(half.gone(gone, Some(this.awaited)))),
            Poll::Pending => match this.expect(cx) {
                Ok(()) => Poll::Pending,
                Err(late) => Poll::Ready(Err(late)),
            },
        }
    }
}

impl<W: Conversation, T> Unpin for Receive<W, T> {}

impl<W: Conversation, T> Drop for Receive<W, T> {
    fn drop(&mut self) {
        self.leave();
    }
}

impl<W: Conversation, T> fmt::Debug for Receive<W, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Receive({})", self.awaited)
    }
}
