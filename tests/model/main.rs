//! A model of OTP's supervision, beside the pure plan, the runtime and Erlang/OTP.
//!
//! ```text
//!   seed ─ random.rs ─▶ History ─┬─▶ sim/ with rules.rs   the model
//!                                ├─▶ sim/ with pure.rs    cordial's plan and intensity
//!                                ├─▶ tests/parity         cordial's runtime, on a clock that jumps
//!                                └─▶ tests/parity         Erlang/OTP
//! ```
//! Each writes the same log: who starts and stops in which order, what everybody is told, answers
//! and ends with. A log that differs from the model's is shown with its seed, and with the smallest
//! history that still differs, as a scenario that `tests/parity` can keep.
//! Timers, tasks, topics and groups have models of their own, beside the runtime alone.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]

mod compare;
mod decisions;
mod everyday;
mod history;
mod processes;
mod pure;
mod random;
mod rules;
mod servers;
mod shrink;
mod sim;
mod small;
mod steps;
mod tasks;
mod timers;
mod topics;

#[path = "../parity/actions.rs"]
mod actions;
#[path = "../parity/actor.rs"]
mod actor;
#[path = "../parity/beam.rs"]
mod beam;
#[allow(dead_code, reason = "`tests/parity` asks more of it")]
#[path = "../parity/driver.rs"]
mod driver;
#[allow(dead_code, reason = "`tests/parity` asks more of it")]
#[path = "../parity/language.rs"]
mod language;
#[path = "../parity/tree.rs"]
mod tree;
#[path = "../parity/world.rs"]
mod world;

/// What the plan imports of the runtime.
mod exit {
    pub(crate) use cordial::ExitReason;
}
mod gen_server {
    pub(crate) use cordial::prelude::Restart;
}

use beam::{Beam, Logs};
use compare::{is_same, told};
use history::History;
use language::Scenario;
use random::Setting;
use rules::Rules;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

/// How many histories run where; `MODEL` multiplies the first two, `MODEL_SEED` is the first seed.
const PURE: u64 = 93_000;
const LIVE: u64 = 7_000;
const ERLANG: usize = 520;

/// So far apart are two events whose order is certain, in milliseconds.
const LIVE_GAP: u64 = 3;
const ERLANG_GAP: u64 = 100;

/// Erlang's clock is real, and the machine may be busy: what differs has so many times more time.
const MORE_TIME: [u32; 3] = [1, 4, 12];

/// How long the runtime may take for a history, whose own times pass at once.
const PATIENCE: Duration = Duration::from_secs(30);

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is a number")))
}

/// All seeds, one after the other.
fn seeds() -> impl Iterator<Item = u64> {
    number("MODEL_SEED").unwrap_or(1)..
}

fn times(count: u64) -> usize {
    usize::try_from(count * number("MODEL").unwrap_or(1)).expect("a number of histories")
}

fn model(history: &History) -> sim::Ran {
    sim::run::<Rules>(history)
}

/// SUP-16, SUP-19, SUP-28: with every restart type, strategy, start and end, in any order.
#[test]
fn the_plan_decides_as_the_model_in_every_random_history() {
    let plan = |history: &History| sim::run::<pure::Pure>(history).log;
    let differs = |history: &History| plan(history) != model(history).log;
    for seed in seeds().take(times(PURE)) {
        let history = random::history(seed, Setting::Pure);
        if differs(&history) {
            let small = shrink::shrunk(history, differs);
            panic!("{}", told(&format!("seed-{seed}"), "the plan", &small, &plan(&small)));
        }
    }
}

/// SUP-2, SUP-26, SUP-30: the same with processes that take their time, and questions meanwhile.
#[test]
fn the_runtime_does_what_the_model_does_in_every_random_history() {
    let is_certain = |history: &History| model(history).gap >= LIVE_GAP;
    let differs = |history: &History| {
        is_certain(history) && !is_same(history, &on_cordial(history), &model(history).log)
    };
    let histories = seeds().map(|seed| (seed, random::history(seed, Setting::Live)));
    for (seed, history) in histories.filter(|(_, history)| is_certain(history)).take(times(LIVE)) {
        if differs(&history) {
            let small = shrink::shrunk(history, differs);
            panic!("{}", told(&format!("seed-{seed}"), "cordial", &small, &on_cordial(&small)));
        }
    }
}

/// What cordial's runtime writes; who hangs is watched from outside of it.
#[expect(clippy::disallowed_methods, reason = "who hangs is watched from outside of its runtime")]
fn live(scenario: Scenario) -> Vec<String> {
    // What is told of crashes goes nowhere: they are meant.
    let _ = tracing::subscriber::set_global_default(tracing::subscriber::NoSubscriber::new());
    let (send, log) = mpsc::channel();
    std::thread::spawn(move || send.send(driver::run(&scenario, None)));
    log.recv_timeout(PATIENCE).unwrap_or_else(|_| vec!["!! stuck".to_owned()])
}

fn on_cordial(history: &History) -> Vec<String> {
    live(scenario(history, "live"))
}

fn scenario(history: &History, name: &str) -> Scenario {
    language::read(&history.scenario(name)).remove(0)
}

/// SUP-14, SUP-24, SUP-47: the model is one of OTP, for Erlang's own supervisor does the same.
#[test]
fn erlang_does_what_the_model_does_in_every_random_history() {
    let histories = histories_for_erlang();
    let mut wrong: Vec<String> = histories.keys().cloned().collect();
    let mut shown = String::new();
    for factor in MORE_TIME {
        wrong.sort();
        let scenarios = wrong.iter().map(|name| scenario(&histories[name], name));
        let scenarios: Vec<Scenario> = scenarios.collect();
        let logs = on_erlang(&scenarios, factor);
        wrong.retain(|name| {
            let (history, log) = (&histories[name], without_old_exit(&logs, name));
            let differs = !is_same(history, &log, &model(history).log);
            if differs {
                shown = told(name, "Erlang/OTP", history, &log);
            }
            differs
        });
        if wrong.is_empty() {
            return;
        }
    }
    panic!("{} of {} differ, {wrong:?}\n{shown}", wrong.len(), histories.len());
}

/// What Erlang/OTP writes. Two of them at a time would be late.
fn on_erlang(scenarios: &[Scenario], factor: u32) -> Logs {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    Beam::begin(&scenarios.iter().collect::<Vec<_>>(), factor).finish()
}

fn histories_for_erlang() -> HashMap<String, History> {
    let histories = seeds().map(|seed| (seed, random::history(seed, Setting::Erlang)));
    let certain = histories.filter(|(_, history)| {
        let ran = model(history);
        ran.gap >= ERLANG_GAP && !ran.counts_dead
    });
    certain.map(|(seed, history)| (format!("seed-{seed}"), history)).take(ERLANG).collect()
}

/// Before OTP 26 a failed start left an EXIT with a starter that traps exits, and who failed to
/// start was told so by its supervisor's end, perhaps, before it had ended by itself.
fn without_old_exit(logs: &Logs, name: &str) -> Vec<String> {
    let mut log = logs.by_scenario.get(name).cloned().unwrap_or_default();
    if logs.release < 26 {
        log.retain(|line| !line.starts_with("h exit s failed "));
        log.iter_mut().for_each(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            if let ["ended", who, "failed", same, why] = words[..]
                && who.split('#').next() == Some(same)
            {
                *line = format!("ended {who} {why}");
            }
        });
    }
    log
}
