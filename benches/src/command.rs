//! The command line, and the line that is printed.

use std::time::{Duration, Instant};

use crate::costs;
use crate::job::{Job, Workers};
use crate::peers::{self, Row};
use crate::workloads::{self, Workload};

/// Does what the words say, and answers what to print.
pub(crate) fn run(words: &[&str]) -> Result<String, String> {
    match words {
        ["list"] => Ok(list()),
        ["cost", feature, options @ ..] => cost(feature, &job(options)?),
        [peer, workload, options @ ..] => measure(peer, workload, job(options)?),
        _ => Err("usage: cordial-benches list | <peer> <workload> | cost <feature>".into()),
    }
}

/// What there is, one per line: a kind, a word, a title, and where the payload's size matters that.
fn list() -> String {
    let peers = peers::ALL.iter().map(|peer| format!("peer\t{0}\t{0}", peer.name));
    let workloads = workloads::ALL.iter().map(|(workload, word, title)| {
        let sized = if workload.is_sized() { "\tsized" } else { "" };
        format!("workload\t{word}\t{title}{sized}")
    });
    let costs = costs::ALL.iter().map(|cost| format!("cost\t{}\t{}", cost.word, cost.title));
    peers.chain(workloads).chain(costs).collect::<Vec<_>>().join("\n")
}

fn measure(peer: &str, workload: &str, job: Job) -> Result<String, String> {
    let row = peers::ALL.iter().find(|row| row.name == peer);
    let row = row.ok_or_else(|| format!("there is no peer `{peer}`; see `list`"))?;
    let found = Workload::of(workload);
    let found = found.ok_or_else(|| format!("there is no workload `{workload}`; see `list`"))?;
    if job.operations.is_none() && !found.is_about_memory() {
        warm_up(row, job);
    }
    let figure = row.measure(found, job);
    let figure = figure.map_or_else(|| "-\tn/a".into(), |figure| figure.to_string());
    Ok(line(peer, workload, &job, &figure))
}

/// The first operations of a process cost more than all that follow: processors are slow to wake,
/// and memory is touched for the first time.
fn warm_up(row: &Row, job: Job) {
    const WARM: Duration = Duration::from_millis(100);
    let some = Job { bytes: 8, share: 0.02, ..job };
    let start = Instant::now();
    while start.elapsed() < WARM {
        for workload in [Workload::Call, Workload::Spawn, Workload::Cast] {
            row.measure(workload, some);
        }
    }
}

fn cost(feature: &str, job: &Job) -> Result<String, String> {
    let cost = costs::ALL.iter().find(|cost| cost.word == feature);
    let cost = cost.ok_or_else(|| format!("there is no cost `{feature}`; see `list`"))?;
    Ok(line("cordial", feature, job, &cost.measure(job).to_string()))
}

fn line(peer: &str, what: &str, job: &Job, figure: &str) -> String {
    let Job { workers, bytes, .. } = job;
    format!("{peer}\t{what}\t{workers}\t{bytes}\t{figure}")
}

fn job(options: &[&str]) -> Result<Job, String> {
    let mut job = Job::default();
    for pair in options.chunks(2) {
        let [option, value] = pair else { return Err(format!("`{}` needs a value", pair[0])) };
        match *option {
            "--workers" => job.workers = workers(value)?,
            "--bytes" => job.bytes = number(value)?,
            "--operations" => job.operations = Some(number(value)?),
            "--share" => job.share = number(value)?,
            "--processes" => job.processes = number(value)?,
            unknown => return Err(format!("there is no option `{unknown}`")),
        }
    }
    match job.bytes {
        8 | 64 | 256 => Ok(job),
        other => Err(format!("payloads have 8, 64 or 256 bytes, not {other}")),
    }
}

fn workers(value: &str) -> Result<Workers, String> {
    match value {
        "current" => Ok(Workers::Current),
        threads => number(threads).map(Workers::Threads),
    }
}

fn number<T: std::str::FromStr>(value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("`{value}` is not a number that fits"))
}

#[cfg(test)]
mod tests {
    use super::{job, run};
    use crate::job::Workers;
    use crate::peers;
    use crate::workloads;

    #[test]
    fn options_change_the_job_and_nothing_else_is_taken() {
        let asked = job(&["--workers", "current", "--bytes", "64", "--operations", "7"]);
        let asked = asked.expect("all of them are known");
        assert_eq!((asked.workers, asked.bytes, asked.times(9)), (Workers::Current, 64, 7));
        assert_eq!(job(&["--share", "0.5"]).expect("it is known").times(10), 5);
        assert_eq!(job(&["--bytes"]).unwrap_err(), "`--bytes` needs a value");
        assert_eq!(job(&["--speed", "9"]).unwrap_err(), "there is no option `--speed`");
        assert_eq!(job(&["--bytes", "9"]).unwrap_err(), "payloads have 8, 64 or 256 bytes, not 9");
    }

    #[test]
    fn every_workload_runs_on_every_peer() {
        for row in peers::ALL {
            for (_, word, _) in workloads::ALL {
                let options = ["--operations", "20", "--processes", "10"];
                let told = run(&[&[row.name, word], &options[..]].concat());
                let told = told.expect("both are known");
                assert_eq!(told.split('\t').count(), 6, "{told}");
            }
        }
    }

    #[test]
    fn a_workload_of_another_size_is_told_with_its_size() {
        let options = ["--bytes", "256", "--operations", "20"];
        for word in ["cast", "mpsc8", "ring"] {
            let told = run(&[&["cordial", word], &options[..]].concat()).expect("both are known");
            assert!(told.starts_with(&format!("cordial\t{word}\t2\t256\t")), "{told}");
        }
        let told = run(&[&["cordial", "spawn"], &options[..]].concat()).expect("both are known");
        assert!(told.ends_with("\t-\tn/a"), "{told}");
    }

    #[test]
    fn every_cost_is_measured() {
        for cost in super::costs::ALL {
            let told = run(&["cost", cost.word, "--operations", "20"]).expect("it is known");
            assert!(told.ends_with("\tns"), "{told}");
        }
    }

    #[test]
    fn what_is_unknown_is_named() {
        let unknown = run(&["akka", "cast"]).unwrap_err();
        assert_eq!(unknown, "there is no peer `akka`; see `list`");
        let unknown = run(&["cordial", "sleep"]).unwrap_err();
        assert_eq!(unknown, "there is no workload `sleep`; see `list`");
    }
}
