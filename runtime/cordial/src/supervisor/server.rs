//! The process which carries the plan's actions out: one for supervisors and dynamic supervisors.
//!
//! # Rules (cited as S1 to S5)
//! - S1 All user code that runs here is `start`: arguments are cloned, `init` runs in the child.
//! - S2 A child is known by the pid of its living incarnation; the EXIT of any other is logged and
//!   ignored. Whoever stops a child forgets its pid first, so its EXIT decides nothing.
//! - S3 A child is dead before its successor starts: an EXIT comes at the end of a life, and a stop
//!   waits for it.
//! - S4 Everything stops in `terminate`, whatever the reason: escalation, a stop, the parent's end.
//! - S5 A retry is a message to oneself: what waits in the mailbox is served before it (SUP-26).
use super::child_spec::{Definition, Options, StartChild};
use super::intensity::Intensity;
use super::plan::{Action, AutoShutdown, ChildKey, Counts, Plan, Policy, Retain, Role};
use super::report::{Next, Teller};
use super::retries::Retries;
use super::stop::{self, Living};
use super::tree::{Flags, Holding};
use super::{
    ChildInfo, DeleteChildError, NotFound, ResizeError, RestartChildError, StartChildError,
};
use crate::error::StartError;
use crate::exit::ExitReason;
use crate::gen_server::{
    Ctx, Flow, GenServer, Init, PlainClient, Restart, ServerStruct, Shutdown, StartIn,
};
use crate::mailbox::ReplyTo;
use crate::pid::Pid;
use crate::process::{Found, IdMap, Message, Process, RawRef};
#[cfg(feature = "chaos")]
use crate::rt::sim;
use crate::rt::sync::counts::AtomicUsize;
use crate::rt::time::Instant;
use crate::signal::Exit;
use std::any::Any;
use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

/// How a supervisor begins, and begins again.
#[derive(Clone)]
pub(crate) struct Charter {
    /// What it is called in reports.
    pub(crate) id: Cow<'static, str>,
    pub(crate) flags: Flags,
    pub(crate) kind: Kind,
    /// In start order; the same addresses for every incarnation.
    pub(crate) children: Arc<Vec<Definition>>,
    /// What it owns itself.
    pub(crate) held: Arc<[Arc<dyn Holding>]>,
}

/// What a supervisor is for.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// A list of children with ids; they stop one after the other.
    Static,
    /// The same, with ids `0`, `1`, .. below `most`; so many of them are in use.
    Partitions { in_use: Arc<AtomicUsize>, most: usize },
    /// Any number of children without; they stop together.
    Dynamic { max_children: usize },
}

impl Kind {
    pub(super) fn has_ids(&self) -> bool {
        !matches!(self, Self::Dynamic { .. })
    }
}

/// What a supervisor is asked, and what happens to it.
pub(crate) enum SupervisorMsg {
    StartChild(Definition, ReplyTo<Result<Option<Pid>, StartChildError>>),
    TerminateChild(Who, ReplyTo<Result<(), NotFound>>),
    RestartChild(Who, ReplyTo<Result<Option<Pid>, RestartChildError>>),
    DeleteChild(Who, ReplyTo<Result<(), DeleteChildError>>),
    Resize(usize, ReplyTo<Result<usize, ResizeError>>),
    Change(Box<Charter>, ReplyTo<Result<(), StartError>>),
    WhichChildren(ReplyTo<Vec<ChildInfo>>),
    CountChildren(ReplyTo<Counts>),
    /// The handles of the living, for the dynamic supervisor's typed list.
    Handles(ReplyTo<Vec<Box<dyn Any + Send>>>),
    Retry(ChildKey),
    Exit(Exit),
}

/// Which child.
#[derive(Clone, Debug)]
pub(crate) enum Who {
    Id(Cow<'static, str>),
    /// Its living incarnation, or the last one while it is `Restarting` (DYN-15).
    Pid(Pid),
    /// Its address.
    Address(Address),
}

/// Where a cell lies: one per address, as long as it lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Address(usize);

impl Address {
    pub(crate) fn of(process: &Arc<dyn Process>) -> Self {
        Self(Arc::as_ptr(process).addr())
    }
}

impl Message for SupervisorMsg {
    fn kind(&self) -> &'static str {
        match self {
            Self::StartChild(..) => "start_child",
            Self::TerminateChild(..) => "terminate_child",
            Self::RestartChild(..) => "restart_child",
            Self::DeleteChild(..) => "delete_child",
            Self::Resize(..) => "resize",
            Self::Change(..) => "code_change",
            Self::WhichChildren(_) => "which_children",
            Self::CountChildren(_) => "count_children",
            Self::Handles(_) => "children",
            Self::Retry(_) => "retry",
            Self::Exit(_) => "exit",
        }
    }
}

/// The state of a supervisor.
pub(crate) struct Server {
    pub(super) me: Found,
    pub(super) address: RawRef<SupervisorMsg>,
    id: Cow<'static, str>,
    pub(super) kind: Kind,
    pub(super) auto_shutdown: AutoShutdown,
    pub(super) plan: Plan<Child>,
    /// S2. A child that is `Restarting` is found by its last pid.
    pub(super) pids: IdMap<Pid, ChildKey>,
    pub(super) by_address: IdMap<Address, ChildKey>,
    /// Ids are unique where children have them.
    pub(super) by_id: HashMap<Cow<'static, str>, ChildKey>,
    /// What the plan's times are counted from.
    began: Instant,
}

pub(super) struct Child {
    pub(super) id: Cow<'static, str>,
    pub(super) shutdown: Shutdown,
    pub(super) start: Arc<dyn StartChild>,
    /// The last incarnation.
    pub(super) pid: Option<Pid>,
    /// Only where retries wait.
    pub(super) retries: Option<Box<Retries>>,
}

impl Child {
    fn living(&self, found: Found) -> Living {
        let (id, shutdown, is_quiet) = (self.id.clone(), self.shutdown, self.start.is_quiet());
        Living { id, found, shutdown, is_quiet }
    }
}

impl ServerStruct for Server {
    const SHUTDOWN: Shutdown = Shutdown::Infinity;
    type Replay = super::child_spec::Replayed;
}

impl GenServer for Server {
    type Msg = SupervisorMsg;
    type Args = Charter;
    type Client = PlainClient<SupervisorMsg>;
    const TRAP_EXIT: bool = true; // SUP-3

    async fn init(charter: Charter, ctx: &mut Ctx<Self>) -> Init<Self> {
        let mut server = Self::new(&charter, ctx);
        for held in charter.held.iter() {
            held.clone().begin(&server.me);
        }
        for definition in charter.children.iter() {
            server.add(definition.clone());
        }
        if let Kind::Partitions { in_use, most } = &server.kind {
            in_use.store(*most, Relaxed);
        }
        drop(charter);
        match server.start_all().await {
            Ok(()) => Init::Run(server),
            Err(error) => {
                server.stop_children().await; // SUP-4
                Init::Stop(ExitReason::shutdown_with(error))
            }
        }
    }

    fn handle_sync(
        &mut self,
        msg: SupervisorMsg,
        _: &mut Ctx<Self>,
    ) -> Result<Flow, SupervisorMsg> {
        match msg {
            SupervisorMsg::WhichChildren(from) => from.reply(self.which_children()),
            SupervisorMsg::CountChildren(from) => from.reply(self.plan.counts()),
            SupervisorMsg::Handles(from) => from.reply(self.handles()),
            SupervisorMsg::DeleteChild(who, from) => from.reply(self.delete_child(&who)),
            SupervisorMsg::Change(to, from) => from.reply(self.code_change(&to)),
            waits => return Err(waits),
        }
        Ok(Flow::Continue)
    }

    async fn handle(&mut self, msg: SupervisorMsg, _: &mut Ctx<Self>) -> Flow {
        match msg {
            SupervisorMsg::StartChild(definition, from) => {
                from.reply(self.start_child(definition).await);
                Flow::Continue
            }
            SupervisorMsg::TerminateChild(who, from) => {
                from.reply(self.terminate_child(&who).await);
                Flow::Continue
            }
            SupervisorMsg::RestartChild(who, from) => {
                from.reply(self.restart_child(&who).await);
                Flow::Continue
            }
            SupervisorMsg::Resize(to, from) => {
                from.reply(self.resize(to).await);
                Flow::Continue
            }
            SupervisorMsg::Retry(key) => self.retry(key).await,
            SupervisorMsg::Exit(exit) => self.child_exited(exit).await,
            SupervisorMsg::WhichChildren(_)
            | SupervisorMsg::CountChildren(_)
            | SupervisorMsg::Handles(_)
            | SupervisorMsg::DeleteChild(..)
            | SupervisorMsg::Change(..) => unreachable!("handled on the spot"),
        }
    }

    fn from_exit(exit: Exit) -> Option<SupervisorMsg> {
        Some(SupervisorMsg::Exit(exit))
    }

    /// S4.
    async fn terminate(&mut self, _: &ExitReason, _: &mut Ctx<Self>) {
        self.stop_children().await;
    }
}

// ===== Carrying out =====

impl Server {
    fn new(charter: &Charter, ctx: &Ctx<Self>) -> Self {
        let Flags { strategy, max_restarts, period, auto_shutdown } = charter.flags;
        let retain = match charter.kind {
            Kind::Static | Kind::Partitions { .. } => Retain::Spec,
            Kind::Dynamic { .. } => Retain::Nothing,
        };
        let intensity = Intensity::new(max_restarts, period);
        #[cfg(feature = "chaos")]
        sim::note(|| sim::Event::Supervisor {
            pid: ctx.found().pid,
            id: charter.id.as_ref().into(),
            keeps_order: charter.kind.has_ids(),
        });
        Self {
            me: ctx.found(),
            address: ctx.address(),
            id: charter.id.clone(),
            kind: charter.kind.clone(),
            auto_shutdown,
            plan: Plan::new(Policy { strategy, auto_shutdown, retain, intensity }),
            pids: IdMap::default(),
            by_address: IdMap::default(),
            by_id: HashMap::new(),
            began: Instant::now(),
        }
    }

    fn teller(&self) -> Teller<'_> {
        Teller { id: &self.id, pid: self.me.pid }
    }

    pub(super) fn add(&mut self, definition: Definition) -> ChildKey {
        let Definition { options, kind, start } = definition;
        let Options { id, restart, shutdown, significant, backoff } = options;
        let address = Address::of(&start.process());
        let retries = backoff.map(|backoff| Box::new(Retries::new(backoff)));
        let child = Child { id: id.clone(), shutdown, start, pid: None, retries };
        let key = self.plan.add(Role { restart, kind, significant }, child);
        #[cfg(feature = "chaos")]
        self.note(key, sim::Step::Listed { is_permanent: restart == Restart::Permanent });
        self.by_address.insert(address, key);
        if self.kind.has_ids() {
            self.by_id.insert(id, key);
        }
        key
    }

    pub(super) fn forget(&mut self, key: ChildKey) {
        self.cancel_retry(key);
        #[cfg(feature = "chaos")]
        self.note(key, sim::Step::Forgotten);
        let Some(child) = self.plan.forget(key) else { return };
        remove(&mut self.by_address, &Address::of(&child.start.process()));
        if self.kind.has_ids() {
            remove(&mut self.by_id, &child.id);
        }
        if let Some(pid) = child.pid {
            remove(&mut self.pids, &pid);
        }
    }

    /// SUP-1, SUP-4: the first failure ends it.
    async fn start_all(&mut self) -> Result<(), StartError> {
        #[cfg(feature = "chaos")]
        self.note_list();
        for action in self.plan.on_start() {
            let Action::Start(key) = action else { continue };
            match self.start(key).await {
                Ok(_) => {}
                Err(StartError::Ignore) => {
                    let actions = self.plan.on_ignored(key);
                    self.carry_out(actions).await;
                }
                Err(error) => {
                    let id = self.plan.child(key).map_or("", |child| &child.id);
                    return Err(StartError::Child(id.into(), Box::new(shortened(error))));
                }
            }
        }
        Ok(())
    }

    /// In order; a start that fails ends the list and begins another (plan.rs, P5).
    pub(super) async fn carry_out(&mut self, actions: Vec<Action>) -> Flow {
        #[cfg(feature = "chaos")]
        self.note_list();
        let mut actions = VecDeque::from(actions);
        while let Some(action) = actions.pop_front() {
            match action {
                Action::Stop(key) => self.stop(key).await,
                Action::Forget(key) => self.forget(key),
                Action::Retry(key) => self.retry_later(key),
                Action::GiveUp(_) | Action::ShutDown(_) => {
                    return Flow::Stop(ExitReason::Shutdown);
                }
                Action::Start(key) => match self.start(key).await {
                    Ok(_) => {}
                    Err(StartError::Ignore) => {
                        for then in self.plan.on_ignored(key) {
                            actions.push_front(then);
                        }
                    }
                    Err(_) => actions = self.plan.on_start_failed(key).into(),
                },
            }
        }
        Flow::Continue
    }

    pub(super) async fn start(&mut self, key: ChildKey) -> Result<Pid, StartError> {
        self.cancel_retry(key);
        let child = self.plan.child(key).expect("what is started is in the plan");
        let (id, start) = (child.id.clone(), child.start.clone());
        self.vacate(key).await;
        let how = StartIn {
            name: None,
            claim: None,
            parent: Some(self.me.clone()),
            limit: None,
            is_own_limit: false,
        };
        let started = start.start(how).await;
        let teller = self.teller();
        match &started {
            Ok(pid) => {
                teller.progress(&id, *pid);
                self.lives(key, *pid);
            }
            Err(StartError::Ignore) => {
                #[cfg(feature = "chaos")]
                self.note(key, sim::Step::Parked);
            }
            Err(error) => teller.start_error(&id, error),
        }
        started
    }

    /// S3: the former incarnation of this supervisor was killed, and a child of it still lives
    /// (SUP-36).
    async fn vacate(&self, key: ChildKey) {
        let Some(child) = self.plan.child(key) else { return };
        let process = child.start.process();
        let Some(pid) = process.pid() else { return };
        let found = Found { pid, process };
        stop::stop(child.living(found), self.teller(), &self.me).await;
    }

    fn lives(&mut self, key: ChildKey, pid: Pid) {
        #[cfg(feature = "chaos")]
        self.note(key, sim::Step::Up(pid));
        self.plan.on_started(key);
        let child = self.plan.child_mut(key).expect("what was started is in the plan");
        if let Some(retries) = &mut child.retries {
            retries.failures = 0;
        }
        if let Some(before) = child.pid.replace(pid) {
            self.pids.remove(&before);
        }
        self.pids.insert(pid, key);
    }

    async fn stop(&mut self, key: ChildKey) {
        if let Some(living) = self.living(key) {
            stop::stop(living, self.teller(), &self.me).await;
        }
    }

    /// S2: from here on its EXIT decides nothing.
    fn living(&mut self, key: ChildKey) -> Option<Living> {
        let child = self.plan.child_mut(key)?;
        let pid = child.pid.take()?;
        #[cfg(feature = "chaos")]
        sim::note(|| sim::Event::Child {
            supervisor: self.me.pid,
            key: key.0,
            step: sim::Step::Stop(pid),
        });
        self.pids.remove(&pid);
        let found = Found { pid, process: child.start.process() };
        Some(child.living(found))
    }

    async fn stop_children(&mut self) {
        #[cfg(feature = "chaos")]
        self.note_list();
        let actions = self.plan.on_stop();
        if self.kind.has_ids() {
            for action in actions {
                if let Action::Stop(key) = action {
                    self.stop(key).await;
                }
            }
            return;
        }
        let stops = actions.into_iter().filter_map(|action| match action {
            Action::Stop(key) => self.living(key),
            _ => None,
        });
        let living = stops.collect();
        stop::stop_all(living, self.teller(), &self.me).await;
    }

    /// SUP-51: the clean end of a child that may end so is nobody's business.
    pub(super) fn tell_exit(&self, key: ChildKey, exit: &Exit, actions: &[Action]) {
        let Some(child) = self.plan.child(key) else { return };
        let ordinary = self.plan.restart_type(key) != Some(Restart::Permanent);
        if !(ordinary && exit.reason.is_clean()) {
            let id = |key| self.plan.child(key).map_or("", |child: &Child| &child.id);
            let next = Next { child: key, actions, id: &id };
            self.teller().child_terminated(&child.id, exit, &next, self.plan.intensity());
        }
    }

    /// What it does next.
    pub(super) fn tell_next(&self, key: ChildKey, actions: &[Action]) {
        let Some(child) = self.plan.child(key) else { return };
        let teller = self.teller();
        match actions {
            [.., Action::GiveUp(_)] => teller.gave_up(&child.id, self.plan.intensity()),
            [.., Action::ShutDown(_)] => teller.shuts_down(&child.id),
            actions if actions.contains(&Action::Start(key)) => {
                teller.restarting(&child.id, self.plan.intensity());
            }
            _ => {}
        }
    }

    pub(super) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    #[cfg(feature = "chaos")]
    pub(super) fn note(&self, key: ChildKey, step: sim::Step) {
        let (supervisor, key) = (self.me.pid, key.0);
        sim::note(|| sim::Event::Child { supervisor, key, step });
    }

    #[cfg(feature = "chaos")]
    pub(super) fn note_list(&self) {
        sim::note(|| sim::Event::List(self.me.pid));
    }

    /// It tries to start a child again, which its intensity allowed.
    #[cfg(feature = "chaos")]
    pub(super) fn note_tried(&self, key: ChildKey, actions: &[Action], now: Duration) {
        let tries = |action: &Action| matches!(action, Action::Start(_) | Action::Retry(_));
        if actions.iter().any(tries) {
            let intensity = self.plan.intensity();
            let (most, period) = (intensity.max_restarts(), intensity.period());
            self.note(key, sim::Step::Tried { most, period, now });
        }
    }
}

/// Where trees are deep, so is the error: of more than `LEVELS` of them the outermost and the
/// innermost are told.
fn shortened(error: StartError) -> StartError {
    let mut levels = 0;
    let mut at = &error;
    while let StartError::Child(_, inner) = at {
        (levels, at) = (levels + 1, inner);
    }
    match error {
        StartError::Child(_, inner) if levels >= LEVELS => *inner,
        short => short,
    }
}

const LEVELS: usize = 64;

/// A map that was large once does not stay so (SUP-54).
fn remove<K: Eq + Hash, V, H: BuildHasher>(map: &mut HashMap<K, V, H>, key: &K) {
    map.remove(key);
    if map.capacity() > SMALL && map.len() * 8 < map.capacity() {
        map.shrink_to(map.len() * 2);
    }
}

/// A map of this size is never made smaller.
const SMALL: usize = 1_024;
