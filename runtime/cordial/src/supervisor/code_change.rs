//! New flags and specs for a supervisor that runs; OTP's `code_change` of supervisors.
use super::child_spec::{Definition, NEVER_SIGNIFICANT, Options};
use super::plan::{AutoShutdown, ChildKey, Role};
use super::retries::Retries;
use super::server::{Charter, Kind, Server, SupervisorMsg};
use super::tree::{Builder, Flags};
use super::{Supervised, start};
use crate::error::{StartError, TryCallError};
use crate::gen_server::TryCall;
use std::future::Future;

/// Gives a running supervisor other flags and specs, for what it starts and restarts from now on:
/// OTP's `code_change` of a supervisor.
///
/// Nothing is started, stopped or restarted by it. Of a child that is there, by its id, the spec is
/// replaced: its next restart is by the new one, at the same address. A child with a new id comes
/// last and does not live until [`restart_child`](super::restart_child), and children that `to`
/// does not name stay as they are. Restarts so far count against the new bound.
///
/// The handles of existing children stay what they are; the handle that
/// [`Builder::add`] gave for one of them reaches nobody. Of a nested supervisor the options are
/// replaced, and its children stay its own: they are changed by a `code_change` of it. A supervisor
/// that is itself restarted begins with the specs that it was first started with.
///
/// # Errors
/// [`StartError`], and all is as it was: two children of one id, flags that contradict each other,
/// or a child that would take other messages than the one of its id does.
///
/// # Cancel safety
/// The request is made when this is called, and stays.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cordial::prelude::*;
/// use cordial::{process, supervisor};
///
/// #[gen_server]
/// #[derive(Clone)]
/// struct Counter(i64);
/// #[gen_server]
/// impl Counter {
///     #[call]
///     fn value(&self) -> i64 {
///         self.0
///     }
/// }
///
/// let mut tree = Supervisor::builder();
/// let hits = tree.add(Counter::child_spec(Counter(1)).id("hits"));
/// let tree = tree.start().await?;
///
/// let mut next = Supervisor::builder().max_restarts(10, secs(1));
/// next.add(Counter::child_spec(Counter(100)).id("hits"));
/// supervisor::code_change(&tree, next).await?;
/// assert_eq!(hits.value().await?, 1);
///
/// let down = process::monitor(&hits);
/// process::exit(&hits, ExitReason::Kill);
/// down.await;
/// while hits.value().await != Ok(100) {
///     tokio::task::yield_now().await; // It is restarted, by the new spec.
/// }
/// # Ok(()) }
/// ```
pub fn code_change<T: Supervised>(
    of: &T,
    to: Builder,
) -> impl Future<Output = Result<(), TryCallError<StartError>>> + Send + use<T> {
    let asked = to.into_charter().map(|charter| ask(of, charter));
    async move { asked.map_err(TryCallError::Handler)?.await }
}

/// Asks a supervisor of any kind.
pub(crate) fn ask(of: &impl Supervised, to: Charter) -> TryCall<(), StartError> {
    start::try_ask(&of.supervisor().0, "code_change", |from| {
        SupervisorMsg::Change(Box::new(to), from)
    })
}

const OTHER_KIND: &str = "a supervisor stays of its kind: with a list of children, or dynamic";
const OTHER_MESSAGES: &str = "a child's new spec takes other messages than the child of its id";

impl Server {
    /// SUP-56, DYN-16: all of it, or nothing.
    pub(super) fn code_change(&mut self, to: &Charter) -> Result<(), StartError> {
        match (&mut self.kind, &to.kind) {
            (Kind::Static, Kind::Static) => {
                let moved = self.move_in(to)?;
                for (definition, key) in moved {
                    self.put(definition, key);
                }
            }
            (Kind::Dynamic { max_children }, Kind::Dynamic { max_children: most }) => {
                *max_children = *most;
            }
            _ => return Err(StartError::InvalidFlags(OTHER_KIND)),
        }
        let Flags { strategy, max_restarts, period, auto_shutdown } = to.flags;
        self.auto_shutdown = auto_shutdown;
        self.plan.change_policy(strategy, auto_shutdown);
        self.plan.change_intensity(max_restarts, period);
        Ok(())
    }

    /// The new specs, each at the address of the child whose id it has.
    fn move_in(&self, to: &Charter) -> Result<Vec<(Definition, Option<ChildKey>)>, StartError> {
        let is_named = |key: &ChildKey| {
            let id = self.plan.child(*key).map(|child| &child.id);
            to.children.iter().any(|definition| Some(&definition.options.id) == id)
        };
        let is_never = to.flags.auto_shutdown == AutoShutdown::Never;
        if is_never && self.plan.significant().any(|key| !is_named(&key)) {
            return Err(StartError::InvalidFlags(NEVER_SIGNIFICANT)); // SUP-12
        }
        let mut moved = Vec::new();
        for definition in to.children.iter() {
            let mut definition = definition.clone();
            let key = self.by_id.get(&definition.options.id).copied();
            if let Some(child) = key.and_then(|key| self.plan.child(key)) {
                let start = definition.start.at(&child.start);
                definition.start = start.ok_or(StartError::InvalidFlags(OTHER_MESSAGES))?;
            }
            moved.push((definition, key));
        }
        Ok(moved)
    }

    fn put(&mut self, definition: Definition, key: Option<ChildKey>) {
        let Some(key) = key else {
            self.add(definition);
            return;
        };
        let Definition { options, kind, start } = definition;
        let Options { restart, shutdown, significant, backoff, .. } = options;
        self.plan.change_role(key, Role { restart, kind, significant });
        let child = self.plan.child_mut(key).expect("who has an id is in the plan");
        let waits = child.retries.take().filter(|_| backoff.is_some());
        child.retries = waits.or_else(|| backoff.map(|backoff| Box::new(Retries::new(backoff))));
        (child.shutdown, child.start) = (shutdown, start);
    }
}
