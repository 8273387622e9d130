//! CPU seconds of a cold debug build of `cordial`, beside bare tokio in the same run.

use std::fs;

use super::probe::{self, Probe};
use crate::shell;

/// CPU time wanders, and the first build reads its files from the disk: the best of each counts.
const ROUNDS: usize = 3;

/// How many times the CPU of bare tokio a build of `cordial` takes.
pub(super) fn ratio() -> Result<f64, String> {
    let tokio = Probe {
        name: "bare-tokio",
        dependencies: "tokio = { version = \"1\", \
                       features = [\"rt-multi-thread\", \"sync\", \"time\", \"macros\"] }"
            .into(),
        source: "//! Nothing but its dependency.\n".into(),
    };
    let cordial = Probe {
        name: "bare-cordial",
        dependencies: probe::cordial(),
        source: "//! Nothing but its dependency.\n".into(),
    };
    let (mut tokio_best, mut cordial_best) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..ROUNDS {
        tokio_best = tokio_best.min(cpu_of_cold_build(&tokio)?);
        cordial_best = cordial_best.min(cpu_of_cold_build(&cordial)?);
    }
    println!("a cold build takes {cordial_best:.1} CPU s, bare tokio {tokio_best:.1}");
    Ok(cordial_best / tokio_best)
}

fn cpu_of_cold_build(probe: &Probe) -> Result<f64, String> {
    let folder = probe.write()?;
    let target = folder.join("target");
    if target.exists() {
        fs::remove_dir_all(&target).map_err(|error| format!("cannot empty {target:?}: {error}"))?;
    }
    // What is not downloaded yet must not count.
    shell::quiet(shell::cargo_in(&folder, &target, &["fetch", "--quiet"]))?;
    // One after the other: two that compile at once slow each other down, which costs CPU time.
    let mut build = shell::cargo_in(&folder, &target, &["build", "--quiet", "--jobs", "1"]);
    // Users get it from a registry, and what comes from there is never built for the next time.
    build.env("CARGO_INCREMENTAL", "0");
    let before = shell::cpu_of_children()?;
    shell::quiet(build)?;
    Ok(shell::cpu_of_children()? - before)
}
