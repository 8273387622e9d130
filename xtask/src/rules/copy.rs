//! A copy of the working tree that may be broken, with a target folder of its own.
//!
//! Both stay between runs, and only files that differ are written, so that cargo builds anew only
//! what has changed.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::binary::Binary;
use super::proofs::Break;
use crate::models;
use crate::shell::{self, Ended};
use crate::weave::{MEETS, WAKES};

/// Kilobytes of address space: a broken program may ask for memory without end.
const MEMORY: &str = "16000000";

/// The copy; while it is there, no other one is made in the same folder.
pub(crate) struct Copy {
    folder: PathBuf,
    _lock: File,
}

impl Copy {
    /// Copies what git knows or would know of.
    pub(crate) fn make() -> Result<Self, String> {
        let folder = shell::target().join("prove");
        let tree = folder.join("tree");
        let made = fs::create_dir_all(&tree).and_then(|()| File::create(folder.join("lock")));
        let lock = made.map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        lock.try_lock().map_err(|_| format!("another run proves in {}", folder.display()))?;
        let copy = Self { folder, _lock: lock };
        let files = sources()?;
        for file in &files {
            copy_file(&shell::root().join(file), &tree.join(file))?;
        }
        for path in shell::files_below(&tree, "") {
            let inside = path.strip_prefix(&tree).expect("it was found in there");
            if !files.contains(inside) {
                remove(&path)?;
            }
        }
        Ok(copy)
    }

    /// Breaks one rule.
    pub(super) fn apply(&self, one: &Break) -> Result<(), String> {
        shell::write(&self.path(one), &one.changed_file()?)
    }

    /// Makes the rule whole again.
    pub(super) fn undo(&self, one: &Break) -> Result<(), String> {
        copy_file(&shell::root().join(&one.file), &self.path(one))
    }

    /// Builds a test binary; what the compiler says when it refuses.
    pub(super) fn build(&self, binary: &Binary) -> Result<(), String> {
        let mut command =
            shell::cargo_in(&self.tree(), &self.target(), &["test", "--no-run", "-q"]);
        command.args(&binary.arguments).env("CARGO_PROFILE_DEV_DEBUG", "0");
        let output = shell::capture(command)?;
        if output.status.success() {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&output.stderr);
        let errors = text.lines().filter(|line| line.starts_with("error"));
        Err(errors.take(2).collect::<Vec<_>>().join("; "))
    }

    /// Writes a file of the copy anew.
    pub(crate) fn write(&self, file: &str, text: &str) -> Result<(), String> {
        shell::write(&self.tree().join(file), text)
    }

    /// Makes a file of the copy as it is in the working tree.
    pub(crate) fn restore(&self, file: &str) -> Result<(), String> {
        copy_file(&shell::root().join(file), &self.tree().join(file))
    }

    /// Builds a test binary, and says where it is; or all that the compiler says.
    pub(crate) fn program(&self, binary: &Binary) -> Result<PathBuf, Vec<Refused>> {
        let cargo = |format: &str| {
            let words = ["test", "--no-run", "--message-format", format];
            let target =
                binary.models.map_or_else(|| self.target(), |cfg| shell::target().join(cfg));
            let mut command = shell::cargo_in(&self.tree(), &target, &words);
            command.args(&binary.arguments).env("CARGO_PROFILE_DEV_DEBUG", "0");
            if let Some(cfg) = binary.models {
                models::build_with(cfg, &mut command);
            }
            shell::capture(command).map_err(|text| vec![Refused::nowhere(text)])
        };
        let output = cargo("short")?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr);
            let found: Vec<Refused> = text.lines().filter_map(Refused::read).collect();
            return Err(if found.is_empty() { vec![Refused::nowhere(text.into())] } else { found });
        }
        let output = cargo("json")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let mut paths = text.lines().filter_map(|line| {
            Some(line.split_once("\"executable\":\"")?.1.split_once('"')?.0.to_owned())
        });
        let path = paths.next_back().map(PathBuf::from);
        path.ok_or_else(|| vec![Refused::nowhere("cargo named no program".into())])
    }

    /// A number that stands for all that tests are built from: no text, nothing of this program.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let tree = self.tree();
        for path in shell::files_below(&tree, "") {
            let is_apart =
                ["xtask", "docs"].iter().any(|folder| path.starts_with(tree.join(folder)));
            if !is_apart && path.extension().is_none_or(|extension| extension != "md") {
                (&path, fs::read(&path).unwrap_or_default()).hash(&mut hasher);
            }
        }
        hasher.finish()
    }

    /// The program that was built from the same sources earlier: cargo goes by the times of files,
    /// which change whenever bugs are put in and taken out.
    pub(crate) fn kept(&self, sources: u64, binary: &Binary) -> Option<PathBuf> {
        let path = self.kept_at(sources, binary);
        path.is_file().then_some(path)
    }

    /// Keeps a program, and none of the same name from other sources; if it cannot be kept, it is
    /// built anew the next time.
    pub(crate) fn keep(&self, sources: u64, binary: &Binary, program: &Path) -> PathBuf {
        let path = self.kept_at(sources, binary);
        let folder = path.parent().expect("a program stands in a folder");
        let _ = fs::remove_dir_all(folder);
        let copied = fs::create_dir_all(folder).and_then(|()| fs::copy(program, &path));
        if copied.is_ok() { path } else { program.to_path_buf() }
    }

    fn kept_at(&self, sources: u64, binary: &Binary) -> PathBuf {
        self.folder.join("kept").join(binary.to_string()).join(format!("{sources:016x}"))
    }

    /// Runs a program that was built, from the folder that cargo runs it from.
    pub(crate) fn run_awake(
        &self,
        run: &Awake<'_>,
        until: impl Fn(&str) -> bool,
    ) -> Result<Ended, String> {
        let (binary, program) = run.program;
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -v $0; exec \"$@\"", MEMORY]).arg(program).args(run.words);
        command.current_dir(self.tree().join(binary.folder()));
        // Every bug of a function has locals of its own in the one frame.
        command.env(WAKES, run.bug.to_string()).env("RUST_MIN_STACK", "67108864");
        if binary.models.is_some() {
            let (variable, value) = models::QUICK;
            command.env(variable, value);
        }
        if let Some(path) = run.met {
            command.env(MEETS, path);
        }
        let output = self.folder.join(format!("output-{}", run.lane));
        shell::run_until(command, run.limit, &output, until)
    }

    /// A file for the places that the run of this lane comes to.
    pub(crate) fn met(&self, lane: usize) -> PathBuf {
        self.folder.join(format!("met-{lane}"))
    }

    /// Where something that was found out about a kept program is written down.
    pub(crate) fn beside(&self, program: &Path) -> Option<PathBuf> {
        program.starts_with(self.folder.join("kept")).then(|| program.with_extension("places"))
    }

    /// Runs a test binary that was built, with the words for its test harness.
    pub(super) fn run(
        &self,
        binary: &Binary,
        words: &[String],
        limit: Duration,
    ) -> Result<Ended, String> {
        let cargo = shell::cargo(&[]);
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -v $0; exec \"$@\"", MEMORY]).arg(cargo.get_program());
        command.arg("test").args(&binary.arguments).arg("--").args(words);
        command.current_dir(self.tree());
        command.env("CARGO_TARGET_DIR", self.target()).env("CARGO_PROFILE_DEV_DEBUG", "0");
        shell::run_within(command, limit, &self.folder.join("output"))
    }

    fn path(&self, one: &Break) -> PathBuf {
        self.tree().join(&one.file)
    }

    fn tree(&self) -> PathBuf {
        self.folder.join("tree")
    }

    fn target(&self) -> PathBuf {
        self.folder.join("target")
    }
}

/// A run of a program that was built, with one bug awake.
pub(crate) struct Awake<'a> {
    pub(crate) program: (&'a Binary, &'a Path),
    /// 0: none.
    pub(crate) bug: u32,
    pub(crate) words: &'a [String],
    pub(crate) limit: Duration,
    /// Where the places are written that it comes to.
    pub(crate) met: Option<&'a Path>,
    /// Runs of different lanes may go on at once.
    pub(crate) lane: usize,
}

impl<'a> Awake<'a> {
    pub(crate) fn new(program: (&'a Binary, &'a Path), bug: u32, words: &'a [String]) -> Self {
        Self { program, bug, words, limit: Duration::from_secs(60), met: None, lane: 0 }
    }
}

/// What the compiler does not take, and where.
pub(crate) struct Refused {
    /// The path from the root; empty if it is unknown.
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) text: String,
}

impl Refused {
    /// Reads `path/of/file.rs:12:5: error[E0308]: why`.
    pub(crate) fn read(line: &str) -> Option<Self> {
        let (place, why) = line.split_once(": error")?;
        let mut parts = place.split(':');
        let (file, line) = (parts.next()?.to_owned(), parts.next()?.parse().ok()?);
        Some(Self { file, line, text: format!("error{why}") })
    }

    fn nowhere(text: String) -> Self {
        Self { file: String::new(), line: 0, text }
    }
}

/// The files of the working tree, by their paths from the root.
fn sources() -> Result<BTreeSet<PathBuf>, String> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    git.current_dir(shell::root());
    let listed = shell::quiet(git)?;
    let files = listed.split('\0').filter(|file| !file.is_empty()).map(PathBuf::from);
    Ok(files.filter(|file| shell::root().join(file).is_file()).collect())
}

fn copy_file(from: &Path, to: &Path) -> Result<(), String> {
    let cannot = |error| format!("cannot copy {}: {error}", from.display());
    let bytes = fs::read(from).map_err(cannot)?;
    if fs::read(to).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    let folder = to.parent().expect("a file stands in a folder");
    fs::create_dir_all(folder).and_then(|()| fs::write(to, bytes)).map_err(cannot)
}

fn remove(path: &Path) -> Result<(), String> {
    fs::remove_file(path).map_err(|error| format!("cannot remove {}: {error}", path.display()))
}
