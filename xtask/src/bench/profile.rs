//! `cargo xtask bench --profile <workload>`: where its instructions go, function by function.

use std::collections::BTreeSet;
use std::process::Command;

use super::programs;
use crate::{Figure, shell};

/// Enough that start and end of the program do not show.
const OPERATIONS: &str = "12000";
/// What costs less is not worth a line.
const LEAST: f64 = 0.5;

/// Prints every function of note with its share, all that it calls included.
pub(super) fn show(workload: &str) -> Figure {
    if !shell::is_installed("callgrind_annotate") {
        return Err("valgrind is not installed (package valgrind)".into());
    }
    let program = programs::rust(&[])?;
    let file = shell::target().join("bench-profile");
    let mut valgrind = Command::new("valgrind");
    valgrind.arg("--tool=callgrind").arg(format!("--callgrind-out-file={}", file.display()));
    valgrind.arg(program).args(["cordial", workload, "--workers", "current"]);
    valgrind.args(["--operations", OPERATIONS]);
    shell::quiet(valgrind)?;
    let mut annotate = Command::new("callgrind_annotate");
    annotate.arg("--inclusive=yes").arg(&file);
    let lines = shares(&shell::quiet(annotate)?);
    println!("{}", lines.join("\n"));
    Ok(format!("{} functions take part in `{workload}`", lines.len()))
}

/// `1,234 (56.78%)  file:function [object]` becomes a share and a function, each function once.
fn shares(annotated: &str) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let lines = annotated.lines().filter_map(|line| {
        let (_, rest) = line.split_once('(')?;
        let (share, place) = rest.split_once("%)")?;
        let share: f64 = share.trim().parse().ok()?;
        let place = place.split(" [/").next()?.trim();
        let (_, function) = place.split_once(".rs:").or_else(|| place.split_once(".c:"))?;
        let is_new = share >= LEAST && seen.insert(function.to_owned());
        is_new.then(|| format!("{share:6.2} %  {function}"))
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::shares;

    #[test]
    fn each_function_is_told_once_with_all_that_it_calls() {
        let annotated = "23,408,923 (100.0%)  PROGRAM TOTALS\n\
                         13,750,280 (58.74%)  /w/client.rs:<Call<T> as Future>::poll\n\
                         11,924,125 (50.94%)  w/dispatch.rs:<Call<T> as Future>::poll [/t/bin]\n\
                          1,151,622 ( 4.92%)  ./malloc/./malloc/malloc.c:free [/usr/lib/libc.so]\n\
                              1,622 ( 0.01%)  /w/cell.rs:small\n";
        let expected = [" 58.74 %  <Call<T> as Future>::poll", "  4.92 %  free"];
        assert_eq!(shares(annotated), expected);
    }
}
