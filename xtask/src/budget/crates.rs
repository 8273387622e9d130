//! Third-party crates in the default build of `cordial`.

use std::collections::BTreeSet;

use crate::shell;

/// Distinct packages that a user of `cordial` compiles, our own left out.
pub(super) fn count() -> Result<f64, String> {
    let arguments = ["tree", "-p", "cordial", "-e", "normal,build", "--prefix", "none"];
    let tree = shell::quiet(shell::cargo(&arguments))?;
    let crates = third_party(&tree);
    if crates.is_empty() {
        return Err("`cargo tree` shows no third-party crate, not even tokio".into());
    }
    println!("{}", crates.iter().copied().collect::<Vec<_>>().join(", "));
    Ok(crates.len() as f64)
}

/// The packages of a tree that came from a registry: the others are shown with their folder.
fn third_party(tree: &str) -> BTreeSet<&str> {
    tree.lines()
        .filter(|line| !line.trim().is_empty() && !line.contains("(/"))
        .map(|line| line.split(" (").next().unwrap_or(line))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::third_party;

    #[test]
    fn a_crate_counts_once_and_a_folder_of_ours_not_at_all() {
        let tree = "cordial v0.1.0 (/w/runtime/cordial)\ntokio v1.49.0\nsyn v3.0.9\n\
                    cordial-macros v0.1.0 (proc-macro) (/w/macros)\nsyn v3.0.9 (*)\n\
                    tokio-macros v2.7.2 (proc-macro)\n";
        assert_eq!(third_party(tree).len(), 3);
    }
}
