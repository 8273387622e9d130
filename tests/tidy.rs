//! The house rules that a machine can check: layers, doors, headers, lengths, forbidden words.
//!
//! Each rule is a function of a file's path (from the root) and text; beside it stands a test with
//! a planted violation.

use std::fs;
use std::path::{Path, PathBuf};

/// What is wrong with one file, one line per violation.
type Violations = Vec<String>;

const RULES: &[fn(&str, &str) -> Violations] =
    &[header, length, layers, door, sharing, purity, waiting, leftovers];

const RUNTIME: &str = "runtime/cordial/src/";

/// The runtime's modules from the ground up: a module imports its own layer and lower ones.
const LAYERS: &[&[&str]] = &[
    &["exit", "pid", "signal", "name", "error", "inspect"],
    &["rt", "mailbox", "timer", "env"],
    &["process", "telemetry"],
    &[
        "gen_server",
        "gen_statem",
        "sys",
        "task",
        "agent",
        "event_handlers",
        "fuse",
        "regulator",
        "protocol",
    ],
    &["supervisor", "dynamic_supervisor", "partition_supervisor", "task_supervisor", "application"],
    &["registry", "pubsub", "pg", "ets", "counters", "global"],
    &["lib", "face", "prelude", "private", "test", "chaos", "docs", "models"],
];

/// Decisions: no clock, no lock, nothing to wait for.
const PURE: &[&str] = &[
    "supervisor/plan.rs",
    "supervisor/intensity.rs",
    "supervisor/backoff.rs",
    "process/links.rs",
    "gen_statem/machine.rs",
];

/// Files and folders of the runtime whose atomics no model sees, each with its reason.
const UNMODELLED: &[(&str, &str)] = &[
    ("rt/sync.rs", "it is the door"),
    ("rt/pulse.rs", "what it says of the time may be late"),
    ("rt/watch.rs", "it looks at others now and then, and nobody waits for it"),
    ("telemetry/hub.rs", "who begins to listen is told from then on, whenever that is"),
    ("counters.rs", "what users count is theirs"),
    ("global.rs", "std's locks and counts, and nobody sleeps by them"),
    ("ets/", "tables stand on maps that no model sees"),
    ("registry/", "registries stand on maps that no model sees"),
];

/// Files under `tests/` that may sleep, each with its reason.
const SLEEPERS: &[(&str, &str)] = &[
    ("tests/supervisor_support.rs", "a scripted child takes its time, on a paused clock"),
    ("tests/timers_kinds.rs", "how long `process::sleep` takes is what is tested"),
    ("tests/inspect/ladder.rs", "a handler takes its time, on a paused clock"),
    ("tests/tasks/awaiting.rs", "a task takes its time, on a paused clock"),
    ("tests/tasks/intervals.rs", "a receiver is late, on a paused clock"),
    ("tests/tasks/many.rs", "a task takes its time, on a paused clock"),
    ("tests/tasks/stream_ends.rs", "a task takes its time, on a paused clock"),
    ("tests/tasks/streams.rs", "a task takes its time"),
    ("tests/tasks/supervised.rs", "a task begins as often as it will, on a paused clock"),
    ("tests/parity/beam.rs", "another program's end is no event of this one"),
    ("tests/parity/actions.rs", "scenarios say how long a process takes, on a paused clock"),
    ("tests/parity/driver.rs", "a paused clock goes on when nobody has anything to do"),
    ("tests/services/elixir.rs", "another program's end is no event of this one"),
    ("tests/services/owner.rs", "scenarios say how long a task takes, on a paused clock"),
    ("tests/services/supervisors.rs", "a paused clock goes on when nobody has anything to do"),
    ("tests/local/simulated.rs", "a handler takes its time, in virtual time"),
    ("tests/model/tasks/live.rs", "tasks take their time, on a paused clock"),
    ("tests/model/tasks/stream.rs", "tasks take their time, on a paused clock"),
    ("tests/observe/fused.rs", "a partner takes its time, on a paused clock"),
];

#[test]
fn every_file_keeps_the_house_rules() {
    let root = root();
    let mut files = Vec::new();
    collect(&root, &mut files);
    let mut wrong = Violations::new();
    for file in &files {
        let path = file.strip_prefix(&root).expect("collected below the root").to_string_lossy();
        let text = fs::read_to_string(file).expect("sources are UTF-8");
        let found = RULES.iter().flat_map(|rule| rule(&path, &text));
        wrong.extend(found.map(|what| format!("{path}: {what}")));
    }
    assert!(files.len() > 20, "only {} files were found below {}", files.len(), root.display());
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).expect("a folder can be read").flatten().map(|at| at.path()) {
        let name = path.file_name().expect("an entry has a name").to_string_lossy();
        // What the macros print is not written by hand, though it should look so.
        let is_ours = name != "target" && name != "snapshots" && !name.starts_with('.');
        if path.is_dir() && is_ours {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

/// Whoever reads `docs/examples.md` finds every example there, and reads what stands in it.
#[test]
fn examples_are_told_of_in_their_own_words() {
    let (page, manifest) = (read("docs/examples.md"), read("examples/Cargo.toml"));
    let paths = manifest.split("[[example]]").skip(1).filter_map(|table| {
        let path = table.lines().find_map(|line| line.strip_prefix("path = "))?;
        Some(path.trim_matches('"').trim_end_matches("/main.rs"))
    });
    for path in paths {
        assert!(page.contains(&format!("| `examples/{path}` |")), "`{path}` is not told of");
    }
    for part in page.split("\n## `").skip(1) {
        let (name, text) = part.split_once('`').expect("a heading is an example's name");
        let example = words_of(&read(&format!("examples/{name}.rs")));
        let mut quotes = text.split("```rust\n").skip(1).peekable();
        assert!(quotes.peek().is_some(), "nothing is quoted of `{name}`");
        for quote in quotes {
            let quote = words_of(quote.split("```").next().unwrap_or_default());
            assert!(example.contains(&quote), "this is not in `{name}`: {quote}");
        }
    }
}

/// What the README says of speed was measured: it stands in `benches/RESULTS.md`.
#[test]
fn figures_of_the_readme_are_those_that_were_measured() {
    let (readme, results) = (read("README.md"), read("benches/RESULTS.md"));
    let speed = readme.split("\n## How fast it is\n").nth(1).expect("the README says it");
    let speed = speed.split("\n## ").next().expect("a text has a beginning");
    let (told, measured) = (figures(speed), figures(&results));
    assert!(told.len() > 100, "three tables have more than {} figures", told.len());
    for ((row, column), figure) in told {
        let found = measured.iter().find(|(at, _)| *at == (row, column));
        let (_, measured) = found.unwrap_or_else(|| panic!("no {row}, {column}"));
        let median = measured.split(" (").next().unwrap_or_default();
        assert_eq!(figure.trim_matches('*'), median, "{row}, {column}");
    }
}

/// The cells of the tables in a page, with the names of their row and column.
fn figures(page: &str) -> Vec<((&str, &str), &str)> {
    let mut found = Vec::new();
    for table in page.split("\n\n").filter(|part| part.starts_with('|')) {
        let mut lines = table.lines().map(cells);
        let columns: Vec<_> = lines.next().into_iter().flatten().skip(1).collect();
        for mut line in lines.skip(1) {
            let row = line.next().expect("a row has a name");
            found.extend(columns.iter().zip(line).map(|(column, cell)| ((row, *column), cell)));
        }
    }
    found
}

fn cells(line: &str) -> impl Iterator<Item = &str> {
    line.trim_matches('|').split('|').map(str::trim)
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect("it can be read")
}

/// As cargo says when it runs this: two checkouts may share a target folder.
fn root() -> PathBuf {
    let tests = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs tests"));
    tests.parent().expect("tests/ is in the workspace").to_owned()
}

/// However it is indented.
fn words_of(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

// ===== The rules =====

/// Every file opens with a sentence that says what it is.
fn header(_: &str, text: &str) -> Violations {
    violation(!text.starts_with("//! "), "does not open with `//!` and what it is")
}

/// At most 800 lines of at most 100 columns.
fn length(_: &str, text: &str) -> Violations {
    let lines = text.lines().count();
    let mut found = violation(lines > 800, &format!("has {lines} lines; 800 are the limit"));
    let wide = text.lines().enumerate().filter(|(_, line)| line.chars().count() > 100);
    found.extend(wide.map(|(at, _)| format!("line {} is wider than 100 columns", at + 1)));
    found
}

/// A module of the runtime imports its own layer and lower ones, and nothing through the face.
fn layers(path: &str, text: &str) -> Violations {
    let Some(inside) = path.strip_prefix(RUNTIME) else { return Vec::new() };
    let module = inside.split(['/', '.']).next().unwrap_or_default();
    let Some(own) = layer(module) else {
        return vec![format!("`{module}` has no layer: give it one in tests/tidy.rs")];
    };
    let code = code(text);
    let mut imported = names_after("crate::", &code);
    if !inside.contains('/') || inside.ends_with("/mod.rs") {
        imported.extend(names_after("super::", &code));
    }
    let face = LAYERS.len() - 1;
    imported.retain(|name| own < face && layer(name).is_none_or(|theirs| theirs > own));
    imported.iter().map(|name| format!("imports `{name}`, which is no lower layer")).collect()
}

/// `tokio::` is said under `rt/` only.
fn door(path: &str, text: &str) -> Violations {
    let outside = path.starts_with(RUNTIME) && !path.starts_with(&format!("{RUNTIME}rt/"));
    violation(outside && code(text).contains("tokio::"), "names `tokio::`; the door is `rt`")
}

/// Atomics come from `rt::sync`, so that the models see them.
fn sharing(path: &str, text: &str) -> Violations {
    let inside = path.strip_prefix(RUNTIME).unwrap_or_default();
    let listed = UNMODELLED.iter().any(|(place, _)| inside.starts_with(place));
    let code = code(text);
    let is_std = ["", "{"].map(|open| format!("std::sync::atomic::{open}Atomic"));
    let is_wrong = !inside.is_empty() && is_std.iter().any(|words| code.contains(words));
    violation(is_wrong && !listed, "has atomics of std's; those of `rt::sync` are modelled")
}

/// Pure files take `now` as an argument, and neither wait nor lock.
fn purity(path: &str, text: &str) -> Violations {
    let inside = path.strip_prefix(RUNTIME).unwrap_or_default();
    if !PURE.contains(&inside) {
        return Vec::new();
    }
    let code = code(text);
    let words = ["crate::rt", "async ", ".await", "Mutex", "RwLock", "Instant::now"];
    let found = words.into_iter().filter(|word| code.contains(word));
    found.map(|word| format!("is a pure file, and says `{word}`")).collect()
}

/// Tests wait for what they wait for, not for a while.
fn waiting(path: &str, text: &str) -> Violations {
    let listed = SLEEPERS.iter().any(|(sleeper, _)| *sleeper == path);
    let sleeps = path.starts_with("tests/") && code(text).contains(&call("sleep"));
    violation(sleeps && !listed, "sleeps; wait for the event instead")
}

/// Nothing unfinished is left behind.
fn leftovers(_: &str, text: &str) -> Violations {
    let code = code(text);
    let words = ["todo!", "unimplemented!", "dbg!"].map(call);
    let found = words.into_iter().filter(|word| code.contains(word));
    found.map(|word| format!("says `{word}..)`")).collect()
}

// ===== Reading =====

fn violation(is_one: bool, what: &str) -> Violations {
    is_one.then(|| what.to_owned()).into_iter().collect()
}

/// `word` as it is called; put together here, so that this file does not find itself.
fn call(word: &str) -> String {
    format!("{word}(")
}

/// The text without comments and without the unit tests at its end.
fn code(text: &str) -> String {
    let text = text.split("\n#[cfg(test)]\nmod ").next().unwrap_or(text);
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.map(|line| line.split(" // ").next().unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The first name after each `prefix`, every first name of a group; macros are nobody's module.
fn names_after(prefix: &str, code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for rest in code.split(prefix).skip(1) {
        let (mut depth, mut start) = (0, true);
        for (at, sign) in rest.char_indices() {
            match sign {
                '{' if start => depth += 1,
                '{' => (depth, start) = (depth + 1, false),
                '}' => depth -= 1,
                ',' => start = depth == 1,
                _ if start && !sign.is_whitespace() => {
                    let is_part = |sign: char| sign.is_alphanumeric() || sign == '_';
                    let end = rest[at..].find(|sign| !is_part(sign)).unwrap_or(rest.len() - at);
                    let is_macro = rest[at + end..].starts_with('!');
                    names.extend((!is_macro).then(|| rest[at..at + end].to_owned()));
                    start = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    names
}

// ===== Each rule finds what is planted =====

#[track_caller]
fn check(rule: fn(&str, &str) -> Violations, path: &str, text: &str, expected: &[&str]) {
    assert_eq!(rule(path, text), expected);
}

#[test]
fn header_is_missed() {
    check(header, "a.rs", "//! What this is.\n", &[]);
    check(header, "a.rs", "use a;\n", &["does not open with `//!` and what it is"]);
}

#[test]
fn long_files_and_wide_lines_are_found() {
    check(length, "a.rs", &"a\n".repeat(800), &[]);
    check(length, "a.rs", &"a\n".repeat(801), &["has 801 lines; 800 are the limit"]);
    check(length, "a.rs", &"ä".repeat(101), &["line 1 is wider than 100 columns"]);
}

#[test]
fn upward_imports_are_found() {
    let cell = "runtime/cordial/src/process/cell.rs";
    let upward = |name| format!("imports `{name}`, which is no lower layer");
    check(layers, cell, "use crate::{\n    exit::{A, B},\n    rt::C,\n};", &[]);
    check(layers, cell, "use crate::gen_server::A;", &[&upward("gen_server")]);
    check(layers, cell, "use crate::{exit::{A, B}, supervisor::C};", &[&upward("supervisor")]);
    check(layers, cell, "fn f() -> crate::Pid {}", &[&upward("Pid")]);
    check(layers, "runtime/cordial/src/exit.rs", "use super::rt::A;", &[&upward("rt")]);
    check(layers, cell, "// crate::supervisor\nuse super::supervisor;", &[]);
}

#[test]
fn a_module_without_a_layer_is_found() {
    let expected = "`cellar` has no layer: give it one in tests/tidy.rs";
    check(layers, "runtime/cordial/src/cellar.rs", "", &[expected]);
}

#[test]
fn tokio_outside_its_door_is_found() {
    let text = "use tokio::sync::Notify;";
    check(door, "runtime/cordial/src/rt/sync.rs", text, &[]);
    check(door, "runtime/cordial/src/timer.rs", text, &["names `tokio::`; the door is `rt`"]);
}

#[test]
fn atomics_past_their_door_are_found() {
    let text = "use std::sync::atomic::{AtomicU8, Ordering};";
    check(sharing, "runtime/cordial/src/rt/watch.rs", text, &[]);
    check(sharing, "runtime/cordial/src/pid.rs", "use crate::rt::sync::atomic::AtomicU8;", &[]);
    let expected = "has atomics of std's; those of `rt::sync` are modelled";
    check(sharing, "runtime/cordial/src/pid.rs", text, &[expected]);
}

#[test]
fn impure_decisions_are_found() {
    let text = "async fn plan() {}";
    check(purity, "runtime/cordial/src/supervisor/server.rs", text, &[]);
    let expected = "is a pure file, and says `async `";
    check(purity, "runtime/cordial/src/supervisor/plan.rs", text, &[expected]);
}

#[test]
fn sleeping_tests_are_found() {
    let text = call("    sleep");
    check(waiting, "runtime/cordial/src/rt/time.rs", &text, &[]);
    check(waiting, "tests/links.rs", &text, &["sleeps; wait for the event instead"]);
}

#[test]
fn leftovers_are_found() {
    check(leftovers, "a.rs", &call("dbg!"), &[&format!("says `{}..)`", call("dbg!"))]);
    check(leftovers, "a.rs", &format!("// {}", call("todo!")), &[]);
}
