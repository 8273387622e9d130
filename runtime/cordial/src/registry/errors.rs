//! Why a process was not registered.
use crate::pid::Pid;
use std::error::Error;
use std::fmt;
use std::time::Duration;

/// Why a registry did not take an entry, or did not change one.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::prelude::*;
/// use cordial::process::{self, Mailbox};
/// use cordial::registry::RegistryError;
///
/// cordial::registry! {
///     Stalls: String => Pid, unique
/// }
/// let (_, down) = process::spawn_monitor(async |_: Mailbox<()>| {
///     let error = Stalls::register("tea", ()).unwrap_err();
///     assert_eq!(error, RegistryError::NotRunning { registry: "Stalls" });
///     Stalls::start().await.unwrap();
///     Stalls::register("tea", ()).unwrap();
///     let error = Stalls::register("tea", ()).unwrap_err();
///     assert!(error.to_string().starts_with("`Stalls` has this key already: <"), "{error}");
/// });
/// assert_eq!(down.await.reason, ExitReason::Normal);
/// # }
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum RegistryError {
    /// The key belongs to this process, for so long.
    Taken {
        /// The registry's name.
        registry: &'static str,
        /// Who has the key.
        pid: Pid,
        /// For how long.
        held_for: Duration,
    },
    /// The registry does not run on this node.
    NotRunning {
        /// The registry's name.
        registry: &'static str,
    },
    /// The process that asks, or is to leave a group, has no entry of this key.
    NotOwner {
        /// The registry's name.
        registry: &'static str,
    },
    /// Only a process has entries, while it lives.
    NoProcess {
        /// The registry's name.
        registry: &'static str,
    },
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken { registry, pid, held_for } => {
                write!(f, "`{registry}` has this key already: {pid} has held it for {held_for:?}")
            }
            Self::NotRunning { registry } => write!(
                f,
                "registry `{registry}` does not run on this node: make it a child of a \
                 supervisor, above those that it names"
            ),
            Self::NotOwner { registry } => {
                write!(f, "the process has no entry of this key in `{registry}`")
            }
            Self::NoProcess { registry } => {
                write!(f, "only a living process can be registered in `{registry}`")
            }
        }
    }
}

impl Error for RegistryError {}
