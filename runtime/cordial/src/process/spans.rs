//! Who runs a handler on his own stack (D8) lends it his thread, not his spans.
//!
//! With the feature `spans` each message that a server handles has a span of its own, which follows
//! from the one in which it was sent: mail that is sent in a span carries it. While no subscriber
//! wants spans of that level, a sender and a handler ask for one static each, and nothing is made.
#[cfg(feature = "spans")]
use crate::mailbox::{Mail, Traced};
#[cfg(feature = "spans")]
use crate::pid::Pid;
#[cfg(feature = "tracing")]
use tracing::dispatcher;

/// Runs `f`, which contains its panics, outside of all `tracing` spans of this thread, as if a
/// dispatcher ran it.
#[inline]
pub(crate) fn outside<T>(f: impl FnOnce() -> T) -> T {
    #[cfg(feature = "tracing")]
    if dispatcher::has_been_set() {
        return left(f);
    }
    f()
}

#[cfg(feature = "tracing")]
fn left<T>(f: impl FnOnce() -> T) -> T {
    let mut spans = Vec::new();
    dispatcher::get_default(|subscriber| {
        while let Some(id) = subscriber.current_span().id() {
            if spans.last() == Some(id) {
                break; // A subscriber that does not let go of it.
            }
            subscriber.exit(id);
            spans.push(id.clone());
        }
    });
    let output = f();
    if !spans.is_empty() {
        dispatcher::get_default(|subscriber| {
            spans.iter().rev().for_each(|id| subscriber.enter(id));
        });
    }
    output
}

// ===== Spans of messages =====

/// How loud the span of a message is.
#[cfg(feature = "spans")]
const LEVEL: tracing::Level = tracing::Level::DEBUG;

/// Somebody may listen to spans of messages: one load.
#[cfg(feature = "spans")]
#[inline]
pub(crate) fn are_on() -> bool {
    tracing::level_filters::LevelFilter::current() >= LEVEL
}

/// Mail takes the span with it in which it is sent.
#[cfg(feature = "spans")]
#[inline]
pub(crate) fn carry<M>(mail: Mail<M>) -> Mail<M> {
    if are_on() { carry_current(mail) } else { mail }
}

#[cfg(feature = "spans")]
#[cold]
fn carry_current<M>(mail: Mail<M>) -> Mail<M> {
    let span = tracing::Span::current();
    if span.is_none() || matches!(mail, Mail::Traced(_) | Mail::System(_) | Mail::Timed(_)) {
        return mail;
    }
    Mail::Traced(Box::new(Traced { mail, span }))
}

/// Mail without the span that it carries.
#[cfg(feature = "spans")]
pub(crate) fn apart<M>(mail: Mail<M>) -> (Mail<M>, Option<tracing::Span>) {
    match mail {
        Mail::Traced(traced) => (traced.mail, Some(traced.span)),
        mail => (mail, None),
    }
}

/// The span in which a message is handled, behind that in which it was sent.
#[cfg(feature = "spans")]
pub(crate) fn of_message(
    server: &str,
    pid: Pid,
    kind: &'static str,
    sent_in: Option<tracing::Span>,
) -> tracing::Span {
    let span = tracing::span!(
        target: "cordial::message",
        parent: None,
        LEVEL,
        "message",
        server,
        %pid,
        kind,
    );
    if let Some(sent_in) = sent_in {
        span.follows_from(&sent_in);
    }
    span
}
