//! Who waits for whom: the edge of a waiting process, and the walk that finds a circle.
//!
//! # When an edge stands (cited as W1 to W4)
//! - W1 A process that waits for the answer of one call has an edge to the callee. A call with a
//!   bound of its own makes none.
//! - W2 It stands while the answer is not there and the handler was not handed the
//!   [`ReplyTo`](crate::ReplyTo), which anybody may answer. What takes whole messages out of its
//!   mailbox (a plain process, a server by hand) has the handle as soon as it has the message.
//! - W3 Whether the process waits for nothing else, as in a `select!` or under a `timeout`, is
//!   looked at when it matters: the process is polled once more with an [`Alarm`] that nobody else
//!   has. If only the call has taken a clone, the edge is sure.
//! - W4 A circle of sure edges that was seen twice, with the same answers missing, is one: at the
//!   moment between, all stood. One walk alone could put edges of different moments together.
//!
//! # Why no circle is missed
//! A process parks with its edge and its flag `waits` (under its lock) *before* it reads the flag
//! of its callee; if that waits too, it walks. Flags are written and read in one order that all
//! agree on (`SeqCst`), so the last of a circle to park sees everybody's.
//!
//! # Who is told
//! Who closes a circle asks all others to make sure, and is the last to make sure itself: then all
//! edges are sure when it walks again, and it gets the verdict. The node's lock for verdicts lets
//! one walk at a time take a process out of its wait, so a circle is told once.
use super::Process;
use crate::mailbox::Owed;
use crate::pid::Pid;
use std::cell::RefCell;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

/// A process waits for the answer of another.
#[derive(Clone)]
pub(crate) struct Edge {
    pub(crate) callee: Arc<dyn Process>,
    pub(crate) owed: Arc<dyn Owed>,
    /// The process was seen to wait for nothing else (W3).
    pub(crate) is_sure: bool,
}

impl Edge {
    /// W2.
    pub(crate) fn stands(&self) -> bool {
        !self.owed.is_handed_out() && self.owed.is_awaited()
    }

    pub(crate) fn is_for(&self, owed: &Arc<dyn Owed>) -> bool {
        Arc::ptr_eq(&self.owed, owed)
    }
}

// ===== One poll of a process =====

/// What a poll of a body gives.
pub(crate) enum Polled<T> {
    Ready(T),
    /// It waits, perhaps for the answer of a call.
    Waits(Option<Edge>),
}

/// What the calls say that are polled here.
#[derive(Default)]
struct Notes {
    /// Calls that are pending.
    calls: u32,
    edge: Option<Edge>,
    /// The waker of a poll that makes sure.
    alarm: usize,
    /// A call was polled with another one.
    is_apart: bool,
    found: Option<Box<Circle>>,
}

thread_local! {
    /// Of the process that is polled here; `None` outside.
    static NOTES: RefCell<Option<Notes>> = const { RefCell::new(None) };
}

/// The waker of one poll: whoever was told to wake the process has a clone of it.
struct Alarm(Waker);

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.0.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.wake_by_ref();
    }
}

/// What a process is polled for.
#[derive(Default)]
pub(crate) enum Purpose {
    #[default]
    GoOn,
    /// Somebody wants to know whether it waits for nothing but the answer of a call (W3).
    MakeSure,
    /// It is told that it waits in a circle.
    Tell(Box<Circle>),
}

/// A circle of waits, for the call that closes it.
pub(crate) struct Circle {
    pub(crate) owed: Arc<dyn Owed>,
    path: Vec<Pid>,
}

/// Polls a body, and notes whom it waits for. What an outer poll noted comes back afterwards.
#[inline]
pub(crate) fn poll<T>(
    waker: &Waker,
    purpose: Purpose,
    f: impl FnOnce(&mut Context<'_>) -> Poll<T>,
) -> Polled<T> {
    let scope = match purpose {
        Purpose::GoOn => Scope::enter(Notes::default()),
        Purpose::Tell(circle) => Scope::enter(Notes { found: Some(circle), ..Notes::default() }),
        Purpose::MakeSure => return poll_to_make_sure(waker, f),
    };
    match f(&mut Context::from_waker(waker)) {
        Poll::Ready(value) => Polled::Ready(value),
        Poll::Pending => Polled::Waits(scope.take().edge),
    }
}

/// No edge, or a sure one.
#[cold]
fn poll_to_make_sure<T>(waker: &Waker, f: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Polled<T> {
    let alarm = Arc::new(Alarm(waker.clone()));
    let own = Waker::from(alarm.clone());
    let scope = Scope::enter(Notes { alarm: own.data().addr(), ..Notes::default() });
    let polled = f(&mut Context::from_waker(&own));
    drop(own);
    match polled {
        Poll::Ready(value) => Polled::Ready(value),
        Poll::Pending => {
            let clones = Arc::strong_count(&alarm) - 1;
            let notes = scope.take();
            let is_all = clones == 1 && notes.calls == 1 && !notes.is_apart;
            let edge = notes.edge.filter(|_| is_all);
            Polled::Waits(edge.map(|edge| Edge { is_sure: true, ..edge }))
        }
    }
}

/// One poll's notes; those of an outer poll come back when it is dropped.
struct Scope {
    outer: Option<Notes>,
}

impl Scope {
    #[inline]
    fn enter(notes: Notes) -> Self {
        Self { outer: NOTES.replace(Some(notes)) }
    }

    #[inline]
    fn take(&self) -> Notes {
        NOTES.take().expect("a poll has its notes until they are taken")
    }
}

impl Drop for Scope {
    #[inline]
    fn drop(&mut self) {
        NOTES.replace(self.outer.take());
    }
}

/// The process that is polled here waits for an answer, but not for ever (W1).
pub(crate) fn note_bounded() {
    NOTES.with_borrow_mut(|notes| notes.iter_mut().for_each(|notes| notes.calls += 1));
}

/// A call of the process that is polled here is pending. Gives the circle that it closes, if that
/// was just found.
pub(crate) fn note(cx: &Context<'_>, edge: Edge) -> Option<Vec<Pid>> {
    let (replaced, found) = NOTES.with_borrow_mut(|notes| {
        let notes = notes.as_mut()?;
        notes.calls += 1;
        notes.is_apart |= notes.alarm != 0 && notes.alarm != cx.waker().data().addr();
        let found = notes.found.take_if(|circle| edge.is_for(&circle.owed));
        Some((notes.edge.replace(edge), found))
    })?;
    drop(replaced); // Perhaps the last to know the answer, whose drop is the user's.
    found.map(|circle| circle.path)
}

// ===== The walk =====

/// The edges from `own` back to `own`, its own first, if they form a circle.
pub(crate) fn walk(own: Pid, process: &dyn Process) -> Option<Vec<Edge>> {
    let mut path = vec![process.edge()?];
    let mut mark = 0;
    loop {
        let last = path.len() - 1;
        let (callee, edge) = (path[last].callee.pid()?, &path[last]);
        if callee == own {
            return Some(path);
        }
        // A circle that `own` is not in never comes back to it.
        if last != mark && path[mark].callee.pid() == Some(callee) {
            return None;
        }
        if last.is_power_of_two() {
            mark = last;
        }
        let next = edge.callee.edge()?;
        path.push(next);
    }
}

/// Sees to it that all edges of the circle become sure, `own` last. True: they are.
pub(crate) fn make_sure(circle: &[Edge]) -> bool {
    let holders = [circle.last()].into_iter().flatten().chain(circle);
    let doubtful: Vec<_> = holders.zip(circle).filter(|(_, edge)| !edge.is_sure).collect();
    let ask = |(holder, edge): &(&Edge, &Edge)| holder.callee.clone().make_sure(&edge.owed);
    match &doubtful[..] {
        [] => return true,
        [one] => ask(one),
        // Whoever is not sure itself closed the circle, and has not been asked.
        [_, others @ ..] if !circle[0].is_sure => others.iter().for_each(ask),
        _ => {}
    }
    false
}

/// The circle, if it stands as a whole (W4).
pub(crate) fn confirm(own: Pid, process: &dyn Process) -> Option<Circle> {
    let (first, second) = (walk(own, process)?, walk(own, process)?);
    let is_same = first.len() == second.len()
        && first.iter().zip(&second).all(|(one, other)| one.is_sure && other.is_for(&one.owed));
    if !is_same {
        return None;
    }
    let mut path: Vec<Pid> = first.iter().map(|edge| edge.callee.pid()).collect::<Option<_>>()?;
    path.rotate_right(1); // The last one's callee is `own`.
    Some(Circle { owed: first[0].owed.clone(), path })
}
