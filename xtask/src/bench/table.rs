//! The tables, in markdown: all peers beside each other, and what features cost.

use super::catalogue::Row;
use super::figures::digits;
use super::rounds::Found;

const OWN: &str = "cordial";
/// What one writes by hand, and every ratio but the last refers to.
const BASE: &str = "tokio";

/// One line per row: every peer, how cordial stands to tokio and to the best of the others, and
/// who is ahead where cordial is not.
pub(super) fn peers(peers: &[String], rows: &[Row], found: &Found) -> String {
    let mut lines = vec![
        format!("| workload | {} | x tokio | x best peer | first |", peers.join(" | ")),
        format!("|---|{}---|---|---|", "---|".repeat(peers.len())),
    ];
    for (at, row) in rows.iter().enumerate() {
        let cells: Vec<String> = peers.iter().map(|peer| cell(found, at, peer)).collect();
        let standing = Standing::of(found, at, peers);
        let Standing { to_base, to_best, ahead } = standing;
        lines.push(format!(
            "| {} | {} | {to_base} | {to_best} | {ahead} |",
            row.title,
            cells.join(" | ")
        ));
    }
    lines.join("\n") + "\n"
}

fn cell(found: &Found, row: usize, peer: &str) -> String {
    let figures = found.of(row, peer);
    figures.map_or_else(|| found.gap(row, peer).to_owned(), |figures| figures.show())
}

/// How cordial stands in one row.
struct Standing {
    to_base: String,
    to_best: String,
    ahead: String,
}

impl Standing {
    fn of(found: &Found, row: usize, peers: &[String]) -> Self {
        let nothing = || Self { to_base: "".into(), to_best: "".into(), ahead: "".into() };
        let Some(own) = found.of(row, OWN) else { return nothing() };
        let (unit, median) = (own.unit, own.median());
        let others = peers.iter().filter(|peer| *peer != OWN);
        let others = others.filter_map(|peer| Some((peer, found.of(row, peer)?.median())));
        let best = others.reduce(|best, next| match unit.is_better(next.1, best.1) {
            true => next,
            false => best,
        });
        let ratio = |other: f64| unit.ratio(median, other).map_or_else(String::new, digits);
        let base = found.of(row, BASE).map(|base| base.median());
        Self {
            to_base: base.map_or_else(String::new, ratio),
            to_best: best.map_or_else(String::new, |(_, best)| ratio(best)),
            ahead: match best {
                Some((peer, best)) if !unit.is_better(median, best) => format!("**{peer}**"),
                Some(_) => OWN.into(),
                None => String::new(),
            },
        }
    }
}

/// One line per feature: what a message costs with it, how much more that is than without, and the
/// same in instructions, which a loaded machine does not change.
pub(super) fn costs(rows: &[Row], found: &Found, instructions: &[Option<u64>]) -> String {
    let mut lines = vec![
        "| feature | per message | more | instructions | more |".to_owned(),
        "|---|---|---|---|---|".to_owned(),
    ];
    let median = |at: usize| found.of(at, "cost").map(|figures| figures.median());
    let counted = |at: usize| instructions.get(at).copied().flatten().map(|count| count as f64);
    for (at, row) in rows.iter().enumerate() {
        let without = row.workload.split('+').next().unwrap_or_default();
        let base = rows.iter().position(|row| row.workload == without).filter(|base| *base != at);
        let more = |of: &dyn Fn(usize) -> Option<f64>| Some(of(at)? - of(base?)?);
        let cells = [
            format!("{}{}", if base.is_some() { "+ " } else { "" }, row.title),
            cell(found, at, "cost"),
            more(&median).map_or_else(String::new, |more| format!("{} ns", digits(more))),
            counted(at).map_or_else(String::new, |count| count.to_string()),
            more(&counted).map_or_else(String::new, |more| more.to_string()),
        ];
        lines.push(format!("| {} |", cells.join(" | ")));
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::Row;
    use super::super::figures::Unit;
    use super::super::rounds::Found;
    use super::{costs, peers};

    fn row(word: &str) -> Row {
        Row {
            workload: word.into(),
            title: word.into(),
            workers: "2".into(),
            bytes: "8".into(),
            processes: "1".into(),
        }
    }

    #[test]
    fn a_row_where_cordial_is_not_first_names_who_is() {
        let names = ["cordial", "tokio", "kanal"].map(str::to_owned);
        let found = Found::with(&[
            (0, "cordial", Unit::Nanoseconds, 100.0),
            (0, "tokio", Unit::Nanoseconds, 300.0),
            (0, "kanal", Unit::Nanoseconds, 200.0),
            (1, "cordial", Unit::PerSecond, 1e6),
            (1, "tokio", Unit::PerSecond, 2e6),
        ]);
        let table = peers(&names, &[row("call"), row("cast")], &found);
        let lines: Vec<&str> = table.lines().skip(2).collect();
        assert_eq!(lines[0], "| call | 100 ns | 300 ns | 200 ns | 3.00 | 2.00 | cordial |");
        assert_eq!(lines[1], "| cast | 1.00 M/s | 2.00 M/s |  | 0.50 | 0.50 | **tokio** |");
    }

    #[test]
    fn a_cost_is_told_as_what_it_adds() {
        let found = Found::with(&[
            (0, "cost", Unit::Nanoseconds, 20.0),
            (1, "cost", Unit::Nanoseconds, 23.0),
        ]);
        let rows = [row("cast"), row("cast+links")];
        let table = costs(&rows, &found, &[Some(300), Some(310)]);
        let lines: Vec<&str> = table.lines().skip(2).collect();
        assert_eq!(lines[0], "| cast | 20.0 ns |  | 300 |  |");
        assert_eq!(lines[1], "| + cast+links | 23.0 ns | 3.00 ns | 310 | 10 |");
        let table = costs(&rows, &found, &[None, None]);
        assert!(table.ends_with("| + cast+links | 23.0 ns | 3.00 ns |  |  |\n"));
    }
}
