//! Other programs: how they are run, bounded and measured.

use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The root of the workspace, as cargo says when it runs this program: two checkouts may share a
/// target folder.
pub(crate) fn root() -> PathBuf {
    let member = std::env::var_os("CARGO_MANIFEST_DIR");
    let member = PathBuf::from(member.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into()));
    member.parent().expect("xtask is a folder of the workspace").to_path_buf()
}

/// Where cargo builds: this program is `<target>/debug/xtask`.
pub(crate) fn target() -> PathBuf {
    let program = std::env::current_exe().expect("a running program has a path");
    let target = program.parent().and_then(Path::parent);
    target.expect("cargo puts a program two folders below its target folder").to_path_buf()
}

/// A cargo command in the root of the workspace.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(arguments).current_dir(root());
    command
}

/// A cargo command on a package outside the workspace that is generated into `folder`.
pub(crate) fn cargo_in(folder: &Path, target: &Path, arguments: &[&str]) -> Command {
    let mut command = cargo(arguments);
    command.current_dir(folder).env("CARGO_TARGET_DIR", target);
    command
}

/// Runs with the output passed through.
pub(crate) fn pass_through(mut command: Command) -> Result<(), String> {
    let status = command.status().map_err(|error| cannot_run(&command, &error))?;
    if status.success() { Ok(()) } else { Err(format!("{} failed: {status}", name(&command))) }
}

/// Runs and keeps the output, whatever the exit code.
pub(crate) fn capture(mut command: Command) -> Result<Output, String> {
    command.stdin(Stdio::null()).output().map_err(|error| cannot_run(&command, &error))
}

/// Runs, keeps the output, and shows it only when the program failed.
pub(crate) fn quiet(command: Command) -> Result<String, String> {
    let shown = name(&command);
    let output = capture(command)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    eprint!("{}", String::from_utf8_lossy(&output.stdout));
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    Err(format!("{shown} failed: {}", output.status))
}

/// Runs with the output passed through, and kills what is not done within `limit`.
pub(crate) fn bounded(mut command: Command, limit: Duration) -> Result<(), String> {
    let shown = name(&command);
    let mut child = command.spawn().map_err(|error| cannot_run(&command, &error))?;
    let end = Instant::now() + limit;
    while Instant::now() < end {
        match child.try_wait().map_err(|error| format!("{shown}: {error}"))? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(format!("{shown} failed: {status}")),
            None => thread::sleep(Duration::from_millis(20)),
        }
    }
    end_it(&mut child);
    Err(format!("{shown} was not done after {} s", limit.as_secs()))
}

/// How a program ended that had a limited time.
pub(crate) struct Ended {
    /// None when its time was up.
    pub(crate) status: Option<ExitStatus>,
    /// What it wrote, errors included.
    pub(crate) output: String,
}

/// Runs in a process group of its own, and kills the group when `limit` is over.
///
/// The output goes through the file `output`: whoever is killed cannot hold it open.
pub(crate) fn run_within(
    command: Command,
    limit: Duration,
    output: &Path,
) -> Result<Ended, String> {
    run_until(command, limit, output, |_| false)
}

/// How often the output of a program is looked at that may end early.
const LOOK: Duration = Duration::from_millis(20);

/// Like [`run_within`]; also kills it, with a status of none, when `is_enough` says so of what it
/// has written.
pub(crate) fn run_until(
    mut command: Command,
    limit: Duration,
    output: &Path,
    is_enough: impl Fn(&str) -> bool,
) -> Result<Ended, String> {
    let shown = name(&command);
    let both = File::create(output).and_then(|file| Ok((file.try_clone()?, file)));
    let (out, err) = both.map_err(|error| format!("cannot write {}: {error}", output.display()))?;
    command.stdin(Stdio::null()).stdout(out).stderr(err).process_group(0);
    let mut child = command.spawn().map_err(|error| cannot_run(&command, &error))?;
    let end = Instant::now() + limit;
    let mut status = None;
    let is_over = || fs::read(output).is_ok_and(|text| is_enough(&String::from_utf8_lossy(&text)));
    while status.is_none() && Instant::now() < end && !is_over() {
        status = child.try_wait().map_err(|error| format!("{shown}: {error}"))?;
        thread::sleep(LOOK);
    }
    if status.is_none() {
        let group = format!("-{}", child.id());
        // It fails only for a group that is gone already, which is what is wanted.
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        end_it(&mut child);
    }
    let output = fs::read(output).map_err(|error| format!("{shown}: no output: {error}"))?;
    Ok(Ended { status, output: String::from_utf8_lossy(&output).into_owned() })
}

fn end_it(child: &mut Child) {
    // Both fail only for a child that is gone already, which is what is wanted.
    let _ = child.kill();
    let _ = child.wait();
}

/// CPU seconds, user and system, of all children that were waited for so far.
pub(crate) fn cpu_of_children() -> Result<f64, String> {
    let stat =
        fs::read_to_string("/proc/self/stat").map_err(|error| format!("no CPU time: {error}"))?;
    // The name, in parentheses, may hold anything; user and system time of children are the 14th
    // and 15th field after it, in hundredths of a second.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks: Vec<u64> =
        fields.split_whitespace().skip(13).take(2).filter_map(|field| field.parse().ok()).collect();
    match ticks.as_slice() {
        [user, system] => Ok((user + system) as f64 / 100.0),
        _ => Err("no CPU time: /proc/self/stat has another form".into()),
    }
}

/// Whether `program` stands in one of the folders of `PATH`.
pub(crate) fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Writes a generated file, and its folders; leaves an equal one alone, so that cargo does too.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), String> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let folder = path.parent().expect("a generated file stands in a folder");
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// Reads a file of the project, by its path from the root.
pub(crate) fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(root().join(path)).map_err(|error| format!("cannot read {path}: {error}"))
}

/// Every file below `folder` (a path from the root) whose name ends with `ending`, sorted.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    files_below(&root().join(folder), ending)
}

/// Every file below `folder` whose name ends with `ending`, sorted; no hidden folders, no targets.
pub(crate) fn files_below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(folder, ending, &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') {
                collect(&path, ending, found);
            }
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
}

/// The program that cargo says it has built, by `--no-run`.
pub(crate) fn executable(told: &str) -> Result<&str, String> {
    let line = told.lines().find(|line| line.trim_start().starts_with("Executable"));
    let path = line.and_then(|line| Some(line.rsplit_once('(')?.1.trim_end_matches(')')));
    path.ok_or_else(|| format!("cargo names no program:\n{told}"))
}

fn name(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let words = std::iter::once(program.file_name().unwrap_or_default()).chain(command.get_args());
    format!("`{}`", words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" "))
}

fn cannot_run(command: &Command, error: &std::io::Error) -> String {
    format!("cannot run {}: {error}", name(command))
}

#[cfg(test)]
mod tests {
    use super::executable;

    #[test]
    fn program_is_found_in_what_cargo_tells() {
        let told = "  Finished `test` profile\n  Executable unittests src/lib.rs (target/loom/x)\n";
        assert_eq!(executable(told), Ok("target/loom/x"));
        assert!(executable("Finished\n").is_err());
    }
}
