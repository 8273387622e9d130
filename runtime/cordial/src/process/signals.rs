//! How signals reach a process: exits, links, monitors. They never wait behind mail, yet what
//! becomes a message keeps its place in the line (PROC-6).
use super::ancestors::{Ancestor, Lineage};
use super::cell::{Cell, Ext, Inner, Message, Stage};
use super::held::Held;
use super::info::{Info, Status};
use super::lane::Request;
use super::monitors::{Watched, Watcher, Who};
use super::run::server_name;
use super::wait::Edge;
use super::watch::Watching;
use super::{Ask, EndsOn, ExitVia, Fired, Node, Process};
use crate::exit::ExitReason;
use crate::mailbox::{Owed, System};
use crate::pid::{MonitorRef, Pid};
use crate::rt::dispatch;
#[cfg(feature = "chaos")]
use crate::rt::sim;
use crate::rt::watch::Lasting;
use crate::signal::{Down, Exit};
use crate::timer::TimerKey;
use std::any::{Any, TypeId};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

impl<M> Inner<M> {
    /// `None`: it is as good as gone.
    fn info(&self, pid: Pid) -> Option<Info> {
        let none = Ext::default();
        let ext = self.ext.as_deref().unwrap_or(&none);
        let saved = ext.rare.as_ref().map_or(0, |rare| rare.saved);
        let watching = ext.monitors.watching.iter().map(|(_, watched)| watched);
        let watchers = ext.monitors.watchers.iter().filter_map(|(_, watcher)| watcher.who.pid());
        ext.doom.is_none().then(|| Info {
            pid,
            registered_name: ext.name.clone(),
            label: ext.rare.as_ref().and_then(|rare| rare.label.clone()),
            links: ext.links.peers(),
            monitors: watching.filter(|one| one.process.is_some()).map(|one| one.pid).collect(),
            monitored_by: watchers.collect(),
            message_queue_len: self.queue.len() + saved,
            status: match self.stage {
                Stage::Queued => Status::Runnable,
                Stage::Running => Status::Running,
                _ => Status::Waiting,
            },
            trap_exit: ext.trap,
            ancestors: Lineage::list(self.lineage.as_ref()),
        })
    }
}

/// What an exit signal does to a process.
enum Effect {
    Ignored,
    /// It has become mail.
    Mailed,
    /// The process will end with this reason.
    Doomed(ExitReason),
}

impl<M: Message> Cell<M> {
    /// System mail to one incarnation. True: schedule the cell.
    pub(super) fn mail(&self, inner: &mut Inner<M>, system: System) -> bool {
        let system = Box::new(system);
        #[cfg(feature = "chaos")]
        self.note_system(&system);
        inner.mail(system)
    }

    /// An exit signal comes. True: schedule the cell.
    pub(super) fn signal(
        &self,
        inner: &mut Inner<M>,
        to: Pid,
        from: Pid,
        reason: ExitReason,
        via: ExitVia,
    ) -> bool {
        match effect(inner.ext(), to, from, &reason, via) {
            Effect::Ignored => false,
            Effect::Mailed => self.mail(inner, System::Exit(Exit { from, reason })),
            Effect::Doomed(doom) => {
                inner.ext().doom.get_or_insert(doom);
                self.raise(inner)
            }
        }
    }
}

/// PROC-13, 15, 16, 18, 19, 20, 24.
fn effect(ext: &mut Ext, to: Pid, from: Pid, reason: &ExitReason, via: ExitVia) -> Effect {
    let by_link = via != ExitVia::Explicit;
    if by_link && !ext.links.remove(from) {
        return Effect::Ignored; // Unlinked meanwhile.
    }
    if *reason == ExitReason::Kill && !by_link {
        return Effect::Doomed(ExitReason::Killed);
    }
    if ext.trap {
        return if via == ExitVia::FailedStart { Effect::Ignored } else { Effect::Mailed };
    }
    if *reason == ExitReason::Normal && from != to {
        return Effect::Ignored;
    }
    Effect::Doomed(reason.clone())
}

impl<M: Message> Cell<M> {
    /// Whether a DOWN that comes out of the mailbox is still wanted (PROC-32).
    pub(crate) fn claim(&self, monitor: MonitorRef) -> bool {
        let mut inner = self.inner.lock();
        let Some(ext) = inner.ext.as_mut() else { return false };
        let Some(watched) = ext.monitors.watching.remove(monitor) else { return false };
        if let Some(name) = watched.name {
            ext.rare().fired_by_name = Some((monitor, name));
        }
        true
    }

    /// As [`claim`](Self::claim), for one that only looks.
    pub(crate) fn wants(&self, monitor: MonitorRef) -> bool {
        let inner = self.inner.lock();
        inner.ext.as_ref().is_some_and(|ext| ext.monitors.watching.contains(monitor))
    }
}

impl<M: Message> Process for Cell<M> {
    fn pid(&self) -> Option<Pid> {
        self.head.pid()
    }

    fn born(&self) -> u64 {
        self.head.born.get()
    }

    fn node(&self) -> &Arc<Node> {
        &self.head.node
    }

    fn is_of_others(&self) -> bool {
        self.others_have_it()
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }

    fn exit_signal(self: Arc<Self>, to: Pid, from: Pid, reason: ExitReason, via: ExitVia) {
        #[cfg(feature = "chaos")]
        {
            sim::point();
            sim::note(|| sim::Event::Signal { to, from, why: reason.word() });
        }
        let ready = self.alive(to, |inner| self.signal(inner, to, from, reason, via));
        self.schedule_if(ready);
    }

    fn ask_to_end(
        self: Arc<Self>,
        pid: Pid,
        ask: Ask,
        watcher: (MonitorRef, Who),
        on: EndsOn,
    ) -> bool {
        self.begin_ending(pid, ask, watcher, on)
    }

    fn deliver_down(self: Arc<Self>, to: Pid, down: Down) {
        let ready = self.alive(to, |inner| {
            let Some(watched) = inner.ext().monitors.watching.get_mut(down.monitor) else {
                return false;
            };
            watched.process = None;
            inner.drop_alias_of_monitor(down.monitor);
            self.mail(inner, System::Down(down))
        });
        self.schedule_if(ready);
    }

    fn watch(&self, pid: Pid, monitor: MonitorRef, who: Who) -> Result<(), Who> {
        #[cfg(feature = "chaos")]
        sim::point();
        let mut who = Some(who);
        let added = self.alive(pid, |inner| {
            let ext = inner.ext();
            let (late, who) = (ext.doom.is_some(), who.take().expect("asked once"));
            #[cfg(feature = "chaos")]
            sim::note(|| sim::Event::Watched { monitor, pid });
            ext.monitors.watchers.add(monitor, Watcher { late, who });
        });
        match who {
            Some(who) if added.is_none() => Err(who),
            _ => Ok(()),
        }
    }

    fn forget_watcher(&self, monitor: MonitorRef) {
        #[cfg(feature = "chaos")]
        sim::note(|| sim::Event::Unwatched(monitor));
        let watcher =
            self.inner.lock().ext.as_mut().and_then(|ext| ext.monitors.watchers.remove(monitor));
        drop(watcher);
    }

    fn add_watching(&self, me: Pid, monitor: MonitorRef, watched: Watched) {
        self.alive(me, |inner| inner.ext().monitors.watching.add(monitor, watched));
    }

    fn remove_watching(
        &self,
        me: Pid,
        monitor: MonitorRef,
        fired: Fired,
    ) -> Option<Arc<dyn Process>> {
        let watched = self.alive(me, |inner| {
            inner.drop_alias_of_monitor(monitor);
            let watching = &mut inner.ext.as_mut()?.monitors.watching;
            let has_fired = watching.get_mut(monitor)?.process.is_none();
            if has_fired && fired == Fired::Stays {
                return None;
            }
            watching.remove(monitor)?.process
        });
        watched.flatten()
    }

    fn add_link(&self, me: Pid, peer: Pid, process: Arc<dyn Process>) -> bool {
        #[cfg(feature = "chaos")]
        sim::point();
        let added = self.alive(me, |inner| {
            let ext = inner.ext();
            // Whoever links while it ends itself is not what `late` is about.
            let late = ext.doom.is_some() && dispatch::running() != Some(me);
            ext.links.add(peer, process, late);
        });
        added.is_some()
    }

    fn remove_link(&self, me: Pid, peer: Pid) {
        self.alive(me, |inner| inner.ext.as_mut().map(|ext| ext.links.remove(peer)));
    }

    fn set_trap(&self, me: Pid, trap: bool) -> bool {
        let before = self.alive(me, |inner| match (&mut inner.ext, trap) {
            (None, false) => false,
            _ => std::mem::replace(&mut inner.ext().trap, trap),
        });
        before.unwrap_or(false)
    }

    fn traps(&self, me: Pid) -> bool {
        self.alive(me, |inner| inner.ext.as_ref().is_some_and(|ext| ext.trap)).unwrap_or(false)
    }

    fn set_name(&self, pid: Pid, name: Option<Arc<str>>) -> Option<Result<(), Arc<str>>> {
        self.alive(pid, |inner| {
            let ext = inner.ext();
            match (&ext.name, &name) {
                (Some(old), Some(_)) => return Err(old.clone()),
                _ => ext.name = name,
            }
            if let Some(rare) = &mut ext.rare {
                rare.kin = None; // Children from here on know it by this name.
            }
            Ok(())
        })
    }

    fn name(&self) -> Option<Arc<str>> {
        self.inner.lock().ext.as_ref().and_then(|ext| ext.name.clone())
    }

    fn server(&self) -> Arc<str> {
        if let Some(name) = self.stands_for() {
            return name.text();
        }
        Process::name(self).unwrap_or_else(server_name::<M>)
    }

    fn parent(&self, pid: Pid) -> Option<Pid> {
        self.alive(pid, |inner| inner.ext.as_ref().and_then(|ext| ext.parent)).flatten()
    }

    fn lineage(&self, pid: Pid) -> Option<Arc<Lineage>> {
        self.alive(pid, |inner| {
            let up = inner.lineage.clone();
            let ext = inner.ext();
            let name = ext.name.clone();
            ext.rare().kin.get_or_insert_with(|| Lineage::of(pid, name, up.as_ref())).clone()
        })
    }

    fn ancestors(&self, pid: Pid) -> Vec<Ancestor> {
        let lineage = self.alive(pid, |inner| inner.lineage.clone()).flatten();
        Lineage::list(lineage.as_ref())
    }

    #[cfg(feature = "test-util")]
    fn is_busy(&self) -> bool {
        matches!(self.inner.lock().stage, Stage::Queued | Stage::Running)
    }

    #[inline]
    fn waits(&self) -> bool {
        self.head.waits.load(SeqCst)
    }

    fn edge(&self) -> Option<Edge> {
        let edge = self.inner.lock().edge().cloned();
        edge.filter(Edge::stands)
    }

    fn make_sure(self: Arc<Self>, owed: &Arc<dyn Owed>) {
        let mut inner = self.inner.lock();
        if inner.waits_for(owed) {
            inner.is_asked = true;
            let enters = inner.queue_up();
            drop(inner);
            self.schedule_if(Some(enters));
        }
    }

    fn monitor_name(&self, me: Pid, monitor: MonitorRef) -> Option<Arc<str>> {
        let name = self.alive(me, |inner| {
            let ext = inner.ext.as_mut()?;
            if let Some(watched) = ext.monitors.watching.get_mut(monitor) {
                return watched.name.clone();
            }
            let (fired, name) = ext.rare.as_ref()?.fired_by_name.as_ref()?;
            (*fired == monitor).then(|| name.clone())
        });
        name.flatten()
    }

    fn swap_local(
        &self,
        me: Pid,
        key: TypeId,
        value: Option<Box<dyn Any + Send>>,
    ) -> Option<Box<dyn Any + Send>> {
        let mut value = value;
        let before = self.alive(me, |inner| match (value.take(), inner.rare()) {
            (None, None) => None,
            (value, _) => inner.ext().rare().locals.swap(key, value),
        });
        before.flatten()
    }

    fn set_label(&self, me: Pid, label: Arc<str>) {
        self.alive(me, |inner| inner.ext().rare().label.replace(label));
    }

    fn held(&self, pid: Pid, f: &mut dyn FnMut(&mut Held)) -> bool {
        self.alive(pid, |inner| f(&mut inner.ext().rare().held)).is_some()
    }

    fn info(&self, pid: Pid) -> Option<Info> {
        self.alive(pid, |inner| inner.info(pid)).flatten()
    }

    fn is_doomed(&self, pid: Pid) -> Option<bool> {
        self.alive(pid, |inner| inner.ext.as_ref().is_some_and(|ext| ext.doom.is_some()))
    }

    fn own_timer(&self, pid: Pid, key: TimerKey) -> bool {
        self.alive(pid, |inner| inner.ext().timers.insert(key)).is_some()
    }

    fn disown_timer(&self, pid: Pid, key: TimerKey) {
        self.alive(pid, |inner| inner.ext.as_mut().map(|ext| ext.timers.remove(&key)));
    }

    fn request(self: Arc<Self>, pid: Pid, request: Request) -> bool {
        self.put_request(pid, request)
    }

    fn watch_messages(self: Arc<Self>, pid: Pid, set: &mut dyn FnMut(&Watching)) -> bool {
        self.set_watch(pid, set)
    }

    fn watching(&self, pid: Pid) -> Option<Arc<Watching>> {
        self.watch_of(pid)
    }

    fn lasts(&self, pid: Pid, lasting: Lasting) -> bool {
        self.note_lasting(pid, lasting)
    }

    fn send_system(self: Arc<Self>, pid: Pid, system: System) -> Result<(), System> {
        let mut system = Some(system);
        let ready = self.alive(pid, |inner| {
            let system = system.take().expect("asked once");
            self.mail(inner, system)
        });
        self.schedule_if(ready);
        match system {
            Some(system) => Err(system),
            None => Ok(()),
        }
    }
}
