//! Runs a scenario on cordial: a node of its own, a clock that jumps, one step after the other.
use crate::actor::{self, Msg};
use crate::language::Scenario;
use crate::world::World;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// How long one scenario may take; its own times pass at once.
const PATIENCE: Duration = Duration::from_secs(30);

/// The logs of all of them, in order.
#[expect(clippy::disallowed_methods, reason = "who hangs is watched from outside of its runtime")]
pub(crate) fn run_all(scenarios: &[Scenario]) -> Vec<Vec<String>> {
    let (send, logs) = mpsc::channel();
    let all = scenarios.to_vec();
    std::thread::spawn(move || all.iter().try_for_each(|scenario| send.send(run(scenario))));
    let log = |scenario: &Scenario| {
        let name = &scenario.name;
        logs.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("cordial is stuck in `{name}`"))
    };
    scenarios.iter().map(log).collect()
}

/// The scenario's log; what goes wrong with the run itself begins with `!!`.
fn run(scenario: &Scenario) -> Vec<String> {
    let world = Arc::new(World::new(&scenario.defs));
    let (there, mut log) = (world.clone(), Vec::new());
    let ran = catch_unwind(AssertUnwindSafe(|| {
        cordial::__private::run_test(None, async {
            drive(scenario, &there).await;
            log = there.take_log();
            there.forget();
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

async fn drive(scenario: &Scenario, world: &Arc<World>) {
    for def in scenario.defs.iter().filter(|def| def.kind == "proc" && !def.is("later")) {
        actor::spawn(world, &def.name);
    }
    quiet().await;
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
        quiet().await;
        world.log_ended();
        world.log(format!("-- {step}"));
    }
    world.log_living();
}

/// Until nobody has anything to do: only then does a paused clock go on.
async fn quiet() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}
