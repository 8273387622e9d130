//! Runs the scenarios on Erlang/OTP, in one process of the BEAM.
#![allow(clippy::disallowed_methods, reason = "another program keeps real time")]

use crate::language::Scenario;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Longer than the interpreter allows itself.
const LIMIT: Duration = Duration::from_secs(100);

/// The files that go in and come out.
const SCENARIOS: &str = "scenarios";
const LOGS: &str = "logs";

const BEGIN: &str =
    "{module, _} = code:load_file(parity), parity:main(init:get_plain_arguments()).";

/// What Erlang/OTP wrote.
pub(crate) struct Logs {
    pub(crate) release: u32,
    pub(crate) by_scenario: HashMap<String, Vec<String>>,
}

/// The BEAM at work.
pub(crate) struct Beam {
    program: Child,
    folder: PathBuf,
}

impl Beam {
    /// Compiles the interpreter and begins; all times are `factor` times what the scenarios say.
    pub(crate) fn begin(scenarios: &[&Scenario], factor: u32) -> Self {
        let name = format!("parity-{}-{factor}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).expect("the build's folder can be written to");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("parity/parity.erl");
        let mut compile = Command::new("erlc");
        compile.arg("-o").arg(&folder).arg(source);
        assert!(ended(&mut begun(&mut compile)).success(), "parity.erl does not compile");

        let (input, out) = (folder.join(SCENARIOS), folder.join(LOGS));
        let text: String = scenarios.iter().map(|scenario| scenario.expanded()).collect();
        fs::write(&input, text).expect("the build's folder can be written to");
        let mut run = Command::new("erl");
        // On one scheduler a process that is ending is done before anybody else looks.
        // All modules are loaded before: who waits for the code server looks as if idle.
        run.args(["+S", "1:1", "-mode", "embedded", "-noshell", "-pa"]).arg(&folder);
        run.args(["-eval", BEGIN, "-extra"]).arg(&input).arg(&out).arg(factor.to_string());
        Self { program: begun(&mut run), folder }
    }

    pub(crate) fn finish(mut self) -> Logs {
        let status = ended(&mut self.program);
        assert!(status.success(), "the interpreter on Erlang failed: {status}");
        let logs = read(&fs::read_to_string(self.folder.join(LOGS)).expect("it wrote its logs"));
        fs::remove_dir_all(&self.folder).expect("what was made here can be removed");
        logs
    }
}

/// There is no parity without Erlang: a test that was skipped would prove nothing.
fn begun(command: &mut Command) -> Child {
    let program = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).spawn().unwrap_or_else(|error| {
        panic!("cannot run `{program}`: {error}; install the package `erlang-base`")
    })
}

fn ended(program: &mut Child) -> ExitStatus {
    let end = Instant::now() + LIMIT;
    loop {
        let status = program.try_wait().expect("a child of this process can be waited for");
        if let Some(status) = status {
            return status;
        }
        if Instant::now() > end {
            let _ = program.kill();
            panic!("Erlang is not done after {} s", LIMIT.as_secs());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn read(text: &str) -> Logs {
    let mut lines = text.lines();
    let release = lines.next().and_then(|line| line.strip_prefix("otp ")?.parse().ok());
    let mut logs = Logs {
        release: release.expect("the first line is the release"),
        by_scenario: HashMap::new(),
    };
    let mut name = String::new();
    for line in lines {
        match line.strip_prefix("== ") {
            Some(next) => name = next.to_owned(),
            None => logs.by_scenario.entry(name.clone()).or_default().push(line.to_owned()),
        }
    }
    logs
}
