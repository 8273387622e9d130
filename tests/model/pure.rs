//! cordial's own plan and intensity, as the model's seam wants them.
//!
//! Their files are compiled here as they are: they are pure, and import two words of the runtime.
use crate::decisions::{Decisions, Key, State, Todo};
use crate::exit::ExitReason;
use crate::history::{self, Flags};
use std::time::Duration;

#[allow(dead_code, reason = "the runtime asks more of it")]
#[path = "../../runtime/cordial/src/supervisor/intensity.rs"]
mod intensity;
#[allow(dead_code, unreachable_pub, reason = "the runtime asks more of it, and its users too")]
#[path = "../../runtime/cordial/src/supervisor/plan.rs"]
mod plan;

use plan::{Action, AutoShutdown, ChildKey, ChildKind, Plan, Policy, Retain, Status, Strategy};

pub(crate) struct Pure {
    plan: Plan<Key>,
    keys: Vec<(Key, ChildKey)>,
}

impl Pure {
    fn at(&self, key: Key) -> Option<ChildKey> {
        self.keys.iter().find(|(found, _)| *found == key).map(|(_, at)| *at)
    }

    fn todo(&self, actions: Vec<Action>) -> Vec<Todo> {
        let key = |at: ChildKey| {
            let found = self.keys.iter().find(|(_, found)| *found == at);
            found.expect("the plan knows whom it was given").0
        };
        let todo = |action| match action {
            Action::Stop(at) => Todo::Stop(key(at)),
            Action::Start(at) => Todo::Start(key(at)),
            Action::Forget(at) => Todo::Forget(key(at)),
            Action::Retry(at) => Todo::Retry(key(at)),
            Action::GiveUp(_) | Action::ShutDown(_) => Todo::End,
        };
        actions.into_iter().map(todo).collect()
    }
}

fn reason(word: &str) -> ExitReason {
    match word {
        "normal" => ExitReason::Normal,
        "shutdown" => ExitReason::Shutdown,
        "killed" => ExitReason::Killed,
        with if with.starts_with("shutdown(") => ExitReason::shutdown_with(with.to_owned()),
        other => ExitReason::custom(other.to_owned()),
    }
}

impl Decisions for Pure {
    fn new(flags: Flags) -> Self {
        let strategy = match flags.strategy {
            history::Strategy::OneForOne | history::Strategy::Each => Strategy::OneForOne,
            history::Strategy::OneForAll => Strategy::OneForAll,
            history::Strategy::RestForOne => Strategy::RestForOne,
        };
        let auto_shutdown = match flags.auto {
            history::Auto::Never => AutoShutdown::Never,
            history::Auto::Any => AutoShutdown::AnySignificant,
            history::Auto::All => AutoShutdown::AllSignificant,
        };
        let retain = match flags.strategy {
            history::Strategy::Each => Retain::Nothing,
            _ => Retain::Spec,
        };
        let period = Duration::from_secs(flags.period);
        let intensity = intensity::Intensity::new(flags.max_restarts, period);
        let plan = Plan::new(Policy { strategy, auto_shutdown, retain, intensity });
        Self { plan, keys: Vec::new() }
    }

    fn add(&mut self, key: Key, role: history::Role) {
        let restart = match role.restart {
            history::Restart::Permanent => crate::gen_server::Restart::Permanent,
            history::Restart::Transient => crate::gen_server::Restart::Transient,
            history::Restart::Temporary => crate::gen_server::Restart::Temporary,
        };
        let kind = if role.is_supervisor { ChildKind::Supervisor } else { ChildKind::Worker };
        let role = plan::Role { restart, kind, significant: role.significant };
        self.keys.push((key, self.plan.add(role, key)));
    }

    fn forget(&mut self, key: Key) {
        if let Some(at) = self.at(key) {
            assert_eq!(self.plan.forget(at), Some(key), "forgotten once");
        }
    }

    fn started(&mut self, key: Key) {
        self.plan.on_started(self.at(key).expect("what is started is there"));
    }

    fn ignored(&mut self, key: Key) -> Vec<Todo> {
        let actions = self.at(key).map(|at| self.plan.on_ignored(at));
        self.todo(actions.unwrap_or_default())
    }

    fn failed(&mut self, key: Key) -> Vec<Todo> {
        let actions = self.at(key).map(|at| self.plan.on_start_failed(at));
        self.todo(actions.unwrap_or_default())
    }

    fn exited(&mut self, key: Key, why: &str, now: u64) -> Vec<Todo> {
        let now = Duration::from_millis(now);
        let actions = self.at(key).map(|at| self.plan.on_exit(at, &reason(why), now));
        self.todo(actions.unwrap_or_default())
    }

    fn retry(&mut self, key: Key, now: u64) -> Vec<Todo> {
        let now = Duration::from_millis(now);
        let actions = self.at(key).map(|at| self.plan.on_retry(at, now));
        self.todo(actions.unwrap_or_default())
    }

    fn terminate(&mut self, key: Key) -> Vec<Todo> {
        let actions = self.at(key).map(|at| self.plan.on_terminate_child(at));
        self.todo(actions.unwrap_or_default())
    }

    fn stop_all(&mut self) -> Vec<Todo> {
        let actions = self.plan.on_stop();
        self.todo(actions)
    }

    fn state(&self, key: Key) -> Option<State> {
        self.plan.status(self.at(key)?).map(|status| match status {
            Status::Stopped => State::Stopped,
            Status::Running => State::Running,
            Status::Restarting => State::Restarting,
        })
    }

    fn children(&self) -> Vec<Key> {
        let mut keys: Vec<Key> = self.plan.children().map(|(.., key)| *key).collect();
        keys.reverse();
        keys
    }

    fn counts(&self) -> [usize; 4] {
        let counts = self.plan.counts();
        [counts.specs, counts.active, counts.supervisors, counts.workers]
    }
}
