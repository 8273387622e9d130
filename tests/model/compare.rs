//! When two logs say the same, and how a failure reads.
use crate::history::{History, Kind, TOP};
use crate::language::lanes;
use crate::model;
use std::fmt::Write;

/// The tree's lines stand in the same order, step by step, and those of each client, who is woken
/// while the tree goes on. The children of a dynamic supervisor stop together, in no order.
pub(crate) fn is_same(history: &History, one: &[String], other: &[String]) -> bool {
    let known = |log: &[String]| log.iter().map(|line| without_life(line)).collect::<Vec<_>>();
    let (one, other) = (known(one), known(other));
    match history.defs[TOP].kind {
        Kind::Dynamic(_) => lanes(&one) == lanes(&other),
        Kind::Server(_) | Kind::Supervisor(..) => clients_last(&one) == clients_last(&other),
    }
}

fn clients_last(log: &[String]) -> Vec<String> {
    let mut sorted = Vec::new();
    for step in log.split_inclusive(|line| line.starts_with("-- ")) {
        let is_client = |line: &&String| line.starts_with(['h', 'q']);
        let clients: Vec<String> = step.iter().filter(is_client).cloned().collect();
        sorted.extend(step.iter().filter(|line| !is_client(line)).cloned());
        sorted.extend(lanes(&clients));
    }
    sorted
}

/// The runtime's `start_child` answers with an address: which life has it when the answer is read,
/// or whether it asked to be ignored, depends on when that is.
fn without_life(line: &str) -> String {
    match line.split_once(" -> ") {
        Some((line, answer)) if line.contains(" start_child ") => {
            let is_done = answer.starts_with("ok ") || answer == "ignore";
            format!("{line} -> {}", if is_done { "done" } else { answer })
        }
        _ => line.to_owned(),
    }
}

/// A failure as it is read: the history as a scenario, and both logs side by side.
pub(crate) fn told(name: &str, who: &str, history: &History, log: &[String]) -> String {
    let expected = model(history).log;
    let mut text = format!("{who} differs from the model in {name}, which came to this:\n\n");
    text += &history.scenario(name);
    writeln!(text, "\n   {:<50} | {who}", "the model").unwrap();
    for at in 0..expected.len().max(log.len()) {
        let line = |log: &[String]| log.get(at).cloned().unwrap_or_default();
        let (one, other) = (line(&expected), line(log));
        let sign = if one == other { ' ' } else { '|' };
        writeln!(text, "   {one:<50} {sign} {other}").unwrap();
    }
    text
}

#[test]
fn a_clients_line_may_come_late_and_a_servers_may_not() {
    let log = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
    let history = crate::random::history(1, crate::random::Setting::Erlang);
    let same = |one, other| is_same(&history, &log(one), &log(other));
    assert!(same("q1 x,a init,b init,-- s", "a init,b init,q1 x,-- s"));
    assert!(same("q1 start_child s:a -> ok a,-- s", "q1 start_child s:a -> ok a#2,-- s"));
    assert!(!same("a init,b init,-- s", "b init,a init,-- s"));
    assert!(!same("q1 x,-- s,-- t", "-- s,q1 x,-- t"));
    assert!(!same("q1 which s -> a=a", "q1 which s -> a=a#2"));
}
