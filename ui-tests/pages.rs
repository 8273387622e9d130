//! The pages of `docs/errors`: every message has a ui-test and a page, and the page's programs do
//! what it says.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

mod messages;

use messages::Message;

/// Every message stands in the `.stderr` of some program that must not compile.
#[test]
fn every_message_has_a_ui_test() {
    let mut outputs = Vec::new();
    collect(&here().join("fail"), &mut outputs);
    let outputs: Vec<String> = outputs.iter().map(|path| read(path)).collect();
    let is_shown = |message: &Message| outputs.iter().any(|output| message.is_in(output));
    let without = messages::table().into_iter().filter(|message| !is_shown(message));
    let without: Vec<String> = without.map(|message| message.slug).collect();
    assert!(without.is_empty(), "{} have no ui-test:\n{}", without.len(), without.join("\n"));
}

/// Every message has its page, and every page its message.
#[test]
fn every_message_has_a_page() {
    let messages = messages::table();
    let slugs: Vec<&str> = messages.iter().map(|message| message.slug.as_str()).collect();
    let pages = pages();
    let without: Vec<&&str> = slugs.iter().filter(|slug| !pages.contains_key(**slug)).collect();
    assert!(without.is_empty(), "these have no page: {without:?}");
    let strays: Vec<&String> =
        pages.keys().filter(|slug| !slugs.contains(&slug.as_str())).collect();
    assert!(strays.is_empty(), "no message has these slugs: {strays:?}");
}

/// The first program of a page is refused with the page's message, the second one compiles.
#[test]
fn programs_of_every_page_do_what_it_says() {
    let pages = pages();
    let errors = errors_of_all(&pages);
    let mut wrong = Vec::new();
    for message in messages::table() {
        let slug = &message.slug;
        if pages.contains_key(slug) {
            let refused = errors.get(&format!("wrong/{slug}")).map_or("", String::as_str);
            if !message.is_in(refused) {
                wrong.push(format!("{slug}: the wrong program is not refused so:\n{refused}"));
            }
            if let Some(errors) = errors.get(&format!("right/{slug}")) {
                wrong.push(format!("{slug}: the right program does not compile:\n{errors}"));
            }
        }
    }
    assert!(!pages.is_empty() && wrong.is_empty(), "{}", wrong.join("\n"));
}

// ===== The pages =====

/// A page's two programs.
struct Page {
    wrong: String,
    right: String,
}

/// All pages by their slugs.
fn pages() -> BTreeMap<String, Page> {
    let folder = here().join("../docs/errors");
    let entries = fs::read_dir(&folder).expect("docs/errors is a folder").flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let slugs = names.filter_map(|name| name.strip_suffix(".md").map(str::to_owned));
    slugs
        .filter(|slug| slug != "README")
        .map(|slug| {
            let text = read(&folder.join(format!("{slug}.md")));
            let program = |fence| the_program(&slug, &text, fence);
            let page =
                Page { wrong: program("```rust,compile_fail\n"), right: program("```rust\n") };
            (slug, page)
        })
        .collect()
}

/// The one program of a page that stands between `fence` and the next fence.
fn the_program(slug: &str, text: &str, fence: &str) -> String {
    let programs: Vec<&str> = text.split(fence).skip(1).collect();
    assert_eq!(programs.len(), 1, "docs/errors/{slug}.md has not one {fence}");
    programs[0].split("```").next().expect("a split has a first part").to_owned()
}

// ===== The compiler =====

/// What the compiler says about each program, by `wrong/<slug>` and `right/<slug>`.
///
/// The wrong programs are the modules of one binary and the right ones of another: two runs of the
/// compiler for all pages, because the errors of macros never hide one another.
fn errors_of_all(pages: &BTreeMap<String, Page>) -> BTreeMap<String, String> {
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("error-pages");
    write(&package.join("Cargo.toml"), &manifest());
    write(&package.join("Cargo.lock"), &read(&here().join("../Cargo.lock")));
    for (kind, program) in [("wrong", wrong as fn(&Page) -> &str), ("right", right)] {
        let mut main = "#![allow(unused)]\nfn main() {}\n".to_owned();
        for (at, (slug, page)) in pages.iter().enumerate() {
            write(&package.join(format!("{kind}/{slug}.rs")), program(page));
            main.push_str(&format!("#[path = \"{kind}/{slug}.rs\"]\nmod page_{at};\n"));
        }
        write(&package.join(format!("{kind}.rs")), &main);
    }
    by_program(&check(&package))
}

fn wrong(page: &Page) -> &str {
    &page.wrong
}

fn right(page: &Page) -> &str {
    &page.right
}

fn manifest() -> String {
    let cordial = here().join("../runtime/cordial");
    format!(
        "[workspace]\n\n[package]\nname = \"error-pages\"\nversion = \"0.0.0\"\n\
         edition = \"2024\"\n\n[[bin]]\nname = \"wrong\"\npath = \"wrong.rs\"\n\n\
         [[bin]]\nname = \"right\"\npath = \"right.rs\"\n\n[dependencies]\n\
         cordial = {{ path = {cordial:?}, features = [\"application\", \"chaos\"] }}\n\n\
         [profile.dev]\ndebug = \"line-tables-only\"\n"
    )
}

fn check(package: &Path) -> String {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("tmp is in the target");
    let output = Command::new(std::env::var_os("CARGO").expect("cargo runs its tests"))
        .args(["check", "--bins", "--keep-going", "--message-format", "short"])
        .current_dir(package)
        .env("CARGO_TARGET_DIR", target)
        .stdin(Stdio::null())
        .output()
        .expect("cargo can be run");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Errors in the short format, `<path>.rs:<line>:<column>: error: ..`, by their program.
fn by_program(output: &str) -> BTreeMap<String, String> {
    let mut errors: BTreeMap<String, String> = BTreeMap::new();
    let mut program = None;
    for line in output.lines() {
        if let Some((path, rest)) = line.split_once(".rs:") {
            let is_error = rest.contains(": error");
            program = is_error.then(|| path.to_owned());
        }
        if let Some(program) = &program {
            let text = errors.entry(program.clone()).or_default();
            text.push_str(line);
            text.push('\n');
        }
    }
    errors
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

fn collect(folder: &Path, outputs: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).expect("a folder can be read").flatten().map(|at| at.path()) {
        if path.is_dir() {
            collect(&path, outputs);
        } else if path.extension().is_some_and(|ending| ending == "stderr") {
            outputs.push(path);
        }
    }
}
