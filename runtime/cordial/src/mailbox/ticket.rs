//! A place in front of a full mailbox.
use super::{Mail, discard};
use crate::error::SendError;
use crate::rt::sync::Lock;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// Somebody waits for room with a message.
pub(crate) struct Ticket<M> {
    place: Lock<Place<M>>,
    /// The message is a call whose caller does not wait any more.
    is_abandoned: fn(&M) -> bool,
    erase: fn(Arc<Self>) -> Arc<dyn WaitForRoom>,
}

/// What becomes of a ticket when there is room.
pub(super) enum Turn<M> {
    /// The message, and who waits.
    Enters(Mail<M>, Option<Waker>),
    /// Nobody waits any more; what is left is dropped with the ticket, where there is no lock.
    Goes(Arc<dyn WaitForRoom>),
}

enum Place<M> {
    Waiting(Mail<M>, Option<Waker>),
    /// The message is in the line.
    Entered,
    /// Nobody waits any more.
    Left,
    /// The process has ended.
    Closed,
}

impl<M: Send + 'static> Ticket<M> {
    pub(super) fn new(mail: Mail<M>, is_abandoned: fn(&M) -> bool) -> Arc<Self> {
        let place = Lock::new(Place::Waiting(mail, None));
        Arc::new(Self { place, is_abandoned, erase: |ticket| ticket })
    }
}

impl<M> Ticket<M> {
    pub(super) fn enter(self: Arc<Self>) -> Turn<M> {
        let mut place = self.place.lock();
        if !self.is_waiting(&place) {
            drop(place);
            return Turn::Goes((self.erase)(self));
        }
        match std::mem::replace(&mut *place, Place::Entered) {
            Place::Waiting(mail, waker) => Turn::Enters(mail, waker),
            _ => unreachable!("it was seen to wait, under the lock"),
        }
    }

    fn is_waiting(&self, place: &Place<M>) -> bool {
        match place {
            Place::Waiting(mail, _) => !mail.message().is_some_and(self.is_abandoned),
            _ => false,
        }
    }

    pub(super) fn close(&self) {
        let mut place = self.place.lock();
        if let Place::Waiting(..) = *place
            && let Place::Waiting(mail, waker) = std::mem::replace(&mut *place, Place::Closed)
        {
            drop(place);
            discard(mail);
            waker.into_iter().for_each(Waker::wake);
        }
    }

    /// Nobody waits any more: who sent the message, or who made the call that it is.
    pub(super) fn is_left(&self) -> bool {
        !self.is_waiting(&self.place.lock())
    }
}

/// A [`Ticket`] without its type.
pub(crate) trait WaitForRoom: Send + Sync {
    fn poll(&self, cx: &Context<'_>) -> Poll<Result<(), SendError>>;
    /// Gives the place back. True: the message is in the line.
    fn leave(&self) -> bool;
}

impl<M: Send> WaitForRoom for Ticket<M> {
    fn poll(&self, cx: &Context<'_>) -> Poll<Result<(), SendError>> {
        let before = match &mut *self.place.lock() {
            Place::Waiting(_, waker) => waker.replace(cx.waker().clone()),
            Place::Entered => return Poll::Ready(Ok(())),
            Place::Left | Place::Closed => return Poll::Ready(Err(SendError::NoProc)),
        };
        drop(before);
        Poll::Pending
    }

    fn leave(&self) -> bool {
        let mut place = self.place.lock();
        if matches!(*place, Place::Entered) {
            return true;
        }
        let before = std::mem::replace(&mut *place, Place::Left);
        drop(place);
        if let Place::Waiting(mail, waker) = before {
            discard(mail);
            drop(waker);
        }
        false
    }
}
