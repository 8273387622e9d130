//! Why a process ended, and which reasons count as clean.
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// Why a process ended: what links, monitors and supervisors are told.
///
/// Equality is by kind for the closed reasons (two `ShutdownWith` are equal whatever they carry),
/// by message and place for panics, by text for `Custom`.
///
/// # Examples
/// ```
/// use cordial::ExitReason;
/// let reason = ExitReason::custom("disk full");
/// assert!(!reason.is_clean());
/// assert_eq!(reason.to_string(), "disk full");
/// assert_eq!(reason.downcast_ref::<&str>(), Some(&"disk full"));
/// ```
///
/// # Differences from OTP
/// OTP's reason is any term. Here the reasons that OTP itself gives are variants, a panic is one of
/// its own, and everything else is `Custom`.
#[derive(Clone)]
#[non_exhaustive]
pub enum ExitReason {
    /// The work is done.
    Normal,
    /// Asked to stop, usually by the supervisor.
    Shutdown,
    /// Asked to stop, with something to tell.
    ShutdownWith(Arc<dyn Error + Send + Sync>),
    /// The request to kill; who receives it ends with [`Killed`](Self::Killed).
    Kill,
    /// Ended by a kill.
    Killed,
    /// There was no such process.
    NoProc,
    /// The process's node cannot be reached.
    NoConnection,
    /// The process's node, or the runtime under it, went away.
    NodeStopped,
    /// A callback panicked.
    Panic(PanicReason),
    /// The process's own reason.
    Custom(Arc<dyn Error + Send + Sync>),
}

impl ExitReason {
    /// A reason of one's own, from anything that can be shown: a text, an error.
    pub fn custom<E: fmt::Debug + fmt::Display + Send + Sync + 'static>(reason: E) -> Self {
        Self::Custom(Arc::new(Said(reason)))
    }

    /// A clean end with something to tell; OTP's `{shutdown, Term}`.
    pub fn shutdown_with<E: fmt::Debug + fmt::Display + Send + Sync + 'static>(tell: E) -> Self {
        Self::ShutdownWith(Arc::new(Said(tell)))
    }

    /// `Normal`, `Shutdown` and `ShutdownWith`: a transient child is not restarted after these.
    pub fn is_clean(&self) -> bool {
        matches!(self, Self::Normal | Self::Shutdown | Self::ShutdownWith(_))
    }

    /// What was given to [`custom`](Self::custom) or [`shutdown_with`](Self::shutdown_with), if it
    /// was an `E`.
    pub fn downcast_ref<E: fmt::Debug + fmt::Display + Send + Sync + 'static>(&self) -> Option<&E> {
        match self {
            Self::Custom(error) | Self::ShutdownWith(error) => {
                error.downcast_ref::<Said<E>>().map(|said| &said.0)
            }
            _ => None,
        }
    }

    /// The panic, if it was one.
    pub fn panic(&self) -> Option<&PanicReason> {
        match self {
            Self::Panic(panic) => Some(panic),
            _ => None,
        }
    }
}

impl PartialEq for ExitReason {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Panic(a), Self::Panic(b)) => a == b,
            (Self::Custom(a), Self::Custom(b)) => {
                Arc::ptr_eq(a, b) || a.to_string() == b.to_string()
            }
            (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
        }
    }
}
impl Eq for ExitReason {}

impl fmt::Debug for ExitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Normal => f.write_str("Normal"),
            Self::Shutdown => f.write_str("Shutdown"),
            Self::ShutdownWith(tell) => write!(f, "ShutdownWith({tell:?})"),
            Self::Kill => f.write_str("Kill"),
            Self::Killed => f.write_str("Killed"),
            Self::NoProc => f.write_str("NoProc"),
            Self::NoConnection => f.write_str("NoConnection"),
            Self::NodeStopped => f.write_str("NodeStopped"),
            Self::Panic(panic) => write!(f, "Panic({panic})"),
            Self::Custom(reason) => write!(f, "Custom({reason:?})"),
        }
    }
}

impl fmt::Display for ExitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Normal => f.write_str("normal"),
            Self::Shutdown => f.write_str("shutdown"),
            Self::ShutdownWith(tell) => write!(f, "shutdown: {tell}"),
            Self::Kill => f.write_str("kill"),
            Self::Killed => f.write_str("killed"),
            Self::NoProc => f.write_str("no such process"),
            Self::NoConnection => f.write_str("no connection to its node"),
            Self::NodeStopped => f.write_str("its node has stopped"),
            Self::Panic(panic) => write!(f, "panicked: {panic}"),
            Self::Custom(reason) => write!(f, "{reason}"),
        }
    }
}

#[cfg(feature = "chaos")]
impl ExitReason {
    /// As a trace calls it.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Shutdown => "shutdown",
            Self::ShutdownWith(_) => "shutdown with",
            Self::Kill => "kill",
            Self::Killed => "killed",
            Self::NoProc => "noproc",
            Self::NoConnection => "noconnection",
            Self::NodeStopped => "node stopped",
            Self::Panic(_) => "panic",
            Self::Custom(_) => "custom",
        }
    }
}

impl Error for ExitReason {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Custom(reason) | Self::ShutdownWith(reason) => Some(&**reason),
            _ => None,
        }
    }
}

/// A user's value as an error, so that it can travel in a reason and be found again.
struct Said<E>(E);
impl<E: fmt::Debug> fmt::Debug for Said<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<E: fmt::Display> fmt::Display for Said<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<E: fmt::Debug + fmt::Display> Error for Said<E> {}

/// What a panic said, and where. The payload itself never travels.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PanicReason(Arc<PanicText>);

#[derive(PartialEq, Eq, Debug)]
struct PanicText {
    message: String,
    location: Option<String>,
}

impl PanicReason {
    pub(crate) fn new(message: String, location: Option<String>) -> Self {
        Self(Arc::new(PanicText { message, location }))
    }

    /// The panic's message.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// `file:line:column`, where known.
    pub fn location(&self) -> Option<&str> {
        self.0.location.as_deref()
    }
}

impl fmt::Display for PanicReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())?;
        match self.location() {
            Some(location) => write!(f, " at {location}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// TYP-5
    // break: TYP-5 runtime/cordial/src/exit.rs
    //     `matches!(self, Self::Normal | Self::Shutdown | Self::ShutdownWith(_))` =>
    //     `matches!(self, Self::Normal | Self::Shutdown)`
    #[test]
    fn equality_is_by_kind_and_clean_is_normal_or_a_shutdown() {
        assert_eq!(ExitReason::shutdown_with("a"), ExitReason::shutdown_with("b"));
        assert_ne!(ExitReason::custom("a"), ExitReason::custom("b"));
        assert_eq!(ExitReason::custom("a"), ExitReason::custom(String::from("a")));
        let clean = [ExitReason::Normal, ExitReason::Shutdown, ExitReason::shutdown_with("x")];
        assert!(clean.iter().all(ExitReason::is_clean));
        let panic = ExitReason::Panic(PanicReason::new("boom".into(), None));
        let other = [
            ExitReason::Kill,
            ExitReason::Killed,
            ExitReason::NoProc,
            ExitReason::NoConnection,
            ExitReason::NodeStopped,
            panic,
            ExitReason::custom("x"),
        ];
        assert!(!other.iter().any(ExitReason::is_clean));
    }
}
