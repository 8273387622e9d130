//! Whether the applications of a node do what they are there for.
use super::controller::{Controller, Idle, Status};
use crate::process::Node;
use std::fmt;

/// Where one application stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Condition {
    /// It is known; nobody has asked for it.
    Loaded,
    /// It is to be started after others.
    Waiting,
    /// It starts.
    Starting,
    /// It runs.
    Running,
    /// It stops.
    Stopping,
    /// It was stopped.
    Stopped,
    /// It did not start, or its tree ended: why.
    Failed(String),
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Self::Loaded => "loaded",
            Self::Waiting => "waiting",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Failed(why) => return write!(f, "failed: {why}"),
        };
        f.write_str(word)
    }
}

/// Where all applications of a node stand, as [`health`] found it.
///
/// `Display` gives one line for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    applications: Vec<(&'static str, Condition)>,
    is_ending: bool,
}

impl Health {
    /// Every application that is loaded, in the order in which they were.
    pub fn applications(&self) -> &[(&'static str, Condition)] {
        &self.applications
    }

    /// At least one runs, none that was asked for is missing, and the node stays up.
    pub fn is_ready(&self) -> bool {
        use Condition::{Loaded, Running, Stopped};
        let all = || self.applications.iter().map(|(_, condition)| condition);
        let is_quiet = |condition: &Condition| matches!(condition, Loaded | Running | Stopped);
        !self.is_ending && all().all(is_quiet) && all().any(|condition| *condition == Running)
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_ready() { "ready" } else { "not ready" })?;
        let mut all = self.applications.iter();
        all.try_for_each(|(name, condition)| write!(f, "\n{name}: {condition}"))
    }
}

/// Where the applications of this node stand: what a `/health` route answers.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// let health = cordial::application::health();
/// assert!(!health.is_ready());
/// assert_eq!(health.to_string(), "not ready");
/// # }
/// ```
pub fn health() -> Health {
    let Some(node) = Node::current() else {
        return Health { applications: Vec::new(), is_ending: true };
    };
    let controller = Controller::of(&node);
    let all = controller.all().into_iter();
    let applications = all.map(|(name, status)| (name, condition(status)));
    Health {
        applications: applications.collect(),
        is_ending: controller.is_ending() || node.is_ending(),
    }
}

/// [`Health::is_ready`] of this node: what a `/ready` route answers.
pub fn ready() -> bool {
    health().is_ready()
}

fn condition(status: Status) -> Condition {
    match status {
        Status::Idle(Idle::Loaded) => Condition::Loaded,
        Status::Idle(Idle::Stopped) => Condition::Stopped,
        Status::Idle(Idle::Failed(error)) => Condition::Failed(error.to_string()),
        Status::Idle(Idle::Ended(reason)) => Condition::Failed(reason.to_string()),
        Status::Waiting => Condition::Waiting,
        Status::Starting => Condition::Starting,
        Status::Running(_) => Condition::Running,
        Status::Stopping => Condition::Stopping,
    }
}
