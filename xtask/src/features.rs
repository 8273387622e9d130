//! The features of `cordial`: each alone, none and all of them must compile.

use crate::shell;

/// Checks `cordial` once per feature, without any, and with all.
pub(crate) fn check() -> Result<(), String> {
    let manifest = shell::read("runtime/cordial/Cargo.toml")?;
    let features = names(&manifest);
    if features.is_empty() {
        return Err("runtime/cordial/Cargo.toml names no features".into());
    }
    shell::quiet(shell::cargo(&["check", "-p", "cordial", "--no-default-features"]))?;
    for feature in &features {
        let alone = ["check", "-p", "cordial", "--no-default-features", "--features", feature];
        shell::quiet(shell::cargo(&alone))?;
    }
    shell::quiet(shell::cargo(&["check", "-p", "cordial", "--all-features"])).map(drop)
}

/// The names in the `[features]` table of a manifest, `default` left out.
fn names(manifest: &str) -> Vec<&str> {
    let lines = manifest.lines().skip_while(|line| line.trim() != "[features]").skip(1);
    lines
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name.trim())
        .filter(|name| *name != "default" && !name.starts_with('#'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn features_are_the_keys_of_their_table_without_default() {
        let manifest =
            "[features]\ndefault = [\"a\"]\n# Why.\na = []\nb-c = [\"dep:x\"]\n\n[x]\nd = 1\n";
        assert_eq!(names(manifest), ["a", "b-c"]);
    }
}
