//! Why a conversation cannot go on.
use crate::exit::ExitReason;
use crate::pid::Pid;
use std::error::Error;
use std::fmt;
use std::time::Duration;

/// Who was to say something: the conversation, the role, and what was to come.
#[derive(Clone, PartialEq, Eq)]
pub struct Peer(Box<PeerParts>);

#[derive(Clone, PartialEq, Eq)]
struct PeerParts {
    protocol: &'static str,
    role: &'static str,
    awaited: Option<&'static str>,
    pid: Option<Pid>,
}

impl Peer {
    pub(super) fn new(
        (protocol, role): (&'static str, &'static str),
        awaited: Option<&'static str>,
        pid: Option<Pid>,
    ) -> Self {
        Self(Box::new(PeerParts { protocol, role, awaited, pid }))
    }

    /// The protocol's name.
    pub fn protocol(&self) -> &'static str {
        self.0.protocol
    }

    /// The role that it plays.
    pub fn role(&self) -> &'static str {
        self.0.role
    }

    /// The message, or the messages, that were to come; `None` where nothing was waited for.
    pub fn awaited(&self) -> Option<&'static str> {
        self.0.awaited
    }

    /// The process that it was, where that has ended.
    pub fn pid(&self) -> Option<Pid> {
        self.0.pid
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` of `{}`", self.0.role, self.0.protocol)?;
        match self.0.pid {
            Some(pid) => write!(f, " {pid}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a conversation cannot go on.
///
/// Whoever gets it has no side any more: the conversation is over for both.
///
/// # Examples
/// ```
/// use cordial::prelude::*;
/// use cordial::protocol::SessionError;
///
/// protocol! {
///     Quiz: Host => Guest {
///         Host -> Guest: Question(String);
///         Guest -> Host: Answer(String);
///     }
/// }
///
/// # #[cordial::main(current_thread)] async fn main() {
/// let (host, guest) = quiz::open();
/// let host = host.question("six times nine?".to_owned());
/// drop(guest);
/// let error = host.answer().await.unwrap_err();
/// assert!(matches!(error, SessionError::PeerGone(_)));
/// assert_eq!(error.to_string(), "`Guest` of `Quiz` left before `Answer`");
/// # }
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum SessionError {
    /// The peer has let go of its side before the conversation was over.
    PeerGone(Peer),
    /// The peer's process ended before the conversation was over, and why.
    Down(ExitReason, Peer),
    /// The peer said nothing within this time.
    Timeout(Duration, Peer),
}

impl SessionError {
    /// Who was to say something.
    pub fn peer(&self) -> &Peer {
        match self {
            Self::PeerGone(peer) | Self::Down(_, peer) | Self::Timeout(_, peer) => peer,
        }
    }

    /// Whether the time ran out.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Timeout(..))
    }

    /// Why the peer's process ended, if that is what happened.
    pub fn reason(&self) -> Option<&ExitReason> {
        match self {
            Self::Down(reason, _) => Some(reason),
            Self::PeerGone(_) | Self::Timeout(..) => None,
        }
    }
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let peer = self.peer();
        let awaited = peer.awaited();
        match (self, awaited) {
            (Self::PeerGone(_), None) => write!(f, "{peer} left"),
            (Self::PeerGone(_), Some(awaited)) => write!(f, "{peer} left before {awaited}"),
            (Self::Down(reason, _), None) => write!(f, "{peer} ended: {reason}"),
            (Self::Down(reason, _), Some(awaited)) => {
                write!(f, "{peer} ended before {awaited}: {reason}")
            }
            (Self::Timeout(limit, _), awaited) => {
                let awaited = awaited.unwrap_or("anything");
                write!(f, "{peer} did not say {awaited} within {limit:?}")
            }
        }
    }
}

impl Error for SessionError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Down(reason, _) => Some(reason),
            Self::PeerGone(_) | Self::Timeout(..) => None,
        }
    }
}
