//! `cargo xtask soak ..`: what takes too long for every day.
//!
//! `chat`: hostile clients on the chat server for as long as one likes. `faults`, `supervisor`,
//! `fairness` and `memory`: tests that are small without optimisation, in full length. `model`: ten
//! million histories. `macros`: bad input for every macro.

use std::process::Command;

use crate::{Figure, shell};

const HOUR: u64 = 3600;

/// What the last line of the soak begins with.
const MARK: &str = "soak chat: ";

/// Runs the chat soak for an hour, or for the seconds that are given.
pub(crate) fn chat(rest: &[&str]) -> Figure {
    let seconds = match rest {
        [] => HOUR,
        [seconds] => seconds.parse().map_err(|_| format!("{MARK}`{seconds}` is not a number"))?,
        _ => return Err(format!("{MARK}one number of seconds is enough")),
    };
    let output = shell::capture(soak(seconds)).map_err(|reason| format!("{MARK}{reason}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    print!("{text}");
    let figure = text.lines().find_map(|line| line.find(MARK).map(|at| line[at..].to_owned()));
    if output.status.success() {
        figure.ok_or_else(|| format!("{MARK}no figure was printed"))
    } else {
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
        Err(figure.map_or(format!("{MARK}failed"), |figure| format!("{figure}: failed")))
    }
}

fn soak(seconds: u64) -> Command {
    let arguments = ["test", "--release", "-p", "cordial-examples", "--test", "chat_soak"];
    let mut soak = shell::cargo(&[&arguments[..], &["--", "--nocapture"]].concat());
    soak.env("CHAT_SOAK_SECONDS", seconds.to_string());
    soak
}

/// The rows of the fault table that need many processes or bytes, in full length.
pub(crate) fn faults() -> Figure {
    in_full_length("soak faults", "faults_scale")?;
    in_full_length("soak faults", "it")
}

/// A million children of one supervisor.
pub(crate) fn supervisor() -> Figure {
    in_full_length("soak supervisor", "supervisor_soak")
}

/// As many times the histories of every day as come to ten million.
const HISTORIES: &str = "100";

/// The models beside the plan and the runtime.
pub(crate) fn model() -> Figure {
    let arguments = ["test", "--release", "-p", "cordial-tests", "--test", "model"];
    let mut soak = shell::cargo(&arguments);
    passed("soak model", soak.env("MODEL", HISTORIES))
}

/// How long others wait beside a flood.
pub(crate) fn fairness() -> Figure {
    in_full_length("soak fairness", "fairness_soak")
}

/// What is given back after ten million messages, and after ten million processes.
pub(crate) fn memory() -> Figure {
    in_full_length("soak memory", "memory_soak")
}

/// As many times the bad input of every day.
const INPUTS: &str = "500";

/// Bad input for every macro.
pub(crate) fn macros() -> Figure {
    let mut soak =
        shell::cargo(&["test", "--release", "-p", "cordial-macros", "--lib", "never_make"]);
    passed("soak macros", soak.env("MACROS", INPUTS))
}

/// Runs one of the test binaries with optimisation; of the large one only the fault table.
fn in_full_length(mark: &str, binary: &str) -> Figure {
    let arguments = ["test", "--release", "-p", "cordial-tests", "--test", binary];
    let filter: &[&str] = if binary == "it" { &["fault_"] } else { &[] };
    let rest = [filter, &["--", "--nocapture"]].concat();
    passed(mark, &mut shell::cargo(&[&arguments[..], &rest].concat()))
}

fn passed(mark: &str, soak: &mut Command) -> Figure {
    match soak.status() {
        Ok(status) if status.success() => Ok(format!("{mark}: passed")),
        Ok(status) => Err(format!("{mark}: {status}")),
        Err(error) => Err(format!("{mark}: {error}")),
    }
}
