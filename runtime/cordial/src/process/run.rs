//! One turn of a process, and the end of its life.
//!
//! # The end of a life (cited as E1 to E6)
//! The body has run `terminate` by then, where it is due (GS-34). What follows is the same for all:
//! - E1 state, context and future are dropped, contained
//! - E2 values of its own are dropped, tables end or have a new owner, the name is free and so are
//!   its keys in registries
//! - E3 the address is closed; mail that waited is dropped, contained
//! - E4 the pid is gone from the table, timers aimed at it are gone
//! - E5 callers that waited are told, then a starter whose start failed
//! - E6 DOWN to watchers, EXIT to links, the parent last; then the crash report
use super::ancestors::Lineage;
use super::cell::{
    Actor, After, Body, CLOSED, Cell, Crash, Ending, Ext, Inner, Message, Pending, Stage,
};
use super::crash_report::{self, Client, CrashReport};
use super::held::{self, Held};
use super::local::Values;
use super::wait::{self, Purpose};
use super::{ExitVia, panics};
use crate::exit::ExitReason;
use crate::mailbox::{self, Batch, Mail, Queue, with_dying};
use crate::pid::Pid;
use crate::rt::dispatch::{self, BUDGET, Entry, Identity, Ran, Runnable};
#[cfg(feature = "chaos")]
use crate::rt::sim;
use crate::rt::sync::MutexGuard;
use crate::rt::watch::Beat;
use crate::telemetry::events;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::{Relaxed, Release, SeqCst};

/// One turn, in the body's hands.
pub(crate) struct Turn<'a, M> {
    pub(super) cell: &'a Cell<M>,
    pub(super) batch: Batch<M>,
    left: u32,
    /// A dispatcher's own, which may give it more than its share (D9).
    is_whole: bool,
    purpose: Purpose,
    pub(super) beat: &'a Beat,
}

/// What a turn begins with. A turn of one mail, as nearly all of a process that is asked are, needs
/// no more.
pub(crate) struct Seed<'a, M> {
    cell: &'a Cell<M>,
    left: u32,
    is_whole: bool,
    beat: &'a Beat,
}

/// A turn that was more than one mail, and what it has come to.
pub(crate) type Longer<'a, M> = Option<(Turn<'a, M>, After<M>)>;

impl<'a, M> Seed<'a, M> {
    #[inline]
    pub(crate) fn turn(&self) -> Turn<'a, M> {
        let Self { cell, left, is_whole, beat } = *self;
        Turn { cell, batch: Batch::new(), left, is_whole, purpose: Purpose::GoOn, beat }
    }

    /// The mail has not been looked at.
    pub(crate) fn turn_of(&self, mail: Mail<M>) -> Turn<'a, M> {
        let mut turn = self.turn();
        turn.left += 1;
        turn.batch.begin_with(mail);
        turn
    }
}

/// Why [`Turn::drain`] is over.
pub(crate) enum Drained {
    /// No mail left, or a signal to look at.
    Rest,
    Budget,
    Broken,
}

impl<M: Message> Turn<'_, M> {
    /// Hands mail to `f` until it breaks off, none is left, there is a signal to look at, or the
    /// budget is spent. The first mail and the rest lie in different places: one loop over both
    /// would copy each mail once more.
    #[inline]
    pub(crate) fn drain(&mut self, mut f: impl FnMut(Mail<M>) -> ControlFlow<()>) -> Drained {
        if let Some(pause) = self.pause() {
            return pause;
        }
        if let Some(mail) = self.batch.take_first() {
            self.left -= 1;
            if f(mail).is_break() {
                return Drained::Broken;
            }
        }
        loop {
            if let Some(pause) = self.pause() {
                return pause;
            }
            let Some(mail) = self.batch.take_next() else { return Drained::Rest };
            self.left -= 1;
            if f(mail).is_break() {
                return Drained::Broken;
            }
        }
    }

    #[inline]
    fn pause(&self) -> Option<Drained> {
        if self.is_interrupted() {
            return Some(Drained::Rest);
        }
        (self.left == 0).then(|| match self.batch.is_empty() {
            true => Drained::Rest,
            false => Drained::Budget,
        })
    }

    /// Its share is spent, and it has another one (D9).
    #[cold]
    fn goes_on(&mut self) -> bool {
        let goes_on = self.is_whole && self.cell.head.node.dispatch.grants_more();
        if goes_on {
            self.left = BUDGET;
        }
        goes_on
    }

    /// How the future is polled that the process waits in.
    #[inline]
    pub(crate) fn purpose(&mut self) -> Purpose {
        std::mem::take(&mut self.purpose)
    }

    /// C4.
    #[inline]
    pub(crate) fn is_interrupted(&self) -> bool {
        self.cell.head.signal.load(Relaxed)
    }
}

impl<M: Message> Runnable for Cell<M> {
    fn run(&self, most: u32, entry: Entry, beat: &Beat) -> Ran {
        let Some(mut inner) = self.begin_turn(entry) else { return Ran::Done };
        let pid = self.head.pid();
        let is_whole = most == BUDGET;
        if let Some((actor, mail)) = self.take_one(&mut inner) {
            drop(inner);
            beat.begin(pid.map_or(0, Pid::bits));
            let _me = Identity::assume(pid);
            return self.run_one(actor, mail, &Seed { cell: self, left: most - 1, is_whole, beat });
        }
        let mut turn = Seed { cell: self, left: most, is_whole, beat }.turn();
        let body = self.take_body(inner, &mut turn);
        beat.begin(pid.map_or(0, Pid::bits));
        let _me = Identity::assume(pid);
        let ran = self.run_body(body, &mut turn);
        mailbox::tell_dropped();
        ran
    }

    fn abandon(self: Arc<Self>) {
        let mut inner = self.inner.lock();
        if matches!(inner.stage, Stage::Dead | Stage::Running) {
            return; // A running turn finds the node closed when it is over.
        }
        (inner.stage, inner.has_entry) = (Stage::Running, false);
        let body = std::mem::replace(&mut inner.body, Body::Out);
        drop(inner);
        let ending = Ending::silent(ExitReason::NodeStopped, Box::new(body));
        self.end(ending, &mut Batch::new());
    }

    #[cfg(feature = "chaos")]
    fn who(&self) -> Option<Pid> {
        self.head.pid()
    }
}

impl<M: Message> Cell<M> {
    /// `None`: somebody else ran it since it was queued (C2).
    #[inline(always)]
    fn begin_turn(&self, entry: Entry) -> Option<MutexGuard<'_, Inner<M>>> {
        let mut inner = self.inner.lock();
        if entry == Entry::Popped {
            (inner.has_entry, inner.is_left) = (false, false);
        }
        if inner.stage != Stage::Queued {
            return None;
        }
        (inner.stage, inner.woken) = (Stage::Running, false);
        self.head.waits.store(false, Relaxed);
        Some(inner)
    }

    /// The body of a process that is at rest and has one mail, and no signal to look at.
    #[inline(always)]
    fn take_one(&self, inner: &mut Inner<M>) -> Option<(Box<dyn Actor<M>>, Mail<M>)> {
        if !matches!(inner.body, Body::Rest(_)) || self.head.signal.load(Relaxed) {
            return None;
        }
        let mail = inner.queue.take_only()?;
        inner.is_asked = false;
        match std::mem::replace(&mut inner.body, Body::Out) {
            Body::Rest(actor) => Some((actor, mail)),
            Body::Wait(_) | Body::Out => unreachable!("it was looked at"),
        }
    }

    /// A turn that begins with the only mail there is, and most often ends with it.
    #[inline(always)]
    fn run_one<'a>(&'a self, actor: Box<dyn Actor<M>>, mail: Mail<M>, seed: &Seed<'a, M>) -> Ran {
        let mut longer = None;
        match panics::contain(|| actor.one(mail, seed, &mut longer)) {
            Ok(Some(actor)) => {
                let mut inner = self.inner.lock();
                if !self.head.signal.load(Relaxed) && inner.queue.is_empty() {
                    inner.body = Body::Rest(actor);
                    inner.stage = Stage::Idle;
                    drop(inner);
                    self.abandon_if_closed();
                    return Ran::Done;
                }
                drop(inner);
                self.run_on(seed.turn(), Ok(After::Rest(actor)))
            }
            Ok(None) => {
                let (turn, after) = longer.expect("who has no body says what it has come to");
                self.run_on(turn, Ok(after))
            }
            Err(reason) => self.run_on(seed.turn(), Err(reason)),
        }
    }

    /// What began as a turn of one mail goes on.
    #[inline(never)]
    fn run_on(&self, mut turn: Turn<'_, M>, after: Result<After<M>, ExitReason>) -> Ran {
        let ran = match self.follow(after, &mut turn) {
            Ok(ran) => ran,
            Err(body) => self.run_body_on(body, &mut turn),
        };
        mailbox::tell_dropped();
        ran
    }

    #[inline]
    fn take_body(&self, mut inner: MutexGuard<'_, Inner<M>>, turn: &mut Turn<'_, M>) -> Body<M> {
        if std::mem::take(&mut inner.is_asked) {
            turn.purpose = Purpose::MakeSure;
        }
        if matches!(inner.body, Body::Rest(_)) {
            turn.batch.refill(&mut inner.queue);
        }
        let body = std::mem::replace(&mut inner.body, Body::Out);
        if std::mem::take(&mut inner.listening)
            && let Some(listener) = inner.rare().and_then(|rare| rare.listener.take())
        {
            drop(inner);
            listener.wake(); // C3
        }
        body
    }

    /// In line with [`run`](Runnable::run), whose path it is.
    #[inline(always)]
    fn run_body(&self, mut body: Body<M>, turn: &mut Turn<'_, M>) -> Ran {
        loop {
            if turn.is_interrupted() {
                dispatch::wake_held();
                self.show_itself(turn, body.last_message());
                if let Some(reason) = self.take_doom() {
                    let ending = Ending::silent(reason, Box::new(body));
                    self.end(ending, &mut turn.batch);
                    return Ran::Done;
                }
                body = self.attend(body, turn);
            }
            let after = panics::contain(|| match body {
                Body::Rest(actor) => actor.turn(turn),
                Body::Wait(pending) => pending.resume(turn),
                Body::Out => unreachable!("C1: who runs has the body"),
            });
            match self.follow(after, turn) {
                Ok(ran) => return ran,
                Err(again) => body = again,
            }
        }
    }

    #[cold]
    fn run_body_on(&self, body: Body<M>, turn: &mut Turn<'_, M>) -> Ran {
        self.run_body(body, turn)
    }

    /// What a turn asks for. `Err`: go on with it.
    #[inline(always)]
    fn follow(
        &self,
        after: Result<After<M>, ExitReason>,
        turn: &mut Turn<'_, M>,
    ) -> Result<Ran, Body<M>> {
        match after {
            Ok(After::Rest(actor)) => self.settle(actor, turn),
            Ok(After::Again(actor)) => self.requeue(actor, turn),
            Ok(After::Wait(pending)) => self.park(pending, turn),
            Ok(After::End(mut ending)) => {
                self.heed_last_signal(&mut ending, turn);
                self.end(ending, &mut turn.batch);
                Ok(Ran::Done)
            }
            // The body contains what handlers do; this is a drop of its own that panicked.
            Err(reason) => {
                self.end(Ending::crash(reason, Box::new(()), None), &mut turn.batch);
                Ok(Ran::Done)
            }
        }
    }

    /// The first turn of a life that begins on the stack of whoever started it (D8): mail that
    /// comes meanwhile waits for the next one.
    pub(super) fn run_first(
        &self,
        pid: Pid,
        beat: &Beat,
        begin: impl FnOnce(&mut Turn<'_, M>) -> After<M>,
    ) -> Ran {
        let mut turn = Seed { cell: self, left: 0, is_whole: false, beat }.turn();
        beat.begin(pid.bits());
        let _me = Identity::assume(Some(pid));
        let after = panics::contain(|| begin(&mut turn));
        self.run_on(turn, after)
    }

    /// Puts the body back, unless mail or a signal came meanwhile.
    #[inline]
    fn settle(&self, actor: Box<dyn Actor<M>>, turn: &mut Turn<'_, M>) -> Result<Ran, Body<M>> {
        let mut inner = self.inner.lock();
        if self.head.signal.load(Relaxed) || !turn.batch.is_empty() {
            return Err(Body::Rest(actor)); // C4
        }
        if !inner.queue.is_empty() {
            if turn.left == 0 && !turn.goes_on() {
                return Ok(requeue_under_lock(inner, actor));
            }
            turn.batch.refill(&mut inner.queue);
            return Err(Body::Rest(actor));
        }
        turn.batch.give_back(&mut inner.queue);
        inner.body = Body::Rest(actor);
        inner.stage = Stage::Idle;
        drop(inner);
        self.abandon_if_closed();
        Ok(Ran::Done)
    }

    fn requeue(&self, actor: Box<dyn Actor<M>>, turn: &mut Turn<'_, M>) -> Result<Ran, Body<M>> {
        if turn.left == 0 && turn.goes_on() {
            return Err(Body::Rest(actor));
        }
        let mut inner = self.inner.lock();
        turn.batch.stash(&mut inner.queue);
        Ok(requeue_under_lock(inner, actor))
    }

    /// Leaves the process waiting. `Err`: go on with it, there is a signal or a circle of waits.
    fn park(
        &self,
        pending: Pin<Box<dyn Pending<M>>>,
        turn: &mut Turn<'_, M>,
    ) -> Result<Ran, Body<M>> {
        let mut inner = self.inner.lock();
        if self.head.signal.load(Relaxed) {
            return Err(Body::Wait(pending));
        }
        turn.batch.stash(&mut inner.queue);
        // First our flag, then theirs: the last of a circle to park sees that all others wait.
        let is_suspect = pending.edge().is_some_and(|edge| {
            self.head.waits.store(true, SeqCst);
            edge.callee.waits()
        });
        inner.body = Body::Wait(pending);
        if inner.woken || (inner.listening && !inner.queue.is_empty()) {
            return Ok(again(&mut inner));
        }
        inner.stage = if inner.listening { Stage::Listening } else { Stage::Waiting };
        drop(inner);
        turn.batch.tell_gone();
        // From here on others may run it: it may have ended, and live again.
        self.abandon_if_closed();
        if is_suspect { self.look_for_circle(turn) } else { Ok(Ran::Done) }
    }

    #[cold]
    fn look_for_circle(&self, turn: &mut Turn<'_, M>) -> Result<Ran, Body<M>> {
        let circle = self.head.pid().and_then(|own| wait::walk(own, self));
        match circle {
            Some(circle) if wait::make_sure(&circle) => self.unpark(turn),
            _ => Ok(Ran::Done),
        }
    }

    /// The handler is told that it would wait for ever, if that is so.
    #[cold]
    fn unpark(&self, turn: &mut Turn<'_, M>) -> Result<Ran, Body<M>> {
        let verdicts = self.head.node.verdicts.lock();
        let circle = self.head.pid().and_then(|own| wait::confirm(own, self));
        let Some(circle) = circle else { return Ok(Ran::Done) };
        let mut inner = self.inner.lock();
        if !inner.waits_for(&circle.owed) {
            return Ok(Ran::Done);
        }
        inner.stage = Stage::Running;
        let body = std::mem::replace(&mut inner.body, Body::Out);
        drop(inner);
        drop(verdicts);
        turn.purpose = Purpose::Tell(Box::new(circle));
        Err(body)
    }

    /// The runtime may have gone while this process ran (D6).
    fn abandon_if_closed(&self) {
        if self.head.node.dispatch.is_closed()
            && let Some(process) = self.head.pid().and_then(|pid| self.head.node.table.get(pid))
        {
            process.abandon();
        }
    }

    /// An exit signal that came before the body was over is why it ended: that of `exit` to
    /// oneself always is (PROC-20). A panic tells more.
    fn heed_last_signal(&self, ending: &mut Ending, turn: &Turn<'_, M>) {
        if !turn.is_interrupted() {
            return;
        }
        self.show_itself(turn, ending.last_message);
        if ending.reason.panic().is_none()
            && let Some(reason) = self.take_doom()
        {
            (ending.reason, ending.crash) = (reason, None);
        }
    }

    fn take_doom(&self) -> Option<ExitReason> {
        let inner = self.inner.lock();
        self.head.signal.store(false, Relaxed);
        inner.ext.as_ref().and_then(|ext| ext.doom.clone())
    }
}

fn requeue_under_lock<M>(mut inner: MutexGuard<'_, Inner<M>>, actor: Box<dyn Actor<M>>) -> Ran {
    inner.body = Body::Rest(actor);
    again(&mut inner)
}

/// C2: whoever ran the cell gives it an entry, unless it has one.
fn again<M>(inner: &mut Inner<M>) -> Ran {
    inner.stage = Stage::Queued;
    if std::mem::replace(&mut inner.has_entry, true) { Ran::Queued } else { Ran::Again }
}

// ===== The end =====

impl Ending {
    /// By a signal: nothing to report, nobody told but links and monitors.
    pub(crate) fn silent(reason: ExitReason, remains: Box<dyn Send>) -> Self {
        Self { reason, remains, crash: None, told: None, last_message: None }
    }

    pub(crate) fn crash(
        reason: ExitReason,
        remains: Box<dyn Send>,
        last_message: Option<&'static str>,
    ) -> Self {
        let crash = Some(Box::new(Crash { last_message, ..Crash::default() }));
        Self { reason, remains, crash, told: None, last_message }
    }
}

impl<M> Drop for Turn<'_, M> {
    fn drop(&mut self) {
        debug_assert!(self.batch.is_empty(), "a turn leaves no mail behind");
    }
}

impl<M: Message> Cell<M> {
    /// The one place where a life ends.
    fn end(&self, ending: Ending, batch: &mut Batch<M>) {
        let Ending { reason, remains, crash, told, .. } = ending;
        let pid = self.head.pid().expect("a life ends once");
        let ((past, ext), callers) = with_dying(|| {
            let _ = panics::contain(|| drop(remains)); // E1
            let (values, held, name) = self.belongings();
            drop_values(values);
            held::release(held);
            if let Some(name) = &name {
                self.head.node.free_name(name, pid, true); // E2
            }
            mailbox::hold_dropped(); // Handles that the last callback let go of.
            let (queue, mut past, mut ext) = self.close();
            past.waiting = batch.len() + queue.as_ref().map_or(0, Queue::len);
            batch.clear();
            drop(queue); // A panic in the drop of mail is nobody's.
            // Set while the mail was dropped.
            let late = ext.as_mut().and_then(|ext| ext.rare.as_mut());
            if let Some(late) = late {
                drop_values(Some(late.locals.take()));
                held::release(std::mem::take(&mut late.held));
            }
            (past, ext)
        });
        #[cfg(feature = "chaos")]
        self.note_dead(pid, &reason);
        self.head.node.table.remove(pid); // E4
        for caller in callers {
            caller.close_at_end_of(pid, &reason); // E5
        }
        let name = self.free_name_at_end(ext.as_deref(), pid);
        if let Some(mut ext) = ext {
            self.tell(pid, &mut ext, (&reason, past.starting), told);
        } else if let Some(told) = told {
            told();
        }
        self.report_end((pid, name), &reason, crash, &past);
    }

    /// What watches the node as a whole hears of it last.
    fn report_end(
        &self,
        (pid, name): (Pid, Option<Arc<str>>),
        reason: &ExitReason,
        crash: Option<Box<Crash>>,
        past: &Past,
    ) {
        let told = &self.head.node.telemetry;
        told.emit(|| {
            let server = name.clone().unwrap_or_else(server_name::<M>);
            let (reason, mail_waiting) = (reason.clone(), past.waiting);
            events::ProcessExit { pid, server, reason, mail_waiting }
        });
        let Some(crash) = crash.filter(|_| !reason.is_clean()) else { return };
        let server = name.unwrap_or_else(server_name::<M>);
        told.emit(|| {
            let (server, in_init) = (server.clone(), past.starting);
            let (reason, last_message) = (reason.clone(), crash.last_message);
            events::ProcessCrash { pid, server, reason, last_message, in_init }
        });
        let report = CrashReport {
            server: &server,
            pid,
            reason,
            starting: past.starting,
            waiting: past.waiting,
            client: crash.client.map(|pid| Client::at(&self.head.node, pid)),
            label: past.label.clone(),
            ancestors: Lineage::list(past.lineage.as_ref()),
            crash: *crash,
        };
        if crash_report::is_wanted() {
            let _ = panics::contain(|| report.emit()); // It shows what is the user's.
        }
        self.head.node.crashes.keep(report);
    }

    /// The name that it had, also one that it was given while it was ending.
    fn free_name_at_end(&self, ext: Option<&Ext>, pid: Pid) -> Option<Arc<str>> {
        let name = ext?.name.clone()?;
        self.head.node.free_name(&name, pid, true);
        Some(name)
    }

    #[cfg(feature = "chaos")]
    fn strike_at_drop(&self) {
        let _ = panics::contain(|| sim::strike(sim::Phase::Drop)); // E1
        sim::point();
    }

    #[cfg(feature = "chaos")]
    fn note_dead(&self, pid: Pid, reason: &ExitReason) {
        let line = std::ptr::from_ref(self).addr();
        sim::note(|| sim::Event::Dead { pid, line, why: reason.word() });
        sim::point();
    }

    /// Values of its own, what it holds elsewhere, and the name that it has.
    fn belongings(&self) -> Belongings {
        #[cfg(feature = "chaos")]
        self.strike_at_drop();
        let mut inner = self.inner.lock();
        let Some(ext) = &mut inner.ext else { return (None, Held::new(), None) };
        let name = ext.name.clone();
        let Some(rare) = &mut ext.rare else { return (None, Held::new(), name) };
        (Some(rare.locals.take()), std::mem::take(&mut rare.held), name)
    }

    /// C6, E3.
    fn close(&self) -> (Option<Queue<M>>, Past, Option<Box<Ext>>) {
        let mut inner = self.inner.lock();
        inner.stage = Stage::Dead;
        inner.body = Body::Out;
        self.head.signal.store(false, Relaxed);
        self.head.pid.fetch_or(CLOSED, Release);
        let lineage = inner.lineage.take();
        let label = inner.rare().and_then(|rare| rare.label.take());
        let past = Past { starting: inner.starting, lineage, waiting: 0, label };
        (inner.queue.take(), past, inner.ext.take())
    }

    /// E4 to E6.
    fn tell(
        &self,
        pid: Pid,
        ext: &mut Ext,
        (reason, starting): (&ExitReason, bool),
        told: Option<Box<dyn FnOnce() + Send>>,
    ) {
        while let Some(key) = ext.timers.pop_first() {
            let _ = panics::contain(|| self.head.node.timers.cancel(key));
        }
        for debt in ext.debts.drain(..).filter_map(|debt| debt.upgrade()) {
            debt.close_at_end_of(pid, reason);
        }
        if let Some(told) = told {
            told();
        }
        ext.monitors.watching.drain(None, |monitor, watched| {
            if let Some(process) = watched.process {
                process.forget_watcher(monitor);
            }
        });
        ext.monitors.watchers.drain(None, |monitor, watcher| {
            watcher.tell(monitor, pid, reason);
        });
        let parent = ext.parent;
        ext.links.drain(parent, |peer, link| {
            let failed_start = starting && Some(peer) == parent;
            let via = if failed_start { ExitVia::FailedStart } else { ExitVia::Link };
            let reason = if link.late { ExitReason::NoProc } else { reason.clone() };
            link.process.exit_signal(peer, pid, reason, via);
        });
        #[cfg(feature = "chaos")]
        sim::note(|| sim::Event::Told(pid));
    }
}

/// Values of a process's own, what it holds elsewhere, its name.
type Belongings = (Option<Values>, Held, Option<Arc<str>>);

/// What a report tells of a life that is over.
struct Past {
    starting: bool,
    lineage: Option<Arc<Lineage>>,
    /// Mail that nobody handled.
    waiting: usize,
    label: Option<Arc<str>>,
}

/// Values of the process's own, each by itself: a panic in the drop of one harms no other.
fn drop_values(values: Option<Values>) {
    for value in values.unwrap_or_default() {
        let _ = panics::contain(|| drop(value));
    }
}

/// The type's name, from that of its message enum: `CounterMsg` is `Counter`'s.
pub(crate) fn server_name<M>() -> Arc<str> {
    let path = std::any::type_name::<M>();
    let path = path.split('<').next().unwrap_or(path);
    let name = path.rsplit(':').next().unwrap_or(path);
    name.strip_suffix("Msg").filter(|rest| !rest.is_empty()).unwrap_or(name).into()
}
