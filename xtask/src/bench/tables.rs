//! `cargo xtask bench --tables`: reading and writing tables, beside other maps and beside ETS.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::process::Command;

use crate::shell;

/// The operations of one thread, in all rounds the same.
const TIMES: f64 = 1_000_000.0;

/// Peers by row, with a measurement per round.
type Rows = BTreeMap<String, BTreeMap<String, Vec<f64>>>;

/// Measures in turn and prints a table of medians.
pub(super) fn compare(rounds: usize, is_quick: bool) -> Result<String, String> {
    let share = if is_quick { 0.2 } else { 1.0 };
    let mut build = shell::cargo(&["build", "--profile", "bench", "-p", "cordial-benches"]);
    build.args(["--bin", "tables", "--features", "maps"]);
    shell::quiet(build)?;
    let program = shell::target().join("release/tables");
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
        let mut ours = Command::new(&program);
        keep(&mut rows, &output(ours.arg(share.to_string()))?)?;
        if has_beam {
            let mut beam = Command::new("erl");
            beam.args(["+S", "2:2", "-noshell", "-pa"]).arg(&folder);
            beam.args(["-eval", "tables:main(init:get_plain_arguments()).", "-extra"]);
            keep(&mut rows, &output(beam.arg(format!("{:.0}", TIMES * share)))?)?;
        }
    }
    println!("{}", table(&rows));
    Ok(format!("{} rows, medians of {rounds}", rows.len()))
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

/// Nanoseconds per operation and thread, in Markdown.
fn table(rows: &Rows) -> String {
    let mut peers: Vec<&String> = rows.values().flat_map(BTreeMap::keys).collect();
    peers.sort_unstable();
    peers.dedup();
    let heads: Vec<String> = peers.iter().map(|peer| format!(" {peer} |")).collect();
    let mut text = format!("| ns per operation |{}\n|---|", heads.concat());
    text.extend(peers.iter().map(|_| "---|"));
    for (row, found) in rows {
        let cells = peers.iter().map(|peer| found.get(*peer).map_or("".into(), |all| median(all)));
        let cells: Vec<String> = cells.map(|cell| format!(" {cell} |")).collect();
        let _ = write!(text, "\n| {row} |{}", cells.concat());
    }
    text
}

fn median(all: &[f64]) -> String {
    let mut all = all.to_vec();
    all.sort_unstable_by(f64::total_cmp);
    format!("{:.0}", all[all.len() / 2])
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
        assert_eq!(table(&rows), told);
        assert!(keep(&mut rows, "nonsense").is_err());
    }
}
