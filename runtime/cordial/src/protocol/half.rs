//! One side of a conversation, and the wait for what the other says.
use super::Conversation;
use super::error::{Peer, SessionError};
use super::line::{Gone, Line, Role};
use crate::mailbox;
use crate::pid::Pid;
use crate::process::{Node, wait};
use crate::rt::pulse::Moment;
use crate::rt::time::{self, Instant};
use crate::timer::TimerKey;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// How long a step is waited for unless it says otherwise.
const DEFAULT_LIMIT: Duration = Duration::from_secs(5);

/// From here on a limit is first looked at a little early: then no clock is asked before.
const ROUGH: Duration = Duration::from_millis(500);

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
        let began = self.line().node.dispatch.pulse().moment();
        let limit = Some(DEFAULT_LIMIT);
        let has_waited = false;
        Receive { half: Some(self), take, awaited, began, limit, has_waited, timer: None }
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
    began: Moment,
    limit: Option<Duration>,
    has_waited: bool,
    timer: Option<(TimerKey, Arc<Node>)>,
}

impl<W: Conversation, T> Receive<W, T> {
    /// Waits this long at most, counted from the call of the method that gave it.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Waits as long as it takes.
    pub fn no_timeout(mut self) -> Self {
        self.limit = None;
        self
    }

    /// Sees to the bound; whether it is over.
    fn is_late(&mut self, cx: &Context<'_>) -> bool {
        let Some(limit) = self.limit else {
            wait::note_bounded(cx, None);
            return false;
        };
        let bell = if self.timer.is_none() { wait::bell(cx) } else { None };
        let is_first = !self.has_waited && bell != Some(true) && limit >= ROUGH;
        self.has_waited = true;
        let line = self.half.as_ref().expect(HEARD_ONCE).line();
        let (node, pulse) = (&line.node, line.node.dispatch.pulse());
        let due = if is_first {
            time::after(pulse.earliest(self.began), limit)
        } else {
            let began = pulse.latest(self.began);
            self.began = Moment::At(began);
            time::after(began, limit)
        };
        if !is_first && Instant::now() >= due {
            return true;
        }
        wait::note_bounded(cx, bell.map(|_| due));
        let is_armed = |(timer, _): &(TimerKey, _)| node.timers.is_armed(*timer);
        if bell.is_none() && !self.timer.as_ref().is_some_and(is_armed) {
            self.timer = Some((node.timers.arm_nudge(due, line.owed()), node.clone()));
        }
        false
    }

    fn give_up(&mut self) -> SessionError {
        let half = self.half.take().expect(HEARD_ONCE);
        SessionError::Timeout(self.limit.unwrap_or_default(), half.peer(Some(self.awaited), None))
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
                let half = this.half.take().expect(HEARD_ONCE);
                let heard = (this.take)(word, half);
                Poll::Ready(Ok(heard.expect("both sides are made of one automaton")))
            }
            Poll::Ready(Err(gone)) => Poll::Ready(Err(half.gone(gone, Some(this.awaited)))),
            Poll::Pending => {
                half.in_a_row = 0;
                match this.is_late(cx) {
                    true => Poll::Ready(Err(this.give_up())),
                    false => Poll::Pending,
                }
            }
        }
    }
}

impl<W: Conversation, T> Unpin for Receive<W, T> {}

impl<W: Conversation, T> Drop for Receive<W, T> {
    fn drop(&mut self) {
        if let Some((timer, node)) = self.timer.take() {
            node.timers.cancel_nudge(timer);
        }
    }
}

impl<W: Conversation, T> fmt::Debug for Receive<W, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Receive({})", self.awaited)
    }
}
