//! `cargo xtask bench --tables`: reading and writing tables, beside other maps and beside ETS;
//! `--timers`: setting timers and cancelling them, beside tokio's.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell;

/// The operations of one thread, in all rounds the same.
const TIMES: f64 = 1_000_000.0;

/// Peers by row, with a measurement per round.
type Rows = BTreeMap<String, BTreeMap<String, Vec<f64>>>;

/// Measures tables in turn and prints one of medians.
pub(super) fn compare(rounds: usize, is_quick: bool) -> Result<String, String> {
    let share = share(is_quick);
    let program = build("tables", &["--features", "maps"])?;
    let folder = shell::target().join("bench-beam");
    let has_beam = shell::is_installed("erlc");
    if has_beam {
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let mut compile = Command::new("erlc");
        compile.arg("-o").arg(&folder).args(shell::files("benches/beam", ".erl"));
        shell::quiet(compile)?;
    }
    let mut rows = Rows::new();
    for _ in 0..rounds {
        ours(&mut rows, &program, share)?;
        if has_beam {
            let mut beam = Command::new("erl");
            beam.args(["+S", "2:2", "-noshell", "-pa"]).arg(&folder);
            beam.args(["-eval", "tables:main(init:get_plain_arguments()).", "-extra"]);
            keep(&mut rows, &output(beam.arg(format!("{:.0}", TIMES * share)))?)?;
        }
    }
    println!("{}", table(&rows, None));
    Ok(format!("{} rows, medians of {rounds}", rows.len()))
}

/// The same for timers, with how many times as quick ours are.
pub(super) fn timers(rounds: usize, is_quick: bool) -> Result<String, String> {
    let program = build("timers", &[])?;
    let mut rows = Rows::new();
    for _ in 0..rounds {
        ours(&mut rows, &program, share(is_quick))?;
    }
    println!("{}", table(&rows, Some(("cordial send_after", "tokio sleep"))));
    Ok(format!("{} rows, medians of {rounds}", rows.len()))
}

const fn share(is_quick: bool) -> f64 {
    if is_quick { 0.2 } else { 1.0 }
}

fn build(program: &str, options: &[&str]) -> Result<PathBuf, String> {
    let mut build = shell::cargo(&["build", "--profile", "bench", "-p", "cordial-benches"]);
    build.args(["--bin", program]).args(options);
    shell::quiet(build)?;
    Ok(shell::target().join("release").join(program))
}

fn ours(rows: &mut Rows, program: &Path, share: f64) -> Result<(), String> {
    keep(rows, &output(Command::new(program).arg(share.to_string()))?)
}

fn output(command: &mut Command) -> Result<String, String> {
    let done = command.output().map_err(|error| error.to_string())?;
    if !done.status.success() {
        return Err(String::from_utf8_lossy(&done.stderr).into_owned());
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

fn keep(rows: &mut Rows, lines: &str) -> Result<(), String> {
    for line in lines.lines() {
        let [peer, row, nanos] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Err(format!("no measurement: {line}"));
        };
        let nanos: f64 = nanos.parse().map_err(|_| format!("no number: {line}"))?;
        rows.entry(row.to_owned()).or_default().entry(peer.to_owned()).or_default().push(nanos);
    }
    Ok(())
}

/// Nanoseconds per operation and thread, in Markdown; and how many times what the one takes the
/// other does.
fn table(rows: &Rows, ratio: Option<(&str, &str)>) -> String {
    let mut peers: Vec<&String> = rows.values().flat_map(BTreeMap::keys).collect();
    peers.sort_unstable();
    peers.dedup();
    let heads: Vec<String> = peers.iter().map(|peer| format!(" {peer} |")).collect();
    let mut text = format!("| ns per operation |{}\n|---|", heads.concat());
    text.extend(peers.iter().map(|_| "---|"));
    if ratio.is_some() {
        text = text.replace("|\n|---|", "| ratio |\n|---|") + "---|";
    }
    for (row, found) in rows {
        let cells = peers.iter().map(|peer| found.get(*peer).map_or("".into(), |all| median(all)));
        let cells: Vec<String> = cells.map(|cell| format!(" {cell} |")).collect();
        let _ = write!(text, "\n| {row} |{}", cells.concat());
        if let Some((one, other)) = ratio {
            let of = |peer: &str| found.get(peer).map(|all| middle(all));
            let times = of(one).zip(of(other)).map(|(one, other)| format!("{:.1}", other / one));
            let _ = write!(text, " {} |", times.unwrap_or_default());
        }
    }
    text
}

fn median(all: &[f64]) -> String {
    format!("{:.0}", middle(all))
}

fn middle(all: &[f64]) -> f64 {
    let mut all = all.to_vec();
    all.sort_unstable_by(f64::total_cmp);
    all[all.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_told_by_their_medians() {
        let mut rows = Rows::new();
        for nanos in [3, 1, 2] {
            keep(&mut rows, &format!("a\tread\t{nanos}.0\nb\twrite\t7.0")).expect("lines");
        }
        let told = "| ns per operation | a | b |\n|---|---|---|\n| read | 2 |  |\n| write |  | 7 |";
        assert_eq!(table(&rows, None), told);
        assert!(keep(&mut rows, "nonsense").is_err());
    }

    #[test]
    fn ratio_says_how_many_times_as_quick_the_first_is() {
        let mut rows = Rows::new();
        keep(&mut rows, "a\tset\t40.0\nb\tset\t100.0\nb\tring\t7.0").expect("lines");
        let told = "| ns per operation | a | b | ratio |\n|---|---|---|---|\n\
                    | ring |  | 7 |  |\n| set | 40 | 100 | 2.5 |";
        assert_eq!(table(&rows, Some(("a", "b"))), told);
    }
}
