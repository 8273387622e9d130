//! Events: what the runtime and programs tell of, typed, to whoever listens; OTP's `telemetry`.
//!
//! An event is a type. Whoever wants to know attaches a function to it on a node; whoever has
//! something to tell emits it. While nobody listens an event is not even made: asking costs one
//! relaxed load.
//!
//! | to | there is |
//! |---|---|
//! | listen | [`attach`] for one type of event, [`attach_all`] for all; [`detach`] |
//! | have numbers of all of them | [`attach_meter`], [`Meter`], [`metrics()`] |
//! | have them in the crate `metrics` | `attach_metrics`, with the feature `metrics` |
//! | tell | [`emit`], and [`event!`] to declare an event of one's own |
//! | tell of something that takes time | [`span!`], [`measure`], [`measure_async`] |
//! | know what there is | [`events`], `docs/telemetry.md` |
//! | see what a test emits | `test::capture_telemetry`, with the feature `test-util` |
//!
//! # Rules (cited as T1 to T4)
//! - T1 Handlers run on the thread and in the process that emits, one after the other, in the order
//!   in which they were attached. They are to be short.
//! - T2 A handler that panics is detached, and told of: by [`events::HandlerFailed`] and an error
//!   with the target `cordial::telemetry` in `tracing`. Who emits does not feel it.
//! - T3 What a handler does itself emits nothing: no handler can call itself for ever.
//! - T4 No handler runs under a lock of the runtime.
//!
//! # Examples
//! ```
//! # #[cordial::main(current_thread)] async fn main() {
//! use cordial::process::{self, Mailbox};
//! use cordial::telemetry::{self, events::ProcessExit};
//! use std::sync::mpsc;
//!
//! let (tell, told) = mpsc::channel();
//! let id = telemetry::attach(move |exit: &ProcessExit| {
//!     let _ = tell.send(exit.reason.clone());
//! });
//! process::spawn_monitor(async |_: Mailbox<()>| {}).1.await;
//! assert_eq!(told.recv(), Ok(cordial::ExitReason::Normal));
//! assert!(telemetry::detach(id));
//! # }
//! ```
//!
//! # Spans of messages
//! With the feature `spans` each message that a server handles has a span in `tracing`, with the
//! target `cordial::message`, the level `DEBUG` and the fields `server`, `pid` and `kind`. It
//! follows from the span in which the message was sent, so a subscriber sees the way of a request
//! from server to server, and through handlers that await. Mail that is sent in no span follows
//! from none; plain processes have none. While no subscriber wants that level, a message costs
//! one load where it is sent and one where it is handled.
//! ```
//! # #[cfg(not(feature = "spans"))] fn main() {}
//! # #[cfg(feature = "spans")]
//! # mod example {
//! use cordial::prelude::*;
//! use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
//! use tracing::{Event, Metadata, Subscriber, span};
//!
//! /// Counts the spans of messages; `tracing-subscriber` has better ones.
//! #[derive(Default)]
//! struct Spans;
//! static MADE: AtomicU64 = AtomicU64::new(0);
//! impl Subscriber for Spans {
//!     fn enabled(&self, of: &Metadata<'_>) -> bool {
//!         of.target() == "cordial::message"
//!     }
//!     fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
//!         span::Id::from_u64(1 + MADE.fetch_add(1, Relaxed))
//!     }
//!     fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
//!     fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
//!     fn event(&self, _: &Event<'_>) {}
//!     fn enter(&self, _: &span::Id) {}
//!     fn exit(&self, _: &span::Id) {}
//! }
//!
//! #[gen_server]
//! #[derive(Clone)]
//! struct Lamp;
//! #[gen_server]
//! impl Lamp {
//!     #[call]
//!     fn on(&mut self) {}
//! }
//!
//! #[cordial::main(current_thread)]
//! # pub
//! async fn main() {
//!     tracing::subscriber::set_global_default(Spans).unwrap();
//!     let lamp = Lamp::start(Lamp).await.unwrap();
//!     lamp.on().await.unwrap();
//!     assert_eq!(MADE.load(Relaxed), 1);
//! }
//! # }
//! # #[cfg(feature = "spans")] fn main() -> std::process::ExitCode { example::main() }
//! ```
//!
//! # Differences from OTP
//! Handlers belong to a node, not to the program. Names and measurements are fields of a type, so a
//! handler that asks for one that is not there does not compile.
mod declare;
pub mod events;
#[cfg(feature = "metrics")]
mod facade;
mod hub;
mod meter;
mod seen;
mod span;

use crate::process::Node;
pub(crate) use hub::Hub;

pub use declare::{event, span};
#[cfg(feature = "metrics")]
#[cfg_attr(docsrs, doc(cfg(feature = "metrics")))]
pub use facade::attach_metrics;
pub use hub::HandlerId;
pub use meter::{Label, Meter, Metric, MetricKind, attach_meter, metrics};
pub use seen::{Captured, Field, Seen, Value};
pub use span::{Failed, Span, Started, Stopped, measure, measure_async};

/// Something to tell of; [`event!`] declares one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    label = "`cordial::telemetry::Event` is not implemented",
    note = "`cordial::telemetry::event! {{ .. }}` declares one"
)]
pub trait Event: Clone + Send + Sync + 'static {
    /// Its name, such as `cordial.process.exit`.
    const NAME: &'static str;
    /// What it tells of, as a sentence.
    const ABOUT: &'static str;
    /// Its fields, in order.
    const FIELDS: &'static [FieldInfo];
    /// Shows each field with its name, in order.
    fn visit(&self, see: &mut dyn FnMut(&'static str, Value<'_>));
}

/// A field of an event, as it is listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FieldInfo {
    /// Its name.
    pub name: &'static str,
    /// Its type, as written.
    pub ty: &'static str,
    /// What it means.
    pub about: &'static str,
}

/// From now on `handler` is called with each event of this type that is emitted on the node where
/// this is called, until it is detached, panics, or the node ends.
///
/// # Panics
/// Without a runtime: there is no node.
pub fn attach<E: Event>(handler: impl Fn(&E) + Send + Sync + 'static) -> HandlerId {
    here().telemetry.attach::<E>(Box::new(move |seen| {
        if let Some(event) = seen.as_event::<E>() {
            handler(event);
        }
    }))
}

/// [`attach`] to every event, whatever its type: for logs, metrics and the like.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::telemetry;
/// let id = telemetry::attach_all(|seen| println!("{seen}"));
/// # telemetry::detach(id);
/// # }
/// ```
///
/// # Panics
/// As [`attach`].
pub fn attach_all(handler: impl Fn(&Seen<'_>) + Send + Sync + 'static) -> HandlerId {
    here().telemetry.attach_all(Box::new(handler))
}

/// Takes a handler away. True: it was attached on the node where this is called.
///
/// One that runs at this moment on another thread runs to its end.
pub fn detach(id: HandlerId) -> bool {
    Node::current().is_some_and(|node| node.telemetry.detach(id))
}

/// Tells of an event on the node where this is called; `make` is called only if somebody listens.
/// Outside of a runtime nobody does.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::telemetry;
/// telemetry::event! {
///     /// An order was placed.
///     pub OrderPlaced as "shop.order.placed" {
///         /// What it costs.
///         cents: u64,
///     }
/// }
/// # use std::sync::{Arc, atomic::{AtomicU64, Ordering::Relaxed}};
/// let taken = Arc::new(AtomicU64::new(0));
/// let sum = taken.clone();
/// telemetry::attach(move |order: &OrderPlaced| drop(sum.fetch_add(order.cents, Relaxed)));
/// telemetry::emit(|| OrderPlaced { cents: 250 });
/// assert_eq!(taken.load(Relaxed), 250);
/// # }
/// ```
pub fn emit<E: Event>(make: impl FnOnce() -> E) {
    if let Some(node) = Node::current() {
        node.telemetry.emit(make);
    }
}

/// Whether somebody listens to this type of event on the node where this is called.
pub fn is_listened_to<E: Event>() -> bool {
    Node::current().is_some_and(|node| node.telemetry.wants::<E>())
}

fn here() -> std::sync::Arc<Node> {
    Node::current().expect(
        "handlers belong to a node, and there is one in a runtime only: attach them inside of one",
    )
}
