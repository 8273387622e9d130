//! Who runs a handler on his own stack (D8) lends it his thread, not his spans.
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
    dispatcher::get_default(|subscriber| spans.iter().rev().for_each(|id| subscriber.enter(id)));
    output
}
