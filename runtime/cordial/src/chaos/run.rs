//! `#[cordial::chaos_test]`: the plans that failed before, then one history per seed; the first one
//! that fails is made smaller, kept and told.
use super::Chaos;
use super::history::{self, History, Verdict};
use super::plan::Plan;
use super::shrink::shrink;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The variable that asks for one seed only.
const SEED: &str = "CORDIAL_SEED";
/// The variable that asks for another number of seeds.
const SEEDS: &str = "CORDIAL_CHAOS_SEEDS";
/// Nobody gets what this variable asks for.
const PROD: &str = "CORDIAL_CHAOS_PROD";

/// Lines at the end of a trace that a failure shows.
const SHOWN: usize = 40;

/// A test, as its attribute describes it.
#[derive(Clone, Copy, Debug)]
pub struct Test {
    /// Its path.
    pub name: &'static str,
    /// Where the crate that it tests lies.
    pub root: &'static str,
    /// How many histories.
    pub seeds: u64,
    /// How many turns the seed decides.
    pub steps: u32,
}

/// `#[cordial::chaos_test]`.
///
/// # Panics
/// With what a history found, how to repeat it, and the smallest plan that does.
pub fn run_chaos_test<F, Fut>(test: Test, body: F)
where
    F: Fn(Chaos) -> Fut,
    Fut: Future<Output: Verdict>,
{
    assert!(
        env::var_os(PROD).is_none(),
        "{PROD} is set: faults are for tests; there is no chaos in production"
    );
    if let Some(seed) = number(SEED) {
        let history = history::run(Plan::new(seed, test.steps), false, &body);
        if history.failure().is_some() {
            found(test, &history, &body);
        }
        return;
    }
    for (path, plan) in kept(&test) {
        let history = history::run(plan, true, &body);
        if let Some(failure) = history.failure() {
            panic!("{} fails again: {failure}\n{}", path.display(), end_of(history.trace()));
        }
    }
    for seed in 0..number(SEEDS).unwrap_or(test.seeds) {
        let history = history::run(Plan::new(seed, test.steps), false, &body);
        if history.failure().is_some() {
            found(test, &history, &body);
        }
    }
}

/// A whole number out of the environment.
fn number(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    match text.parse() {
        Ok(number) => Some(number),
        Err(_) => panic!("{variable} is a whole number, and not `{text}`"),
    }
}

fn found<F, Fut>(test: Test, failed: &History, body: &F)
where
    F: Fn(Chaos) -> Fut,
    Fut: Future<Output: Verdict>,
{
    let (seed, name) = (failed.plan.seed, test.name);
    let shrunk = shrink(failed, &|plan| history::run(plan, true, body));
    let failure = failed.failure().unwrap_or_default();
    let mut text = format!("{name} fails with seed {seed}: {failure}\n");
    let run = name.rsplit("::").next().unwrap_or(name);
    let _ = writeln!(text, "{SEED}={seed} cargo test {run} runs it again");
    match shrunk {
        Some(small) => {
            let kept = keep(&test, &small);
            let _ = writeln!(text, "the smallest plan, {}, {kept}:", small.plan.size());
            let _ = writeln!(text, "{}\nits trace ends with", small.plan);
            text.push_str(end_of(small.trace()));
        }
        None => {
            text.push_str(
                "the same choices did not fail again: something in the test draws chance from \
                 elsewhere (the time on the wall, the order of a HashMap, a `select!` \
                 without `biased;`)\nits trace ends with\n",
            );
            text.push_str(end_of(failed.trace()));
        }
    }
    panic!("{text}");
}

fn end_of(trace: &str) -> &str {
    let starts = trace.char_indices().rev().filter(|(_, sign)| *sign == '\n');
    let start = starts.map(|(at, _)| at + 1).nth(SHOWN).unwrap_or(0);
    &trace[start..]
}

// ===== Plans that are kept =====

/// `chaos/<test>` beside the crate's manifest.
fn folder(test: &Test) -> PathBuf {
    Path::new(test.root).join("chaos").join(test.name.replace("::", "."))
}

/// In the order of their seeds.
fn kept(test: &Test) -> Vec<(PathBuf, Plan)> {
    let files = fs::read_dir(folder(test)).into_iter().flatten().flatten().map(|file| file.path());
    let plans = files.filter(|path| path.extension().is_some_and(|ending| ending == "plan"));
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).map_err(|error| error.to_string());
        match text.and_then(|text| text.parse::<Plan>()) {
            Ok(plan) => (path, plan),
            Err(why) => panic!("{} is no plan: {why}", path.display()),
        }
    };
    let mut plans: Vec<_> = plans.map(read).collect();
    plans.sort_by_key(|(_, plan)| plan.seed);
    plans
}

/// Writes the plan down, and says where.
fn keep(test: &Test, small: &History) -> String {
    let path = folder(test).join(format!("{}.plan", small.plan.seed));
    let commit = commit(Path::new(test.root)).unwrap_or_else(|| "an unknown commit".to_owned());
    let failure = small.failure().unwrap_or_default().lines().next().unwrap_or_default();
    let text = format!("# {}, at {commit}\n# {failure}\n{}", test.name, small.plan);
    let written = fs::create_dir_all(folder(test)).and_then(|()| fs::write(&path, text));
    match written {
        Ok(()) => format!("kept as {} and run first from now on", path.display()),
        Err(error) => format!("could not be kept as {}: {error}", path.display()),
    }
}

/// What `HEAD` of the repository around the crate is.
fn commit(root: &Path) -> Option<String> {
    let git = root.ancestors().map(|above| above.join(".git")).find(|git| git.is_dir())?;
    let head = fs::read_to_string(git.join("HEAD")).ok()?;
    match head.trim().strip_prefix("ref: ") {
        None => Some(head.trim().to_owned()),
        Some(name) => {
            let loose = fs::read_to_string(git.join(name)).map(|commit| commit.trim().to_owned());
            let packed = || {
                let all = fs::read_to_string(git.join("packed-refs")).ok()?;
                let line = all.lines().find(|line| line.ends_with(name))?.to_owned();
                line.split(' ').next().map(str::to_owned)
            };
            loose.ok().or_else(packed)
        }
    }
}
