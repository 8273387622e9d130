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
use super::child_spec::{Definition, StartChild};
use super::intensity::Intensity;
use super::plan::{Action, ChildKey, ChildKind, Counts, Plan, Retain, Status};
use super::report::Teller;
use super::stop::{self, Living};
use super::tree::Flags;
use super::{ChildInfo, ChildState, NotFound, StartChildError};
use crate::error::StartError;
use crate::exit::ExitReason;
use crate::gen_server::{Ctx, Flow, GenServer, Init, PlainClient, Restart, ServerStruct, Shutdown};
use crate::mailbox::{Mail, ReplyTo};
use crate::pid::Pid;
use crate::process::{Found, Message, Process, RawRef};
use crate::rt::time::Instant;
use crate::signal::Exit;
use std::any::Any;
use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// How a supervisor begins, and begins again.
#[derive(Clone)]
pub(crate) struct Charter {
    pub(crate) name: Cow<'static, str>,
    pub(crate) flags: Flags,
    pub(crate) kind: Kind,
    /// In start order; the same addresses for every incarnation.
    pub(crate) children: Arc<[Definition]>,
}

/// What a supervisor is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A list of children with ids; they stop one after the other.
    Static,
    /// Any number of children without; they stop together.
    Dynamic { max_children: usize },
}

/// What a supervisor is asked, and what happens to it.
pub(crate) enum SupervisorMsg {
    StartChild(Definition, ReplyTo<Result<Pid, StartChildError>>),
    TerminateChild(Who, ReplyTo<Result<(), NotFound>>),
    WhichChildren(ReplyTo<Vec<ChildInfo>>),
    CountChildren(ReplyTo<Counts>),
    /// The handles of the living, for the dynamic supervisor's typed list.
    Handles(ReplyTo<Vec<Box<dyn Any + Send>>>),
    Retry(ChildKey),
    Exit(Exit),
}

/// Which child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
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
    me: Found,
    address: RawRef<SupervisorMsg>,
    name: Cow<'static, str>,
    kind: Kind,
    plan: Plan<Child>,
    /// S2. A child that is `Restarting` is found by its last pid.
    pids: HashMap<Pid, ChildKey>,
    by_address: HashMap<Address, ChildKey>,
    /// Ids are unique where children have them.
    by_id: HashMap<Cow<'static, str>, ChildKey>,
    /// What the plan's times are counted from.
    began: Instant,
}

struct Child {
    id: Cow<'static, str>,
    shutdown: Shutdown,
    start: Arc<dyn StartChild>,
    /// The last incarnation.
    pid: Option<Pid>,
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
        for definition in charter.children.iter() {
            server.add(definition.clone());
        }
        match server.start_all().await {
            Ok(()) => Init::Run(server),
            Err(error) => {
                server.stop_children().await; // SUP-4
                Init::Stop(ExitReason::shutdown_with(error))
            }
        }
    }

    fn is_sync(msg: &SupervisorMsg) -> bool {
        use SupervisorMsg::{CountChildren, Handles, WhichChildren};
        matches!(msg, WhichChildren(_) | CountChildren(_) | Handles(_))
    }

    fn handle_sync(&mut self, msg: SupervisorMsg, _: &mut Ctx<Self>) -> Flow {
        match msg {
            SupervisorMsg::WhichChildren(from) => from.reply(self.which_children()),
            SupervisorMsg::CountChildren(from) => from.reply(self.plan.counts()),
            SupervisorMsg::Handles(from) => from.reply(self.handles()),
            _ => unreachable!("`is_sync` says which messages come here"),
        }
        Flow::Continue
    }

    async fn handle(&mut self, msg: SupervisorMsg, ctx: &mut Ctx<Self>) -> Flow {
        match msg {
            SupervisorMsg::StartChild(definition, from) => {
                from.reply(self.start_child(definition).await);
                Flow::Continue
            }
            SupervisorMsg::TerminateChild(who, from) => {
                from.reply(self.terminate_child(who).await);
                Flow::Continue
            }
            SupervisorMsg::Retry(key) => self.retry(key).await,
            SupervisorMsg::Exit(exit) => self.child_exited(exit).await,
            sync => self.handle_sync(sync, ctx),
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

// ===== One function per message =====

impl Server {
    /// SUP-38, DYN-4: it comes last; if it does not start, nothing of it is kept.
    async fn start_child(&mut self, definition: Definition) -> Result<Pid, StartChildError> {
        self.check_room(&definition)?;
        let key = self.add(definition);
        match self.start(key).await {
            Ok(pid) => Ok(pid),
            Err(StartError::Ignore) => {
                for action in self.plan.on_ignored(key) {
                    debug_assert_eq!(action, Action::Forget(key), "nothing else is done");
                    self.forget(key);
                }
                Err(StartChildError::Start(StartError::Ignore))
            }
            Err(error) => {
                self.forget(key);
                Err(StartChildError::Start(error))
            }
        }
    }

    fn check_room(&self, definition: &Definition) -> Result<(), StartChildError> {
        match self.kind {
            Kind::Dynamic { max_children } if self.plan.counts().specs >= max_children => {
                Err(StartChildError::MaxChildren(max_children))
            }
            Kind::Dynamic { .. } => Ok(()),
            Kind::Static => match self.by_id.get(&definition.options.id) {
                None => Ok(()),
                Some(key) => Err(self.already_there(*key)),
            },
        }
    }

    fn already_there(&self, key: ChildKey) -> StartChildError {
        let pid = self.plan.child(key).and_then(|child| child.pid);
        match (self.plan.status(key), pid) {
            (Some(Status::Running), Some(pid)) => StartChildError::AlreadyStarted(pid),
            _ => StartChildError::AlreadyPresent,
        }
    }

    async fn terminate_child(&mut self, who: Who) -> Result<(), NotFound> {
        let key = match who {
            Who::Pid(pid) => self.pids.get(&pid),
            Who::Address(address) => self.by_address.get(&address),
        };
        let key = *key.ok_or(NotFound)?;
        let actions = self.plan.on_terminate_child(key);
        self.carry_out(actions).await;
        Ok(())
    }

    async fn child_exited(&mut self, exit: Exit) -> Flow {
        let Some(key) = self.pids.get(&exit.from).copied() else {
            crate::process::log_exit(&exit); // SUP-35
            return Flow::Continue;
        };
        self.tell_exit(key, &exit);
        let actions = self.plan.on_exit(key, &exit.reason, self.began.elapsed());
        self.tell_restart(key, &actions);
        self.carry_out(actions).await
    }

    async fn retry(&mut self, key: ChildKey) -> Flow {
        let actions = self.plan.on_retry(key, self.began.elapsed());
        self.tell_restart(key, &actions);
        self.carry_out(actions).await
    }

    fn which_children(&self) -> Vec<ChildInfo> {
        let children = self.plan.children();
        let info = |(_, kind, status, child): (ChildKey, ChildKind, Status, &Child)| ChildInfo {
            id: (self.kind == Kind::Static).then(|| child.id.clone()),
            state: match (status, child.pid) {
                (Status::Running, Some(pid)) => ChildState::Running(pid),
                (Status::Restarting, _) => ChildState::Restarting,
                _ => ChildState::Stopped,
            },
            kind,
        };
        children.map(info).collect()
    }

    fn handles(&self) -> Vec<Box<dyn Any + Send>> {
        let living = self.plan.children().filter(|child| child.2 == Status::Running);
        living.map(|(.., child)| child.start.handle()).collect()
    }
}

// ===== Carrying out =====

impl Server {
    fn new(charter: &Charter, ctx: &Ctx<Self>) -> Self {
        let Flags { strategy, max_restarts, period } = charter.flags;
        let retain = match charter.kind {
            Kind::Static => Retain::Spec,
            Kind::Dynamic { .. } => Retain::Nothing,
        };
        Self {
            me: ctx.found(),
            address: ctx.address(),
            name: charter.name.clone(),
            kind: charter.kind,
            plan: Plan::new(strategy, retain, Intensity::new(max_restarts, period)),
            pids: HashMap::new(),
            by_address: HashMap::new(),
            by_id: HashMap::new(),
            began: Instant::now(),
        }
    }

    fn teller(&self) -> Teller<'_> {
        Teller { name: &self.name, pid: self.me.pid }
    }

    fn add(&mut self, definition: Definition) -> ChildKey {
        let Definition { options, kind, start } = definition;
        let address = Address::of(&start.process());
        let child = Child { id: options.id.clone(), shutdown: options.shutdown, start, pid: None };
        let key = self.plan.add(options.restart, kind, child);
        self.by_address.insert(address, key);
        if self.kind == Kind::Static {
            self.by_id.insert(options.id, key);
        }
        key
    }

    fn forget(&mut self, key: ChildKey) {
        let Some(child) = self.plan.forget(key) else { return };
        self.by_address.remove(&Address::of(&child.start.process()));
        if self.kind == Kind::Static {
            self.by_id.remove(&child.id);
        }
        if let Some(pid) = child.pid {
            self.pids.remove(&pid);
        }
    }

    /// SUP-1, SUP-4: the first failure ends it.
    async fn start_all(&mut self) -> Result<(), StartError> {
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
                    return Err(StartError::Child(id.into(), Box::new(error)));
                }
            }
        }
        Ok(())
    }

    /// In order; a start that fails ends the list and begins another (plan.rs, P5).
    async fn carry_out(&mut self, actions: Vec<Action>) -> Flow {
        let mut actions = VecDeque::from(actions);
        while let Some(action) = actions.pop_front() {
            match action {
                Action::Stop(key) => self.stop(key).await,
                Action::Forget(key) => self.forget(key),
                Action::Retry(key) => {
                    self.address.deliver(Mail::Own(SupervisorMsg::Retry(key)));
                }
                Action::GiveUp(_) => return Flow::Stop(ExitReason::Shutdown),
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

    async fn start(&mut self, key: ChildKey) -> Result<Pid, StartError> {
        let child = self.plan.child(key).expect("what is started is in the plan");
        let (id, start) = (child.id.clone(), child.start.clone());
        self.vacate(key).await;
        let started = start.start(Some(self.me.clone()), None).await;
        let teller = self.teller();
        match &started {
            Ok(pid) => {
                teller.started(&id, *pid);
                self.lives(key, *pid);
            }
            Err(StartError::Ignore) => {}
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
        let living = Living { id: child.id.clone(), found, shutdown: child.shutdown };
        stop::stop(living, self.teller()).await;
    }

    fn lives(&mut self, key: ChildKey, pid: Pid) {
        self.plan.on_started(key);
        let child = self.plan.child_mut(key).expect("what was started is in the plan");
        if let Some(before) = child.pid.replace(pid) {
            self.pids.remove(&before);
        }
        self.pids.insert(pid, key);
    }

    async fn stop(&mut self, key: ChildKey) {
        if let Some(living) = self.living(key) {
            stop::stop(living, self.teller()).await;
        }
    }

    /// S2: from here on its EXIT decides nothing.
    fn living(&mut self, key: ChildKey) -> Option<Living> {
        let child = self.plan.child_mut(key)?;
        let pid = child.pid.take()?;
        self.pids.remove(&pid);
        let found = Found { pid, process: child.start.process() };
        Some(Living { id: child.id.clone(), found, shutdown: child.shutdown })
    }

    async fn stop_children(&mut self) {
        let actions = self.plan.on_stop();
        if self.kind == Kind::Static {
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
        stop::stop_all(living, self.teller()).await;
    }

    fn tell_exit(&self, key: ChildKey, exit: &Exit) {
        let Some(child) = self.plan.child(key) else { return };
        let ordinary = self.plan.restart_type(key) != Some(Restart::Permanent);
        if !(ordinary && exit.reason.is_clean()) {
            let teller = self.teller();
            teller.terminated(&child.id, exit.from, &exit.reason);
        }
    }

    fn tell_restart(&self, key: ChildKey, actions: &[Action]) {
        let Some(child) = self.plan.child(key) else { return };
        let teller = self.teller();
        match actions {
            [Action::GiveUp(_)] => teller.gave_up(&child.id, self.plan.intensity()),
            actions if actions.contains(&Action::Start(key)) => {
                teller.restarting(&child.id, self.plan.intensity());
            }
            _ => {}
        }
    }
}
