//! Elixir, as a program beside the test.
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

/// Longer than it takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(200);

/// Runs the scenarios, from its begin on.
pub(crate) struct Elixir {
    program: Child,
    folder: PathBuf,
}

impl Elixir {
    /// There is no parity without Elixir: a test that was skipped would prove nothing.
    pub(crate) fn begin(scenarios: &str) -> Self {
        let name = format!("services-{}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).expect("the build's folder can be written to");
        fs::write(folder.join("in"), scenarios).expect("the build's folder can be written to");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("services/parity.exs");
        let mut run = Command::new("elixir");
        run.arg(script).arg(folder.join("in")).arg(folder.join("out")).stdin(Stdio::null());
        run.env("ERL_FLAGS", "+fnu"); // File names are UTF-8, whatever the locale says.
        let program = run.spawn().unwrap_or_else(|error| {
            panic!("cannot run `elixir`: {error}; install the package `elixir`")
        });
        Self { program, folder }
    }

    /// Its answers.
    pub(crate) fn finish(mut self) -> String {
        let end = Instant::now() + LIMIT;
        let status = loop {
            if let Some(status) = self.program.try_wait().expect("a child can be waited for") {
                break status;
            }
            if Instant::now() > end {
                let _ = self.program.kill();
                panic!("Elixir is not done after {} s", LIMIT.as_secs());
            }
            thread::sleep(Duration::from_millis(5));
        };
        assert!(status.success(), "Elixir failed: {status}");
        let answers = fs::read_to_string(self.folder.join("out")).expect("it wrote its answers");
        fs::remove_dir_all(&self.folder).expect("what was made here can be removed");
        answers
    }
}
