//! `cargo xtask bench`: cordial beside its peers, measured in turn and told in one table.
//!
//! Each measurement is a process of its own. A round goes over all rows and all peers before the
//! next one begins, so that a bad minute of the machine is bad for everybody.

use std::fs;
use std::time::{Duration, Instant};

use crate::{Figure, shell};

mod catalogue;
mod figures;
mod instructions;
mod machine;
mod options;
mod profile;
mod programs;
mod rounds;
mod table;
mod tables;

use catalogue::Catalogue;
use machine::{Machine, Ticks};
use options::{Options, Report};
use programs::Programs;
use rounds::{Found, Plan};

const RESULTS: &str = "benches/RESULTS.md";

/// The part of its own number that a workload is run with: many short rounds say more than few long
/// ones, and five of them take less than half an hour.
const SHARE: &str = "0.4";

/// How long `--quick` measures; what is left then is told as not measured.
const QUICK: Duration = Duration::from_secs(7 * 60 + 30);

/// Measures what the words ask for.
pub(crate) fn run(words: &[&str]) -> Figure {
    let options = Options::parse(words).map_err(|reason| format!("bench: {reason}"))?;
    let start = Instant::now();
    let done = match options.report {
        Report::Instructions => instructions::check(),
        Report::InstructionsAccepted => instructions::accept(),
        Report::Profile => profile::show(&options.workloads.join(",")),
        Report::Tables => tables::compare(options.rounds, options.is_quick),
        Report::Timers => tables::timers(options.rounds, options.is_quick),
        Report::Peers | Report::Memory | Report::Scale | Report::FeaturesCost => compare(&options),
    };
    let seconds = start.elapsed().as_secs();
    match done {
        Ok(line) => Ok(format!("bench: {line}, in {seconds} s")),
        Err(reason) => Err(format!("bench: {reason}, in {seconds} s")),
    }
}

fn compare(options: &Options) -> Figure {
    let programs = Programs::build(options)?;
    let catalogue = Catalogue::ask(&programs)?;
    let rows = catalogue.rows(options)?;
    let peers = catalogue.peers(options)?;
    let (before, ticks) = (Machine::load()?, Ticks::now()?);
    let plan = Plan {
        rounds: options.rounds,
        share: SHARE,
        end: options.is_quick.then(|| Instant::now() + QUICK),
    };
    let found = plan.carry_out(&programs, &rows, &peers);
    let (after, others) = (Machine::load()?, Ticks::now()?.others_since(&ticks));
    let text = match options.report {
        Report::FeaturesCost => {
            table::costs(&rows, &found, &instructions::of_costs(&programs.rust, &rows))
        }
        _ => table::peers(&peers, &rows, &found),
    };
    let text = with_failures(text, &found);
    println!("{text}");
    let quiet = format!(
        "load average: {before:.2} before, {after:.2} after, by our own programs but for \
         {others:.1} % of the machine"
    );
    println!("{quiet}");
    let told = format!("{} rows, {} peers, {} rounds", rows.len(), peers.len(), options.rounds);
    match Machine::is_quiet(before, others) {
        false => Ok(format!("{told}; the machine was not quiet, so nothing of this is claimed")),
        true if options.is_full() => {
            let machine = Machine::look()?;
            write(&format!("{}\n{text}", machine.head(&quiet, options.rounds)))?;
            Ok(format!("{told}; written to {RESULTS}"))
        }
        true => Ok(format!("{told}; {RESULTS} is written by a full run only")),
    }
}

/// The table, and below it what could not be measured.
fn with_failures(table: String, found: &Found) -> String {
    found.failures().fold(table, |text, failure| format!("{text}\n- {failure}"))
}

fn write(text: &str) -> Result<(), String> {
    fs::write(shell::root().join(RESULTS), text)
        .map_err(|error| format!("cannot write {RESULTS}: {error}"))
}
