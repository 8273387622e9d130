//! Events as numbers: the bridge to `metrics`, Prometheus and the like.
use super::{HandlerId, Seen, Value, attach_all};

/// What takes numbers: a few lines around the library of one's choice.
///
/// Every event is counted under its name. Its durations, in seconds, and its numbers are values of
/// distributions: `cordial.server.message` is counted, and has the distribution
/// `cordial.server.message.took`.
///
/// # Labels
/// Fields that name something of which there are few become labels: servers, supervisors and their
/// children, fuses, regulators, kinds of messages. A pid or a reason never does: each would be a
/// series of its own. [`is_label`](Self::is_label) says which.
///
/// # Examples
/// With the crate `metrics` it is
/// ```text
/// struct Metrics;
/// impl Meter for Metrics {
///     fn count(&self, name: &str, labels: &[Label]) {
///         metrics::counter!(name.to_owned(), labels).increment(1);
///     }
///     fn record(&self, name: &str, value: f64, labels: &[Label]) {
///         metrics::histogram!(name.to_owned(), labels).record(value);
///     }
/// }
/// ```
/// By hand:
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

    /// Whether a field of an event is a label of its numbers.
    fn is_label(&self, event: &str, field: &str) -> bool {
        let _ = event;
        LABELS.contains(&field)
    }
}

/// The name of a label, and what it says.
pub type Label = (&'static str, String);

/// Fields of the runtime's events that have few values.
const LABELS: [&str; 10] = [
    "server",
    "supervisor",
    "child",
    "fuse",
    "regulator",
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
    attach_all(move |seen| tell(&meter, seen))
}

fn tell(meter: &impl Meter, seen: &Seen<'_>) {
    let (mut labels, mut numbers) = (Vec::new(), Vec::new());
    seen.visit(&mut |field, value| {
        if meter.is_label(seen.name(), field) {
            labels.push((field, value.to_string()));
        } else if let Some(number) = number(&value) {
            numbers.push((field, number));
        }
    });
    meter.count(seen.name(), &labels);
    for (field, number) in numbers {
        meter.record(&format!("{}.{field}", seen.name()), number, &labels);
    }
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
