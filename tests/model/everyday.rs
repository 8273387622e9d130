//! The models of processes and servers, beside the runtime and Erlang/OTP.
use crate::small::{Ran, Small, in_any_order};
use crate::{ERLANG_GAP, LIVE_GAP, MORE_TIME, live, on_erlang, processes, seeds, servers, times};
use std::collections::HashMap;

/// How many histories of each kind run on the runtime, and on Erlang/OTP.
const LIVE: u64 = 4_000;
const ERLANG: usize = 250;

type Make = fn(u64) -> Small;
type Run = fn(&Small) -> Option<Ran>;

/// PROC-13, PROC-28, TMR-3: who is tied to whom decides who learns what.
#[test]
fn the_runtime_ties_processes_as_the_model_does() {
    runtime_agrees(processes::history, processes::run);
}

/// PROC-16, PROC-20, PROC-35: the model is one of OTP.
#[test]
fn erlang_ties_processes_as_the_model_does() {
    erlang_agrees(processes::history, processes::run);
}

/// GS-25, GS-29, GS-33: whatever it is told, in any order.
#[test]
fn the_runtime_serves_as_the_model_does() {
    runtime_agrees(servers::history, servers::run);
}

/// GS-18, GS-20, GS-35: the model is one of OTP.
#[test]
fn erlang_serves_as_the_model_does() {
    erlang_agrees(servers::history, servers::run);
}

/// Histories whose order is certain, with their names and what the model makes of them.
fn histories(make: Make, run: Run, gap: u64) -> impl Iterator<Item = (String, Small, Ran)> {
    seeds().filter_map(move |seed| {
        let history = make(seed);
        let ran = run(&history).filter(|ran| ran.gap >= gap)?;
        Some((format!("seed-{seed}"), history, ran))
    })
}

fn runtime_agrees(make: Make, run: Run) {
    let log = |history: &Small| live(history.scenario("live"));
    let differs = |history: &Small| {
        let ran = run(history).filter(|ran| ran.gap >= LIVE_GAP);
        ran.is_some_and(|ran| in_any_order(&log(history)) != in_any_order(&ran.log))
    };
    for (name, history, _) in histories(make, run, LIVE_GAP).take(times(LIVE)) {
        if differs(&history) {
            let small = history.shrunk(differs);
            let expected = run(&small).expect("it is a history").log;
            panic!("{}", small.told(&name, "cordial", &expected, &log(&small)));
        }
    }
}

fn erlang_agrees(make: Make, run: Run) {
    let mut left: HashMap<String, (Small, Ran)> = histories(make, run, ERLANG_GAP)
        .take(ERLANG)
        .map(|(name, history, ran)| (name, (history, ran)))
        .collect();
    let mut shown = String::new();
    for factor in MORE_TIME {
        let scenarios: Vec<_> =
            left.iter().map(|(name, (history, _))| history.scenario(name)).collect();
        let mut logs = on_erlang(&scenarios, factor);
        left.retain(|name, (history, ran)| {
            let log = logs.by_scenario.remove(name).unwrap_or_default();
            let differs = in_any_order(&log) != in_any_order(&ran.log);
            if differs {
                shown = history.told(name, "Erlang/OTP", &ran.log, &log);
            }
            differs
        });
        if left.is_empty() {
            return;
        }
    }
    panic!("{} differ, {:?}\n{shown}", left.len(), left.keys().collect::<Vec<_>>());
}
