//! The same seed gives the same trace, byte for byte; another one gives another.

use std::collections::BTreeSet;
use std::process::Command;
use std::{env, fs};

use cordial::chaos;

use crate::app::workload;

/// Where a child process writes its traces.
const TRACES: &str = "CHAOS_TRACES";
const PROCESSES: usize = 10;

fn trace(seed: u64) -> String {
    let history = chaos::history(seed, 400, workload);
    assert_eq!(history.failure(), None, "{}", history.trace());
    history.trace().to_owned()
}

/// What one of many OS processes does; by itself it is nothing.
#[test]
fn traces_are_written() {
    if let Some(path) = env::var_os(TRACES) {
        let traces: Vec<String> = (0..20).map(trace).collect();
        fs::write(path, traces.join("\n")).unwrap();
    }
}

/// Where things lie in memory and how maps are seeded is another thing in each OS process.
#[test]
fn ten_os_processes_give_the_same_traces() {
    let paths = (0..PROCESSES).map(|at| format!("{}/{at}.trace", env!("CARGO_TARGET_TMPDIR")));
    let traces: BTreeSet<Vec<u8>> = paths
        .map(|path| {
            let mut child = Command::new(env::current_exe().unwrap());
            child.args(["--exact", "repeated::traces_are_written"]).env(TRACES, &path);
            assert!(child.output().unwrap().status.success());
            let trace = fs::read(&path).unwrap();
            fs::remove_file(path).unwrap();
            trace
        })
        .collect();
    assert_eq!(traces.len(), 1, "the traces differ");
    assert!(traces.first().unwrap().len() > 10_000, "they say something");
}

/// A history leaves nothing that the next one would see.
#[test]
fn same_seed_gives_the_same_trace_after_other_histories() {
    let first = trace(3);
    (4..9).for_each(|seed| drop(trace(seed)));
    assert_eq!(trace(3), first);
}

#[test]
fn a_thousand_seeds_give_nearly_as_many_traces() {
    let traces: BTreeSet<String> = (0..1_000).map(trace).collect();
    assert!(traces.len() >= 990, "{} traces of 1000 seeds", traces.len());
}
