//! What a simulation is told of the mail of a process.
use super::cell::{Cell, Message};
use crate::mailbox::{Mail, System};
use crate::rt::{dispatch, sim};
use std::sync::Arc;

impl<M: Message> Cell<M> {
    /// Others may run first; and a mailbox with a bound may be full, though there is room.
    pub(super) fn refuses(&self, mail: &Mail<M>) -> bool {
        sim::point();
        let pid = self.head.pid();
        let refuses = mail.counts() && self.inner.lock().queue.is_bounded() && sim::fills(pid);
        if let Some(to) = pid.filter(|_| refuses) {
            sim::note(|| sim::Event::Refused { to });
        }
        refuses
    }

    /// Gives it back, in a simulation with a place of its own.
    pub(super) fn note_sent(&self, mail: Mail<M>) -> Mail<M> {
        if !sim::is_active() {
            return mail;
        }
        let mail = placed(mail);
        let (line, to) = (std::ptr::from_ref(self).addr(), self.head.pid());
        sim::note(|| sim::Event::Sent { from: dispatch::running(), to, line, tag: tag(&mail) });
        mail
    }

    /// It has a place of its own already.
    pub(super) fn note_system(&self, system: &System) {
        let (line, to) = (std::ptr::from_ref(self).addr(), self.head.pid());
        let tag = tag_of_system(system);
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

/// What is of no size has no place: one is as good as the other.
fn placed<M>(mail: Mail<M>) -> Mail<M> {
    match mail {
        Mail::User(message) => Mail::Placed(Box::new(message)),
        #[cfg(feature = "spans")]
        Mail::Traced(mut traced) => {
            traced.mail = placed(traced.mail);
            Mail::Traced(traced)
        }
        other => other,
    }
}

/// What is told apart by its place is not in its place a second time while it waits.
fn tag<M: Message>(mail: &Mail<M>) -> sim::Tag {
    let (kind, place) = match mail {
        Mail::User(message) => (message.kind(), 0),
        Mail::Placed(message) => (message.kind(), std::ptr::from_ref(&**message).addr()),
        Mail::Own(message) => (message.kind(), std::ptr::from_ref(&**message).addr()),
        Mail::Asked(asked) => (asked.message.kind(), std::ptr::from_ref(&**asked).addr()),
        Mail::Timed(parcel) => ("timed", Arc::as_ptr(parcel).addr()),
        #[cfg(feature = "spans")]
        Mail::Traced(traced) => return tag(&traced.mail),
        Mail::System(system) => return tag_of_system(system),
    };
    sim::Tag { kind, place }
}

fn tag_of_system(system: &System) -> sim::Tag {
    let place = std::ptr::from_ref(system).addr();
    sim::Tag { kind: system.kind().unwrap_or("system"), place }
}

#[cfg(test)]
mod tests {
    use super::{placed, tag};
    use crate::mailbox::{Mail, System};
    use crate::process::Message;

    struct Note(#[expect(dead_code, reason = "what is of no size has no place")] u8);

    impl Message for Note {
        fn kind(&self) -> &'static str {
            "note"
        }
    }

    /// I3 of the simulation tells them apart by nothing else.
    #[test]
    fn two_mails_of_one_kind_have_tags_of_their_own() {
        let user = || placed(Mail::User(Note(7)));
        let system = || Mail::<Note>::System(Box::new(System::Idle));
        for make in [&user as &dyn Fn() -> Mail<Note>, &system] {
            let (one, other) = (make(), make());
            assert_eq!(tag(&one).kind, tag(&other).kind);
            assert_ne!(tag(&one), tag(&other));
        }
    }
}
