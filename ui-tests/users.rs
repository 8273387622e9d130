//! Users' crates: each macro used in both editions, from other macros, under odd names, without a
//! prelude and with every lint on; nothing fires in what is generated, and the program runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Lints of rustc that are off unless they are asked for. Left out: `unused_results`, `unsafe_code`
/// and its kin where there is nothing to see, what is unstable, and `non_ascii_idents`, which is
/// about names that the user has written.
const LINTS: &[&str] = &[
    "absolute_paths_not_starting_with_crate",
    "ambiguous_negative_literals",
    "elided_lifetimes_in_paths",
    "explicit_outlives_requirements",
    "ffi_unwind_calls",
    "if_let_rescope",
    "impl_trait_redundant_captures",
    "keyword_idents_2018",
    "keyword_idents_2024",
    "let_underscore_drop",
    "macro_use_extern_crate",
    "meta_variable_misuse",
    "missing_copy_implementations",
    "missing_debug_implementations",
    "missing_docs",
    "missing_unsafe_on_extern",
    "redundant_imports",
    "redundant_lifetimes",
    "single_use_lifetimes",
    "trivial_casts",
    "trivial_numeric_casts",
    "unit_bindings",
    "unnameable_types",
    "unreachable_pub",
    "unsafe_code",
    "unsafe_op_in_unsafe_fn",
    "unused_crate_dependencies",
    "unused_extern_crates",
    "unused_import_braces",
    "unused_lifetimes",
    "unused_macro_rules",
    "unused_qualifications",
    "variant_size_differences",
];

/// Clippy's groups that are warnings here, and so errors.
const GROUPS: &[&str] = &["all", "pedantic"];

#[test]
fn crate_of_the_edition_2021_builds_without_a_warning_and_runs() {
    check("2021");
}

#[test]
fn crate_of_the_edition_2024_builds_without_a_warning_and_runs() {
    check("2024");
}

fn check(edition: &str) {
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("user-{edition}"));
    write(&package.join("Cargo.toml"), &manifest(edition));
    write(&package.join("Cargo.lock"), &read(&here().join("../Cargo.lock")));
    for entry in fs::read_dir(here().join("users")).expect("its files are there").flatten() {
        let name = entry.file_name();
        write(&package.join("src").join(name), &read(&entry.path()));
    }
    cargo(&package, "clippy");
    cargo(&package, "run");
}

fn manifest(edition: &str) -> String {
    let cordial = here().join("../runtime/cordial");
    let lints: String = LINTS.iter().map(|lint| format!("{lint} = \"deny\"\n")).collect();
    let group = |name: &&str| format!("{name} = {{ level = \"deny\", priority = -1 }}\n");
    let groups: String = GROUPS.iter().map(group).collect();
    format!(
        "[workspace]\n\n[package]\nname = \"user-{edition}\"\nversion = \"0.0.0\"\n\
         edition = \"{edition}\"\n\n[lib]\nname = \"user\"\n\n[dependencies]\n\
         cordial = {{ path = {cordial:?}, features = [\"application\", \"chaos\"] }}\n\n\
         [profile.dev]\ndebug = \"line-tables-only\"\n\n\
         [lints.rust]\nwarnings = {{ level = \"deny\", priority = -1 }}\n{lints}\n\
         [lints.clippy]\n{groups}"
    )
}

fn cargo(package: &Path, command: &str) {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("tmp is in the target");
    let output = Command::new(std::env::var_os("CARGO").expect("cargo runs its tests"))
        .args([command, "--quiet"])
        .current_dir(package)
        .env("CARGO_TARGET_DIR", target)
        .stdin(Stdio::null())
        .output()
        .expect("cargo can be run");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {command} in {}:\n{told}", package.display());
}

// ===== Files =====

/// The package, as cargo says when it runs this: two checkouts may share a target folder.
fn here() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs tests"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a file stands in a folder"))
        .and_then(|()| fs::write(path, text))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
