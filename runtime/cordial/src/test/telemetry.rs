//! What is emitted while a future runs.
use super::run::settle;
use crate::process::Node;
use crate::rt::sync::Lock;
use crate::telemetry::{Captured, Event};
use std::fmt;
use std::future::Future;
use std::sync::Arc;

/// Events in the order in which they were emitted; what [`capture_telemetry`] gives.
#[derive(Clone, Debug, Default)]
pub struct Events(Vec<Captured>);

impl Events {
    /// Those of one type.
    pub fn of<E: Event>(&self) -> Vec<E> {
        self.0.iter().filter_map(|event| event.as_event::<E>().cloned()).collect()
    }

    /// All names, in order.
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(Captured::name).collect()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Captured> {
        self.0.iter()
    }
}

/// One line each: the name, then each field.
impl fmt::Display for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|event| writeln!(f, "{event}"))
    }
}

/// Every event that is emitted on the test's node while `run` runs and until nobody has anything
/// to do any more, whatever its type: those of the runtime, and those of the program.
///
/// # Examples
/// ```rust,test_harness
/// use cordial::prelude::*;
/// use cordial::telemetry::events::{ChildRestarting, ProcessCrash};
/// use cordial::test::{capture_telemetry, start_supervised};
/// #[gen_server]
/// #[derive(Clone)]
/// struct Till;
/// #[gen_server]
/// impl Till {
///     #[cast]
///     fn pay(&self) {
///         panic!("no money");
///     }
/// }
///
/// #[cordial::test]
/// async fn till_that_crashes_is_restarted_once() {
///     let till = start_supervised!(Till::child_spec(Till));
///     let events = capture_telemetry(async { till.pay() }).await;
///     assert_eq!(events.of::<ProcessCrash>()[0].last_message, Some("pay"));
///     assert_eq!(events.of::<ChildRestarting>()[0].count, 1);
/// }
/// ```
///
/// # Panics
/// Without a runtime.
///
/// # Cancel safety
/// Dropped, nothing more is captured.
pub async fn capture_telemetry<F: Future>(run: F) -> Events {
    let kept: Arc<Lock<Vec<Captured>>> = Arc::default();
    let node = Node::current().expect("events are captured on a node, and there is none here");
    let all = kept.clone();
    let handler = crate::telemetry::attach_all(move |seen| {
        let event = seen.capture();
        all.lock().push(event);
    });
    let capture = Capture { node, handler };
    run.await;
    settle().await;
    drop(capture);
    let events = std::mem::take(&mut *kept.lock());
    Events(events)
}

/// It ends with its future.
struct Capture {
    node: Arc<Node>,
    handler: crate::telemetry::HandlerId,
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.node.telemetry.detach(self.handler);
    }
}
