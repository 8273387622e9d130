//! The bridge to the crate `metrics`. A test binary of its own: its recorder is that of the whole
//! OS process.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]

use cordial::process::{self, Mailbox};
use cordial::telemetry;
use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// What was recorded, as `name{label=value}`.
#[derive(Clone, Default)]
struct Kept {
    values: Arc<Mutex<BTreeMap<String, Vec<f64>>>>,
    described: Arc<Mutex<BTreeMap<String, Option<Unit>>>>,
}

struct One(Kept, String);

impl One {
    fn add(&self, value: f64) {
        self.0.values.lock().unwrap().entry(self.1.clone()).or_default().push(value);
    }
}

impl CounterFn for One {
    #[expect(clippy::cast_precision_loss, reason = "it is one")]
    fn increment(&self, value: u64) {
        self.add(value as f64);
    }
    fn absolute(&self, _: u64) {
        panic!("nothing is counted elsewhere");
    }
}

impl GaugeFn for One {
    fn increment(&self, _: f64) {
        panic!("a gauge is set");
    }
    fn decrement(&self, _: f64) {
        panic!("a gauge is set");
    }
    fn set(&self, value: f64) {
        self.add(value);
    }
}

impl HistogramFn for One {
    fn record(&self, value: f64) {
        self.add(value);
    }
}

impl Kept {
    fn one(&self, key: &Key) -> Arc<One> {
        let labels: Vec<_> =
            key.labels().map(|it| format!("{}={}", it.key(), it.value())).collect();
        Arc::new(One(self.clone(), format!("{}{{{}}}", key.name(), labels.join(","))))
    }

    fn describe(&self, key: &KeyName, unit: Option<Unit>) {
        self.described.lock().unwrap().insert(key.as_str().to_owned(), unit);
    }
}

impl Recorder for Kept {
    fn describe_counter(&self, key: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(&key, unit);
    }
    fn describe_gauge(&self, key: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(&key, unit);
    }
    fn describe_histogram(&self, key: KeyName, unit: Option<Unit>, _: SharedString) {
        self.describe(&key, unit);
    }
    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        self.one(key).into()
    }
    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        self.one(key).into()
    }
    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        self.one(key).into()
    }
}

#[cordial::test]
async fn events_are_counters_gauges_and_histograms_of_the_recorder() {
    let kept = Kept::default();
    metrics::set_global_recorder(kept.clone()).map_err(drop).unwrap();
    let id = telemetry::attach_metrics();
    for _ in 0..2 {
        process::spawn_monitor(async |_: Mailbox<()>| {}).1.await;
    }
    assert!(telemetry::detach(id));
    process::spawn_monitor(async |_: Mailbox<()>| {}).1.await;
    let values = kept.values.lock().unwrap().clone();
    let of = |start: &str| {
        let found = values.iter().find(|(name, _)| name.starts_with(start));
        found.unwrap_or_else(|| panic!("no `{start}` in {values:?}"))
    };
    let (name, counted) = of("cordial.process.exit{server=");
    assert!(!name.contains('<'), "a pid is no label: {name}");
    assert_eq!(counted, &[1.0, 1.0]);
    assert_eq!(of("cordial.process.exit.mail_waiting{").1, &[0.0, 0.0]);
    let living = of("cordial.processes{}").1;
    assert_eq!(living.len(), 4);
    assert!((living[0] - living[1] - 1.0).abs() < 0.5, "{living:?}");
    let described = kept.described.lock().unwrap().clone();
    assert_eq!(described.len(), telemetry::metrics().len());
    assert_eq!(described["cordial.server.message.took"], Some(Unit::Seconds));
    assert_eq!(described["cordial.processes"], None);
}
