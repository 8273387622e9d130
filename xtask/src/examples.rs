//! The examples: each is built, run to its end, and judges its own result by its exit code.

use std::process::Command;
use std::time::Duration;

use crate::shell;

/// Long enough for a busy machine; an example that needs it all hangs.
const LIMIT: Duration = Duration::from_secs(60);

/// Servers run until they are told to stop; the step `test` runs the tests that they have.
const SERVERS: &[&str] = &["chat_room", "harbor"];

/// Builds all examples and runs each that ends by itself.
pub(crate) fn run() -> Result<(), String> {
    shell::quiet(shell::cargo(&["build", "-p", "cordial-examples", "--examples"]))?;
    let manifest = shell::read("examples/Cargo.toml")?;
    let folder = shell::target().join("debug/examples");
    for name in names(&manifest).into_iter().filter(|name| !SERVERS.contains(name)) {
        println!("example {name}");
        let mut program = Command::new(folder.join(name));
        program.current_dir(shell::root());
        shell::bounded(program, LIMIT)?;
    }
    Ok(())
}

/// The names of the `[[example]]` tables of a manifest.
fn names(manifest: &str) -> Vec<&str> {
    let tables = manifest.split("[[example]]").skip(1);
    tables
        .filter_map(|table| table.lines().find_map(|line| line.strip_prefix("name = ")))
        .map(|name| name.trim().trim_matches('"'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn examples_are_the_names_of_their_tables() {
        let manifest = "[package]\nname = \"no\"\n\n[[example]]\nname = \"a\"\npath = \"a.rs\"\n\n\
                        [[example]]\nname = \"b\"\n";
        assert_eq!(names(manifest), ["a", "b"]);
    }
}
