//! Bytes of an idle process, as `tests/idle_bytes.rs` counts them in a process of its own.

use crate::shell;

/// What stands before the figure in the line that the test prints.
const MARK: &str = "bytes per idle process: ";

/// Bytes that one idle server with 24 bytes of state holds.
pub(super) fn bytes() -> Result<f64, String> {
    let arguments =
        ["test", "--quiet", "-p", "cordial-tests", "--test", "idle_bytes", "--", "--nocapture"];
    let output = shell::quiet(shell::cargo(&arguments))?;
    let figure = output.lines().find_map(|line| line.split_once(MARK)).map(|(_, figure)| figure);
    let figure = figure.ok_or("the test `idle_bytes` printed no figure")?;
    figure.trim().parse().map_err(|_| format!("`{figure}` is not a number of bytes"))
}
