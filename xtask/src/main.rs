//! The project's own commands, run as `cargo xtask <command>`.
//!
//! Every command ends with one line, its figure, and exits non-zero where it falls short or could
//! not measure.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a command talks to a person, and lives outside every runtime"
)]

use std::process::ExitCode;

mod bench;
mod budget;
mod examples;
mod faults;
mod features;
mod markdown;
mod models;
mod mutants;
mod rules;
mod sanitize;
mod shell;
mod soak;
mod system;
mod test;
mod weave;

const USAGE: &str = "usage: cargo xtask <command>

    test          everything that must hold: format, lints, tests, documents, budget, rules
                  (`test fmt clippy` for these steps alone)
    budget        crates, expanded lines, bytes of an idle process, CPU seconds of a cold build
    bench         cordial beside its peers (`--quick`, `--only a,b`, `--workloads x,y`,
                  `--rounds n`; `--memory`, `--scale`, `--tables`, `--timers`,
                  `--features-cost`, `--instructions`, `--profile x`)
    rules         which numbers of docs/otp-rules.txt have a test, and which have none
                  (`rules --prove SUP-20` breaks a rule and sees its test fail; also `--prove all`
                  and `--prove random 20`)
    faults        the fault table: cordial's tests of each row beside what its peers do
    mutants       plants bugs in the runtime and sees whether the tests notice (`--chunk 2/5`,
                  `--only plan-`, `--fresh`, `--list`); goes on where the last run ended
    loom          every order of steps where two threads meet (`loom reply` for some models)
    sanitize      the storms under AddressSanitizer, ThreadSanitizer and valgrind
                  (`sanitize address`, `thread`, `memcheck`)
    soak          everything that takes long, one after the other; or one of these:
    soak faults   the rows of the fault table that need much, in full length
    soak supervisor   a million children of one supervisor, twice
    soak model    ten million random histories of supervisors, beside their model
    soak tables   tables beside their model, and the deaths of their owners
    soak fairness   how long calls and signals take beside a flood, on two workers
    soak memory   what is given back after ten million messages, and ten million processes
    soak storms   a hundred million calls, a million races, while processes die
    soak loom     the models of `loom` with one interruption more
    soak shuttle  a million orders of those models, larger
    soak chaos    a hundred thousand simulated histories, and how many in a second
    soak fuzz     bad input for every macro and for the chat server's lines, ten minutes each
                  (`soak fuzz <seconds>` for less, here and in the next two)
    soak chat     a day of the chat server in virtual time
    soak hostile  an hour of hostile clients on the chat server
";

/// What a command found: its last line, and whether it is good enough.
type Figure = Result<String, String>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let figure = match words.as_slice() {
        ["test", steps @ ..] => test::run(steps),
        ["budget"] => budget::run(),
        ["bench", options @ ..] => bench::run(options),
        ["rules"] => rules::run(),
        ["rules", "--prove", which @ ..] => rules::prove(which),
        ["faults"] => faults::run(),
        ["mutants", options @ ..] => mutants::run(options),
        ["loom", words @ ..] => models::loom(words),
        ["sanitize", checks @ ..] => sanitize::run(checks),
        ["soak", rest @ ..] => soak::run(rest),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match figure {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(line) => {
            println!("{line}");
            ExitCode::FAILURE
        }
    }
}
