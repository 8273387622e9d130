//! Small packages outside the workspace, generated into the target folder to be measured.

use std::fs;
use std::path::PathBuf;

use crate::shell;

/// A package with one library file, which depends on what `dependencies` says.
pub(super) struct Probe {
    pub(super) name: &'static str,
    pub(super) dependencies: String,
    pub(super) source: String,
}

impl Probe {
    /// Writes the package with the workspace's versions and profile; answers its folder.
    pub(super) fn write(&self) -> Result<PathBuf, String> {
        let folder = shell::target().join("budget").join(self.name);
        shell::write(&folder.join("Cargo.toml"), &self.manifest())?;
        shell::write(&folder.join("src/lib.rs"), &self.source)?;
        // The same versions as in the workspace; cargo drops what the probe does not need.
        fs::copy(shell::root().join("Cargo.lock"), folder.join("Cargo.lock"))
            .map_err(|error| format!("cannot copy Cargo.lock: {error}"))?;
        Ok(folder)
    }

    fn manifest(&self) -> String {
        let Self { name, dependencies, .. } = self;
        format!(
            "[workspace]\n\n[package]\nname = \"{name}\"\nversion = \"0.0.0\"\n\
             edition = \"2024\"\npublish = false\n\n[dependencies]\n{dependencies}\n\n\
             [profile.dev]\ndebug = \"line-tables-only\"\n"
        )
    }
}

/// The dependency on this workspace's `cordial`, as a user would write it.
pub(super) fn cordial() -> String {
    format!("cordial = {{ path = {:?} }}", shell::root().join("runtime/cordial"))
}
