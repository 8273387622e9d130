//! Proves many rules with one build: their breakages sleep in one program, and each is awake for
//! its own test.
//!
//! A test that stays green here is tried again with its breakage alone, so what is said of it comes
//! from there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

use super::copy::{Awake, Copy};
use super::list::shown;
use super::prove::{LIMIT, LONG_LIMIT, Proof, Red, judged, passed};
use crate::rules::Binary;
use crate::weave::{self, Bug, Woven};

/// How many breakages are built together.
const TOGETHER: usize = 80;

/// The proofs, by their place in the list, whose tests turn red.
pub(super) fn prove(copy: &Copy, proofs: &[Proof<'_>]) -> BTreeMap<usize, Red> {
    let mut bugs: Vec<(usize, Bug)> = Vec::new();
    for (at, proof) in proofs.iter().enumerate() {
        let Ok(edit) = proof.one.edit() else { continue };
        let bug = Bug { id: at as u32 + 1, edits: vec![edit] };
        if !proof.binary.is_ui && bug.can_sleep() {
            bugs.push((at, bug));
        }
    }
    bugs.sort_by_key(|(at, _)| &proofs[*at].binary);
    let mut red = BTreeMap::new();
    for group in bugs.chunks(TOGETHER) {
        let (places, bugs): (Vec<usize>, Vec<Bug>) = group.iter().cloned().unzip();
        println!("building {} breakages that sleep in one program", bugs.len());
        let binaries = places.iter().map(|at| proofs[*at].binary.clone()).collect();
        match weave::build(copy, &bugs, &binaries) {
            Ok(woven) => woken(copy, proofs, &places, &woven, &mut red),
            Err(reason) => println!("they are tried one by one: {reason}"),
        }
        if let Err(reason) = weave::clear(copy, &bugs) {
            println!("{reason}");
        }
    }
    red
}

/// Wakes one after the other.
fn woken(
    copy: &Copy,
    proofs: &[Proof<'_>],
    places: &[usize],
    woven: &Woven,
    red: &mut BTreeMap<usize, Red>,
) {
    for (binary, program) in &woven.programs {
        let mine: Vec<usize> =
            places.iter().copied().filter(|at| proofs[*at].binary == *binary).collect();
        let names = names(copy, (binary, program), proofs, &mine);
        for at in mine {
            let (Some(name), false) =
                (names.get(&at), woven.refused.contains_key(&(at as u32 + 1)))
            else {
                continue;
            };
            let begin = Instant::now();
            let words = binary.words_for(&[name]);
            let run = Awake::new((binary, program), at as u32 + 1, &words);
            let ended = copy.run_awake(&Awake { limit: LIMIT, ..run }, |_| false);
            if let Ok(ended) = ended
                && let Ok(how) = judged(&ended, name, &proofs[at].test.file)
            {
                let (rule, seconds) = (shown(&proofs[at].one.rule), begin.elapsed().as_secs_f64());
                println!("{rule}: red as it must be, {how} ({seconds:.1} s)");
                red.insert(at, how);
            }
        }
    }
}

/// The names of the tests that pass while every breakage sleeps.
fn names(
    copy: &Copy,
    program: (&Binary, &Path),
    proofs: &[Proof<'_>],
    mine: &[usize],
) -> BTreeMap<usize, String> {
    let run = |words: &[String]| {
        let run = Awake::new(program, 0, words);
        copy.run_awake(&Awake { limit: LONG_LIMIT, ..run }, |_| false)
    };
    let words = ["--list", "--format", "terse"].map(str::to_owned);
    let listed = run(&words).map(|ended| ended.output).unwrap_or_default();
    let listed: Vec<String> =
        listed.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect();
    let mut names = BTreeMap::new();
    for at in mine {
        if let Ok(name) = program.0.name(proofs[*at].test, &listed) {
            names.insert(*at, name);
        }
    }
    let all: BTreeSet<&str> = names.values().map(String::as_str).collect();
    let all: Vec<&str> = all.into_iter().collect();
    let output = run(&program.0.words_for(&all)).map(|ended| ended.output).unwrap_or_default();
    let green: BTreeSet<String> = output.lines().filter_map(passed).collect();
    names.retain(|_, name| green.contains(name));
    names
}
