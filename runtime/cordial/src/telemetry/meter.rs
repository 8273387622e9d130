//! Events as numbers: what the bridge to `metrics` stands on, and those to other libraries.
use super::events::{self, ProcessExit, ProcessStart};
use super::{Event, HandlerId, Seen, Value, attach_all, here};
use crate::process::Node;
use std::sync::{Arc, Weak};

/// What takes numbers: a few lines around the library of one's choice.
///
/// Every event is counted under its name. Its durations, in seconds, and its numbers are values of
/// distributions: `cordial.server.message` is counted, and has the distribution
/// `cordial.server.message.took`. What there is at the moment is a gauge. [`metrics()`] lists those
/// of the runtime, and so does `docs/telemetry.md`. For the crate `metrics` there is a meter, which
/// the feature of the same name brings: `attach_metrics`.
///
/// # Labels
/// Fields that name something of which there are few become labels: servers, supervisors and their
/// children, fuses, regulators, registries, kinds of messages. A pid, a key or a reason never does:
/// each would be a series of its own. [`is_label`](Self::is_label) says which.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::process::{self, Mailbox};
/// use cordial::telemetry::{self, Label, Meter};
/// use std::sync::mpsc;
///
/// struct Names(mpsc::Sender<String>);
/// impl Meter for Names {
///     fn count(&self, name: &str, _: &[Label]) {
///         let _ = self.0.send(name.to_owned());
///     }
///     fn record(&self, _: &str, _: f64, _: &[Label]) {}
/// }
/// let (tell, told) = mpsc::channel();
/// telemetry::attach_meter(Names(tell));
/// process::spawn_monitor(async |_: Mailbox<()>| {}).1.await;
/// assert_eq!(told.recv().unwrap(), "cordial.process.start");
/// assert_eq!(told.recv().unwrap(), "cordial.process.exit");
/// # }
/// ```
pub trait Meter: Send + Sync + 'static {
    /// One more of this name.
    fn count(&self, name: &str, labels: &[Label]);

    /// One more value of the distribution of this name.
    fn record(&self, name: &str, value: f64, labels: &[Label]);

    /// How much of this name there is now.
    fn gauge(&self, name: &str, value: f64, labels: &[Label]) {
        let _ = (name, value, labels);
    }

    /// Whether a field of an event is a label of its numbers.
    fn is_label(&self, event: &str, field: &str) -> bool {
        let _ = event;
        LABELS.contains(&field)
    }
}

/// The name of a label, and what it says.
pub type Label = (&'static str, String);

/// Fields of the runtime's events that have few values.
const LABELS: [&str; 12] = [
    "server",
    "supervisor",
    "child",
    "fuse",
    "regulator",
    "registry",
    "process_ended",
    "kind",
    "last_message",
    "outcome",
    "in_init",
    "event",
];

/// From now on `meter` is told of every event of the node where this is called, as numbers.
///
/// What servers handle is an event only for those that
/// [`sys::tell_messages`](crate::sys::tell_messages) was called for.
///
/// # Panics
/// As [`attach`](super::attach).
pub fn attach_meter(meter: impl Meter) -> HandlerId {
    let node = Arc::downgrade(&here());
    attach_all(move |seen| tell(&meter, seen, &node))
}

fn tell(meter: &impl Meter, seen: &Seen<'_>, node: &Weak<Node>) {
    let (mut labels, mut numbers) = (Vec::new(), Vec::new());
    seen.visit(&mut |field, value| {
        if meter.is_label(seen.name(), field) {
            labels.push((field, value.to_string()));
        } else if let Some(number) = number(&value).filter(|_| !NAMES.contains(&field)) {
            numbers.push((field, number));
        }
    });
    meter.count(seen.name(), &labels);
    for (field, number) in numbers {
        meter.record(&format!("{}.{field}", seen.name()), number, &labels);
    }
    if [ProcessStart::NAME, ProcessExit::NAME].contains(&seen.name())
        && let Some(node) = node.upgrade()
    {
        meter.gauge(PROCESSES, as_float(node.processes()), &[]);
    }
}

// ===== What there is =====

/// How many processes live.
const PROCESSES: &str = "cordial.processes";

/// Numbers that only name something.
const NAMES: [&str; 2] = ["node", "handler"];

/// What is measured of the runtime's events.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Metric {
    /// Its name.
    pub name: String,
    /// How it is measured.
    pub kind: MetricKind,
    /// What its numbers are told apart by.
    pub labels: Vec<&'static str>,
    /// What it says.
    pub about: &'static str,
}

/// How something is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum MetricKind {
    /// How often.
    Counter,
    /// How much at the moment.
    Gauge,
    /// How much each time.
    Histogram,
    /// How many seconds each time.
    Seconds,
}

/// What a [`Meter`] is told of the runtime's events, with the labels that it has unless
/// [`Meter::is_label`] says otherwise.
pub fn metrics() -> Vec<Metric> {
    let about = "How many processes live.";
    let kind = MetricKind::Gauge;
    let mut all = vec![Metric { name: PROCESSES.into(), kind, labels: Vec::new(), about }];
    for event in events::ALL {
        let labels = event.fields.iter().map(|field| field.name);
        let labels: Vec<_> = labels.filter(|name| LABELS.contains(name)).collect();
        let name = event.name.to_owned();
        let kind = MetricKind::Counter;
        all.push(Metric { name, kind, labels: labels.clone(), about: event.about });
        for field in event.fields {
            let kind = match field.ty {
                "Duration" => MetricKind::Seconds,
                "u32" | "u64" | "usize" => MetricKind::Histogram,
                _ => continue,
            };
            if !NAMES.contains(&field.name) {
                let name = format!("{}.{}", event.name, field.name);
                all.push(Metric { name, kind, labels: labels.clone(), about: field.about });
            }
        }
    }
    all
}

#[expect(clippy::cast_precision_loss, reason = "nobody has so many processes")]
fn as_float(count: usize) -> f64 {
    count as f64
}

#[expect(clippy::cast_precision_loss, reason = "who draws a distribution rounds anyway")]
fn number(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::U64(number) => Some(*number as f64),
        Value::I64(number) => Some(*number as f64),
        Value::F64(number) => Some(*number),
        Value::Duration(took) => Some(took.as_secs_f64()),
        Value::None | Value::Bool(_) | Value::Text(_) | Value::Pid(_) => None,
    }
}
