//! The programs of `docs/otp_map.md`: they stand there as they are, and each port shows what its
//! Elixir shows, which is run where `elixir` is installed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// The longest that a program takes, on a busy machine, where the first one is built, too.
const PATIENCE: Duration = Duration::from_mins(5);

struct Program {
    name: String,
    elixir: String,
    rust: String,
    output: String,
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The sections whose heading is the name of a program.
fn programs() -> Vec<Program> {
    let text = read(&here().join("../docs/otp_map.md"));
    let sections = text.split("\n### `").skip(1);
    let programs = sections.map(|section| {
        let block = |fence: &str| {
            let begins = format!("```{fence}\n");
            let (_, rest) = section.split_once(&begins).expect("each program has three blocks");
            rest.split("```").next().expect("a split has a first part").to_owned()
        };
        let name = section.split('`').next().expect("a split has a first part").to_owned();
        Program { name, elixir: block("elixir"), rust: block("rust,ignore"), output: block("text") }
    });
    let programs: Vec<Program> = programs.collect();
    assert_eq!(programs.len(), 7);
    programs
}

/// What a program writes before it ends well.
fn run(command: &mut Command) -> String {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("it is there");
    let id = child.id();
    let (sender, ended) = mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    let Ok(output) = ended.recv_timeout(PATIENCE) else {
        let _ = Command::new("kill").arg(id.to_string()).status();
        panic!("{command:?} takes longer than {PATIENCE:?}");
    };
    let output = output.expect("its output can be read");
    assert!(output.status.success(), "{command:?} ended with {}", output.status);
    String::from_utf8(output.stdout).expect("it writes text")
}

#[test]
fn programs_stand_in_the_map_as_they_are() {
    for Program { name, elixir, rust, .. } in programs() {
        let file = |ending| read(&here().join(format!("seeds/{name}.{ending}")));
        assert_eq!(elixir, file("exs"), "`{name}` in Elixir is not its file");
        assert_eq!(rust, file("rs"), "`{name}` in Rust is not its file");
    }
}

#[test]
fn ports_show_what_the_map_says() {
    let cargo = std::env::var_os("CARGO").expect("cargo runs its tests");
    for Program { name, output, .. } in programs() {
        let arguments = ["run", "--quiet", "--example", "seeds", "--", &name];
        let shown = run(Command::new(&cargo).current_dir(here()).args(arguments));
        assert_eq!(shown, output, "`{name}` shows something else");
    }
}

#[test]
fn elixir_shows_the_same() {
    if Command::new("elixir").arg("--version").stdout(Stdio::null()).status().is_err() {
        return; // It is not installed here.
    }
    for Program { name, output, .. } in programs() {
        let shown = run(Command::new("elixir").arg(here().join(format!("seeds/{name}.exs"))));
        assert_eq!(shown, output, "`{name}` in Elixir shows something else");
    }
}
