//! The system packages that the project needs: checked, installed where that is possible, named
//! where it is not.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use crate::shell;

struct Needed {
    program: &'static str,
    package: &'static str,
    why: &'static str,
}

/// One row per program; a later step that needs another adds its row.
const NEEDED: &[Needed] = &[
    Needed { program: "cc", package: "build-essential", why: "rustc links with it" },
    Needed { program: "git", package: "git", why: "the sources are a git repository" },
    Needed { program: "erl", package: "erlang-base", why: "parity is checked beside a BEAM" },
    Needed { program: "erlc", package: "erlang-base", why: "parity is checked beside a BEAM" },
];

/// Makes sure that every needed program is there.
pub(crate) fn check() -> Result<(), String> {
    let missing: Vec<&Needed> =
        NEEDED.iter().filter(|needed| !shell::is_installed(needed.program)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if can_install() {
        return install(&missing);
    }
    let lines: Vec<String> = missing
        .iter()
        .map(|needed| format!("{} (package {}): {}", needed.program, needed.package, needed.why))
        .collect();
    Err(format!("please install {}", lines.join("; ")))
}

/// Root on a system that installs with apt-get.
fn can_install() -> bool {
    let is_root = Path::new("/proc/self").metadata().is_ok_and(|owner| owner.uid() == 0);
    is_root && shell::is_installed("apt-get")
}

fn install(missing: &[&Needed]) -> Result<(), String> {
    let mut update = Command::new("apt-get");
    update.arg("update");
    shell::quiet(update)?;
    let mut install = Command::new("apt-get");
    install.args(["install", "--yes", "--no-install-recommends"]);
    install.args(missing.iter().map(|needed| needed.package));
    install.env("DEBIAN_FRONTEND", "noninteractive");
    shell::quiet(install).map(drop)
}
