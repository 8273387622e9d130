//! Pure: from "this child exited" to a list of `Action`s, per strategy.
//!
//! ```text
//!              on_start, on_restart              on_started
//!   Stopped ───────────────────────▶ (starting) ────────────▶ Running
//!      ▲ ▲                             │    │                   │ │
//!      │ └──── on_ignored ─────────────┘    │ on_start_failed   │ │
//!      │                                    ▼                   │ │
//!      │                                Restarting ── on_retry ─│─┘ on_exit: restart
//!      └────────────────────────────────────┴───────────────────┘   on_exit: no restart; stops
//! ```
//! A child that was stopped on request is started again on request, by `on_restart_child`.
//! The process around it carries the actions out one by one, in order, and tells the plan how each
//! start went.
//!
//! # Rules (cited as P1 to P7)
//! - P1 A key is the child's place in the start order: keys only grow, a child added later is last
//!   for stops and for `RestForOne` (SUP-38).
//! - P2 A child that is not restarted causes no action on its siblings (SUP-18).
//! - P3 Every restart attempt is counted once, however many siblings go with it (SUP-22), a retry
//!   too (SUP-25).
//! - P4 A group stops in reverse order, and all of it before the first start (SUP-14, SUP-15). Its
//!   temporary children are forgotten, all others are started again, also one that had ended
//!   cleanly before (SUP-19).
//! - P5 A start that fails ends the list: what follows it is not carried out. The child is retried
//!   later, by an input of its own, never by a loop (SUP-26). Its retry has the scope of the
//!   strategy with that child as the cause (SUP-28).
//! - P6 After `GiveUp` nothing is restarted any more; what still runs is stopped in reverse order
//!   (SUP-23).
//! - P7 With `OneForOne` no input looks at any other child.
//! - P8 A significant child that ended by itself for good may end the supervisor (SUP-47, SUP-48);
//!   one that was stopped never does, neither on request nor with its group (SUP-49).
use std::collections::BTreeMap;
use std::ops::Bound;
use std::time::Duration;

use super::intensity::{Intensity, Verdict};
use crate::exit::ExitReason;
use crate::gen_server::Restart;

/// Which children are restarted when one of them crashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// Only the child that crashed.
    #[default]
    OneForOne,
    /// All children: they are stopped in reverse order, then started in order.
    OneForAll,
    /// The child that crashed and those started after it.
    ///
    /// A child's arguments may hold handles of *earlier* siblings only, so what is restarted here
    /// is what may depend on the one that crashed.
    ///
    /// Where data flows the other way, from a source to what counts it, the two pull in opposite
    /// directions: the source holds the handle, so it would stand below. With a
    /// [`Late`](crate::Late) handle, `source: Source(late count)`, it stands above, and its crash
    /// restarts what it feeds.
    RestForOne,
}

/// Whether a supervisor stops itself when significant children have ended; see
/// [`ChildSpec::significant`](super::ChildSpec::significant).
///
/// # Examples
/// ```
/// use cordial::prelude::*;
/// use cordial::supervisor::{AutoShutdown, Flags};
///
/// let flags = Flags { auto_shutdown: AutoShutdown::AnySignificant, ..Flags::default() };
/// assert_eq!(Flags::default().auto_shutdown, AutoShutdown::Never);
/// # let _ = flags;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AutoShutdown {
    /// It has no significant children.
    #[default]
    Never,
    /// The first significant child that ends by itself ends the supervisor.
    AnySignificant,
    /// The last one does: as long as one lives or is restarting, the supervisor goes on.
    AllSignificant,
}

/// What a supervisor knows of a child that it never changes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Role {
    pub(crate) restart: Restart,
    pub(crate) kind: ChildKind,
    pub(crate) significant: bool,
}

/// When a supervisor restarts whom, and when it ends.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) strategy: Strategy,
    pub(crate) auto_shutdown: AutoShutdown,
    pub(crate) retain: Retain,
    pub(crate) intensity: Intensity,
}

/// A child's place in the start order (P1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ChildKey(pub(super) u64);

/// Whether a child is a supervisor itself; OTP's `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChildKind {
    /// Any other process.
    Worker,
    /// A supervisor.
    Supervisor,
}

/// What becomes of the spec of a child that ended for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Retain {
    /// It stays unless it is temporary (supervisors: SUP-6, SUP-17).
    Spec,
    /// It goes with the process (dynamic supervisors: DYN-4, DYN-8).
    Nothing,
}

/// What the process around the plan has to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Stop this child in its own way and wait until it is dead.
    Stop(ChildKey),
    /// Start it, and say how that went before anything else is done.
    Start(ChildKey),
    /// Take it out with [`Plan::forget`] and close its address for ever.
    Forget(ChildKey),
    /// Come back with [`Plan::on_retry`] after whatever waits in the mailbox.
    Retry(ChildKey),
    /// This child's crash was one too many: stop the rest in reverse order, exit with `Shutdown`.
    GiveUp(ChildKey),
    /// This significant child ended: stop the rest in reverse order, exit with `Shutdown`.
    ShutDown(ChildKey),
}

/// What a child is doing, as far as its supervisor knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// No process, and none is on its way.
    Stopped,
    Running,
    /// Its last start failed; a retry is on its way.
    Restarting,
}

/// How many children there are; what [`count_children`](super::count_children) answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// All children, running or not.
    pub specs: usize,
    /// Those with a living process.
    pub active: usize,
    /// Those which are supervisors, running or not.
    pub supervisors: usize,
    /// Those which are not, running or not.
    pub workers: usize,
}

/// One supervisor's children in start order, with `C` for each of them, and what to do when
/// something happens to one.
#[derive(Debug)]
pub(crate) struct Plan<C> {
    policy: Policy,
    children: BTreeMap<ChildKey, Entry<C>>,
    counts: Counts,
    /// Significant children that live or are restarting.
    significant: usize,
    next: u64,
}

#[derive(Debug)]
struct Entry<C> {
    role: Role,
    status: Status,
    child: C,
}

impl<C> Plan<C> {
    pub(crate) const fn new(policy: Policy) -> Self {
        let counts = Counts { specs: 0, active: 0, supervisors: 0, workers: 0 };
        Self { policy, children: BTreeMap::new(), counts, significant: 0, next: 0 }
    }

    /// The child comes last; it is not started by this.
    pub(crate) fn add(&mut self, role: Role, child: C) -> ChildKey {
        let key = ChildKey(self.next);
        self.next += 1;
        self.children.insert(key, Entry { role, status: Status::Stopped, child });
        self.counts.specs += 1;
        *self.count_of(role.kind) += 1;
        key
    }

    /// Takes a child out, whatever it is doing.
    pub(crate) fn forget(&mut self, key: ChildKey) -> Option<C> {
        self.set(key, Status::Stopped);
        let entry = self.children.remove(&key)?;
        self.counts.specs -= 1;
        *self.count_of(entry.role.kind) -= 1;
        Some(entry.child)
    }

    // ===== Inputs =====

    /// All children are to be started, in order (SUP-1).
    pub(crate) fn on_start(&self) -> Vec<Action> {
        self.children.keys().copied().map(Action::Start).collect()
    }

    /// The start of a child returned a process.
    pub(crate) fn on_started(&mut self, key: ChildKey) {
        self.set(key, Status::Running);
    }

    /// The start of a child returned `Ignore` (SUP-6, DYN-9).
    pub(crate) fn on_ignored(&mut self, key: ChildKey) -> Vec<Action> {
        self.end_for_good(key)
    }

    /// A stopped child is to be started on request; if that fails it stays stopped (SUP-42).
    ///
    /// # Errors
    /// What it is doing instead.
    pub(crate) fn on_restart_child(&self, key: ChildKey) -> Result<(), Status> {
        match self.status(key) {
            Some(busy @ (Status::Running | Status::Restarting)) => Err(busy),
            Some(Status::Stopped) | None => Ok(()),
        }
    }

    /// A stopped child's spec is to be deleted (SUP-43).
    ///
    /// # Errors
    /// What it is doing instead.
    pub(crate) fn on_delete_child(&self, key: ChildKey) -> Result<Action, Status> {
        self.on_restart_child(key).map(|()| Action::Forget(key))
    }

    /// A restart of a child failed (P5).
    pub(crate) fn on_start_failed(&mut self, key: ChildKey) -> Vec<Action> {
        self.set(key, Status::Restarting);
        vec![Action::Retry(key)]
    }

    /// A child that ran ended by itself.
    pub(crate) fn on_exit(
        &mut self,
        key: ChildKey,
        reason: &ExitReason,
        now: Duration,
    ) -> Vec<Action> {
        let Some(entry) = self.children.get(&key) else { return Vec::new() };
        if entry.status != Status::Running {
            return Vec::new();
        }
        let again = match entry.role.restart {
            Restart::Permanent => true,
            Restart::Transient => !reason.is_clean(),
            Restart::Temporary => false,
        };
        if again { self.restart(key, now) } else { self.end_by_itself(key) }
    }

    /// It is the turn of a retry; nobody wants it any more if the child is not `Restarting`
    /// (SUP-27).
    pub(crate) fn on_retry(&mut self, key: ChildKey, now: Duration) -> Vec<Action> {
        match self.status(key) {
            Some(Status::Restarting) => self.restart(key, now),
            _ => Vec::new(),
        }
    }

    /// A child is to be stopped on request: this is no crash and is not counted (SUP-41, DYN-15).
    pub(crate) fn on_terminate_child(&mut self, key: ChildKey) -> Vec<Action> {
        let running = self.status(key) == Some(Status::Running);
        let mut actions = if running { vec![Action::Stop(key)] } else { Vec::new() };
        actions.extend(self.end_for_good(key));
        actions
    }

    /// Everything is to be stopped: what runs, in reverse start order (SUP-2, SUP-4).
    /// It is the last that is asked.
    pub(crate) fn on_stop(&self) -> Vec<Action> {
        let running = |(key, entry): (&ChildKey, &Entry<C>)| {
            (entry.status == Status::Running).then_some(Action::Stop(*key))
        };
        self.children.iter().rev().filter_map(running).collect()
    }

    // ===== Other rules from now on (SUP-56) =====

    pub(crate) fn change_policy(&mut self, strategy: Strategy, auto_shutdown: AutoShutdown) {
        (self.policy.strategy, self.policy.auto_shutdown) = (strategy, auto_shutdown);
    }

    /// Restarts so far count against the new bound.
    pub(crate) fn change_intensity(&mut self, max_restarts: u32, period: Duration) {
        self.policy.intensity.change(max_restarts, period);
    }

    pub(crate) fn change_role(&mut self, key: ChildKey, role: Role) {
        let Some(entry) = self.children.get_mut(&key) else { return };
        self.significant -= usize::from(entry.is_significant_now());
        let before = std::mem::replace(&mut entry.role, role);
        self.significant += usize::from(entry.is_significant_now());
        *self.count_of(before.kind) -= 1;
        *self.count_of(role.kind) += 1;
    }

    /// The children whose end may end the supervisor.
    pub(crate) fn significant(&self) -> impl Iterator<Item = ChildKey> {
        self.children.iter().filter(|(_, entry)| entry.role.significant).map(|(key, _)| *key)
    }

    // ===== Questions =====

    pub(crate) fn status(&self, key: ChildKey) -> Option<Status> {
        self.children.get(&key).map(|entry| entry.status)
    }

    pub(crate) fn restart_type(&self, key: ChildKey) -> Option<Restart> {
        self.children.get(&key).map(|entry| entry.role.restart)
    }

    pub(crate) fn child(&self, key: ChildKey) -> Option<&C> {
        self.children.get(&key).map(|entry| &entry.child)
    }

    pub(crate) fn child_mut(&mut self, key: ChildKey) -> Option<&mut C> {
        self.children.get_mut(&key).map(|entry| &mut entry.child)
    }

    /// All children, newest first (SUP-44).
    pub(crate) fn children(&self) -> impl Iterator<Item = (ChildKey, ChildKind, Status, &C)> {
        self.children.iter().rev().map(|(key, e)| (*key, e.role.kind, e.status, &e.child))
    }

    pub(crate) const fn counts(&self) -> Counts {
        self.counts
    }

    pub(crate) const fn intensity(&self) -> &Intensity {
        &self.policy.intensity
    }

    // ===== Decisions =====

    fn restart(&mut self, key: ChildKey, now: Duration) -> Vec<Action> {
        self.set(key, Status::Stopped);
        if self.policy.intensity.add(now) == Verdict::Exceeded {
            return vec![Action::GiveUp(key)];
        }
        match self.policy.strategy {
            Strategy::OneForOne => vec![Action::Start(key)],
            Strategy::OneForAll => self.restart_group(Bound::Unbounded),
            Strategy::RestForOne => self.restart_group(Bound::Included(key)),
        }
    }

    /// P4.
    fn restart_group(&mut self, from: Bound<ChildKey>) -> Vec<Action> {
        let (mut stops, mut starts) = (Vec::new(), Vec::new());
        for (key, entry) in self.children.range_mut((from, Bound::Unbounded)).rev() {
            if entry.status == Status::Running {
                self.counts.active -= 1;
                stops.push(Action::Stop(*key));
            }
            self.significant -= usize::from(entry.is_significant_now());
            entry.status = Status::Stopped;
            if entry.role.restart == Restart::Temporary {
                stops.push(Action::Forget(*key));
            } else {
                starts.push(Action::Start(*key));
            }
        }
        stops.extend(starts.into_iter().rev());
        stops
    }

    /// P2.
    fn end_for_good(&mut self, key: ChildKey) -> Vec<Action> {
        self.set(key, Status::Stopped);
        let Some(entry) = self.children.get(&key) else { return Vec::new() };
        let goes =
            self.policy.retain == Retain::Nothing || entry.role.restart == Restart::Temporary;
        if goes { vec![Action::Forget(key)] } else { Vec::new() }
    }

    /// P8.
    fn end_by_itself(&mut self, key: ChildKey) -> Vec<Action> {
        let significant = self.children.get(&key).is_some_and(|entry| entry.role.significant);
        let mut actions = self.end_for_good(key);
        let ends = match self.policy.auto_shutdown {
            AutoShutdown::Never => false,
            AutoShutdown::AnySignificant => significant,
            AutoShutdown::AllSignificant => significant && self.significant == 0,
        };
        if ends {
            actions.push(Action::ShutDown(key));
        }
        actions
    }

    fn set(&mut self, key: ChildKey, status: Status) {
        let Some(entry) = self.children.get_mut(&key) else { return };
        self.significant -= usize::from(entry.is_significant_now());
        let before = std::mem::replace(&mut entry.status, status);
        self.significant += usize::from(entry.is_significant_now());
        self.counts.active -= usize::from(before == Status::Running);
        self.counts.active += usize::from(status == Status::Running);
    }

    const fn count_of(&mut self, kind: ChildKind) -> &mut usize {
        match kind {
            ChildKind::Worker => &mut self.counts.workers,
            ChildKind::Supervisor => &mut self.counts.supervisors,
        }
    }
}

impl<C> Entry<C> {
    fn is_significant_now(&self) -> bool {
        self.role.significant && self.status != Status::Stopped
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
