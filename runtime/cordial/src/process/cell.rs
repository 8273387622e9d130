//! What a process is: one heap object, which is also its address.
//!
//! Whoever holds the boxed body is the runner, and the compiler sees to it that there is one.
//!
//! # The stages of a cell
//! ```text
//!            push / signal             a dispatcher takes it
//!   Idle ────────────────▶ Queued ─────────────────────────▶ Running
//!    ▲                      ▲ ▲ ▲                             │ │ │ │
//!    │  no mail left        │ │ └─ budget spent, or woken ◀───┘ │ │ │
//!    └──────────────────────┼─┼────────────────────────────────┘ │ │
//!                           │ └── wake / signal ── Waiting ◀─────┘ │   a handler awaits
//!                           └── push / wake / signal ── Listening ◀┤   a plain process receives
//!   Dead ◀── end of life ◀─────────────────────────────────────────┘
//!     └──── birth (a start, or a restart: same cell, next pid) ──▶ Queued
//! ```
//! # Rules (cited as C1 to C8)
//! - C1 `body` is `Out` exactly while the stage is `Running` or `Dead`: the runner owns it.
//! - C2 While a cell is `Queued` it has an entry in a run queue: it enters one on the step to
//!   `Queued`, unless it has one there still, or who took that step runs it at once (D8). An entry
//!   is a hint: who pops it and finds another stage drops it. Who runs a cell without having popped
//!   its entry leaves the entry behind. The entry of who asks (D8) is in the shared queue, and
//!   nobody was woken for it: who makes the cell ready otherwise gives it another one, or wakes
//!   somebody.
//! - C3 Nothing of the user's (message drop, waker, conversion) runs under the lock.
//! - C4 `signal` is set under the lock, and read by the runner before each message, before each
//!   poll and before idling.
//! - C5 Only the runner changes `Running` to something else; others leave `woken` or `signal`.
//! - C6 `Dead` refuses mail, links and monitors at once. The step to `Dead` and the taking of mail,
//!   links and watchers are one critical section: nobody can be added after the list was read.
//!   A cell that was reserved and has not lived yet takes mail, for its first incarnation.
//! - C7 A pid belongs to one incarnation. Links, watchers and timers carry it and are ignored by
//!   another one.
//! - C8 A living process holds its cell, so it lives while all handles are gone; the circle ends
//!   with the body.
use super::address::CastWait;
use super::alias::Mode;
use super::ancestors::{Born, Lineage};
use super::held::Held;
use super::lane::{Attend, Request};
use super::links::Links;
use super::local::Locals;
use super::monitors::Monitors;
use super::named::Resolve;
#[cfg(feature = "spans")]
use super::spans;
use super::ties::Ties;
use super::wait::Edge;
use super::watch::Watching;
use super::{Node, Process, panics};
use crate::error::SendError;
use crate::exit::ExitReason;
use crate::mailbox::{Asked, Mail, Owed, Queue};
use crate::pid::{MonitorRef, Pid};
use crate::rt::dispatch::{self, Dispatch, Runnable};
use crate::rt::sync::atomic::{AtomicBool, AtomicU64};
use crate::rt::sync::{Lock, MutexGuard};
use crate::telemetry::events;
use crate::timer::TimerKey;
use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::atomic::{Ordering::Acquire, Ordering::Relaxed};
use std::sync::{Arc, Weak};
use std::task::{Wake, Waker};
use std::time::Instant;

use super::run::{Longer, Seed, Turn};

/// A kind of message: what mailboxes carry.
///
/// `#[gen_server]` implements it for the mailbox enum; by hand it is implemented for any enum of
/// one's own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a mailbox message",
    label = "`cordial::Message` is not implemented",
    note = "`#[gen_server]` on an `impl` block generates a message enum that implements it"
)]
pub trait Message: Send + 'static {
    /// Some of its messages make room in a full mailbox, or wait for it: [`on_full`] is asked.
    ///
    /// [`on_full`]: Self::on_full
    const REGULATED: bool = false;

    /// The name of the message's kind, for counters and reports: the handler's name.
    fn kind(&self) -> &'static str;

    /// What becomes of it at a full mailbox. Asked under the mailbox's lock: a plain `match`.
    fn on_full(&self) -> OnFull {
        OnFull::Reject
    }

    /// It is a call whose caller does not wait any more.
    fn is_abandoned(&self) -> bool {
        false
    }
}

/// What becomes of a message at a full mailbox.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum OnFull {
    /// It is refused.
    #[default]
    Reject,
    /// The oldest message goes that says so, too; while there is none it is refused.
    DropOldest,
    /// As `DropOldest`, but it never goes itself: a call.
    MakeRoom,
    /// It waits for room.
    Wait,
    /// It waits for nothing: it goes in over the bound, and counts.
    GoOver,
}

impl Message for () {
    fn kind(&self) -> &'static str {
        "()"
    }
}

/// In this order: the runner looks at `head` before each message, and what senders write, the
/// lock and the line, must not lie beside it.
#[repr(C)]
pub(crate) struct Cell<M> {
    pub(crate) inner: Lock<Inner<M>>,
    pub(crate) head: Head,
}

/// Who asks runs its callee only if there is no more mail than this up to its own.
const HELP: u8 = 32;

/// Marks the pid of a closed address; generations never get that far.
pub(crate) const CLOSED: u64 = 1 << 63;

/// The part that anybody may read without the lock.
pub(crate) struct Head {
    pub(crate) node: Arc<Node>,
    /// The living incarnation; with `CLOSED`, the one that lived here last; 0 before the first.
    pub(crate) pid: AtomicU64,
    /// When the incarnation began, relative to others of the node.
    pub(crate) born: Born,
    pub(crate) signal: AtomicBool,
    /// It waits for the answer of a call: whoever calls it may close a circle.
    pub(crate) waits: AtomicBool,
}

impl Head {
    /// Somebody lives here.
    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        let bits = self.pid.load(Acquire);
        bits != 0 && bits & CLOSED == 0
    }

    #[inline]
    pub(crate) fn pid(&self) -> Option<Pid> {
        self.last_pid_if(|bits| bits & CLOSED == 0)
    }

    /// Who lives here, or did last.
    pub(crate) fn last_pid(&self) -> Option<Pid> {
        self.last_pid_if(|_| true)
    }

    fn last_pid_if(&self, is_asked: impl FnOnce(u64) -> bool) -> Option<Pid> {
        let bits = self.pid.load(Acquire);
        if is_asked(bits) { Pid::from_bits(self.node.number(), bits & !CLOSED) } else { None }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stage {
    Idle,
    Queued,
    Running,
    Waiting,
    Listening,
    Dead,
}

/// A process between turns.
pub(crate) trait Actor<M>: Send {
    fn turn(self: Box<Self>, turn: &mut Turn<'_, M>) -> After<M>;
    /// A turn that begins with this mail. `None`: it became a longer one, and is told in `longer`.
    /// Contains what handlers do.
    fn one<'a>(
        self: Box<Self>,
        mail: Mail<M>,
        seed: &Seed<'a, M>,
        longer: &mut Longer<'a, M>,
    ) -> Option<Box<dyn Actor<M>>>;
    /// The kind of what it handled last.
    fn last_message(&self) -> Option<&'static str>;
    /// The server that it is, if it is one.
    fn attend(&mut self) -> Option<&mut dyn Attend> {
        None
    }
}

/// A process in the middle of something that awaits.
pub(crate) trait Pending<M>: Send {
    fn resume(self: Pin<Box<Self>>, turn: &mut Turn<'_, M>) -> After<M>;
    /// Whose answer it waits for.
    fn edge(&self) -> Option<&Edge>;
    /// The kind of what it handles, where that is known.
    fn last_message(&self) -> Option<&'static str> {
        None
    }
    /// What awaits is a handler of a server.
    fn is_server(&self) -> bool {
        false
    }
    /// The server, if it does nothing but stand still (L3).
    fn suspended(self: Pin<&mut Self>) -> Option<&mut Box<dyn Actor<M>>> {
        None
    }
}

/// What a turn leaves.
pub(crate) enum After<M> {
    /// Nothing to do, or a signal to look at.
    Rest(Box<dyn Actor<M>>),
    /// The budget is spent.
    Again(Box<dyn Actor<M>>),
    /// It awaits, perhaps the answer of a call.
    Wait(Pin<Box<dyn Pending<M>>>),
    End(Ending),
}

/// How a life ends by its own doing.
pub(crate) struct Ending {
    pub(crate) reason: ExitReason,
    /// State, context, future: dropped first, contained.
    pub(crate) remains: Box<dyn Send>,
    /// What the crash report tells; `None` where there is nothing to report.
    pub(crate) crash: Option<Box<Crash>>,
    /// Told when the process is gone: a starter whose start failed.
    pub(crate) told: Option<Box<dyn FnOnce() + Send>>,
    /// The kind of what was handled last.
    pub(crate) last_message: Option<&'static str>,
}

/// What only the dying process knows of its crash.
#[derive(Default)]
pub(crate) struct Crash {
    pub(crate) last_message: Option<&'static str>,
    /// The reason before `terminate` failed too.
    pub(crate) first: Option<ExitReason>,
    /// The function that a task runs.
    pub(crate) runs: Option<&'static str>,
    /// Whose call it was handling; whose task it is.
    pub(crate) client: Option<Pid>,
    /// What of its state may be shown.
    pub(crate) state: Option<String>,
    /// The state is as a panic left it.
    pub(crate) poisoned: bool,
}

pub(crate) enum Body<M> {
    Out,
    Rest(Box<dyn Actor<M>>),
    Wait(Pin<Box<dyn Pending<M>>>),
}

impl<M> Body<M> {
    pub(crate) fn last_message(&self) -> Option<&'static str> {
        match self {
            Self::Out => None,
            Self::Rest(actor) => actor.last_message(),
            Self::Wait(pending) => pending.last_message(),
        }
    }
}

#[repr(C)]
pub(crate) struct Inner<M> {
    pub(crate) stage: Stage,
    /// It is in a run queue (C2).
    pub(crate) has_entry: bool,
    /// The entry is of who asked, and nobody was woken for it: to others it is none (D8).
    pub(crate) is_left: bool,
    pub(crate) woken: bool,
    /// The next poll is to make sure what the process waits for.
    pub(crate) is_asked: bool,
    /// A plain process waits for mail.
    pub(crate) listening: bool,
    /// `init` has not finished.
    pub(crate) starting: bool,
    pub(crate) queue: Queue<M>,
    pub(crate) body: Body<M>,
    /// Whom it descends from; its siblings hold the same.
    pub(crate) lineage: Option<Arc<Lineage>>,
    /// One word for a process without links, monitors, names and timers.
    pub(crate) ext: Option<Box<Ext>>,
}

/// What signals need, made when first needed.
#[derive(Default)]
pub(crate) struct Ext {
    pub(crate) trap: bool,
    /// Nobody lived here yet, and mail for whoever comes first is kept.
    pub(crate) reserved: bool,
    /// An accepted exit signal. Monitors that come after it are told `NoProc` (PROC-7), but only
    /// when the process is really gone (TYP-7).
    pub(crate) doom: Option<ExitReason>,
    /// Who started it with a link.
    pub(crate) parent: Option<Pid>,
    pub(crate) links: Links,
    pub(crate) monitors: Monitors,
    pub(crate) name: Option<Arc<str>>,
    /// Callers whose handles a handler was given to keep.
    pub(crate) debts: Vec<Weak<dyn Owed>>,
    /// Timers aimed at this process: they die with it (TMR-7).
    pub(crate) timers: BTreeSet<TimerKey>,
    pub(crate) rare: Option<Box<Rare>>,
    /// Nobody ever lives here: the address stands for this name.
    pub(crate) stands_for: Option<Arc<dyn Resolve>>,
}

/// What few processes have.
#[derive(Default)]
pub(crate) struct Rare {
    /// What its children hold, made with the first of them.
    pub(crate) kin: Option<Arc<Lineage>>,
    /// Mail that a full mailbox refused and nobody heard of.
    pub(crate) dropped: u64,
    /// Who inside a plain process polls its mailbox, where that is not the process as a whole.
    pub(crate) listener: Option<Waker>,
    /// Mail that a plain process that waits has set aside.
    pub(crate) saved: usize,
    /// The active ones.
    pub(crate) aliases: Ties<MonitorRef, Mode>,
    pub(crate) locals: Locals,
    /// What others find it by, and what it owns: both go with it.
    pub(crate) held: Held,
    pub(crate) label: Option<Arc<str>>,
    /// The monitor of a name that fired last, and the name.
    pub(crate) fired_by_name: Option<(MonitorRef, Arc<str>)>,
    /// Since when its worker has been blocked by what it does now.
    pub(crate) slow_since: Option<Instant>,
    /// What is asked of the process itself, before its next message (L1).
    pub(crate) requests: Vec<Request>,
    /// It handles no mail (L3).
    pub(crate) suspended: bool,
    /// Requests wait for the end of a handler (L2).
    pub(crate) deferring: bool,
    /// Who watches what it handles.
    pub(crate) watching: Option<Arc<Watching>>,
}

impl<M> Inner<M> {
    /// The step to `Queued`. True: it has no entry yet, or none that others count on (C2).
    #[inline]
    pub(crate) fn queue_up(&mut self) -> bool {
        self.stage = Stage::Queued;
        let had_entry = std::mem::replace(&mut self.has_entry, true);
        std::mem::take(&mut self.is_left) || !had_entry
    }

    /// [`queue_up`](Self::queue_up), by who may run it himself (D8).
    #[inline]
    pub(crate) fn queue_up_asked(&mut self) -> bool {
        #[cfg(feature = "chaos")]
        if crate::rt::sim::is_active() {
            return self.queue_up(); // Whose turn it is, the simulation says.
        }
        self.stage = Stage::Queued;
        let enters = !std::mem::replace(&mut self.has_entry, true);
        self.is_left |= enters;
        enters
    }

    /// How much mail there is up to the last, if nobody runs it and it is not much.
    #[inline]
    fn ahead(&self, was_idle: bool) -> u8 {
        if was_idle {
            return 1;
        }
        if self.stage != Stage::Queued || !matches!(self.body, Body::Rest(_)) {
            return 0;
        }
        u8::try_from(self.queue.len()).ok().filter(|ahead| *ahead <= HELP).unwrap_or(0)
    }

    pub(crate) fn ext(&mut self) -> &mut Ext {
        self.ext.get_or_insert_default()
    }

    /// Mail that nothing refuses. True: the caller schedules the cell once the lock is gone (C2).
    pub(crate) fn take_in(&mut self, mail: Mail<M>) -> bool {
        self.queue.put(mail);
        self.is_readied_by_mail()
    }

    /// Who awaits goes on when that is there, whatever comes. True: the caller schedules the cell.
    #[inline]
    fn is_readied_by_mail(&mut self) -> bool {
        self.stage != Stage::Waiting && make_ready(self)
    }

    fn is_reserved(&self) -> bool {
        self.ext.as_ref().is_some_and(|ext| ext.reserved)
    }

    /// Whose answer it waits for. One that listens may do so no more: to be made sure of.
    pub(crate) fn edge(&self) -> Option<&Edge> {
        match (&self.body, self.stage) {
            (Body::Wait(pending), Stage::Waiting) => pending.edge(),
            (Body::Wait(pending), Stage::Listening) => pending.edge().filter(|edge| !edge.is_sure),
            _ => None,
        }
    }

    pub(crate) fn waits_for(&self, owed: &Arc<dyn Owed>) -> bool {
        self.edge().is_some_and(|edge| edge.is_for(owed))
    }

    pub(crate) fn rare(&mut self) -> Option<&mut Rare> {
        self.ext.as_mut()?.rare.as_deref_mut()
    }

    pub(crate) fn note_saved(&mut self, saved: usize) {
        if saved > 0 || self.rare().is_some() {
            self.ext().rare().saved = saved;
        }
    }
}

impl Ext {
    pub(crate) fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }
}

/// Where mail has gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Pushed {
    /// The bits of who gets it.
    pub(crate) pid: u64,
    /// How many turns of mail it takes to get there, for who asks and may run them (D8); 0: nobody
    /// may but a dispatcher.
    pub(crate) ahead: u8,
}

impl<M: Message> Cell<M> {
    /// An address that nobody lives at.
    pub(crate) fn unborn(node: Arc<Node>) -> Arc<Self> {
        let head = Head {
            node,
            pid: AtomicU64::new(0),
            born: Born::default(),
            signal: AtomicBool::new(false),
            waits: AtomicBool::new(false),
        };
        let inner = Inner {
            stage: Stage::Dead,
            has_entry: false,
            is_left: false,
            woken: false,
            is_asked: false,
            listening: false,
            starting: false,
            queue: Queue::new(),
            body: Body::Out,
            lineage: None,
            ext: None,
        };
        Arc::new(Self { head, inner: Lock::new(inner) })
    }

    /// Puts mail into the line and makes the process ready.
    #[inline(always)]
    pub(crate) fn push(self: &Arc<Self>, mail: Mail<M>) -> Result<Pushed, SendError> {
        self.push_and(mail, Dispatch::schedule, false)
    }

    /// In line with who makes the mail: then it is made where it will lie.
    #[inline(always)]
    fn push_and(
        self: &Arc<Self>,
        mail: Mail<M>,
        schedule: fn(&Dispatch, Arc<dyn Runnable>),
        asks: bool,
    ) -> Result<Pushed, SendError> {
        #[cfg(feature = "chaos")]
        if self.refuses(&mail) {
            return Err(SendError::Full);
        }
        #[cfg(feature = "spans")]
        let mail = spans::carry(mail);
        let mut inner = self.inner.lock();
        let stage = inner.stage;
        if stage == Stage::Dead || inner.queue.is_full() {
            return self.push_hard(inner, mail, schedule);
        }
        #[cfg(feature = "chaos")]
        let mail = self.note_sent(mail);
        inner.queue.put_and(mail, |rest| swell(&self.head, rest));
        let pid = self.head.pid.load(Relaxed);
        let was_idle = matches!(stage, Stage::Idle | Stage::Listening);
        let ahead = if asks { inner.ahead(was_idle) } else { 0 };
        let enters = match asks && !self.head.node.dispatch.is_inside() {
            true => was_idle && inner.queue_up_asked(),
            false => inner.is_readied_by_mail(),
        };
        if enters {
            drop(inner);
            schedule(&self.head.node.dispatch, self.clone());
        }
        Ok(Pushed { pid, ahead })
    }

    /// Nobody lives here, or the line is full.
    #[cold]
    #[inline(never)]
    fn push_hard(
        self: &Arc<Self>,
        mut inner: MutexGuard<'_, Inner<M>>,
        mail: Mail<M>,
        schedule: fn(&Dispatch, Arc<dyn Runnable>),
    ) -> Result<Pushed, SendError> {
        if inner.stage == Stage::Dead && !inner.is_reserved() {
            drop(inner); // C3
            return self.forward(mail);
        }
        let mut dropped = None;
        if inner.queue.is_full() && mail.counts() {
            let policy = mail.message().map_or(OnFull::Reject, M::on_full);
            #[cfg(feature = "chaos")]
            self.note_loose();
            if policy == OnFull::Wait {
                let pid = self.head.pid.load(Relaxed);
                let (_, left) = inner.queue.line_up(mail, M::is_abandoned);
                drop(inner);
                drop(left); // C3
                return Ok(Pushed { pid, ahead: 0 });
            }
            if matches!(policy, OnFull::DropOldest | OnFull::MakeRoom) {
                let may_go = |message: &M| message.on_full() == OnFull::DropOldest;
                dropped = inner.queue.take_droppable(may_go);
            }
            if dropped.is_none() && policy != OnFull::GoOver {
                drop(inner); // C3
                self.tell_overflow(&mail);
                drop(mail);
                return Err(SendError::Full);
            }
        }
        if dropped.is_some() {
            inner.ext().rare().dropped += 1;
        }
        #[cfg(feature = "chaos")]
        let mail = self.note_sent(mail);
        let enters = inner.take_in(mail);
        let pid = self.head.pid.load(Relaxed);
        drop(inner);
        if enters {
            schedule(&self.head.node.dispatch, self.clone());
        }
        if let Some(dropped) = dropped {
            self.tell_overflow(&dropped);
            let _ = panics::contain(|| drop(dropped)); // C3
        }
        Ok(Pushed { pid, ahead: 0 })
    }

    /// A message that waits for room, if there is none; its place is taken here.
    pub(crate) fn send_waiting(self: &Arc<Self>, message: M) -> CastWait {
        let mail = self.address_mail(message);
        #[cfg(feature = "spans")]
        let mail = spans::carry(mail);
        #[cfg(feature = "chaos")]
        self.note_loose();
        let mut inner = self.inner.lock();
        let is_closed = inner.stage == Stage::Dead && !inner.is_reserved();
        if is_closed {
            drop(inner); // C3
            #[cfg(feature = "spans")]
            let (mail, _) = spans::apart(mail);
            return match (self.elsewhere(), mail) {
                (Some(cell), Mail::User(message)) => cell.send_waiting(message),
                (_, mail) => CastWait::over(self.forward(mail).map(drop)),
            };
        }
        if inner.queue.is_full() && mail.counts() {
            let (ticket, left) = inner.queue.line_up(mail, M::is_abandoned);
            drop(inner);
            drop(left); // C3
            return CastWait::waiting(ticket);
        }
        let enters = inner.take_in(mail);
        drop(inner);
        self.schedule_if(Some(enters));
        CastWait::over(Ok(()))
    }

    fn tell_overflow(&self, mail: &Mail<M>) {
        self.head.node.telemetry.emit(|| {
            let kind = mail.message().map_or("system", M::kind);
            let pid = self.head.last_pid().unwrap_or_else(|| self.head.node.own_pid());
            events::MailboxOverflow { pid, server: self.server(), kind }
        });
    }

    /// Mail to where nobody lives goes on to who has the name, if the address stands for one.
    #[cold]
    fn forward(&self, mail: Mail<M>) -> Result<Pushed, SendError> {
        match (self.elsewhere(), mail) {
            (Some(cell), Mail::User(message)) => cell.send(message),
            (Some(cell), mail) => cell.push(mail),
            (None, mail) => {
                drop(mail);
                Err(SendError::NoProc)
            }
        }
    }

    /// From now on mail is kept for the first incarnation, up to the bound it will have.
    pub(crate) fn reserve(&self, limit: Option<usize>) {
        let mut inner = self.inner.lock();
        inner.queue.set_limit(limit, M::REGULATED);
        inner.ext().reserved = true;
    }

    /// Nobody will ever live here: mail that was kept is dropped, and no more is taken.
    pub(crate) fn release(&self) {
        if self.head.last_pid().is_some() {
            return; // Somebody lived here.
        }
        let mut inner = self.inner.lock();
        if inner.is_reserved() {
            let kept = (inner.queue.take(), inner.ext.take());
            drop(inner);
            let _ = panics::contain(|| drop(kept)); // C3
        }
    }

    /// A message, counted against the bound unless the process sends it to itself (M4).
    #[inline(always)]
    pub(crate) fn send(self: &Arc<Self>, message: M) -> Result<Pushed, SendError> {
        self.push(self.address_mail(message))
    }

    /// [`send`](Self::send), by who is about to wait for the answer (D8).
    #[inline(always)]
    pub(crate) fn ask(self: &Arc<Self>, message: M) -> Result<Pushed, SendError> {
        self.push_and(self.address_mail(message), Dispatch::schedule_asked, true)
    }

    /// A call to what takes whole messages: with the message it has the handle (W2).
    pub(crate) fn give(
        self: &Arc<Self>,
        message: M,
        owed: Arc<dyn Owed>,
    ) -> Result<Pushed, SendError> {
        match dispatch::running() {
            Some(_) => self.push(Mail::Asked(Box::new(Asked { message, owed }))),
            None => self.send(message),
        }
    }

    #[inline(always)]
    fn address_mail(&self, message: M) -> Mail<M> {
        let is_own = |pid: Pid| pid.bits() == self.head.pid.load(Relaxed);
        if dispatch::running().is_some_and(is_own) {
            return self.own_mail(message);
        }
        Mail::User(message)
    }

    /// A message of the process to itself (M4).
    pub(crate) fn own_mail(&self, message: M) -> Mail<M> {
        let is_bounded = self.inner.lock().queue.is_bounded();
        match is_bounded {
            true => Mail::Own(Box::new(message)),
            false => Mail::User(message),
        }
    }

    /// A message that waits for nobody: over the bound it is dropped and counted.
    pub(crate) fn inform(self: &Arc<Self>, message: M) -> Result<Pushed, SendError> {
        let sent = self.send(message);
        if sent == Err(SendError::Full) {
            let full = self.elsewhere().unwrap_or_else(|| self.clone());
            full.inner.lock().ext().rare().dropped += 1;
        }
        sent
    }

    /// Something came that cannot wait behind mail (C4). True: schedule the cell once the lock is
    /// gone (C2).
    pub(crate) fn raise(&self, inner: &mut Inner<M>) -> bool {
        self.head.signal.store(true, Relaxed);
        make_ready(inner)
    }

    /// `f` with the living incarnation; `None` if `pid` is not it (C7).
    pub(crate) fn alive<T>(&self, pid: Pid, f: impl FnOnce(&mut Inner<M>) -> T) -> Option<T> {
        let mut inner = self.inner.lock();
        if inner.stage == Stage::Dead || self.head.pid() != Some(pid) {
            return None;
        }
        Some(f(&mut inner))
    }

    /// Mail for one incarnation and no other (C7): what a timer brings. It comes back if that one
    /// is gone.
    pub(crate) fn deliver(self: &Arc<Self>, to: Pid, mail: Mail<M>) -> Option<Mail<M>> {
        let mut mail = Some(mail);
        let ready = self.alive(to, |inner| {
            let mail = mail.take().expect("asked once");
            #[cfg(feature = "chaos")]
            let mail = self.note_sent(mail);
            inner.take_in(mail)
        });
        self.schedule_if(ready);
        mail
    }

    /// What [`alive`](Self::alive) gave of a step that may have made the process ready (C2).
    pub(crate) fn schedule_if(self: &Arc<Self>, ready: Option<bool>) {
        if ready == Some(true) {
            self.head.node.dispatch.schedule(self.clone());
        }
    }

    pub(crate) fn as_process(self: &Arc<Self>) -> Arc<dyn Process> {
        self.clone()
    }
}

/// The buffer of a line has to grow: where the node's mark lies in it, it grows up to there first,
/// and beyond it the node is told. So nothing is counted while it does not grow.
#[cold]
#[inline(never)]
fn swell<M>(head: &Head, rest: &mut Vec<Mail<M>>) {
    let (mark, waiting) = (head.node.high_water_mark().max(1), rest.len());
    if waiting < mark {
        if mark < waiting.saturating_mul(2) {
            rest.reserve_exact(mark - waiting);
        }
    } else if let Some(pid) = head.pid() {
        head.node.note_high_water(pid, waiting + 1, mark);
    }
}

/// True: the caller schedules the cell once the lock is gone (C2).
#[inline]
pub(crate) fn make_ready<M>(inner: &mut Inner<M>) -> bool {
    match inner.stage {
        Stage::Idle | Stage::Waiting | Stage::Listening => inner.queue_up(),
        Stage::Queued => std::mem::take(&mut inner.is_left),
        Stage::Running | Stage::Dead => false,
    }
}

/// The waker of what a process awaits: back onto our own run queue, not through the executor.
impl<M: Message> Wake for Cell<M> {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut inner = self.inner.lock();
        match inner.stage {
            Stage::Waiting | Stage::Listening => {
                let is_left = inner.is_left;
                if inner.queue_up() {
                    drop(inner);
                    self.head.node.dispatch.schedule_left(is_left, || self.clone());
                }
            }
            Stage::Running => inner.woken = true,
            Stage::Idle | Stage::Queued | Stage::Dead => {}
        }
    }
}
