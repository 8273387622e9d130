//! What a panic said and where: taken down by the panic hook, and made into an exit reason.
//!
//! The hook is chained once per OS process. Inside a cordial process it records and prints nothing
//! (the crash report tells); elsewhere the previous hook runs.
use crate::exit::{ExitReason, PanicReason};
use crate::rt::dispatch;
use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

thread_local! {
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Chains the hook; called once, by the first node.
pub(crate) fn install_hook() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        #[cfg(feature = "chaos")]
        if crate::rt::sim::is_active() {
            return record(info); // It is told with the history that fails.
        }
        if dispatch::running().is_none() || super::node::keeps_panic_hook() {
            before(info);
        }
        record(info);
    }));
}

fn record(info: &PanicHookInfo<'_>) {
    let place = info.location().map(ToString::to_string);
    // A panic while the thread's locals are torn down has nobody to tell.
    let _ = PLACE.try_with(|slot| slot.replace(place));
}

/// Runs `f`; a panic in it becomes a reason. The payload is dropped here, contained: its own drop
/// may panic too.
pub(crate) fn contain<T>(f: impl FnOnce() -> T) -> Result<T, ExitReason> {
    catch_unwind(AssertUnwindSafe(f)).map_err(reason)
}

/// Polls a future; a panic in it is how it ends.
pub(crate) fn poll<F: Future + ?Sized>(
    future: Pin<&mut F>,
    cx: &mut Context<'_>,
) -> Poll<Result<F::Output, ExitReason>> {
    match contain(|| future.poll(cx)) {
        Ok(polled) => polled.map(Ok),
        Err(reason) => Poll::Ready(Err(reason)),
    }
}

/// A panic that was contained on another thread goes on here: inside a process with its message and
/// its place.
#[cold]
pub(crate) fn go_on(reason: ExitReason) -> ! {
    match (dispatch::running(), reason.panic()) {
        (None, Some(panic)) => resume_unwind(Box::new(panic.message().to_owned())),
        _ => resume_unwind(Box::new(reason)),
    }
}

#[cold]
fn reason(payload: Box<dyn Any + Send>) -> ExitReason {
    let payload = match payload.downcast::<ExitReason>() {
        Ok(reason) => return *reason,
        Err(payload) => payload,
    };
    let message = match payload.downcast_ref::<&'static str>() {
        Some(text) => (*text).to_owned(),
        None => match payload.downcast_ref::<String>() {
            Some(text) => text.clone(),
            None => "a panic without a text".to_owned(),
        },
    };
    let reason = ExitReason::Panic(PanicReason::new(message, PLACE.take()));
    // A payload whose drop panics again is leaked rather than dropped a second time.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(payload))).map_err(Box::leak);
    reason
}
