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
use super::cell::Message;
use super::{Node, Process};
use crate::mailbox::Owed;
use crate::pid::Pid;
use crate::rt::sync::{atomic::AtomicBool, thread_local};
use crate::rt::time::Instant;
use crate::timer::TimerKey;
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{Ordering::Acquire, Ordering::Release};
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

/// What a process that awaits keeps: how it is woken, whom it waits for, and its bell.
pub(crate) struct Waits {
    waker: Waker,
    node: Arc<Node>,
    edge: Option<Edge>,
    bell: Option<Hung>,
}

/// Wakes a process whose calls have to look at the time. One for all that it makes: a call that is
/// answered leaves it as it is, so a process that makes a million calls sets it once per limit.
struct Bell {
    waker: Waker,
    has_rung: AtomicBool,
}

/// A bell that is set.
struct Hung {
    bell: Arc<Bell>,
    due: Instant,
    key: TimerKey,
}

/// What the calls say that are polled here.
struct Notes {
    is_open: Cell<bool>,
    /// What the waker points at that the process is polled with.
    own: Cell<usize>,
    /// Calls that are pending.
    calls: Cell<u32>,
    /// A call was polled with another waker.
    is_apart: Cell<bool>,
    /// The bell has rung: calls look at the time.
    has_rung: Cell<bool>,
    /// When the first of them gives up.
    due: Cell<Option<Instant>>,
    edge: Cell<Option<Edge>>,
    found: Cell<Option<Box<Circle>>>,
}

thread_local! {
    /// Of the process that is polled here; not open outside.
    static NOTES: Notes = const {
        Notes {
            is_open: Cell::new(false),
            own: Cell::new(0),
            calls: Cell::new(0),
            is_apart: Cell::new(false),
            has_rung: Cell::new(false),
            due: Cell::new(None),
            edge: Cell::new(None),
            found: Cell::new(None),
        }
    };
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

impl Waits {
    pub(crate) fn new<M: Message>(cell: &Arc<super::cell::Cell<M>>) -> Self {
        let (waker, node) = (cell.clone().into(), cell.head.node.clone());
        Self { waker, node, edge: None, bell: None }
    }

    /// Whose answer it waits for.
    pub(crate) fn edge(&self) -> Option<&Edge> {
        self.edge.as_ref()
    }

    /// Polls the process, and notes whom it waits for.
    #[inline]
    pub(crate) fn poll<T>(
        &mut self,
        purpose: Purpose,
        f: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        self.edge = None;
        let has_rung = self.bell.as_ref().is_some_and(|hung| hung.bell.has_rung.load(Acquire));
        if has_rung {
            self.bell = None;
        }
        let found = match purpose {
            Purpose::GoOn => None,
            Purpose::Tell(circle) => Some(circle),
            Purpose::MakeSure => return self.poll_to_make_sure(has_rung, f),
        };
        let scope = Scope::enter(&self.waker, has_rung, found);
        let polled = f(&mut Context::from_waker(&self.waker));
        if polled.is_pending() {
            let due = NOTES.with(|notes| {
                self.edge = notes.edge.take();
                notes.due.take()
            });
            drop(scope);
            self.set_bell(due);
        }
        polled
    }

    /// No edge, or a sure one.
    #[cold]
    fn poll_to_make_sure<T>(
        &mut self,
        has_rung: bool,
        f: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        let alarm = Arc::new(Alarm(self.waker.clone()));
        let own = Waker::from(alarm.clone());
        let scope = Scope::enter(&own, has_rung, None);
        let polled = f(&mut Context::from_waker(&own));
        drop(own);
        if polled.is_pending() {
            let clones = Arc::strong_count(&alarm) - 1;
            let (edge, due) = NOTES.with(|notes| {
                let is_all = clones == 1 && notes.calls.get() == 1 && !notes.is_apart.get();
                (notes.edge.take().filter(|_| is_all), notes.due.take())
            });
            drop(scope);
            self.edge = edge.map(|edge| Edge { is_sure: true, ..edge });
            self.set_bell(due);
        }
        polled
    }

    /// It rings no later than this.
    #[inline]
    fn set_bell(&mut self, due: Option<Instant>) {
        let Some(due) = due else { return };
        if self.bell.as_ref().is_none_or(|hung| hung.due > due) {
            self.hang_bell(due);
        }
    }

    #[cold]
    fn hang_bell(&mut self, due: Instant) {
        self.take_bell_down();
        let bell = Arc::new(Bell { waker: self.waker.clone(), has_rung: AtomicBool::new(false) });
        let rings = bell.clone();
        let key = self.node.timers.arm(due, move || {
            rings.has_rung.store(true, Release);
            rings.waker.wake_by_ref();
        });
        self.bell = Some(Hung { bell, due, key });
    }

    fn take_bell_down(&mut self) {
        if let Some(hung) = self.bell.take() {
            self.node.timers.cancel(hung.key);
        }
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        self.take_bell_down();
    }
}

/// One poll's notes; those of an outer poll come back when it is dropped.
struct Scope {
    outer: Option<Outer>,
}

/// What a poll had noted when another one began on its stack.
struct Outer {
    own: usize,
    calls: u32,
    is_apart: bool,
    has_rung: bool,
    due: Option<Instant>,
    edge: Option<Edge>,
    found: Option<Box<Circle>>,
}

impl Scope {
    #[inline]
    fn enter(own: &Waker, has_rung: bool, found: Option<Box<Circle>>) -> Self {
        NOTES.with(|notes| {
            let outer = notes.is_open.replace(true).then(|| notes.put_aside());
            notes.own.set(own.data().addr());
            notes.calls.set(0);
            notes.is_apart.set(false);
            notes.has_rung.set(has_rung);
            if found.is_some() {
                notes.found.set(found);
            }
            Self { outer }
        })
    }
}

impl Notes {
    #[cold]
    fn put_aside(&self) -> Outer {
        Outer {
            own: self.own.get(),
            calls: self.calls.get(),
            is_apart: self.is_apart.get(),
            has_rung: self.has_rung.get(),
            due: self.due.take(),
            edge: self.edge.take(),
            found: self.found.take(),
        }
    }

    #[cold]
    fn take_up(&self, outer: Outer) {
        self.is_open.set(true);
        self.own.set(outer.own);
        self.calls.set(outer.calls);
        self.is_apart.set(outer.is_apart);
        self.has_rung.set(outer.has_rung);
        self.due.set(outer.due);
        let left = (self.edge.replace(outer.edge), self.found.replace(outer.found));
        drop(left);
    }

    /// Whether who is polled with this waker is polled whenever the process is.
    fn is_own(&self, cx: &Context<'_>) -> bool {
        self.is_open.get() && self.own.get() == cx.waker().data().addr()
    }

    fn note_call(&self, cx: &Context<'_>, due: Option<Instant>) {
        self.calls.set(self.calls.get() + 1);
        if !self.is_own(cx) {
            self.is_apart.set(true);
        } else if let Some(due) = due {
            self.due.set(Some(self.due.get().map_or(due, |other| other.min(due))));
        }
    }
}

impl Drop for Scope {
    #[inline]
    fn drop(&mut self) {
        NOTES.with(|notes| {
            notes.is_open.set(false);
            let left = (notes.edge.take(), notes.found.take());
            notes.due.set(None);
            drop(left);
            if let Some(outer) = self.outer.take() {
                notes.take_up(outer);
            }
        });
    }
}

/// Whether the process that is polled here has a bell for what is polled with this waker; then
/// whether it has rung.
#[inline]
pub(crate) fn bell(cx: &Context<'_>) -> Option<bool> {
    NOTES.with(|notes| notes.is_own(cx).then(|| notes.has_rung.get()))
}

/// The process that is polled here waits for an answer, but not for ever (W1).
pub(crate) fn note_bounded(cx: &Context<'_>, due: Option<Instant>) {
    NOTES.with(|notes| {
        if notes.is_open.get() {
            notes.note_call(cx, due);
        }
    });
}

/// A call of the process that is polled here is pending; its bell rings when the call is due. Gives
/// the circle that it closes, if that was just found.
#[inline]
pub(crate) fn note(cx: &Context<'_>, edge: Edge, due: Option<Instant>) -> Option<Vec<Pid>> {
    NOTES.with(|notes| {
        if !notes.is_open.get() {
            return None;
        }
        notes.note_call(cx, due);
        let found = notes.found.take();
        let found = match found {
            Some(circle) if edge.is_for(&circle.owed) => Some(circle.path),
            other => {
                notes.found.set(other);
                None
            }
        };
        // Perhaps the last to know the answer, whose drop is the user's.
        drop(notes.edge.replace(Some(edge)));
        found
    })
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
