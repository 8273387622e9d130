//! What all processes of one scenario share: the definitions, the log, who is called what.
use crate::actor::{Actor, Msg};
use crate::language::Def;
use cordial::process::{self, Monitor};
use cordial::{DynamicRef, ExitReason, Pid, RawRef, StartError, SupervisorRef};
use std::collections::{HashMap, HashSet};
use std::pin::pin;
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

/// One scenario's world.
pub(crate) struct World {
    defs: HashMap<String, Def>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    log: Vec<String>,
    lives: HashMap<String, usize>,
    starts: HashMap<String, usize>,
    /// Who asked to be ignored at the last start.
    ignored: HashSet<String>,
    names: HashMap<Pid, String>,
    pids: HashMap<String, Pid>,
    addresses: HashMap<String, RawRef<Msg>>,
    /// All that were described, also where the description came to nothing.
    supervisors: HashMap<String, Vec<Handle>>,
    /// Everybody that was born and has not ended.
    watched: Vec<(String, Monitor)>,
}

/// A supervisor's.
#[derive(Clone)]
pub(crate) enum Handle {
    Static(SupervisorRef),
    Dynamic(DynamicRef<Actor>),
}

impl Handle {
    pub(crate) fn pid(&self) -> Option<Pid> {
        match self {
            Self::Static(supervisor) => supervisor.pid(),
            Self::Dynamic(supervisor) => supervisor.pid(),
        }
    }
}

impl World {
    pub(crate) fn new(defs: &[Def]) -> Self {
        let defs = defs.iter().map(|def| (def.name.clone(), def.clone())).collect();
        Self { defs, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics with the log in hand")
    }

    pub(crate) fn def(&self, name: &str) -> &Def {
        self.defs.get(name).unwrap_or_else(|| panic!("nobody is defined as `{name}`"))
    }

    pub(crate) fn log(&self, line: impl Into<String>) {
        self.state().log.push(line.into());
    }

    pub(crate) fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.state().log)
    }

    // ----- who lives -----

    /// A process lives as `def` now: `a`, and `a#2` when it is there again.
    pub(crate) fn born(&self, def: &str, pid: Pid, address: RawRef<Msg>) -> String {
        self.look_at_supervisors();
        let mut state = self.state();
        state.addresses.insert(def.to_owned(), address);
        state.ignored.remove(def);
        drop(state);
        self.named(def, pid)
    }

    fn named(&self, def: &str, pid: Pid) -> String {
        let monitor = process::monitor(&pid);
        let mut state = self.state();
        let life = state.lives.entry(def.to_owned()).or_default();
        *life += 1;
        let name = if *life == 1 { def.to_owned() } else { format!("{def}#{life}") };
        state.names.insert(pid, name.clone());
        state.pids.insert(def.to_owned(), pid);
        state.watched.push((name.clone(), monitor));
        name
    }

    /// A supervisor runs no code of ours when it begins: it is seen by who begins in it.
    pub(crate) fn look_at_supervisors(&self) {
        let mut new = Vec::new();
        {
            let state = self.state();
            for (def, handles) in &state.supervisors {
                let unknown = |pid: &Pid| !state.names.contains_key(pid);
                let pids = handles.iter().filter_map(Handle::pid).filter(unknown);
                new.extend(pids.map(|pid| (def.clone(), pid)));
            }
        }
        for (def, pid) in new {
            self.named(&def, pid);
        }
    }

    pub(crate) fn supervise(&self, def: &str, handle: Handle) {
        self.state().supervisors.entry(def.to_owned()).or_default().push(handle);
    }

    /// The one that lives, or the last.
    pub(crate) fn supervisor(&self, def: &str) -> Option<Handle> {
        let state = self.state();
        let handles = state.supervisors.get(def)?;
        let living = handles.iter().find(|handle| handle.pid().is_some());
        living.or(handles.last()).cloned()
    }

    pub(crate) fn address(&self, def: &str) -> Option<RawRef<Msg>> {
        self.state().addresses.get(def).cloned()
    }

    pub(crate) fn pid(&self, def: &str) -> Option<Pid> {
        self.look_at_supervisors();
        self.state().pids.get(def).copied()
    }

    pub(crate) fn name_of(&self, pid: Pid) -> String {
        self.look_at_supervisors();
        self.state().names.get(&pid).map_or("?", String::as_str).to_owned()
    }

    /// The how-many-eth start of `def` this is, from 0.
    pub(crate) fn next_start(&self, def: &str) -> usize {
        let mut state = self.state();
        let starts = state.starts.entry(def.to_owned()).or_default();
        *starts += 1;
        *starts - 1
    }

    pub(crate) fn ignored(&self, def: &str) {
        self.state().ignored.insert(def.to_owned());
    }

    /// The process that was started last as `def`; `None`: it asked to be ignored.
    pub(crate) fn last_started(&self, def: &str) -> Option<Pid> {
        self.pid(def).filter(|_| !self.state().ignored.contains(def))
    }

    // ----- who has ended -----

    /// Writes down who has ended, by name: who of several died first is nobody's business.
    pub(crate) fn log_ended(&self) {
        self.look_at_supervisors();
        let mut state = self.state();
        let mut cx = Context::from_waker(Waker::noop());
        let mut ended = Vec::new();
        state.watched.retain_mut(|(name, monitor)| match pin!(monitor).as_mut().poll(&mut cx) {
            Poll::Ready(down) => {
                ended.push((name.clone(), down.reason));
                false
            }
            Poll::Pending => true,
        });
        ended.sort_by(|one, other| one.0.cmp(&other.0));
        let lines = ended.iter().map(|(name, why)| format!("ended {name} {}", reason(why)));
        state.log.extend(lines);
    }

    pub(crate) fn log_living(&self) {
        let mut state = self.state();
        let mut names: Vec<String> = state.watched.iter().map(|(name, _)| name.clone()).collect();
        names.sort();
        names.insert(0, "alive".to_owned());
        state.log.push(names.join(" "));
    }

    pub(crate) fn kill_all(&self) {
        let pids: Vec<Pid> = self.state().names.keys().copied().collect();
        pids.iter().for_each(|pid| process::exit(pid, ExitReason::Kill));
    }

    /// Nobody is watched any more: the watches go before the node does.
    pub(crate) fn forget(&self) {
        let watched = std::mem::take(&mut self.state().watched);
        drop(watched);
    }
}

// ===== Words =====

/// A reason in the words of the log.
pub(crate) fn reason(reason: &ExitReason) -> String {
    if let Some(error) = reason.downcast_ref::<StartError>() {
        return start_error(error);
    }
    match reason {
        ExitReason::NoProc => "noproc".to_owned(),
        ExitReason::NoConnection => "noconnection".to_owned(),
        ExitReason::ShutdownWith(tell) => format!("shutdown({tell})"),
        ExitReason::Panic(panic) => format!("panic({})", panic.message()),
        other => other.to_string(),
    }
}

fn start_error(error: &StartError) -> String {
    match error {
        StartError::Child(id, inner) => format!("failed {id} {}", start_error(inner)),
        StartError::Init(why) => reason(why),
        StartError::DuplicateChild(id) => format!("duplicate {id}"),
        StartError::InvalidFlags(_) => "refused".to_owned(),
        other => format!("{other:?}"),
    }
}

/// How a start went.
pub(crate) fn started(error: &StartError, world: &World) -> String {
    match error {
        StartError::AlreadyStarted(holder) => {
            format!("already_started {}", world.name_of(holder.pid()))
        }
        StartError::Ignore => "ignore".to_owned(),
        StartError::Timeout(_) => "timeout".to_owned(),
        StartError::Init(why) if why.downcast_ref::<StartError>().is_some() => reason(why),
        StartError::Init(why) => format!("error {}", reason(why)),
        other => start_error(other),
    }
}

/// A word of the language as a reason.
pub(crate) fn to_reason(word: &str) -> ExitReason {
    match word {
        "normal" => ExitReason::Normal,
        "shutdown" => ExitReason::Shutdown,
        "kill" => ExitReason::Kill,
        "killed" => ExitReason::Killed,
        "noproc" => ExitReason::NoProc,
        _ => match word.strip_prefix("shutdown(").and_then(|rest| rest.strip_suffix(')')) {
            Some(tell) => ExitReason::shutdown_with(tell.to_owned()),
            None => ExitReason::custom(word.to_owned()),
        },
    }
}
