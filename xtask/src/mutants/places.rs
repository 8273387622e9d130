//! Which tests come to which places: each test runs once by itself while all bugs sleep.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::lanes;
use crate::models::MODELS;
use crate::rules::{Awake, Binary, Copy};

/// How long one test may take.
const LONG: Duration = Duration::from_secs(300);

/// A test, as it is while no bug is awake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) name: String,
    pub(super) took: Duration,
    /// It fails without a bug, too.
    pub(super) is_red: bool,
    places: BTreeSet<u32>,
}

impl Known {
    pub(super) fn comes_to(&self, places: &BTreeSet<u32>) -> bool {
        !self.places.is_disjoint(places)
    }

    fn line(&self) -> String {
        let places: Vec<String> = self.places.iter().map(u32::to_string).collect();
        let (millis, red) = (self.took.as_millis(), u8::from(self.is_red));
        format!("{}\t{millis}\t{red}\t{}\n", self.name, places.join(","))
    }

    fn read(line: &str) -> Option<Self> {
        let mut parts = line.split('\t');
        let name = parts.next()?.to_owned();
        let took = Duration::from_millis(parts.next()?.parse().ok()?);
        let is_red = parts.next()? == "1";
        let places = parts.next()?.split(',').filter_map(|place| place.parse().ok()).collect();
        Some(Self { name, took, is_red, places })
    }
}

/// All tests of a program; what is known of it is kept beside it.
pub(super) fn tests(copy: &Copy, program: (&Binary, &Path)) -> Result<Vec<Known>, String> {
    let kept = copy.beside(program.1);
    if let Some(text) = kept.as_ref().and_then(|path| fs::read_to_string(path).ok()) {
        return Ok(text.lines().filter_map(Known::read).collect());
    }
    let begun = Instant::now();
    let names = names(copy, program)?;
    let (count, mut tests) = (names.len(), Vec::new());
    lanes::share(
        names.into_iter(),
        |lane, name| alone(copy, program, name, lane),
        |_, known| known.map(|known| tests.push(known)),
    )?;
    tests.sort_by(|a, b| a.name.cmp(&b.name));
    println!("{}: {count} tests in {:.1} s", program.0, begun.elapsed().as_secs_f64());
    let red = tests.iter().filter(|test| test.is_red);
    red.for_each(|test| println!("{} fails without a bug", test.name));
    if let Some(path) = kept {
        let text: String = tests.iter().map(Known::line).collect();
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(tests)
}

fn names(copy: &Copy, program: (&Binary, &Path)) -> Result<Vec<String>, String> {
    let words = ["--list", "--format", "terse"].map(str::to_owned);
    let listed = copy.run_awake(&Awake::new(program, 0, &words), |_| false)?.output;
    let names = listed.lines().filter_map(|line| line.strip_suffix(": test"));
    let is_one = |name: &&str| program.0.models.is_none() || name.starts_with(MODELS);
    Ok(names.filter(is_one).map(str::to_owned).collect())
}

fn alone(copy: &Copy, program: (&Binary, &Path), name: &str, lane: usize) -> Result<Known, String> {
    let met = copy.met(lane);
    // It is not there before the first.
    let _ = fs::remove_file(&met);
    let words = ["--exact", name].map(str::to_owned);
    let run = Awake::new(program, 0, &words);
    let begun = Instant::now();
    let ended = copy.run_awake(&Awake { limit: LONG, met: Some(&met), lane, ..run }, |_| false)?;
    let took = begun.elapsed();
    let is_red = !ended.status.is_some_and(|status| status.success());
    let met = fs::read_to_string(&met).unwrap_or_default();
    let places = met.lines().filter_map(|line| line.parse().ok()).collect();
    Ok(Known { name: name.to_owned(), took, is_red, places })
}

#[cfg(test)]
mod tests {
    use super::Known;
    use std::collections::BTreeSet;
    use std::time::Duration;

    #[test]
    fn what_is_known_of_a_test_is_read_as_it_was_written() {
        let places = BTreeSet::from([3, 7]);
        let took = Duration::from_millis(12);
        let known = Known { name: "a::b".into(), took, is_red: true, places };
        assert_eq!(Known::read(known.line().trim_end()), Some(known.clone()));
        assert!(known.comes_to(&BTreeSet::from([7, 8])));
        assert!(!known.comes_to(&BTreeSet::from([8])));
        let nowhere = Known { places: BTreeSet::new(), ..known };
        assert_eq!(Known::read(nowhere.line().trim_end_matches('\n')), Some(nowhere));
    }
}
