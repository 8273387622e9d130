//! How a life begins: at an address where nobody lives, on a run queue or on the stack of whoever
//! starts it.
use super::ancestors::{self, Lineage};
use super::cell::{After, Body, Cell, Ext, Message, Pending, Stage};
use super::held::{self, Claim, Claimed};
use super::monitors::{Watcher, Who};
use super::run::Turn;
use super::{ExitVia, Found, Process};
use crate::error::StartError;
use crate::exit::ExitReason;
use crate::mailbox::{self, Slot};
use crate::pid::Pid;
#[cfg(feature = "chaos")]
use crate::rt::sim;
use crate::rt::watch::Beat;
use crate::signal::Down;
use crate::telemetry::events;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Release;

/// What a life begins with.
pub(crate) struct Birth {
    pub(crate) limit: Option<usize>,
    pub(crate) trap: bool,
    /// `init` runs first: until then failures are the starter's business.
    pub(crate) starting: bool,
    pub(crate) name: Option<Arc<str>>,
    /// A name of another kind.
    pub(crate) claim: Option<Arc<dyn Claim>>,
    pub(crate) parent: Option<(Pid, Arc<dyn Process>)>,
    /// Who wants to know of its end, from the beginning.
    pub(crate) watch: Option<Arc<Slot<Down>>>,
}

impl<M: Message> Cell<M> {
    /// Brings an unborn or dead cell to life, and queues it.
    pub(crate) fn birth(
        self: &Arc<Self>,
        birth: Birth,
        body: Pin<Box<dyn Pending<M>>>,
    ) -> Result<Pid, StartError> {
        let pid = self.settle_in(birth, Body::Wait(body))?;
        let enters = self.inner.lock().queue_up();
        self.schedule_if(Some(enters));
        Ok(pid)
    }

    /// Brings an unborn or dead cell to life, and runs its first turn on this stack (D8). Whoever
    /// waits for it has let go of what a callback of its own dropped, as at any other await.
    pub(crate) fn birth_here(
        self: &Arc<Self>,
        birth: Birth,
        beat: &Beat,
        begin: impl FnOnce(&mut Turn<'_, M>) -> After<M>,
    ) -> Result<Pid, StartError> {
        let pid = self.settle_in(birth, Body::Out)?;
        let ran = mailbox::aside(|| self.run_first(pid, beat, begin));
        self.head.node.dispatch.go_on(ran, || self.clone());
        Ok(pid)
    }

    /// The name and both halves of the link are there before anything of it runs (GS-1, GS-2,
    /// PROC-25).
    fn settle_in(self: &Arc<Self>, birth: Birth, body: Body<M>) -> Result<Pid, StartError> {
        #[cfg(feature = "chaos")]
        sim::point();
        let node = &self.head.node;
        node.admit()?;
        let pid = node.table.insert(self.clone());
        if let Some(name) = &birth.name
            && let Err(holder) = node.names.take(name.clone(), pid, self.clone())
        {
            node.table.remove(pid);
            node.tell_name_taken(name, pid, &holder);
            return Err(StartError::AlreadyStarted(holder));
        }
        let (name, parent) = (birth.name.clone(), birth.parent.clone());
        let lineage = ancestors::lineage(parent.as_ref());
        let mut claimed = None;
        let settled = self.take_claim(pid, &birth, &mut claimed);
        let tie = claimed.as_ref().and_then(|claimed: &Claimed| claimed.tie.clone());
        if let Err(error) =
            settled.and_then(|()| self.move_in(pid, birth, (lineage, &mut claimed), body))
        {
            held::release(claimed.map(|claimed| claimed.hold).into_iter().collect());
            if let Some(name) = &name {
                let _ = node.names.free(name, pid);
            }
            node.table.remove(pid);
            return Err(error);
        }
        #[cfg(feature = "chaos")]
        sim::point();
        let tie = tie.map(|tie| (tie.pid, tie.process));
        for (peer, process) in parent.iter().chain(&tie) {
            self.tie_to(pid, *peer, process);
        }
        if let Some(name) = &name {
            node.tell_named(name, pid);
        }
        node.telemetry.emit(|| {
            let parent = parent.map(|(pid, _)| pid);
            events::ProcessStart { pid, server: self.server(), parent }
        });
        Ok(pid)
    }

    /// Takes the name of another kind that it is to have.
    fn take_claim(
        self: &Arc<Self>,
        pid: Pid,
        birth: &Birth,
        claimed: &mut Option<Claimed>,
    ) -> Result<(), StartError> {
        if let Some(claim) = &birth.claim {
            *claimed = Some(claim.claim(&self.head.node, pid, &self.as_process())?);
        }
        Ok(())
    }

    fn move_in(
        &self,
        pid: Pid,
        birth: Birth,
        (lineage, claimed): (Option<Arc<Lineage>>, &mut Option<Claimed>),
        body: Body<M>,
    ) -> Result<(), StartError> {
        let mut inner = self.inner.lock();
        if inner.stage != Stage::Dead {
            let owner = self.head.pid().expect("an address that is not dead has a pid");
            return Err(StartError::AlreadyStarted(owner.into()));
        }
        // An entry of an earlier life must not run it before both halves of the link are there.
        inner.stage = Stage::Running;
        (inner.woken, inner.is_asked, inner.listening) = (false, false, false);
        inner.starting = birth.starting;
        inner.queue.set_limit(birth.limit, M::REGULATED);
        inner.body = body;
        inner.lineage = lineage;
        if birth.trap || birth.name.is_some() || birth.parent.is_some() {
            let ext = inner.ext();
            ext.trap = birth.trap;
            ext.name = birth.name;
            if let Some((parent, process)) = birth.parent {
                ext.parent = Some(parent);
                ext.links.add(parent, process, false);
            }
        }
        if let Some(Claimed { hold, tie }) = claimed.take() {
            let ext = inner.ext();
            ext.rare().held.push(hold);
            if let Some(Found { pid, process }) = tie {
                ext.links.add(pid, process, false);
            }
        }
        #[cfg(feature = "chaos")]
        sim::note(|| sim::Event::Born {
            pid,
            parent: inner.ext.as_ref().and_then(|ext| ext.parent),
            server: super::run::server_name::<M>(),
        });
        if let Some(slot) = birth.watch {
            let watcher = Watcher { late: false, who: Who::Future(slot) };
            let monitor = self.head.node.next_ref();
            #[cfg(feature = "chaos")]
            sim::note(|| sim::Event::Watched { monitor, pid });
            inner.ext().monitors.watchers.add(monitor, watcher);
        }
        self.head.born.set(self.head.node.next_birth());
        self.head.pid.store(pid.bits(), Release);
        Ok(())
    }

    /// The parent's half of the link, and that of who gave it a name. Who is gone by now is a link
    /// to nobody (PROC-23).
    fn tie_to(self: &Arc<Self>, pid: Pid, peer: Pid, process: &Arc<dyn Process>) {
        if !process.add_link(peer, pid, self.as_process()) {
            self.as_process().exit_signal(pid, peer, ExitReason::NoProc, ExitVia::Link);
        }
    }

    /// `init` has finished: from now on its end is everybody's business.
    pub(crate) fn started(&self) {
        let mut inner = self.inner.lock();
        inner.starting = false;
        if inner.ext.as_ref().is_some_and(|ext| ext.is_plain()) {
            inner.ext = None;
        }
    }
}

impl Ext {
    /// Nothing in it: an idle process need not keep it.
    fn is_plain(&self) -> bool {
        let unsignalled = !self.trap && self.doom.is_none() && self.parent.is_none();
        let unknown = self.name.is_none() && self.debts.is_empty() && self.timers.is_empty();
        unsignalled
            && unknown
            && self.rare.is_none()
            && self.links.is_empty()
            && self.monitors.is_empty()
    }
}
