//! What is known of each bug, from run to run: `target/mutants.txt`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;

use super::Mutant;
use crate::shell;

/// What became of a bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Caught,
    /// By the tests that see most; the others have not looked yet.
    NotSeenYet,
    Survived,
    DoesNotCompile,
}

impl Verdict {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Caught => "caught",
            Self::NotSeenYet => "not seen yet",
            Self::Survived => "survived",
            Self::DoesNotCompile => "did not compile",
        }
    }

    fn read(word: &str) -> Option<Self> {
        let all = [Self::Caught, Self::NotSeenYet, Self::Survived, Self::DoesNotCompile];
        all.into_iter().find(|verdict| verdict.word() == word)
    }
}

/// All verdicts so far; the last one of a bug counts.
pub(super) struct Record {
    path: PathBuf,
    verdicts: BTreeMap<String, Verdict>,
}

impl Record {
    /// What earlier runs found of these bugs.
    pub(super) fn read(mutants: &[Mutant]) -> Self {
        let path = shell::target().join("mutants.txt");
        let names: BTreeSet<&str> = mutants.iter().map(|mutant| mutant.name.as_str()).collect();
        let text = fs::read_to_string(&path).unwrap_or_default();
        let mut verdicts = BTreeMap::new();
        for line in text.lines() {
            let mut parts = line.split('\t');
            if let (Some(word), Some(name)) = (parts.next(), parts.next())
                && let Some(verdict) = Verdict::read(word).filter(|_| names.contains(name))
            {
                verdicts.insert(name.to_owned(), verdict);
            }
        }
        Self { path, verdicts }
    }

    pub(super) fn of(&self, name: &str) -> Option<Verdict> {
        self.verdicts.get(name).copied()
    }

    /// They are looked at as if for the first time.
    pub(super) fn forget<'a>(&mut self, mutants: impl Iterator<Item = &'a Mutant>) {
        for mutant in mutants {
            self.verdicts.remove(&mutant.name);
        }
    }

    /// Keeps a verdict, and says it.
    pub(super) fn add(&mut self, name: &str, verdict: Verdict, how: &str) -> Result<(), String> {
        let how = how.lines().next().unwrap_or_default();
        println!("{}: {name}: {how}", verdict.word());
        self.verdicts.insert(name.to_owned(), verdict);
        let file = File::options().append(true).create(true).open(&self.path);
        file.and_then(|mut file| writeln!(file, "{}\t{name}\t{how}", verdict.word()))
            .map_err(|error| format!("cannot write {}: {error}", self.path.display()))
    }
}
