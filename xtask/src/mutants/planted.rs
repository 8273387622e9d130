//! The bugs that are planted by hand: `xtask/mutants/planted.txt`, and how it is read.

use crate::shell;
use crate::weave::{Bug, Edit};

use super::Mutant;

const FILE: &str = "xtask/mutants/planted.txt";

/// All of them; of those that do not fit the sources any more, what is wrong.
pub(super) fn planted() -> Result<(Vec<Mutant>, Vec<String>), String> {
    let (mut mutants, mut wrong) = (Vec::new(), Vec::new());
    for block in shell::read(FILE)?.split("\n## ").skip(1) {
        let (name, changes) = block.split_once('\n').unwrap_or((block, ""));
        match edits(changes) {
            Ok(edits) => mutants.push(Mutant { name: name.to_owned(), bug: Bug { id: 0, edits } }),
            Err(reason) => wrong.push(format!("{name}: {reason}")),
        }
    }
    Ok((mutants, wrong))
}

/// A change as it is written.
#[derive(Default)]
struct Change {
    file: String,
    old: Vec<String>,
    new: Vec<String>,
}

fn edits(text: &str) -> Result<Vec<Edit>, String> {
    let mut changes: Vec<Change> = Vec::new();
    let mut file = String::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        match (line.split_at_checked(2), changes.last_mut()) {
            (Some(("- ", old)), Some(last)) if last.new.is_empty() && last.file == file => {
                // A change that nothing is put in the place of ends where another line is named.
                if is_next_line(last, old) {
                    last.old.push(old.to_owned());
                } else {
                    changes.push(Change::begin(&file, old));
                }
            }
            (Some(("- ", old)), _) => changes.push(Change::begin(&file, old)),
            (Some(("+ ", new)), Some(last)) => last.new.push(new.to_owned()),
            _ => line.clone_into(&mut file),
        }
    }
    let edits = changes.iter().map(Change::edit).collect::<Result<Vec<Edit>, String>>()?;
    if edits.is_empty() { Err("changes nothing".into()) } else { Ok(edits) }
}

/// Whether `line` follows in the file what the change names already.
fn is_next_line(change: &Change, line: &str) -> bool {
    let text = shell::read(&change.file).unwrap_or_default();
    let both: Vec<&str> = change.old.iter().map(String::as_str).chain([line]).collect();
    lines_at(&text, &both).is_some()
}

impl Change {
    fn begin(file: &str, old: &str) -> Self {
        Self { file: file.to_owned(), old: vec![old.to_owned()], new: Vec::new() }
    }

    fn edit(&self) -> Result<Edit, String> {
        let new = self.new.join("\n");
        if let [old] = &self.old[..] {
            return Edit::of(&self.file, old, &new);
        }
        let text = shell::read(&self.file)?;
        let old: Vec<&str> = self.old.iter().map(String::as_str).collect();
        let at = lines_at(&text, &old);
        let at = at.ok_or_else(|| format!("`{}` .. is not in {}", old[0], self.file))?;
        Ok(Edit { file: self.file.clone(), at, new })
    }
}

/// Where these whole lines stand one after the other, blanks before and behind them aside.
fn lines_at(text: &str, old: &[&str]) -> Option<std::ops::Range<usize>> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut windows = lines.windows(old.len()).enumerate();
    let is_it = |window: &[&str]| window.iter().zip(old).all(|(a, b)| a.trim() == b.trim());
    let (first, _) = windows.find(|(_, window)| is_it(window))?;
    let start: usize = lines[..first].iter().map(|line| line.len()).sum();
    let length: usize = lines[first..first + old.len()].iter().map(|line| line.len()).sum();
    let indent = lines[first].len() - lines[first].trim_start().len();
    Some(start + indent..start + length)
}

#[cfg(test)]
mod tests {
    use super::{lines_at, planted};

    /// Sources change; the command itself fails for each that does not fit any more.
    #[test]
    fn planted_bugs_fit_the_sources() {
        let (mutants, wrong) = planted().unwrap();
        assert!(mutants.len() > 10 * wrong.len() && mutants.len() > 50, "{wrong:#?}");
    }

    #[test]
    fn whole_lines_are_found_one_after_the_other() {
        let text = "a\n  b\n  c\nb\n";
        assert_eq!(lines_at(text, &["b", "c"]), Some(4..10));
        assert_eq!(lines_at(text, &["a", "c"]), None);
    }
}
