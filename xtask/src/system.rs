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
    Needed { program: "elixir", package: "elixir", why: "parity is checked beside Elixir, too" },
];

/// Room that a first run takes, and one that finds its target folder, in GiB.
const ROOM: (u64, u64) = (8, 2);

/// Makes sure that every needed program is there, and room for what is built.
pub(crate) fn check() -> Result<(), String> {
    room()?;
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

/// A full disk shows itself as whatever fails to be written, a linker that crashes for instance.
fn room() -> Result<(), String> {
    let mut df = Command::new("df");
    df.args(["-P", "-k"]).arg(shell::root());
    let told = shell::quiet(df)?;
    let free = free_gib(&told).ok_or_else(|| format!("`df` says nothing of free room:\n{told}"))?;
    let needed = if shell::target().join("debug").exists() { ROOM.1 } else { ROOM.0 };
    if free < needed {
        return Err(format!("{needed} GiB of disk are needed and {free} are free: make room"));
    }
    Ok(())
}

/// The fourth word of the line below the heads.
fn free_gib(told: &str) -> Option<u64> {
    let kib: u64 = told.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(kib >> 20)
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

#[cfg(test)]
mod tests {
    use super::free_gib;

    #[test]
    fn free_room_is_read_from_the_line_below_the_heads() {
        let told = "Filesystem 1024-blocks Used Available Capacity Mounted on\n\
                    /dev/vda 264000000 190000000 73400320 73% /\n";
        assert_eq!(free_gib(told), Some(70));
        assert_eq!(free_gib("Filesystem"), None);
    }
}
