//! The programs that are measured: how they are built, and how one measurement is asked for.

use std::path::PathBuf;
use std::process::Command;

use super::catalogue::Row;
use super::options::Options;
use crate::shell;

/// The peers that are no part of the program in Rust.
pub(super) const BEAM: &[&str] = &["beam", "beam-raw"];

pub(super) struct Programs {
    pub(super) rust: PathBuf,
    /// The folder of the compiled Erlang, where Erlang is installed.
    pub(super) beam: Option<PathBuf>,
    /// The folder of Elixir's modules, where it is installed.
    elixir: Option<String>,
}

impl Programs {
    /// Builds what is asked for as a user would ship it.
    pub(super) fn build(options: &Options) -> Result<Self, String> {
        let features: &[&str] = match options.needs_peers() {
            true => &["--features", "peers"],
            false => &[],
        };
        let (beam, elixir) = (beam()?, elixir()?);
        Ok(Self { rust: rust(features)?, beam, elixir })
    }

    /// Asks the program in Rust what it can measure.
    pub(super) fn list(&self) -> Result<String, String> {
        let mut list = Command::new(&self.rust);
        list.arg("list");
        shell::quiet(list)
    }

    /// One measurement of one peer.
    pub(super) fn measurement(&self, peer: &str, row: &Row, share: &str) -> Command {
        match &self.beam {
            Some(folder) if BEAM.contains(&peer) => {
                let mut command = erlang(folder, peer, row, share);
                command.args(self.elixir.iter().flat_map(|folder| ["-pa", folder]));
                command
            }
            _ => in_rust(&self.rust, peer, row, share),
        }
    }
}

/// Builds `cordial-benches` in the profile that is measured.
pub(super) fn rust(features: &[&str]) -> Result<PathBuf, String> {
    let build = ["build", "--quiet", "--profile", "bench", "-p", "cordial-benches"];
    shell::pass_through(shell::cargo(&[&build[..], features].concat()))?;
    Ok(shell::target().join("release/cordial-benches"))
}

fn beam() -> Result<Option<PathBuf>, String> {
    if !shell::is_installed("erlc") {
        println!("Erlang is not installed: there is no BEAM to compare with");
        return Ok(None);
    }
    let folder = shell::target().join("bench-beam");
    std::fs::create_dir_all(&folder).map_err(|error| format!("no {folder:?}: {error}"))?;
    let mut compile = Command::new("erlc");
    compile.arg("-o").arg(&folder).args(shell::files("benches/beam", ".erl"));
    shell::quiet(compile)?;
    Ok(Some(folder))
}

fn elixir() -> Result<Option<String>, String> {
    if !shell::is_installed("elixir") {
        println!("Elixir is not installed: its tasks, agents and registry are left out");
        return Ok(None);
    }
    let mut ask = Command::new("elixir");
    ask.args(["-e", ":io.put_chars(:code.lib_dir(:elixir, :ebin))"]);
    shell::quiet(ask).map(|folder| Some(folder.trim().to_owned()))
}

fn in_rust(program: &PathBuf, peer: &str, row: &Row, share: &str) -> Command {
    let mut command = Command::new(program);
    command.args([peer, &row.workload, "--workers", &row.workers]);
    command.args(["--bytes", &row.bytes, "--share", share, "--processes", &row.processes]);
    command
}

fn erlang(folder: &PathBuf, peer: &str, row: &Row, share: &str) -> Command {
    let Row { workload, workers, bytes, processes, .. } = row;
    let words = [peer, workload, workers, bytes, "0", share, processes];
    let words = words.map(|word| format!("{word:?}")).join(",");
    let mut command = Command::new("erl");
    command.arg("+S").arg(format!("{workers}:{workers}")).args(["+P", "4000000", "-noshell"]);
    command.arg("-pa").arg(folder).arg("-eval").arg(format!("bench:main([{words}])."));
    command
}
