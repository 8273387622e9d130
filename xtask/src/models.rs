//! `cargo xtask loom` and `cargo xtask soak shuttle`: the models of what threads share
//! (`runtime/cordial/src/models`), each in an OS process of its own, as one that fails may abort.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::{Figure, shell};

/// Where the models are among the crate's unit tests.
pub(crate) const MODELS: &str = "models::";

/// How long one model may take.
const LIMIT: Duration = Duration::from_secs(3600);

/// What CI runs.
pub(crate) const QUICK: (&str, &str) = ("MORE_INTERRUPTIONS", "-1");

/// Builds with this `--cfg`, which is every crate's.
pub(crate) fn build_with(cfg: &str, build: &mut Command) {
    build.env("RUSTFLAGS", format!("--cfg {cfg}"));
    // A model runs thousands of times; its assertions stay.
    build.env("CARGO_PROFILE_DEV_OPT_LEVEL", "2");
}

/// A tool that runs models, and the `--cfg` with which they are built for it.
struct Tool {
    mark: &'static str,
    cfg: &'static str,
    /// What tells the models how much to do.
    variable: Option<(&'static str, &'static str)>,
}

/// Every order of steps, or those of the models whose names contain one of the words.
pub(crate) fn loom(words: &[&str]) -> Figure {
    run(&Tool { mark: "loom", cfg: "loom", variable: None }, words)
}

/// As [`loom`], with one interruption less: a few seconds for CI, beside what the build takes.
pub(crate) fn quick() -> Figure {
    run(&Tool { mark: "loom", cfg: "loom", variable: Some(QUICK) }, &[])
}

/// As [`loom`], with one interruption more than the models ask for themselves.
pub(crate) fn deep(words: &[&str]) -> Figure {
    let variable = Some(("MORE_INTERRUPTIONS", "1"));
    run(&Tool { mark: "soak loom", cfg: "loom", variable }, words)
}

/// More than a million orders in all: there are 28 models. `ORDERS` says how many of each.
pub(crate) fn shuttle(words: &[&str]) -> Figure {
    let variable = Some(("ORDERS", "42000"));
    run(&Tool { mark: "soak shuttle", cfg: "shuttle", variable }, words)
}

fn run(tool: &Tool, words: &[&str]) -> Figure {
    let fail = |reason: String| format!("{}: {reason}", tool.mark);
    let start = Instant::now();
    let program = tool.build().map_err(fail)?;
    let all = models(&program).map_err(fail)?;
    let is_asked =
        |name: &&String| words.is_empty() || words.iter().any(|word| name.contains(word));
    let asked: Vec<&String> = all.iter().filter(is_asked).collect();
    if asked.is_empty() {
        return Err(fail("no such model".into()));
    }
    let mut red = Vec::new();
    for name in &asked {
        if let Err(reason) = tool.check(&program, name) {
            println!("{reason}");
            red.push(name.trim_start_matches(MODELS));
        }
    }
    let seconds = start.elapsed().as_secs();
    match red.len() {
        0 => Ok(format!("{}: {} models hold ({seconds} s)", tool.mark, asked.len())),
        n => Err(fail(format!("{n} of {} models fail: {}", asked.len(), red.join(", ")))),
    }
}

impl Tool {
    /// The unit tests, in a target folder of their own: the `--cfg` is every crate's.
    fn build(&self) -> Result<PathBuf, String> {
        let arguments = ["test", "-p", "cordial", "--lib", "--no-default-features", "--no-run"];
        let mut build = shell::cargo(&arguments);
        build.env("CARGO_TARGET_DIR", shell::target().join(self.cfg));
        build_with(self.cfg, &mut build);
        let output = shell::capture(build)?;
        let told = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            return Err(format!("the models do not compile:\n{told}"));
        }
        shell::executable(&told).map(|path| shell::root().join(path))
    }

    fn check(&self, program: &PathBuf, name: &str) -> Result<(), String> {
        let mut model = Command::new(program);
        model.args(["--exact", name, "--nocapture"]);
        if let Some((variable, value)) = self.variable
            && std::env::var_os(variable).is_none()
        {
            model.env(variable, value);
        }
        let start = Instant::now();
        let file = shell::target().join(self.cfg).join("model.txt");
        let ended = shell::run_within(model, LIMIT, &file)?;
        let seconds = start.elapsed().as_secs_f64();
        let name = name.trim_start_matches(MODELS);
        match ended.status {
            Some(status) if status.success() => {
                let orders = ended.output.lines().find_map(|line| line.strip_suffix(" orders"));
                println!("{name}: {} orders, {seconds:.1} s", orders.unwrap_or("no"));
                Ok(())
            }
            Some(status) => Err(format!("{}\n{name}: {status}", ended.output)),
            None => Err(format!("{name}: not done after {} s", LIMIT.as_secs())),
        }
    }
}

fn models(program: &PathBuf) -> Result<Vec<String>, String> {
    let mut list = Command::new(program);
    list.args(["--list", "--format", "terse"]);
    let text = shell::quiet(list)?;
    let tests = text.lines().filter_map(|line| line.strip_suffix(": test"));
    Ok(tests.filter(|name| name.starts_with(MODELS)).map(str::to_owned).collect())
}
