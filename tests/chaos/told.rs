//! What a trace says of each kind of step.

use cordial::chaos::{self, Chaos, Faults, Phase};
use cordial::prelude::*;
use cordial::process::{self, Mailbox};

#[gen_server]
#[derive(Clone, Default)]
struct Lamp(bool);

#[gen_server]
impl Lamp {
    #[call]
    fn switch(&mut self) -> bool {
        self.0 = !self.0;
        self.0
    }
}

#[test]
fn trace_tells_births_names_calls_timers_signals_monitors_and_ends() {
    let history = chaos::history(5, 0, async |_: Chaos| {
        let lamp = Lamp::start(Lamp(false)).name("lamp").await.unwrap();
        assert_eq!(lamp.switch().await, Ok(true));
        let (sleeper, down) =
            process::spawn_monitor(async |mut mail: Mailbox<()>| mail.next().await);
        process::send_after(&sleeper, millis(5), ());
        down.await;
        process::exit(&lamp, ExitReason::Kill);
        process::monitor(&lamp).await;
    });
    assert_eq!(history.failure(), None);
    let said = [
        "name #1 lamp",
        "born #1 Lamp of #0",
        "call 1",
        "send #0 > #1 switch",
        "take #1 switch",
        "call 1 answered",
        "call 1 resolved",
        "born #2 () of #0",
        "timer 5000us",
        "at 5000us",
        "timer fires",
        "dead #2 normal",
        "signal #0 > #1 kill",
        "dead #1 killed",
        "name free #1 lamp",
    ];
    let trace = history.trace();
    let mut rest = trace;
    for line in said {
        let found = rest.find(&format!("{line}\n"));
        let unordered = line.starts_with("name") || line.starts_with("dead");
        match found {
            Some(at) if !unordered => rest = &rest[at..],
            _ => assert!(trace.contains(&format!("{line}\n")), "no `{line}` in\n{trace}"),
        }
    }
}

#[test]
fn trace_tells_each_fault() {
    let faults = Faults::all().panic_in(&[Phase::Handle], 1.0).slow_consumer(1.0, millis(2));
    let history = chaos::history(5, 50, async |mut c: Chaos| {
        c.faults(faults.clone());
        let lamp = Lamp::start(Lamp(false)).await.unwrap();
        assert!(lamp.switch().await.is_err());
    });
    assert_eq!(history.failure(), None, "{}", history.trace());
    for line in ["! slow #1 2000us\n", "! panic #1 handle\n", "dead #1 panic\n"] {
        assert!(history.trace().contains(line), "no {line} in\n{}", history.trace());
    }
}

/// Nothing is told, and nothing is simulated, outside of a history.
#[cordial::test]
async fn runtime_works_as_always_outside_of_a_simulation() {
    let lamp = Lamp::start(Lamp(false)).await.unwrap();
    assert_eq!(lamp.switch().await, Ok(true));
}
