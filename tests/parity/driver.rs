//! Runs a scenario on cordial: a node of its own, a clock that jumps, one step after the other.
use crate::actor::{self, Msg};
use crate::language::Scenario;
use crate::world::World;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

/// How long one scenario may take; its own times pass at once.
const PATIENCE: Duration = Duration::from_secs(30);

/// Scenarios that run at a time where their times are real.
const AT_A_TIME: usize = 32;

/// Looks at all processes that have to find nobody busy.
const LOOKS: usize = 4;

/// The logs of all of them, in order, on a clock that jumps.
#[expect(clippy::disallowed_methods, reason = "who hangs is watched from outside of its runtime")]
pub(crate) fn run_all(scenarios: &[Scenario]) -> Vec<Vec<String>> {
    let (send, logs) = mpsc::channel();
    let all = scenarios.to_vec();
    std::thread::spawn(move || all.iter().try_for_each(|scenario| send.send(run(scenario, None))));
    let log = |scenario: &Scenario| {
        let name = &scenario.name;
        logs.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("cordial is stuck in `{name}`"))
    };
    scenarios.iter().map(log).collect()
}

/// The same on so many workers each, and on the real clock.
pub(crate) fn run_all_on(workers: usize, scenarios: &[&Scenario]) -> Vec<Vec<String>> {
    let next = AtomicUsize::new(0);
    let logs: Vec<_> = scenarios.iter().map(|_| Mutex::new(Vec::new())).collect();
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some(at) = Some(next.fetch_add(1, Relaxed)).filter(|at| *at < logs.len())
                {
                    let log = run(scenarios[at], Some(workers));
                    *logs[at].lock().expect("one thread has it") = log;
                }
            });
        }
    });
    logs.into_iter().map(|log| log.into_inner().expect("all threads are done")).collect()
}

/// The scenario's log; what goes wrong with the run itself begins with `!!`.
pub(crate) fn run(scenario: &Scenario, workers: Option<usize>) -> Vec<String> {
    let world = Arc::new(World::new(&scenario.defs));
    let (there, mut log) = (world.clone(), Vec::new());
    let ran = catch_unwind(AssertUnwindSafe(|| {
        cordial::__private::run_test(workers, async {
            let patience = if workers.is_some() { PATIENCE } else { Duration::MAX };
            let driven = tokio::time::timeout(patience, drive(scenario, &there, workers)).await;
            if driven.is_err() {
                there.log("!! stuck");
            }
            log = there.take_log();
            there.forget();
            if workers.is_some() {
                there.kill_all(); // Who ignores its node's shutdown takes real time.
            }
        });
    }));
    if let Err(panic) = ran {
        log.extend(world.take_log());
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or(panic.downcast_ref::<&str>().copied());
        log.push(format!("!! the run panicked: {}", text.unwrap_or("?")));
    }
    log
}

async fn drive(scenario: &Scenario, world: &Arc<World>, workers: Option<usize>) {
    for def in scenario.defs.iter().filter(|def| def.kind == "proc" && !def.is("later")) {
        actor::spawn(world, &def.name);
    }
    quiet(workers).await;
    for step in &scenario.steps {
        let (target, rest) = step.split_once(' ').expect("a step is a target and actions");
        if target == "pause" {
            tokio::time::sleep(Duration::from_millis(rest.parse().expect("milliseconds"))).await;
        } else {
            let name = target.trim_end_matches(':');
            let message = Msg::Do(rest.split(' ').map(str::to_owned).collect());
            match world.address(name) {
                Some(address) => drop(address.send(message)),
                None => world.log(format!("!! nobody is called {name}")),
            }
        }
        quiet(workers).await;
        world.log_ended();
        world.log(format!("-- {step}"));
    }
    world.log_living();
}

/// Until nobody has anything to do: only then does a paused clock go on.
async fn quiet(workers: Option<usize>) {
    tokio::time::sleep(Duration::from_millis(1)).await;
    let mut looks = if workers.is_some() { LOOKS } else { 0 };
    while looks > 0 {
        looks = if cordial::__private::is_quiet() { looks - 1 } else { LOOKS };
        tokio::time::sleep(Duration::from_micros(300)).await;
    }
}
