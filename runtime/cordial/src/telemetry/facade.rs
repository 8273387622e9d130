//! The bridge to the crate `metrics`.
use super::{HandlerId, Label, Meter, Metric, MetricKind, attach_meter, metrics};
use ::metrics::{SharedString, Unit, counter, gauge, histogram};

/// From now on all that a [`Meter`] is told of this node's events goes to the recorder of the crate
/// `metrics`, and from there to Prometheus or wherever it sends it. [`metrics()`] lists the names,
/// and they are described to the recorder: install it before.
///
/// What servers handle is an event only for those that
/// [`sys::tell_messages`](crate::sys::tell_messages) was called for.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::process::{self, Mailbox};
/// use cordial::telemetry;
///
/// // metrics_exporter_prometheus::PrometheusBuilder::new().install().unwrap();
/// let id = telemetry::attach_metrics();
/// process::spawn_monitor(async |_: Mailbox<()>| {}).1.await;
/// assert!(telemetry::detach(id));
/// # }
/// ```
///
/// # Panics
/// As [`attach`](super::attach).
pub fn attach_metrics() -> HandlerId {
    describe();
    attach_meter(Facade)
}

struct Facade;

impl Meter for Facade {
    fn count(&self, name: &str, labels: &[Label]) {
        counter!(name.to_owned(), own(labels)).increment(1);
    }
    fn record(&self, name: &str, value: f64, labels: &[Label]) {
        histogram!(name.to_owned(), own(labels)).record(value);
    }
    fn gauge(&self, name: &str, value: f64, labels: &[Label]) {
        gauge!(name.to_owned(), own(labels)).set(value);
    }
}

fn own(labels: &[Label]) -> Vec<::metrics::Label> {
    let label = |(name, value): &Label| ::metrics::Label::new(*name, value.clone());
    labels.iter().map(label).collect()
}

fn describe() {
    for Metric { name, kind, about, .. } in metrics() {
        let name: SharedString = name.into();
        match kind {
            MetricKind::Counter => ::metrics::describe_counter!(name, about),
            MetricKind::Gauge => ::metrics::describe_gauge!(name, about),
            MetricKind::Histogram => ::metrics::describe_histogram!(name, about),
            MetricKind::Seconds => {
                ::metrics::describe_histogram!(name, Unit::Seconds, about);
            }
        }
    }
}
