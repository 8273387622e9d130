//! Which test binary holds a test, and what the test is called there.

use super::proofs::{Test, is_ui_test};
use crate::shell;
use std::fmt;

/// The function that runs the programs of the ui-tests.
const UI: &str = "programs_compile_or_say_why_not";

/// A test binary, as cargo is told of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Binary {
    pub(super) arguments: Vec<String>,
    /// Its tests are whole programs, which it compiles.
    pub(super) is_ui: bool,
    /// It is built with this `--cfg`, and its tests are the models.
    pub(crate) models: Option<&'static str>,
}

impl Binary {
    /// The binary that a test is part of.
    pub(super) fn of(test: &Test) -> Result<Self, String> {
        if is_ui_test(&test.file) {
            return Ok(Self::new("cordial-ui-tests", &["--test", "ui"], true));
        }
        match test.file.split_once('/') {
            Some(("runtime", _)) => Ok(Self::units()),
            Some(("macros", _)) => Ok(Self::new("cordial-macros", &["--lib"], false)),
            Some((member @ ("tests" | "examples" | "ui-tests"), inside)) => {
                let manifest = shell::read(&format!("{member}/Cargo.toml"))?;
                let (kind, name) = target(&manifest, inside)
                    .ok_or_else(|| format!("{} is in no test binary", test.file))?;
                Ok(Self::new(&format!("cordial-{member}"), &[&format!("--{kind}"), &name], false))
            }
            _ => Err(format!("{} is in no test binary", test.file)),
        }
    }

    /// The folder that its tests are run from, by its path from the root.
    pub(super) fn folder(&self) -> &str {
        match self.arguments[1].as_str() {
            "cordial" => "runtime/cordial",
            "cordial-macros" => "macros",
            package => package.trim_start_matches("cordial-"),
        }
    }

    fn new(package: &str, more: &[&str], is_ui: bool) -> Self {
        let arguments = ["-p", package].iter().chain(more).map(|word| (*word).to_owned()).collect();
        Self { arguments, is_ui, models: None }
    }

    /// A binary of the package `cordial-tests`.
    pub(crate) fn named(name: &str) -> Self {
        Self::new("cordial-tests", &["--test", name], false)
    }

    /// The unit tests of the runtime.
    pub(crate) fn units() -> Self {
        Self::new("cordial", &["--lib", "--all-features"], false)
    }

    /// The models of what threads share, in every order of steps.
    pub(crate) fn models() -> Self {
        let models = Some("loom");
        Self { models, ..Self::new("cordial", &["--lib", "--no-default-features"], false) }
    }

    /// What the test is called in this binary, whose tests are `names`.
    pub(super) fn name(&self, test: &Test, names: &[String]) -> Result<String, String> {
        if self.is_ui {
            return Ok(test.file.trim_start_matches("ui-tests/").to_owned());
        }
        let function = test.function.as_deref().unwrap_or_default();
        let is_it = |name: &&String| name.rsplit("::").next() == Some(function);
        let mut found: Vec<&String> = names.iter().filter(is_it).collect();
        if found.len() > 1 {
            let module = module(&test.file);
            found.retain(|name| name.split("::").any(|part| part == module));
        }
        match found[..] {
            [name] => Ok(name.clone()),
            [] => Err(format!("{} is not found among the tests", test.place())),
            _ => Err(format!("{} is the name of several tests", test.place())),
        }
    }

    /// The words after `--` that run these tests and no others.
    pub(super) fn words_for(&self, names: &[&str]) -> Vec<String> {
        let mut words = vec!["--exact".to_owned()];
        if self.is_ui {
            words.push(UI.to_owned());
            words.extend(names.iter().map(|name| format!("trybuild={name}")));
        } else {
            words.extend(names.iter().map(|&name| name.to_owned()));
        }
        words
    }
}

impl fmt::Display for Binary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.arguments.iter().rfind(|word| !word.starts_with("--"));
        f.write_str(self.models.or(last.map(String::as_str)).unwrap_or_default())
    }
}

/// The names of all test binaries of `tests/`.
pub(crate) fn list_of_tests() -> Result<Vec<String>, String> {
    let manifest = shell::read("tests/Cargo.toml")?;
    Ok(tables(&manifest, "test").into_iter().map(|(_, name, _)| name).collect())
}

/// The module that a file is.
fn module(file: &str) -> &str {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod").trim_end_matches("/main");
    path.rsplit('/').next().unwrap_or(path)
}

/// The kind and name of the target with the file `inside` its package: the one with this path, or
/// else the one whose `main.rs` is nearest above.
fn target(manifest: &str, inside: &str) -> Option<(&'static str, String)> {
    let tests = tables(manifest, "test");
    let all: Vec<_> = tests.into_iter().chain(tables(manifest, "example")).collect();
    let exact = all.iter().find(|(_, _, path)| path == inside);
    let above = |path: &str| {
        let folder = path.strip_suffix("main.rs")?;
        inside.starts_with(folder).then_some(folder.len())
    };
    let nearest = || {
        let folders = all.iter().filter_map(|target| Some((above(&target.2)?, target)));
        folders.max_by_key(|(length, _)| *length).map(|(_, target)| target)
    };
    exact.or_else(nearest).map(|(kind, name, _)| (*kind, name.clone()))
}

/// The targets of one kind in a manifest: kind, name and path.
fn tables(manifest: &str, kind: &'static str) -> Vec<(&'static str, String, String)> {
    let value = |table: &str, key: &str| {
        let line = table.lines().find_map(|line| line.strip_prefix(&format!("{key} = ")));
        line.map(|value| value.trim().trim_matches('"').to_owned())
    };
    let header = format!("[[{kind}]]");
    let tables = manifest.split(&header).skip(1);
    tables.filter_map(|table| Some((kind, value(table, "name")?, value(table, "path")?))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::proofs::Test;
    use super::{Binary, target};

    const MANIFEST: &str = "[[test]]\nname = \"it\"\npath = \"main.rs\"\n\n[[test]]\n\
                            name = \"own\"\npath = \"own.rs\"\n\n[[test]]\nname = \"parity\"\n\
                            path = \"parity/main.rs\"\n\n[[example]]\nname = \"shop\"\n\
                            path = \"shop/main.rs\"\n";

    #[track_caller]
    fn check(inside: &str, kind: &str, name: &str) {
        let (found, its_name) = target(MANIFEST, inside).unwrap();
        assert_eq!((found, its_name.as_str()), (kind, name), "{inside}");
    }

    #[test]
    fn a_file_is_in_the_binary_of_its_path_or_of_the_nearest_main() {
        check("main.rs", "test", "it");
        check("calls.rs", "test", "it");
        check("own.rs", "test", "own");
        check("parity/world.rs", "test", "parity");
        check("shop/till.rs", "example", "shop");
    }

    fn test(file: &str, function: &str) -> Test {
        Test { file: file.into(), function: Some(function.into()), ..Test::default() }
    }

    #[test]
    fn a_test_is_found_by_its_function_and_told_from_others_by_its_file() {
        let names = ["a::one".to_owned(), "b::one".to_owned(), "b::tests::two".to_owned()];
        let unit = |file, function| {
            let test = test(file, function);
            Binary::of(&test).unwrap().name(&test, &names)
        };
        assert_eq!(unit("runtime/cordial/src/b.rs", "two").unwrap(), "b::tests::two");
        assert_eq!(unit("runtime/cordial/src/b/mod.rs", "one").unwrap(), "b::one");
        assert!(unit("macros/src/c.rs", "one").unwrap_err().contains("not found"));
        let twice = ["a::b::one".to_owned(), "c::b::one".to_owned()];
        let test = test("macros/src/b.rs", "one");
        let binary = Binary::of(&test).unwrap();
        assert!(binary.name(&test, &twice).unwrap_err().contains("several"));
        assert!(unit("macros/src/c.rs", "three").unwrap_err().contains("not found"));
    }

    #[test]
    fn a_program_is_a_filter_of_the_one_function_that_runs_them() {
        let test = Test { file: "ui-tests/fail/a/b.rs".into(), ..Test::default() };
        let binary = Binary::of(&test).unwrap();
        let name = binary.name(&test, &[]).unwrap();
        let words = binary.words_for(&[&name]);
        assert_eq!(words[2], "trybuild=fail/a/b.rs");
    }
}
