//! Erlang's `gen_statem` plays the scripts, in a BEAM of its own.
#![allow(clippy::disallowed_methods, reason = "another program keeps real time")]
use crate::script::Script;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

const BEGIN: &str =
    "{module, _} = code:load_file(parity), parity:main(init:get_plain_arguments()).";

/// What each of them wrote; `unit` is how long a unit of their time is, in milliseconds.
pub(crate) fn play<'a>(scripts: impl Iterator<Item = &'a Script>, unit: u32) -> Vec<Vec<String>> {
    let name = format!("statem-{}", std::process::id());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("the build's folder can be written to");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("statem/parity.erl");
    run(Command::new("erlc").arg("-o").arg(&folder).arg(source));
    let (input, output) = (folder.join("in"), folder.join("out"));
    let terms: String = scripts.map(|script| script.erlang() + ".\n").collect();
    fs::write(&input, terms).expect("the build's folder can be written to");
    let mut erl = Command::new("erl");
    erl.args(["-noshell", "-pa"]).arg(&folder).args(["-eval", BEGIN, "-extra"]);
    run(erl.arg(input).arg(&output).arg(unit.to_string()));
    let text = fs::read_to_string(output).expect("it wrote its lines");
    fs::remove_dir_all(&folder).expect("what was made here can be removed");
    let mut seen: Vec<Vec<String>> = Vec::new();
    for line in text.lines() {
        match line.strip_prefix("== ") {
            Some(_) => seen.push(Vec::new()),
            None => seen.last_mut().expect("a line follows its number").push(line.to_owned()),
        }
    }
    seen
}

/// There is no parity without Erlang: a test that was skipped would prove nothing. It ends by
/// itself, after as much time as its scripts have.
fn run(command: &mut Command) {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.stdin(Stdio::null()).status().unwrap_or_else(|error| {
        panic!("cannot run `{program}`: {error}; install the package `erlang-base`")
    });
    assert!(status.success(), "`{program}` ended with {status}");
}
