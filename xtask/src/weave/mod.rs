//! Many bugs in one program: each sleeps until the environment names it, so that one build serves
//! all of them.
//!
//! ```text
//!   fn f() { a == b }    ──▶    fn f() { match crate::__bug(7) {
//!                                   7 => { a != b }
//!                                   9 => { true }
//!                                   _ => { a == b }
//!                               } }
//! ```
//! A function is told to by the first of its bugs, so that a test can be asked which it comes to.
//! A function that the compiler evaluates, or whose type only its body knows, cannot be written
//! so; neither can what is outside of functions, nor the macros, which run in the compiler.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;

use crate::rules::{Binary, Copy, Refused};
use crate::shell;

pub(crate) mod tokens;

use tokens::{Function, functions, tokens};

/// The environment variable that wakes a bug.
pub(crate) const WAKES: &str = "CORDIAL_BUG";

/// The environment variable that names a file: the places that a program comes to are written
/// there, each once, by the number of the first bug there.
pub(crate) const MEETS: &str = "CORDIAL_BUGS_MET";

/// Where bugs can sleep.
const SOURCES: &str = "runtime/cordial/src/";

/// The files that get the function which says what is awake: the crate, and the tests that have
/// some of its modules as their own.
const ROOTS: &[&str] =
    &["runtime/cordial/src/lib.rs", "tests/model/main.rs", "tests/statem/main.rs"];

const ASKS: &str = r#"
/// The bug that is awake, for the place whose first bug this is.
#[doc(hidden)]
pub fn __bug(first: u32) -> u32 {
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
    static BUG: std::sync::OnceLock<(u32, Option<std::fs::File>)> = std::sync::OnceLock::new();
    static MET: [AtomicBool; 4096] = [const { AtomicBool::new(false) }; 4096];
    let (bug, told) = BUG.get_or_init(|| {
        let asked = std::env::var("CORDIAL_BUG").ok().and_then(|bug| bug.parse().ok());
        let open = |path| std::fs::File::options().create(true).append(true).open(path).ok();
        (asked.unwrap_or(0), std::env::var_os("CORDIAL_BUGS_MET").and_then(open))
    });
    if let (Some(mut file), Some(met)) = (told.as_ref(), MET.get(first as usize))
        && !met.swap(true, Relaxed)
    {
        let line = first.to_string() + "\n";
        let _ = std::io::Write::write_all(&mut file, line.as_bytes());
    }
    *bug
}
"#;

/// How often a bug that does not compile may show up before the rest is given up.
const ROUNDS: usize = 30;

/// A change of one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    /// The path from the root.
    pub(crate) file: String,
    pub(crate) at: Range<usize>,
    pub(crate) new: String,
}

impl Edit {
    /// The one place of the file's code where `old` stands in a line.
    pub(crate) fn of(file: &str, old: &str, new: &str) -> Result<Self, String> {
        let text = shell::read(file)?;
        let (mut start, mut found) = (0, Vec::new());
        for line in text.split_inclusive('\n') {
            if !line.trim_start().starts_with("//") {
                found.extend(line.match_indices(old).map(|(at, _)| start + at));
            }
            start += line.len();
        }
        match found[..] {
            [at] => {
                let at = at..at + old.len();
                Ok(Self { file: file.to_owned(), at, new: new.to_owned() })
            }
            [] => Err(format!("`{old}` is not in the code of {file}")),
            _ => Err(format!("`{old}` is {} times in {file}", found.len())),
        }
    }
}

/// A bug that has a number, which is not 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bug {
    pub(crate) id: u32,
    pub(crate) edits: Vec<Edit>,
}

impl Bug {
    /// Whether it can sleep in a program.
    pub(crate) fn can_sleep(&self) -> bool {
        self.edits.iter().all(|edit| {
            let is_ours = edit.file.starts_with(SOURCES);
            let text = shell::read(&edit.file).ok().filter(|_| is_ours);
            text.and_then(|text| Some(innermost(&all_functions(&text)?, edit)?.1.is_rigid))
                == Some(false)
        })
    }
}

/// What a build came to.
pub(crate) struct Woven {
    /// The programs, one for each binary that was asked for.
    pub(crate) programs: BTreeMap<Binary, PathBuf>,
    /// The bugs that do not compile, and what the compiler says of each.
    pub(crate) refused: BTreeMap<u32, String>,
    /// The places of each bug, by the number of the first one there.
    pub(crate) places: BTreeMap<u32, BTreeSet<u32>>,
}

/// Builds the binaries with all bugs that compile asleep in them.
pub(crate) fn build(
    copy: &Copy,
    bugs: &[Bug],
    binaries: &BTreeSet<Binary>,
) -> Result<Woven, String> {
    let mut refused: BTreeMap<u32, String> = BTreeMap::new();
    for _ in 0..ROUNDS {
        let left: Vec<&Bug> = bugs.iter().filter(|bug| !refused.contains_key(&bug.id)).collect();
        // A file may have none left.
        clear(copy, bugs)?;
        let lines = write(copy, &left)?;
        match built(copy, binaries) {
            Ok(programs) => return Ok(Woven { programs, refused, places: places(&lines) }),
            Err(errors) => {
                let new = blamed(&errors, &lines);
                if new.is_empty() {
                    let places = errors
                        .iter()
                        .map(|error| format!("{}:{}: {}", error.file, error.line, error.text));
                    let places = places.collect::<Vec<_>>().join("; ");
                    return Err(format!("no bug is to blame for: {places}"));
                }
                refused.extend(new);
            }
        }
    }
    Err(format!("bugs were still refused after {ROUNDS} builds"))
}

/// Plants one bug that does not sleep.
pub(crate) fn alone(copy: &Copy, bug: &Bug) -> Result<(), String> {
    let mut by_file: BTreeMap<&str, Vec<&Edit>> = BTreeMap::new();
    bug.edits.iter().for_each(|edit| by_file.entry(&edit.file).or_default().push(edit));
    for (file, mut edits) in by_file {
        let mut text = shell::read(file)?;
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.at.start));
        edits.iter().for_each(|edit| text.replace_range(edit.at.clone(), &edit.new));
        copy.write(file, &text)?;
    }
    Ok(())
}

/// Builds the binaries as the copy is.
///
/// # Errors
/// What the compiler says first.
pub(crate) fn programs(
    copy: &Copy,
    binaries: &BTreeSet<Binary>,
) -> Result<BTreeMap<Binary, PathBuf>, String> {
    built(copy, binaries).map_err(|refused| {
        refused.into_iter().next().map_or_else(String::new, |refused| refused.text)
    })
}

/// Takes all bugs out of the copy.
pub(crate) fn clear(copy: &Copy, bugs: &[Bug]) -> Result<(), String> {
    let files = bugs.iter().flat_map(|bug| &bug.edits).map(|edit| edit.file.as_str());
    let files: BTreeSet<&str> = files.chain(ROOTS.iter().copied()).collect();
    files.into_iter().try_for_each(|file| copy.restore(file))
}

fn built(
    copy: &Copy,
    binaries: &BTreeSet<Binary>,
) -> Result<BTreeMap<Binary, PathBuf>, Vec<Refused>> {
    let sources = copy.fingerprint();
    let mut programs = BTreeMap::new();
    for binary in binaries {
        let kept = copy.kept(sources, binary);
        let program = match kept {
            Some(program) => program,
            None => copy.keep(sources, binary, &copy.program(binary)?),
        };
        programs.insert(binary.clone(), program);
    }
    Ok(programs)
}

/// The bugs in whose lines the compiler found something.
fn blamed(errors: &[Refused], lines: &[Lines]) -> BTreeMap<u32, String> {
    let mut blamed = BTreeMap::new();
    for error in errors {
        let is_here = |lines: &&Lines| lines.file == error.file && lines.at.contains(&error.line);
        if let Some(lines) = lines.iter().find(is_here) {
            blamed.entry(lines.id).or_insert_with(|| error.text.clone());
        }
    }
    blamed
}

/// The lines of a woven file that are one bug's, counted from 1.
struct Lines {
    file: String,
    at: Range<usize>,
    id: u32,
    /// Of its place.
    first: u32,
}

fn places(lines: &[Lines]) -> BTreeMap<u32, BTreeSet<u32>> {
    let mut places: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for lines in lines {
        places.entry(lines.id).or_default().insert(lines.first);
    }
    places
}

fn write(copy: &Copy, bugs: &[&Bug]) -> Result<Vec<Lines>, String> {
    let mut by_file: BTreeMap<&str, Vec<(u32, &Edit)>> = BTreeMap::new();
    ROOTS.iter().for_each(|root| drop(by_file.insert(root, Vec::new())));
    for bug in bugs {
        for edit in &bug.edits {
            by_file.entry(&edit.file).or_default().push((bug.id, edit));
        }
    }
    let mut lines = Vec::new();
    for (file, edits) in by_file {
        let text = shell::read(file)?;
        let (mut woven, at) = woven(&text, &edits).ok_or_else(|| format!("cannot read {file}"))?;
        if ROOTS.contains(&file) {
            woven.push_str(ASKS);
        }
        copy.write(file, &woven)?;
        let lines_of = |(at, id, first)| Lines { file: file.to_owned(), at, id, first };
        lines.extend(at.into_iter().map(lines_of));
    }
    Ok(lines)
}

// ===== One file =====

/// A file with its bugs, and the lines of each with the first bug of its place.
type File = (String, Vec<(Range<usize>, u32, u32)>);

fn woven(text: &str, edits: &[(u32, &Edit)]) -> Option<File> {
    let functions = all_functions(text)?;
    let mut by_function: BTreeMap<usize, BTreeMap<u32, Vec<&Edit>>> = BTreeMap::new();
    for (id, edit) in edits {
        let (index, _) = innermost(&functions, edit)?;
        by_function.entry(index).or_default().entry(*id).or_default().push(edit);
    }
    let mut weaver = Weaver { text, functions, by_function, woven: String::new(), lines: vec![] };
    weaver.copy(0..text.len(), 0);
    Some((weaver.woven, weaver.lines))
}

fn all_functions(text: &str) -> Option<Vec<Function>> {
    Some(functions(text, &tokens(text)?))
}

/// The function that an edit is in, and in no other one inside.
fn innermost<'a>(functions: &'a [Function], edit: &Edit) -> Option<(usize, &'a Function)> {
    let holds = |function: &Function| {
        function.body.start < edit.at.start && edit.at.end < function.body.end
    };
    functions.iter().enumerate().rfind(|(_, function)| holds(function))
}

struct Weaver<'a> {
    text: &'a str,
    functions: Vec<Function>,
    by_function: BTreeMap<usize, BTreeMap<u32, Vec<&'a Edit>>>,
    woven: String,
    lines: Vec<(Range<usize>, u32, u32)>,
}

impl Weaver<'_> {
    /// Copies a part; functions from `next` on are looked at.
    fn copy(&mut self, part: Range<usize>, mut next: usize) {
        let mut at = part.start;
        while let Some(function) = self.functions.get(next)
            && function.body.start < part.end
        {
            let body = function.body.clone();
            if body.start < at {
                next += 1;
                continue;
            }
            self.woven.push_str(&self.text[at..body.start]);
            self.body(next, body.clone());
            at = body.end;
            next += 1;
        }
        self.woven.push_str(&self.text[at..part.end]);
    }

    fn body(&mut self, index: usize, body: Range<usize>) {
        let Some(bugs) = self.by_function.remove(&index) else {
            return self.copy(body, index + 1);
        };
        let place = bugs.keys().next().copied().expect("a place has a bug");
        self.woven.push_str(&format!("{{ match crate::__bug({place}) {{\n"));
        for (id, mut edits) in bugs {
            let first = self.line();
            self.woven.push_str(&format!("{id}u32 => "));
            edits.sort_by_key(|edit| edit.at.start);
            let mut at = body.start;
            for edit in edits {
                self.woven.push_str(&self.text[at..edit.at.start]);
                self.woven.push_str(&edit.new);
                at = edit.at.end;
            }
            self.woven.push_str(&self.text[at..body.end]);
            self.woven.push('\n');
            self.lines.push((first..self.line(), id, place));
        }
        self.woven.push_str("_ => ");
        self.copy(body, index + 1);
        self.woven.push_str("\n} }");
    }

    fn line(&self) -> usize {
        self.woven.matches('\n').count() + 1
    }
}

#[cfg(test)]
mod tests {
    use super::{Edit, Lines, Refused, blamed, places, woven};

    fn edit(text: &str, old: &str, new: &str) -> Edit {
        let at = text.find(old).unwrap();
        Edit { file: "a.rs".into(), at: at..at + old.len(), new: new.into() }
    }

    #[test]
    fn each_bug_gets_a_body_of_its_own() {
        let text = "fn a() {\n    x == y\n}\nfn b() { fn c() { 1 } 2 }\n";
        let edits = [
            edit(text, "==", "!="),
            edit(text, "x", "z"),
            edit(text, "1", "7"),
            edit(text, "2", "8"),
        ];
        let numbered: Vec<(u32, &Edit)> = (1..).zip(&edits).collect();
        let (woven, lines) = woven(text, &numbered).unwrap();
        assert_eq!(
            woven,
            "fn a() { match crate::__bug(1) {\n\
             1u32 => {\n    x != y\n}\n2u32 => {\n    z == y\n}\n\
             _ => {\n    x == y\n}\n} }\n\
             fn b() { match crate::__bug(4) {\n4u32 => { fn c() { 1 } 8 }\n\
             _ => { fn c() { match crate::__bug(3) {\n3u32 => { 7 }\n_ => { 1 }\n} } 2 }\n} }\n"
        );
        assert_eq!(lines[0], (2..5, 1, 1));
        assert_eq!(lines[1], (5..8, 2, 1));
    }

    #[test]
    fn the_compiler_blames_the_bug_in_whose_lines_it_finds_something() {
        let lines = [Lines { file: "a.rs".into(), at: 2..5, id: 7, first: 3 }];
        let refused = |text: &str| Refused::read(text).unwrap();
        let blamed = |text| blamed(&[refused(text)], &lines).into_keys().collect::<Vec<_>>();
        assert_eq!(blamed("a.rs:4:9: error[E0308]: mismatched types"), [7]);
        assert_eq!(blamed("a.rs:5:9: error: no"), []);
        assert_eq!(blamed("b.rs:4:9: error: no"), []);
        assert_eq!(places(&lines)[&7].first(), Some(&3));
    }

    #[test]
    fn what_is_in_no_function_cannot_sleep() {
        let text = "const A: u8 = 1;\nfn b() {}\n";
        assert_eq!(woven(text, &[(1, &edit(text, "1", "2"))]), None);
    }
}
