//! Runs every program under `pass/` and `fail/` through the compiler.
#![allow(clippy::print_stderr, reason = "it says what it leaves out")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The programs that must compile do; those that must not say exactly what their `.stderr` says.
/// Where std's source is installed the compiler quotes it, so what mentions it is left out there;
/// a toolchain has no source unless it is asked for.
#[test]
fn programs_compile_or_say_why_not() {
    let cases = trybuild::TestCases::new();
    cases.pass("pass/**/*.rs");
    let quotes_std = has_source_of_std();
    for program in programs(Path::new("fail")) {
        let output = fs::read_to_string(program.with_extension("stderr")).unwrap_or_default();
        if quotes_std && output.contains("$RUST/") {
            eprintln!("left out, as std's source is installed: {}", program.display());
        } else {
            cases.compile_fail(program);
        }
    }
}

fn has_source_of_std() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let told = Command::new(rustc).args(["--print", "sysroot"]).output().expect("rustc answers");
    let sysroot = String::from_utf8(told.stdout).expect("it is a path");
    Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library").exists()
}

fn programs(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder can be read").flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    let programs = paths.into_iter().flat_map(|path| match path.is_dir() {
        true => programs(&path),
        false => Vec::from_iter(path.extension().is_some_and(|end| end == "rs").then_some(path)),
    });
    programs.collect()
}

/// TYP-14: who reads the first error about what cannot leave its thread reads ours, and the
/// compiler adds four at most; of a reply that only the compiler sees it adds six.
#[test]
fn what_is_not_send_is_told_by_us_first_and_in_a_few_errors() {
    let folder = Path::new("fail/gen_server");
    let files = fs::read_dir(folder).expect("the folder can be read").flatten();
    let outputs = files.map(|file| file.path()).filter(|path| {
        let name = path.file_name().expect("a file has a name").to_string_lossy();
        // A future is the compiler's to tell, at the handler, in one error.
        name.contains("_not_send") && name.ends_with(".stderr") && !name.starts_with("future")
    });
    let mut seen = 0;
    for path in outputs {
        let output = fs::read_to_string(&path).expect("a file can be read");
        let ours = ["never leaves its thread", "cannot travel", "cannot be part of"];
        let first = output.lines().next().unwrap_or_default();
        let is_ours = ours.iter().any(|words| first.contains(words));
        let errors = output.lines().filter(|line| line.starts_with("error")).count();
        // What asks for a reply and what gives it ask for its type, too, where only they see it.
        let most = if path.ends_with("reply_not_send_unseen.stderr") { 7 } else { 5 };
        assert!(is_ours && errors <= most, "{}: {errors} errors, first {first}", path.display());
        seen += 1;
    }
    assert!(seen >= 7, "{seen} programs");
}
