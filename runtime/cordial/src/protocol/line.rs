//! The line between the two sides of a conversation.
//!
//! # Rules (cited as S1 to S5)
//! - S1 What is said is heard once, in the order in which it was said.
//! - S2 Who has left is told behind all that he said before.
//! - S3 Who leaves wakes his peer, who may wait for him.
//! - S4 Who leaves because his process ends is told of with the reason, when the process is gone; a
//!   process that ends `Normal` has left.
//! - S5 Nothing of the user's is dropped, and nobody woken, under the lock.
//!
//! Both sides are made of one automaton, so whoever may speak has heard all that was said to him:
//! what is on the line is always from one side, and while somebody waits his peer does not.
use crate::exit::ExitReason;
use crate::mailbox::{Lost, Owed};
use crate::pid::Pid;
use crate::process::Node;
#[cfg(feature = "chaos")]
use crate::rt::sim;
use crate::rt::sync::Lock;
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// Which of the two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    First,
    Second,
}

impl Role {
    pub(crate) fn peer(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

/// How somebody left.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Gone {
    /// It let go of its side.
    Left,
    /// Its process ended.
    Down(Pid, ExitReason),
}

pub(crate) struct Line<W> {
    state: Lock<State<W>>,
    pub(crate) node: Arc<Node>,
    /// What is known where a line is made, so that its sides ask nothing of `W`: one error says
    /// that a message cannot travel, and not each type that is made for it.
    leaving: fn(Arc<Self>, Role) -> Arc<dyn Owed>,
    owed: fn(Arc<Self>) -> Arc<dyn Owed>,
}

struct State<W> {
    next: Option<W>,
    /// What was said behind it.
    later: VecDeque<W>,
    /// Who said it.
    speaker: Role,
    /// Who waits for more; never both: whoever has something to hear finds it there.
    listener: Option<Waker>,
    gone: [Option<Gone>; 2],
    /// Who has left, but is told of when the process has ended: kept alive until then.
    leaving: [Option<Arc<dyn Owed>>; 2],
}

impl<W: Send + 'static> Line<W> {
    pub(crate) fn new(node: Arc<Node>) -> Arc<Self> {
        let state = State {
            next: None,
            later: VecDeque::new(),
            speaker: Role::First,
            listener: None,
            gone: [None, None],
            leaving: [None, None],
        };
        let leaving = |line, role| -> Arc<dyn Owed> { Arc::new(Farewell { line, role }) };
        Arc::new(Self { state: Lock::new(state), node, leaving, owed: |line| line })
    }
}

impl<W> Line<W> {
    /// S1. What is said to nobody is dropped.
    #[inline]
    pub(crate) fn say(&self, role: Role, word: W) {
        #[cfg(feature = "chaos")]
        sim::point();
        let mut state = self.state.lock();
        if state.gone[role.peer() as usize].is_some() {
            drop(state);
            drop(word);
            return;
        }
        state.speaker = role;
        if state.next.is_none() {
            state.next = Some(word);
        } else {
            state.later.push_back(word);
        }
        let listener = state.listener.take();
        drop(state);
        if let Some(listener) = listener {
            listener.wake();
        }
    }

    /// S1, S2.
    #[inline]
    pub(crate) fn hear(&self, role: Role, cx: &Context<'_>) -> Poll<Result<W, Gone>> {
        let mut state = self.state.lock();
        if state.speaker != role
            && let Some(word) = state.next.take()
        {
            if !state.later.is_empty() {
                state.next = state.later.pop_front();
            }
            return Poll::Ready(Ok(word));
        }
        if let Some(gone) = &state.gone[role.peer() as usize] {
            return Poll::Ready(Err(gone.clone()));
        }
        if state.listener.as_ref().is_some_and(|listener| listener.will_wake(cx.waker())) {
            return Poll::Pending;
        }
        let before = state.listener.replace(cx.waker().clone());
        drop(state);
        drop(before);
        Poll::Pending
    }

    /// How the peer left, if there is nothing to be heard from it any more.
    pub(crate) fn peer_gone(&self, role: Role) -> Option<Gone> {
        let state = self.state.lock();
        let is_heard = state.next.is_none() || state.speaker == role;
        state.gone[role.peer() as usize].clone().filter(|_| is_heard)
    }

    /// S2, S3. What was said to who leaves is dropped.
    pub(crate) fn leave(&self, role: Role, gone: Gone) {
        let mut state = self.state.lock();
        state.gone[role as usize].get_or_insert(gone);
        let unheard = match state.speaker == role {
            true => None,
            false => Some((state.next.take(), std::mem::take(&mut state.later))),
        };
        let (listener, leaving) = (state.listener.take(), state.leaving[role as usize].take());
        drop(state);
        drop((unheard, leaving));
        if let Some(listener) = listener {
            listener.wake();
        }
    }

    /// As a timer sees it.
    pub(crate) fn owed(self: &Arc<Self>) -> Arc<dyn Owed> {
        (self.owed)(self.clone())
    }

    /// Somebody leaves, and is told of when it is known why (S4).
    pub(crate) fn farewell(self: &Arc<Self>, role: Role) -> Arc<dyn Owed> {
        let farewell = (self.leaving)(self.clone(), role);
        self.state.lock().leaving[role as usize] = Some(farewell.clone());
        farewell
    }
}

/// The line as a timer sees it: it wakes who waits, so that he looks at the time.
impl<W: Send + 'static> Owed for Line<W> {
    fn close(&self, _: Lost) {}
    fn caller(&self) -> Pid {
        self.node.own_pid()
    }
    fn close_at_end_of(&self, _: Pid, _: &ExitReason) {}
    fn nudge(&self) {
        let listener = self.state.lock().listener.take();
        if let Some(listener) = listener {
            listener.wake();
        }
    }
    fn give_away(&self) {}
    fn is_handed_out(&self) -> bool {
        true
    }
    fn is_awaited(&self) -> bool {
        false
    }
}

/// Who leaves is told of with the callers of the process that let go of the side (S4).
struct Farewell<W> {
    line: Arc<Line<W>>,
    role: Role,
}

impl<W: Send + 'static> Owed for Farewell<W> {
    fn close(&self, _: Lost) {
        self.line.leave(self.role, Gone::Left);
    }
    fn caller(&self) -> Pid {
        self.line.node.own_pid()
    }
    fn close_at_end_of(&self, pid: Pid, reason: &ExitReason) {
        let gone = match reason {
            ExitReason::Normal => Gone::Left,
            reason => Gone::Down(pid, reason.clone()),
        };
        self.line.leave(self.role, gone);
    }
    fn nudge(&self) {}
    fn give_away(&self) {}
    fn is_handed_out(&self) -> bool {
        true
    }
    fn is_awaited(&self) -> bool {
        false
    }
}
