//! Events as numbers.
use crate::support::{Clerk, Door};
use cordial::prelude::*;
use cordial::sys;
use cordial::telemetry::{self, Label, Meter};
use cordial::test::{advance, start_supervised, sync};
use std::sync::{Arc, Mutex};

/// What a meter was told: a name, its value if it is one of a distribution, its labels.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<Number>>>);

type Number = (String, Option<f64>, Vec<Label>);

impl Meter for Told {
    fn count(&self, name: &str, labels: &[Label]) {
        self.0.lock().unwrap().push((name.to_owned(), None, labels.to_vec()));
    }
    fn record(&self, name: &str, value: f64, labels: &[Label]) {
        self.0.lock().unwrap().push((name.to_owned(), Some(value), labels.to_vec()));
    }
    fn is_label(&self, event: &str, field: &str) -> bool {
        event != "shop.order.placed" && (field == "server" || field == "kind")
    }
}

telemetry::event! {
    /// An order was placed.
    Placed as "shop.order.placed" {
        /// In cents.
        price: u64,
        /// May be less than nothing.
        change: i64,
        /// What it is worth.
        rate: f64,
        /// Who.
        server: String,
    }
}

/// Every event is counted; what takes time is in seconds; a pid is no label.
#[cordial::test]
async fn meter_is_told_of_every_event_as_numbers() {
    let told = Told::default();
    let clerk = start_supervised!(Clerk::child_spec(Clerk::default()));
    sys::tell_messages(&clerk, true).unwrap();
    let id = telemetry::attach_meter(told.clone());
    let door = Door::default();
    clerk.wait_for(door.clone(), 1);
    advance(millis(250)).await;
    door.open();
    sync(&clerk).await;
    let placed = Placed { price: 7, change: -2, rate: 0.5, server: "ann".into() };
    telemetry::emit(|| placed);
    assert!(telemetry::detach(id));
    let labels = vec![("server", "Clerk".to_owned()), ("kind", "wait_for".to_owned())];
    let number = |name: &str, value, labels: &[Label]| (name.to_owned(), value, labels.to_vec());
    let expected = [
        number("cordial.server.message", None, &labels),
        number("cordial.server.message.took", Some(0.25), &labels),
        number("shop.order.placed", None, &[]),
        number("shop.order.placed.price", Some(7.0), &[]),
        number("shop.order.placed.change", Some(-2.0), &[]),
        number("shop.order.placed.rate", Some(0.5), &[]),
    ];
    assert_eq!(*told.0.lock().unwrap(), expected);
}

/// What it is told is what is listed, and how many live is a gauge.
#[cordial::test]
async fn everything_that_a_meter_is_told_of_the_runtime_is_listed() {
    type Name = (String, Vec<&'static str>);
    #[derive(Clone, Default)]
    struct Names(Arc<Mutex<Vec<Name>>>, Arc<Mutex<Vec<f64>>>);
    impl Names {
        fn add(&self, name: &str, labels: &[Label]) {
            let labels = labels.iter().map(|(name, _)| *name).collect();
            self.0.lock().unwrap().push((name.to_owned(), labels));
        }
    }
    impl Meter for Names {
        fn count(&self, name: &str, labels: &[Label]) {
            self.add(name, labels);
        }
        fn record(&self, name: &str, _: f64, labels: &[Label]) {
            self.add(name, labels);
        }
        fn gauge(&self, name: &str, value: f64, labels: &[Label]) {
            self.add(name, labels);
            self.1.lock().unwrap().push(value);
        }
    }
    let names = Names::default();
    let id = telemetry::attach_meter(names.clone());
    let clerk = start_supervised!(Clerk::child_spec(Clerk::default()));
    sys::tell_messages(&clerk, true).unwrap();
    let again = cordial::test::restarted(&clerk);
    clerk.note(1);
    clerk.burst();
    again.await;
    assert!(telemetry::detach(id));
    let listed = telemetry::metrics();
    let told = names.0.lock().unwrap().clone();
    assert!(told.len() > 10, "{told:?}");
    for (name, labels) in &told {
        let metric = listed.iter().find(|metric| metric.name == *name);
        let metric = metric.unwrap_or_else(|| panic!("`{name}` is not listed"));
        assert_eq!(metric.labels, *labels, "`{name}`");
    }
    let gauges = names.1.lock().unwrap().clone();
    let least = gauges.iter().copied().fold(f64::MAX, f64::min);
    assert!(gauges.len() >= 3 && gauges.contains(&(least + 1.0)), "{gauges:?}");
}
