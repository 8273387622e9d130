//! The machine that is measured on: what it is, and whether it is quiet.

use std::fs;
use std::process::Command;

use crate::shell;

/// On a machine that does other things every ratio is wrong, in both directions.
const QUIET: f64 = 2.0;

/// The versions of these stand beside the results.
const PEERS: &[&str] =
    &["tokio", "kanal", "ractor", "kameo", "actix", "spawned-concurrency", "xtra"];

pub(super) struct Machine {
    processor: String,
    threads: usize,
    memory: String,
    rust: String,
    erlang: String,
    peers: String,
    commit: String,
}

impl Machine {
    /// The load average of the last minute.
    pub(super) fn load() -> Result<f64, String> {
        let text = fs::read_to_string("/proc/loadavg");
        let text = text.map_err(|error| format!("no load average: {error}"))?;
        let load = text.split_whitespace().next().and_then(|load| load.parse().ok());
        load.ok_or_else(|| format!("no load average in `{text}`"))
    }

    pub(super) fn is_quiet(before: f64, after: f64) -> bool {
        before <= QUIET && after <= QUIET
    }

    pub(super) fn look() -> Result<Self, String> {
        let lock = shell::read("Cargo.lock")?;
        let peers =
            PEERS.iter().filter_map(|name| Some(format!("{name} {}", version(&lock, name)?)));
        Ok(Self {
            processor: field("/proc/cpuinfo", "model name"),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            memory: field("/proc/meminfo", "MemTotal"),
            rust: told(Command::new("rustc").arg("--version")),
            erlang: told(Command::new("erl").args(["-noshell", "-eval", RELEASE])),
            peers: peers.collect::<Vec<_>>().join(", "),
            commit: told(Command::new("git").args(["describe", "--always", "--dirty"])),
        })
    }

    /// What stands above the table.
    pub(super) fn head(&self, before: f64, after: f64, rounds: usize) -> String {
        let Self { processor, threads, memory, rust, erlang, peers, commit } = self;
        format!(
            "# Results\n\n\
             Written by `cargo xtask bench`.\n\
             Medians of {rounds} interleaved rounds, in parentheses the least and the most; \
             8 bytes of payload and 2 workers unless a row says otherwise; \
             the system's allocator, thin LTO, one codegen unit.\n\
             A ratio above 1 is better, whatever the unit.\n\n\
             - machine: {processor}, {threads} threads, {memory}\n\
             - load average: {before:.2} before, {after:.2} after\n\
             - commit: {commit}\n\
             - {rust}; Erlang/OTP {erlang}\n\
             - {peers}\n"
        )
    }
}

const RELEASE: &str = "io:put_chars(erlang:system_info(otp_release)), halt().";

/// The first value of a field in a file of `/proc`.
fn field(file: &str, name: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split(':').nth(1).unwrap_or("unknown").trim().to_owned()
}

/// What a program says of itself.
fn told(command: &mut Command) -> String {
    let output = command.current_dir(shell::root()).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.ok().filter(|text| !text.is_empty()).unwrap_or_else(|| "unknown".into())
}

/// The version of a package in a lock file.
fn version<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let after = lock.split(&format!("name = \"{name}\"\nversion = \"")).nth(1)?;
    after.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::{Machine, version};

    #[test]
    fn load_before_and_after_must_be_low() {
        assert!(Machine::is_quiet(0.3, 1.9));
        assert!(!Machine::is_quiet(2.1, 1.0) && !Machine::is_quiet(1.0, 2.1));
    }

    #[test]
    fn a_version_is_found_in_the_lock_file() {
        let lock = "name = \"tokio-macros\"\nversion = \"2.7.2\"\n\nname = \"tokio\"\n\
                    version = \"1.54.1\"\n";
        assert_eq!(version(lock, "tokio"), Some("1.54.1"));
        assert_eq!(version(lock, "akka"), None);
    }
}
