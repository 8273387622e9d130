//! What is wrong when an application does not do what it was asked to, one type per request.
use crate::env::EnvErrors;
use crate::error::StartError;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Why an application was not loaded.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum LoadError {
    /// It is loaded already.
    AlreadyLoaded(&'static str),
    /// Another type is loaded as an application of this name.
    NameTaken(&'static str),
    /// Its environment, or that of what it needs, is wrong; all of it is told.
    Env(Vec<EnvErrors>),
    /// There is no runtime here, so there is no node.
    NoRuntime,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyLoaded(name) => write!(f, "application `{name}` is loaded already"),
            Self::NameTaken(name) => {
                write!(f, "another application is called `{name}`; give one of them another name")
            }
            Self::Env(errors) => {
                let mut lines = errors.iter();
                lines.next().map_or(Ok(()), |first| first.fmt(f))?;
                lines.try_for_each(|error| write!(f, "\n{error}"))
            }
            Self::NoRuntime => f.write_str("no tokio runtime here, so there is no node"),
        }
    }
}

impl Error for LoadError {}

/// Why an application was not started.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum StartApplicationError {
    /// It runs.
    AlreadyStarted(&'static str),
    /// Something that it needs does not run.
    NotStarted {
        /// Who was to be started.
        application: &'static str,
        /// What it needs.
        dependency: &'static str,
    },
    /// Applications that need each other, from one of them back to it.
    Cycle(Vec<&'static str>),
    /// It could not be loaded.
    Load(LoadError),
    /// Its `start` failed or panicked, or its node is going down.
    Failed {
        /// Who did not start.
        application: &'static str,
        /// The type whose `start` failed.
        callback: &'static str,
        /// What it gave, an [`ExitReason`](crate::ExitReason) if it panicked.
        reason: Arc<dyn Error + Send + Sync>,
    },
    /// Its `start` took too long.
    Timeout {
        /// Who did not start.
        application: &'static str,
        /// How long it had.
        limit: Duration,
    },
    /// Nothing can be started here.
    Refused(StartError),
}

impl StartApplicationError {
    /// Which application did not start, where the error is about one.
    pub fn application(&self) -> Option<&'static str> {
        match self {
            Self::AlreadyStarted(name) => Some(name),
            Self::NotStarted { application, .. }
            | Self::Failed { application, .. }
            | Self::Timeout { application, .. } => Some(application),
            Self::Cycle(_) | Self::Load(_) | Self::Refused(_) => None,
        }
    }
}

impl fmt::Display for StartApplicationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyStarted(name) => write!(f, "application `{name}` runs already"),
            Self::NotStarted { application, dependency } => write!(
                f,
                "application `{application}` needs `{dependency}`, which does not run; start it \
                 before, or use `ensure_all_started`"
            ),
            Self::Cycle(path) => {
                write!(f, "applications need each other: {}", path.join(" needs "))
            }
            Self::Load(error) => error.fmt(f),
            Self::Failed { application, callback, reason } => {
                write!(f, "application `{application}` did not start: {callback}::start: {reason}")
            }
            Self::Timeout { application, limit } => {
                write!(f, "application `{application}` did not start within {limit:?}")
            }
            Self::Refused(error) => error.fmt(f),
        }
    }
}

impl Error for StartApplicationError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Load(error) => Some(error),
            Self::Failed { reason, .. } => Some(&**reason),
            Self::Refused(error) => Some(error),
            _ => None,
        }
    }
}

impl From<LoadError> for StartApplicationError {
    fn from(error: LoadError) -> Self {
        Self::Load(error)
    }
}

/// The application does not run, so it cannot be stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotStarted(pub(super) &'static str);

impl fmt::Display for NotStarted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "application `{}` does not run", self.0)
    }
}

impl Error for NotStarted {}

/// Why an application was not unloaded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnloadError {
    /// It runs; stop it first.
    Running(&'static str),
    /// It is not loaded.
    NotLoaded(&'static str),
}

impl fmt::Display for UnloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running(name) => write!(f, "application `{name}` runs; stop it first"),
            Self::NotLoaded(name) => write!(f, "application `{name}` is not loaded"),
        }
    }
}

impl Error for UnloadError {}

/// Why there is no value for a key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FetchEnvError {
    /// The application is neither loaded nor was anything put for it.
    NotLoaded {
        /// Whose environment was asked for.
        application: &'static str,
        /// The key.
        key: String,
    },
    /// The application is there; the key is not set.
    NotSet {
        /// Whose environment was asked for.
        application: &'static str,
        /// The key.
        key: String,
        /// "; did you mean `port`?", or nothing.
        hint: String,
    },
}

impl fmt::Display for FetchEnvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotLoaded { application, key } => write!(
                f,
                "could not fetch `{key}` of `{application}`: the application is neither loaded \
                 nor configured"
            ),
            Self::NotSet { application, key, hint } => write!(
                f,
                "could not fetch `{key}` of `{application}`: the application is there, and this \
                 key is not set{hint}"
            ),
        }
    }
}

impl Error for FetchEnvError {}
