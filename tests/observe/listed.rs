//! `docs/telemetry.md` is made from the code: `CORDIAL_WRITE_DOCS=1 cargo test -p cordial-tests
//! --test observe list` writes it anew.
use cordial::telemetry::events::ALL;
use cordial::telemetry::{self, MetricKind};
use std::fmt::Write;
use std::path::Path;

const HEAD: &str = "# Events of the runtime

This list is made from `runtime/cordial/src/telemetry/events.rs`.
A test, `list_of_events_is_that_of_the_code`, holds them together.
How to listen stands in the documentation of `cordial::telemetry`.
The types are those of `cordial::telemetry::events`.
A process emits its own events: a handler runs in it, and has to be short.
";

fn made() -> String {
    let mut text = String::from(HEAD);
    for event in ALL {
        let _ =
            write!(text, "\n## `{}`\n\n{}\nIts type is `{}`.\n", event.name, event.about, event.ty);
        let _ = write!(text, "\n| field | type | what it says |\n|---|---|---|\n");
        for field in event.fields {
            let _ = writeln!(text, "| `{}` | `{}` | {} |", field.name, field.ty, field.about);
        }
    }
    text.push_str(METRICS);
    for metric in telemetry::metrics() {
        let kind = match metric.kind {
            MetricKind::Counter => "counter",
            MetricKind::Gauge => "gauge",
            MetricKind::Seconds => "histogram, in seconds",
            _ => "histogram",
        };
        let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        let (name, labels) = (metric.name, labels.join(", "));
        let _ = writeln!(text, "| `{name}` | {kind} | {labels} | {} |", metric.about);
    }
    text
}

const METRICS: &str = "
# Numbers of these events

What `telemetry::attach_meter` tells a meter.
With the feature `metrics` it is what `telemetry::attach_metrics` tells the crate of that name.
No label is a pid or a reason: each would be a series of its own.

| name | kind | labels | what it says |
|---|---|---|---|
";

#[test]
fn list_of_events_is_that_of_the_code() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/telemetry.md");
    let made = made();
    if std::env::var_os("CORDIAL_WRITE_DOCS").is_some() {
        std::fs::write(&file, &made).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        written == made,
        "docs/telemetry.md is older than the code: see tests/observe/listed.rs"
    );
}

#[test]
fn every_event_has_a_name_of_its_own_below_cordial() {
    let mut names: Vec<_> = ALL.iter().map(|event| event.name).collect();
    assert!(names.iter().all(|name| name.starts_with("cordial.")), "{names:?}");
    names.sort_unstable();
    let before = names.len();
    names.dedup();
    assert_eq!(names.len(), before);
}
