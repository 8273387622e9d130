//! The machine that is measured on: what it is, and whether it is quiet.

use std::fs;
use std::process::Command;

use crate::shell;

/// On a machine that does other things every ratio is wrong, in both directions. More load than
/// this before the first measurement is too much.
const QUIET: f64 = 2.0;

/// The part of the machine that others may use while it is measured on, in percent. The load after
/// it says nothing of them: two workers that never rest are a load of two.
const OTHERS: f64 = 5.0;

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

    pub(super) fn is_quiet(before: f64, others: f64) -> bool {
        before <= QUIET && others <= OTHERS
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
    pub(super) fn head(&self, quiet: &str, rounds: usize) -> String {
        let Self { processor, threads, memory, rust, erlang, peers, commit } = self;
        format!(
            "# Results\n\n\
             Written by `cargo xtask bench`.\n\
             Medians of {rounds} interleaved rounds, in parentheses the least and the most; \
             8 bytes of payload and 2 workers unless a row says otherwise; \
             the system's allocator, thin LTO, one codegen unit.\n\
             A ratio above 1 is better, whatever the unit.\n\n\
             - machine: {processor}, {threads} threads, {memory}\n\
             - {quiet}\n\
             - commit: {commit}\n\
             - {rust}; Erlang/OTP {erlang}\n\
             - {peers}\n"
        )
    }
}

/// Processor time since the machine started, in the ticks of `/proc`.
pub(super) struct Ticks {
    /// Of one processor that never rests, for each that there is.
    all: f64,
    busy: f64,
    /// Of this program, and of those that it has started and seen end.
    own: f64,
}

impl Ticks {
    pub(super) fn now() -> Result<Self, String> {
        let read = |file| fs::read_to_string(file).map_err(|error| format!("no {file}: {error}"));
        Self::of(&read("/proc/stat")?, &read("/proc/self/stat")?)
            .ok_or_else(|| "nobody says who uses the processors".to_owned())
    }

    /// What stands in the two files.
    fn of(system: &str, own: &str) -> Option<Self> {
        let system = numbers(system.lines().next()?.strip_prefix("cpu ")?);
        // The program's name comes first and may have spaces; the times are the 12th to 15th after.
        let own = numbers(own.rsplit(')').next()?.get(3..)?);
        let all = system.get(..8)?.iter().sum();
        let idle: f64 = system.get(3..5)?.iter().sum();
        Some(Self { all, busy: all - idle, own: own.get(10..14)?.iter().sum() })
    }

    /// The part of the machine that others have used since, in percent.
    pub(super) fn others_since(&self, before: &Self) -> f64 {
        let others = (self.busy - before.busy) - (self.own - before.own);
        (others / (self.all - before.all) * 100.0).max(0.0)
    }
}

fn numbers(line: &str) -> Vec<f64> {
    line.split_whitespace().filter_map(|word| word.parse().ok()).collect()
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
    use super::{Machine, Ticks, version};

    #[test]
    fn a_machine_is_quiet_if_it_was_and_others_did_little() {
        assert!(Machine::is_quiet(1.9, 4.9));
        assert!(!Machine::is_quiet(2.1, 0.0) && !Machine::is_quiet(0.3, 5.1));
    }

    #[test]
    fn what_others_use_is_what_is_busy_and_not_our_own() {
        let before = Ticks::of("cpu  100 0 50 850 0 0 0 0 0 0", OWN).expect("both can be read");
        let own = OWN.replace("1 2 30 40", "11 2 80 40");
        let now = Ticks::of("cpu  190 0 60 950 0 0 0 0 0 0\ncpu0 1 2 3", &own);
        let others = now.expect("both can be read").others_since(&before);
        assert!((others - 20.0).abs() < 1e-9, "{others} %");
    }

    /// Ten fields before the times, whatever the program is called.
    const OWN: &str = "7 (a (b) c) S 1 7 7 0 -1 4194304 500 0 0 0 1 2 30 40 20 0 1 0 9";

    #[test]
    fn a_version_is_found_in_the_lock_file() {
        let lock = "name = \"tokio-macros\"\nversion = \"2.7.2\"\n\nname = \"tokio\"\n\
                    version = \"1.54.1\"\n";
        assert_eq!(version(lock, "tokio"), Some("1.54.1"));
        assert_eq!(version(lock, "akka"), None);
    }
}
