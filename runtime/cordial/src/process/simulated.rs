//! What a simulation is told of the mail of a process.
use super::cell::{Cell, Message};
use crate::mailbox::{Mail, System};
use crate::rt::{dispatch, sim};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

impl<M: Message> Cell<M> {
    /// Others may run first; and a mailbox with a bound may be full, though there is room.
    pub(super) fn refuses(&self, mail: &Mail<M>) -> bool {
        sim::point();
        let pid = self.head.pid();
        let refuses = mail.counts() && self.head.is_bounded.load(Relaxed) && sim::fills(pid);
        if let Some(to) = pid.filter(|_| refuses) {
            sim::note(|| sim::Event::Refused { to });
        }
        refuses
    }

    pub(super) fn note_sent(&self, mail: &Mail<M>) {
        let (line, to) = (std::ptr::from_ref(self).addr(), self.head.pid());
        sim::note(|| sim::Event::Sent { from: dispatch::running(), to, line, tag: tag(mail) });
    }

    /// System mail is known by its kind.
    pub(super) fn note_system(&self, system: &System) {
        let (line, to) = (std::ptr::from_ref(self).addr(), self.head.pid());
        let tag = sim::Tag { kind: system.kind().unwrap_or("system"), place: 0 };
        sim::note(|| sim::Event::Sent { from: dispatch::running(), to, line, tag });
        if matches!(system, System::Stop(_) | System::State(_)) {
            self.note_loose(); // It may come before what waits.
        }
    }

    /// From here on this line has no order of its own: mail waits for room, goes, or comes first.
    pub(super) fn note_loose(&self) {
        sim::note(|| sim::Event::Loose(std::ptr::from_ref(self).addr()));
    }

    pub(crate) fn note_taken(&self, mail: &Mail<M>) {
        let (line, by) = (std::ptr::from_ref(self).addr(), self.head.pid());
        sim::note(|| sim::Event::Taken { by, line, tag: tag(mail) });
    }
}

fn tag<M: Message>(mail: &Mail<M>) -> sim::Tag {
    let (kind, place) = match mail {
        Mail::User(message) => (message.kind(), 0),
        Mail::Own(message) => (message.kind(), std::ptr::from_ref(&**message).addr()),
        Mail::Asked(asked) => (asked.message.kind(), std::ptr::from_ref(&**asked).addr()),
        Mail::Timed(parcel) => ("timed", Arc::as_ptr(parcel).addr()),
        Mail::System(system) => (system.kind().unwrap_or("system"), 0),
    };
    sim::Tag { kind, place }
}
