//! What waits for a process: its mail, in one line, and the cells that carry replies back.
//!
//! # Rules (cited as M1 to M4)
//! - M1 One line for everything: casts, calls, infos, DOWN, EXIT, ticks. Mail of one sender is
//!   handled in the order in which it was sent.
//! - M2 Depth-1 traffic never touches the heap: the first mail has a place of its own.
//! - M3 The runner takes the whole line at once and hands the rest back when its turn ends early;
//!   each mail is moved at most twice, the lock is taken once per batch.
//! - M4 Only mail from others counts against a bound. Signals, system mail, ticks and what a
//!   process sends itself never count.
//! - M5 Who waits for room (`on_full = wait`) stands in front of the line, in order. The runner
//!   lets them in before it takes a mail, and where its handler awaits; nobody passes them
//!   meanwhile.
mod queue;
mod reply;
mod ticket;

use crate::exit::ExitReason;
use crate::rt::{self, sync::Lock};
use crate::signal::{Down, Exit};
use crate::timer::Tick;
pub(crate) use queue::{Batch, Queue};
#[cfg(feature = "chaos")]
pub(crate) use reply::apart;
pub use reply::{Answer, ReplyTo};
pub(crate) use reply::{
    Lost, Owed, Slot, aside, client, hold_dropped, let_go, note_client, take_dropped, tell_at_end,
    tell_dropped, with_dying,
};
use std::any::Any;
use std::sync::Arc;
pub(crate) use ticket::WaitForRoom;

/// One thing in the line.
pub(crate) enum Mail<M> {
    /// From somebody else: counts against the bound (M4).
    User(M),
    /// From the process itself, or from a timer. Boxed, so that mail is no larger than a message.
    Own(Box<M>),
    /// A call of another process to what takes whole messages; counts as `User` does.
    Asked(Box<Asked<M>>),
    /// A message that a timer brought; whoever cancels the timer in time takes it out again.
    Timed(Arc<Parcel<M>>),
    /// From the runtime.
    System(Box<System>),
    /// Any of those above that were sent in a span, with that span.
    #[cfg(feature = "spans")]
    Traced(Box<Traced<M>>),
    /// `User` with a place of its own, by which a simulation tells it from others.
    #[cfg(feature = "chaos")]
    Placed(Box<M>),
}

/// Mail that was sent in a span.
#[cfg(feature = "spans")]
pub(crate) struct Traced<M> {
    pub(crate) mail: Mail<M>,
    pub(crate) span: tracing::Span,
}

/// A message whose taker has the handle of its caller.
pub(crate) struct Asked<M> {
    pub(crate) message: M,
    pub(crate) owed: Arc<dyn Owed>,
}

impl<M> Asked<M> {
    /// From here on anybody may answer.
    pub(crate) fn take(self) -> M {
        self.owed.give_away();
        self.message
    }
}

impl<M> Mail<M> {
    /// M4.
    #[inline]
    pub(crate) fn counts(&self) -> bool {
        #[cfg(feature = "chaos")]
        if matches!(self, Self::Placed(_)) {
            return true;
        }
        #[cfg(feature = "spans")]
        if let Self::Traced(traced) = self {
            return traced.mail.counts();
        }
        matches!(self, Self::User(_) | Self::Asked(_))
    }

    /// The message that it carries.
    pub(crate) fn message(&self) -> Option<&M> {
        match self {
            Self::User(message) => Some(message),
            Self::Own(message) => Some(message),
            Self::Asked(asked) => Some(&asked.message),
            #[cfg(feature = "chaos")]
            Self::Placed(message) => Some(message),
            #[cfg(feature = "spans")]
            Self::Traced(traced) => traced.mail.message(),
            Self::Timed(_) | Self::System(_) => None,
        }
    }
}

/// Drops mail on a thread that has others to serve: a panic in its drop is nobody's.
fn discard<M>(mail: Mail<M>) {
    rt::contain(|| drop(mail));
}

/// A message that can be taken back until it is handled.
pub(crate) type Parcel<M> = Lock<Option<M>>;

/// What is done with the state of a server, and with what a behaviour on top of it keeps beside.
pub(crate) type Look = Box<dyn FnOnce(&mut dyn Any, Option<&mut (dyn Any + Send)>) + Send>;

/// Mail of the runtime's own.
pub(crate) enum System {
    Down(Down),
    Exit(Exit),
    /// `gen_server::stop`: keeps its place behind the mail before it.
    Stop(ExitReason),
    /// Answered when everything before it is handled.
    #[cfg_attr(
        not(feature = "test-util"),
        expect(dead_code, reason = "only the test kit waits for it")
    )]
    Sync(ReplyTo<()>),
    /// Somebody looks at the state of a server, or replaces it.
    State(Parcel<Look>),
    /// A period of `#[every]` is over.
    Tick(Arc<Tick>),
    /// The inactivity timer fired.
    Idle,
    /// A stream of the server's is ready, by its number.
    Ready(usize),
}

impl System {
    /// What a server handles of it is called so.
    pub(crate) fn kind(&self) -> Option<&'static str> {
        match self {
            Self::Down(_) => Some("Down"),
            Self::Exit(_) => Some("Exit"),
            Self::Tick(_) => Some("tick"),
            Self::Idle => Some("timeout"),
            Self::Stop(_) | Self::Sync(_) | Self::State(_) | Self::Ready(_) => None,
        }
    }
}
