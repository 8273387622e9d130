//! What an arm of `receive!` can be a pattern of, and how it is looked at and taken.
//!
//! An arm is chosen by what its pattern is made of, not by its name: the compiler finds the one
//! [`Holds`] that fits.
use super::cell::Message;
use super::plain::Received;
use crate::signal::{Down, Exit};

/// Mail that may be a `T`.
#[diagnostic::on_unimplemented(
    message = "no `{T}` comes to this mailbox",
    label = "an arm of `receive!` is a pattern of the mailbox's messages, of `Down` or of `Exit`"
)]
pub trait Holds<T> {
    /// The `T`, if it is one.
    fn look(&self) -> Option<&T>;
    /// The `T`, moved out.
    fn take(self) -> Option<T>;
}

#[diagnostic::do_not_recommend]
impl<M: Message> Holds<M> for Received<M> {
    fn look(&self) -> Option<&M> {
        match self {
            Self::Message(message) => Some(message),
            Self::Down(_) | Self::Exit(_) => None,
        }
    }
    fn take(self) -> Option<M> {
        match self {
            Self::Message(message) => Some(message),
            Self::Down(_) | Self::Exit(_) => None,
        }
    }
}

#[diagnostic::do_not_recommend]
impl<M: Message> Holds<Down> for Received<M> {
    fn look(&self) -> Option<&Down> {
        match self {
            Self::Down(down) => Some(down),
            Self::Message(_) | Self::Exit(_) => None,
        }
    }
    fn take(self) -> Option<Down> {
        match self {
            Self::Down(down) => Some(down),
            Self::Message(_) | Self::Exit(_) => None,
        }
    }
}

#[diagnostic::do_not_recommend]
impl<M: Message> Holds<Exit> for Received<M> {
    fn look(&self) -> Option<&Exit> {
        match self {
            Self::Exit(exit) => Some(exit),
            Self::Message(_) | Self::Down(_) => None,
        }
    }
    fn take(self) -> Option<Exit> {
        match self {
            Self::Exit(exit) => Some(exit),
            Self::Message(_) | Self::Down(_) => None,
        }
    }
}

/// Mail as what the pattern of an arm is made of.
#[inline]
pub fn look<T, R: Holds<T>>(received: &R) -> Option<&T> {
    received.look()
}

/// [`look`], where the pattern does not say: a message.
#[inline]
pub fn look_message<M: Message>(received: &Received<M>) -> Option<&M> {
    received.look()
}

/// What a guard says.
#[inline]
pub fn holds(guard: impl FnOnce() -> bool) -> bool {
    guard()
}

/// The mail of the arm that was chosen.
#[inline]
pub fn take<T, R: Holds<T>>(received: R) -> T {
    received.take().expect("an arm is chosen by mail that it holds")
}

/// [`take`], where the pattern does not say: a message.
#[inline]
pub fn take_message<M: Message>(received: Received<M>) -> M {
    take(received)
}

/// An arm was chosen, and does not fit any more.
///
/// # Panics
/// Always: its guard has changed its mind between two looks at the same mail.
#[cold]
pub fn no_arm<T>(_: &T) -> ! {
    panic!("a guard of `receive!` says now this and now that of the same message")
}
