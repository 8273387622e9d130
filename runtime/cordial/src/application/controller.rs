//! Which applications a node has, and what becomes of them; OTP's application controller, as data.
//!
//! ```text
//! load ─▶ Idle ──▶ Waiting ──▶ Starting ──▶ Running ──▶ Stopping ─┐
//!           ▲  its turn has not come     │                        │
//!           └────────────────────────────┴────────────────────────┘
//! ```
//! # Rules (cited as A1 to A3)
//! - A1 Only an application's master moves it out of `Starting`, `Running` and `Stopping`; a master
//!   that is killed gives its seat up by its drop.
//! - A2 Nothing of the user's runs under the lock: environments and handles leave it by `Arc`.
//! - A3 Whoever waits for a change takes its place in the line before it looks.
//! - A4 Environments are read outside the lock; if texts were changed meanwhile, they are read
//!   again.
use super::errors::{FetchEnvError, LoadError, NotStarted, StartApplicationError, UnloadError};
use super::master::{self, MasterMsg};
use super::{Dependency, order};
use crate::env::{Config, EnvErrors, Raw, Texts};
use crate::error::StartError;
use crate::exit::ExitReason;
use crate::gen_server::Restart;
use crate::mailbox::ReplyTo;
use crate::pid::Pid;
use crate::process::{Above, ExitVia, Node, RawRef, Target};
use crate::rt::sync::{Lock, Notify};
use std::any::Any;
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;

/// An environment or a handle of some type.
pub(super) type Shared = Arc<dyn Any + Send + Sync>;

/// The applications of one node.
#[derive(Default)]
pub(super) struct Controller {
    state: Lock<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    config: Arc<Config>,
    /// Put at run time, loaded or not (APP-12).
    puts: HashMap<&'static str, Texts>,
    /// In the order in which they were loaded.
    loaded: Vec<Loaded>,
    /// Counts what changes environments, so that nothing is read from texts that are gone (A4).
    edits: u64,
    /// Orders the starts.
    starts: u64,
    /// The node goes down: nothing starts any more.
    is_ending: bool,
}

/// An application that is known.
struct Loaded {
    spec: Dependency,
    /// From its sources, without what was put.
    texts: Texts,
    env: Shared,
    status: Status,
    /// Its master, and the top of its tree.
    master: Option<Pid>,
    top: Option<Pid>,
}

/// Where an application stands.
#[derive(Clone)]
pub(super) enum Status {
    Idle(Idle),
    Waiting,
    Starting,
    Running(Running),
    Stopping,
}

/// Why an application does not run.
#[derive(Clone)]
pub(super) enum Idle {
    Loaded,
    Stopped,
    Failed(StartApplicationError),
    Ended(ExitReason),
}

#[derive(Clone)]
pub(super) struct Running {
    master: RawRef<MasterMsg>,
    pub(super) handle: Shared,
    /// The how manieth start it was.
    turn: u64,
}

/// What a request to start may do.
enum Admission {
    Begins,
    /// Somebody has unloaded it meanwhile.
    Unknown,
    /// Somebody else starts or stops it.
    Waits,
    Runs(Shared),
    Refused(StartApplicationError),
}

impl Controller {
    pub(super) fn of(node: &Node) -> Arc<Self> {
        let above: Arc<dyn Any + Send + Sync> = node.above(|| Arc::new(Self::default())).clone();
        above.downcast().expect("only applications are kept above a node")
    }

    pub(super) fn configure(&self, config: Config) {
        let before = {
            let mut state = self.state.lock();
            state.edits += 1;
            std::mem::replace(&mut state.config, Arc::new(config))
        };
        drop(before);
    }

    pub(super) fn config(&self) -> Arc<Config> {
        self.state.lock().config.clone()
    }

    // ===== Load =====

    pub(super) fn load(&self, spec: Dependency) -> Result<(), LoadError> {
        loop {
            self.state.lock().check_new(spec)?;
            let (config, puts, edits) = self.sources(spec.name);
            let (texts, env) =
                (spec.read)(&config, &puts).map_err(|errors| LoadError::Env(vec![errors]))?;
            let mut state = self.state.lock();
            state.check_new(spec)?;
            if state.edits == edits {
                let status = Status::Idle(Idle::Loaded);
                state.edits += 1;
                state.loaded.push(Loaded { spec, texts, env, status, master: None, top: None });
                return Ok(());
            }
        }
    }

    /// Where environments come from, what was put for this one, and the count of edits (A4).
    fn sources(&self, name: &str) -> (Arc<Config>, Texts, u64) {
        let state = self.state.lock();
        (state.config.clone(), state.puts.get(name).cloned().unwrap_or_default(), state.edits)
    }

    fn load_if_needed(&self, spec: Dependency) -> Result<(), LoadError> {
        match self.load(spec) {
            Err(LoadError::AlreadyLoaded(_)) => Ok(()),
            loaded => loaded,
        }
    }

    /// All of them, or everything that is wrong with any.
    pub(super) fn load_all(&self, all: &[Dependency]) -> Result<(), LoadError> {
        let mut wrong = Vec::new();
        for spec in all {
            match self.load_if_needed(*spec) {
                Err(LoadError::Env(errors)) => wrong.extend(errors),
                loaded => loaded?,
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(LoadError::Env(wrong)) }
    }

    /// APP-15; what was put goes, too (APP-12).
    pub(super) fn unload(&self, name: &'static str) -> Result<(), UnloadError> {
        let gone = {
            let mut state = self.state.lock();
            let at = state.loaded.iter().position(|known| known.spec.name == name);
            let at = at.ok_or(UnloadError::NotLoaded(name))?;
            if !matches!(state.loaded[at].status, Status::Idle(_)) {
                return Err(UnloadError::Running(name));
            }
            state.edits += 1;
            (state.loaded.remove(at), state.puts.remove(name))
        };
        drop(gone);
        Ok(())
    }

    // ===== Start =====

    /// Starts one application whose dependencies run. `Ok` with its handle also if somebody else
    /// started it meanwhile.
    pub(super) async fn start(
        self: &Arc<Self>,
        spec: Dependency,
        restart: Restart,
    ) -> Result<Shared, StartApplicationError> {
        order::of(spec).map_err(StartApplicationError::Cycle)?; // APP-17
        let mut waited = false;
        loop {
            self.load_if_needed(spec)?;
            let changed = self.changed.notified(); // A3
            match self.admit(spec) {
                Admission::Unknown => continue,
                Admission::Begins => return self.begin(spec, restart).await,
                Admission::Waits => changed.await,
                Admission::Runs(handle) if waited => return Ok(handle),
                Admission::Runs(_) => {
                    return Err(StartApplicationError::AlreadyStarted(spec.name)); // APP-3
                }
                Admission::Refused(error) => return Err(error),
            }
            waited = true;
        }
    }

    fn admit(&self, spec: Dependency) -> Admission {
        let mut state = self.state.lock();
        if state.is_ending {
            return Admission::Refused(StartApplicationError::Refused(StartError::NodeStopping));
        }
        let missing = (spec.depends)().iter().find(|needed| !state.runs(needed.name));
        let missing = missing.map(|needed| needed.name);
        let Some(known) = state.find(spec.name) else { return Admission::Unknown };
        match (&known.status, missing) {
            (Status::Starting | Status::Stopping, _) => Admission::Waits,
            (Status::Running(running), _) => Admission::Runs(running.handle.clone()),
            (Status::Idle(_) | Status::Waiting, Some(dependency)) => {
                let application = spec.name;
                Admission::Refused(StartApplicationError::NotStarted { application, dependency })
            }
            (Status::Idle(_) | Status::Waiting, None) => {
                known.status = Status::Starting;
                Admission::Begins
            }
        }
    }

    async fn begin(
        self: &Arc<Self>,
        spec: Dependency,
        restart: Restart,
    ) -> Result<Shared, StartApplicationError> {
        let seat = Seat { controller: self.clone(), spec };
        let answer = match (spec.begin)(seat, restart) {
            Ok(answer) => answer,
            // The seat went with the process that was not born.
            Err(error) => return Err(StartApplicationError::Refused(error)),
        };
        // A master that never came to run was told to go by a node that goes down.
        answer.await.unwrap_or_else(|| match self.is_ending() {
            false => Err(master::killed(spec)),
            true => Err(StartApplicationError::Refused(StartError::NodeStopping)),
        })
    }

    /// Starts these and all that they need, in order; the names of those that were started.
    pub(super) async fn ensure(
        self: &Arc<Self>,
        wanted: &[Dependency],
        restart: Restart,
    ) -> Result<Vec<&'static str>, StartApplicationError> {
        let order = order::of_all(wanted).map_err(StartApplicationError::Cycle)?;
        self.load_all(&order)?;
        let _line = Line::of(self, &order);
        let mut started = Vec::new();
        for spec in order {
            if self.state.lock().runs(spec.name) {
                continue;
            }
            match self.start(spec, restart).await {
                Ok(_) => started.push(spec),
                Err(StartApplicationError::AlreadyStarted(_)) => {}
                Err(error) => {
                    for spec in started.into_iter().rev() {
                        let _ = self.stop(spec.name).await; // APP-4
                    }
                    return Err(error);
                }
            }
        }
        Ok(started.iter().map(|spec| spec.name).collect())
    }

    // ===== Stop =====

    pub(super) async fn stop(&self, name: &'static str) -> Result<(), NotStarted> {
        loop {
            let changed = self.changed.notified(); // A3
            let status = self.state.lock().find(name).map(|known| known.status.clone());
            match status {
                Some(Status::Running(running)) => {
                    let (from, stopped) = ReplyTo::pair();
                    running.master.send(MasterMsg::Stop(from));
                    // A master that ends otherwise has stopped it as well.
                    stopped.await;
                    return Ok(());
                }
                Some(Status::Starting) => changed.await,
                Some(Status::Stopping) => {
                    changed.await;
                    return Err(NotStarted(name));
                }
                Some(Status::Idle(_) | Status::Waiting) | None => return Err(NotStarted(name)),
            }
        }
    }

    /// APP-8: the one that was started last first, each fully down before the next.
    async fn stop_all(&self, node: &Node) {
        self.state.lock().is_ending = true;
        loop {
            let changed = self.changed.notified(); // A3
            if let Some(last) = self.running().first() {
                let _ = self.stop(last).await;
                continue;
            }
            let all = self.all();
            let is_moving = |status: &Status| matches!(status, Status::Starting | Status::Stopping);
            if !all.iter().any(|(_, status)| is_moving(status)) {
                return;
            }
            self.tell_to_go(node);
            changed.await;
        }
    }

    /// Whoever starts need not go on.
    fn tell_to_go(&self, node: &Node) {
        let starting: Vec<Pid> = {
            let state = self.state.lock();
            let starting =
                state.loaded.iter().filter(|known| matches!(known.status, Status::Starting));
            starting.filter_map(|known| known.master).collect()
        };
        for found in starting.iter().filter_map(Pid::find) {
            let (from, reason) = (node.own_pid(), ExitReason::Shutdown);
            found.process.exit_signal(found.pid, from, reason, ExitVia::Explicit);
        }
    }

    // ===== Look =====

    pub(super) fn is_ending(&self) -> bool {
        self.state.lock().is_ending
    }

    /// The handle of an application that runs.
    pub(super) fn handle(&self, name: &str) -> Option<Shared> {
        match &self.state.lock().find(name)?.status {
            Status::Running(running) => Some(running.handle.clone()),
            _ => None,
        }
    }

    /// All that are loaded, in the order in which they were.
    pub(super) fn all(&self) -> Vec<(&'static str, Status)> {
        let state = self.state.lock();
        state.loaded.iter().map(|known| (known.spec.name, known.status.clone())).collect()
    }

    /// Those that run, the one that was started last first.
    pub(super) fn running(&self) -> Vec<&'static str> {
        let all = self.all().into_iter();
        let running = all.filter_map(|(name, status)| match status {
            Status::Running(running) => Some((running.turn, name)),
            _ => None,
        });
        let mut running: Vec<_> = running.collect();
        running.sort_unstable();
        running.into_iter().rev().map(|(_, name)| name).collect()
    }

    /// Whose master or top supervisor this is.
    pub(super) fn owner(&self, pid: Pid) -> Option<&'static str> {
        let state = self.state.lock();
        let owns = |known: &&Loaded| known.master == Some(pid) || known.top == Some(pid);
        state.loaded.iter().find(owns).map(|known| known.spec.name)
    }

    // ===== Environments =====

    pub(super) fn env(&self, name: &str) -> Option<Shared> {
        self.state.lock().find(name).map(|known| known.env.clone())
    }

    /// What is put, with the sources below it; `None` when nothing is known of it.
    pub(super) fn texts(&self, name: &str) -> Option<Texts> {
        let mut state = self.state.lock();
        let puts = state.puts.get(name).cloned();
        match (state.find(name), puts) {
            (None, puts) => puts,
            (Some(known), None) => Some(known.texts.clone()),
            (Some(known), Some(puts)) => Some(known.texts.under(&puts)),
        }
    }

    /// Changes what is put; the environment is read anew, and if it is wrong nothing has changed.
    pub(super) fn put(
        &self,
        spec: Dependency,
        change: impl Fn(&mut Texts) -> Result<(), EnvErrors>,
    ) -> Result<(), EnvErrors> {
        loop {
            let (_, mut puts, edits) = self.sources(spec.name);
            change(&mut puts)?;
            let texts = self.state.lock().find(spec.name).map(|known| known.texts.clone());
            let env = texts.map(|texts| (spec.reread)(&texts.under(&puts))).transpose()?;
            let mut state = self.state.lock();
            if state.edits == edits {
                state.edits += 1;
                let before = state.puts.insert(spec.name, puts);
                let known = state.find(spec.name);
                let replaced =
                    known.zip(env).map(|(known, env)| std::mem::replace(&mut known.env, env));
                drop(state);
                drop((before, replaced)); // A2
                return Ok(());
            }
        }
    }

    /// Reads the sources anew; the texts before and after. `None`: it is not loaded.
    pub(super) fn reload(&self, spec: Dependency) -> Result<Option<(Texts, Texts)>, EnvErrors> {
        loop {
            let (config, puts, edits) = self.sources(spec.name);
            let Some(before) = self.texts(spec.name) else { return Ok(None) };
            let (texts, env) = (spec.read)(&config, &puts)?;
            let after = texts.under(&puts);
            let mut state = self.state.lock();
            if state.edits == edits {
                state.edits += 1;
                let Some(known) = state.find(spec.name) else { return Ok(None) };
                known.texts = texts;
                let replaced = std::mem::replace(&mut known.env, env);
                drop(state);
                drop(replaced); // A2
                return Ok(Some((before, after)));
            }
        }
    }
}

impl Above for Controller {
    fn shutdown(self: Arc<Self>, node: Arc<Node>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move { self.stop_all(&node).await })
    }
}

impl State {
    fn find(&mut self, name: &str) -> Option<&mut Loaded> {
        self.loaded.iter_mut().find(|known| known.spec.name == name)
    }

    fn runs(&self, name: &str) -> bool {
        let is_it = |known: &&Loaded| known.spec.name == name;
        let known = self.loaded.iter().find(is_it);
        known.is_some_and(|known| matches!(known.status, Status::Running(_)))
    }

    fn check_new(&self, spec: Dependency) -> Result<(), LoadError> {
        match self.loaded.iter().find(|known| known.spec.name == spec.name) {
            None => Ok(()),
            Some(known) if (known.spec.id)() == (spec.id)() => {
                Err(LoadError::AlreadyLoaded(spec.name))
            }
            Some(_) => Err(LoadError::NameTaken(spec.name)),
        }
    }
}

/// The text of a key for those who ask by name (APP-12, APP-13).
pub(super) fn fetch(
    spec: Dependency,
    texts: Option<Texts>,
    key: &str,
) -> Result<String, FetchEnvError> {
    let (application, asked) = (spec.name, key.to_owned());
    let Some(texts) = texts else {
        return Err(FetchEnvError::NotLoaded { application, key: asked });
    };
    texts.shown((spec.keys)(), key).map_err(|hint| FetchEnvError::NotSet {
        application,
        key: asked,
        hint,
    })
}

/// A text that was put.
pub(super) fn put(
    texts: &mut Texts,
    spec: Dependency,
    key: &str,
    text: String,
) -> Result<(), EnvErrors> {
    texts
        .set((spec.keys)(), key, Raw::Text(text), "put".into())
        .map_err(|mistake| EnvErrors { application: spec.name.into(), mistakes: vec![mistake] })
}

// ===== Seats =====

/// The right of a master to say where its application stands (A1).
pub(crate) struct Seat {
    controller: Arc<Controller>,
    spec: Dependency,
}

impl Seat {
    pub(super) fn spec(&self) -> Dependency {
        self.spec
    }

    pub(super) fn env(&self) -> Shared {
        self.controller.env(self.spec.name).expect("what has a master is loaded")
    }

    /// The master lives.
    pub(super) fn taken(&self, master: Pid) {
        self.change(|known, _| known.master = Some(master));
    }

    pub(super) fn runs(&self, master: RawRef<MasterMsg>, top: Option<Pid>, handle: Shared) {
        self.change(|known, starts| {
            *starts += 1;
            known.top = top;
            known.status = Status::Running(Running { master, handle, turn: *starts });
        });
    }

    pub(super) fn stops(&self) {
        self.change(|known, _| known.status = Status::Stopping);
    }

    pub(super) fn gives_up(&self, why: Idle) {
        self.change(|known, _| {
            (known.master, known.top) = (None, None);
            known.status = Status::Idle(why);
        });
    }

    fn change(&self, change: impl FnOnce(&mut Loaded, &mut u64)) {
        let before = {
            let mut state = self.controller.state.lock();
            let state = &mut *state;
            let found = state.loaded.iter_mut().find(|known| known.spec.name == self.spec.name);
            let known = found.expect("what has a master is loaded");
            let before = known.status.clone();
            change(known, &mut state.starts);
            before
        };
        drop(before); // A2
        self.controller.changed.notify_waiters();
    }
}

/// A1: the master was killed, or never born.
impl Drop for Seat {
    fn drop(&mut self) {
        let status =
            self.controller.state.lock().find(self.spec.name).map(|known| known.status.clone());
        if matches!(status, Some(Status::Starting | Status::Running(_) | Status::Stopping)) {
            self.gives_up(Idle::Ended(ExitReason::Killed));
        }
    }
}

/// Applications whose turn to start has not come.
struct Line<'a> {
    controller: &'a Controller,
    names: Vec<&'static str>,
}

impl<'a> Line<'a> {
    fn of(controller: &'a Controller, order: &[Dependency]) -> Self {
        let names = order.iter().map(|spec| spec.name).collect();
        let line = Self { controller, names };
        line.each(|status| {
            if let Status::Idle(_) = status {
                *status = Status::Waiting;
            }
        });
        line
    }

    fn each(&self, change: impl Fn(&mut Status)) {
        let mut state = self.controller.state.lock();
        for name in &self.names {
            if let Some(known) = state.find(name) {
                change(&mut known.status);
            }
        }
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        self.each(|status| {
            if let Status::Waiting = status {
                *status = Status::Idle(Idle::Loaded);
            }
        });
    }
}
