//! The language that scenarios are written in: blocks of lines, with tables.
//!
//! ```text
//! scenario one_for_one-$crashed-$reason       one block; `$x` stands for each value of `x`
//! for crashed in a b c                        one scenario per value, all combinations
//! for reason in normal boom
//! rules SUP-13 SUP-16                         what it is about
//! about one_for_one permanent $reason         strategy, restart type, reason; `-` where none
//! proc h trap                                 a process that is there from the beginning
//! server a restart=transient trap             a server that somebody starts
//! sup s one_for_one 3/5 a b c                 a supervisor: 3 restarts in 5 seconds, its children
//! dyn d 3/5                                   a dynamic supervisor
//! h: start_link:s note:ready                  a step: these actions are sent to `h`
//! [crashed=b] h: which:s                      only where `crashed` is `b` (or `!=`)
//! pause 100                                   a step: time passes
//! lanes                                       only the order of each process's own lines counts
//! differs LINE => LINE :: why                 OTP writes the first, cordial the second
//! only-otp LINE :: why
//! only-cordial LINE :: why
//! older-otp LINE [=> LINE] :: why             only OTP before 26 does so
//! ```
use std::collections::HashSet;

/// One scenario without variables.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) rules: Vec<String>,
    pub(crate) about: Vec<String>,
    pub(crate) defs: Vec<Def>,
    pub(crate) steps: Vec<String>,
    pub(crate) order: Order,
    pub(crate) differences: Vec<Difference>,
}

/// Which lines have to stand in the same order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Order {
    All,
    /// Those of one process, within a step.
    Lanes,
}

/// Who there is: the kind, the name, and the rest of the line.
#[derive(Clone, Debug)]
pub(crate) struct Def {
    pub(crate) kind: String,
    pub(crate) name: String,
    words: Vec<String>,
}

/// What is meant to differ, and why.
#[derive(Clone, Debug)]
pub(crate) struct Difference {
    pub(crate) otp: Option<String>,
    pub(crate) cordial: Option<String>,
    pub(crate) release: Release,
    pub(crate) why: String,
}

/// Which releases of OTP differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Release {
    All,
    Before26,
}

impl Def {
    /// The value of `key=value`.
    pub(crate) fn option(&self, key: &str) -> Option<&str> {
        let values = self.words.iter().filter_map(|word| word.split_once('='));
        values.filter(|(found, _)| *found == key).map(|(_, value)| value).next()
    }

    pub(crate) fn is(&self, flag: &str) -> bool {
        self.words.iter().any(|word| word == flag)
    }

    /// The words that are no options: a supervisor's strategy, limits and children.
    pub(crate) fn plain(&self) -> Vec<&str> {
        let is_plain = |word: &&str| !word.contains('=') && *word != "significant";
        self.words.iter().map(String::as_str).filter(is_plain).collect()
    }

    fn line(&self) -> String {
        format!("def {} {} {}\n", self.kind, self.name, self.words.join(" "))
    }
}

impl Scenario {
    /// As the Erlang interpreter reads it.
    pub(crate) fn expanded(&self) -> String {
        let defs = self.defs.iter().map(Def::line);
        let steps = self.steps.iter().map(|step| format!("step {step}\n"));
        defs.chain(steps).fold(format!("scenario {}\n", self.name), |all, line| all + &line)
    }

    /// Whether time is its subject.
    pub(crate) fn takes_time(&self) -> bool {
        self.steps.iter().any(|step| step.starts_with("pause "))
    }

    /// What it covers: rule, strategy, restart type, reason.
    pub(crate) fn tuples(&self) -> HashSet<String> {
        let none = vec!["- - -".to_owned()];
        let about = if self.about.is_empty() { &none } else { &self.about };
        let pairs = self.rules.iter().flat_map(|rule| about.iter().map(move |about| (rule, about)));
        pairs.map(|(rule, about)| format!("{rule} {about}")).collect()
    }
}

/// All scenarios of a file.
pub(crate) fn read(text: &str) -> Vec<Scenario> {
    let mut blocks: Vec<Vec<&str>> = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("scenario ") {
            blocks.push(Vec::new());
        }
        if !line.is_empty() && !line.starts_with('#') {
            blocks.last_mut().expect("a file begins with a scenario").push(line);
        }
    }
    blocks.iter().flat_map(|block| expand(block)).collect()
}

type Binding = Vec<(String, String)>;

fn expand(block: &[&str]) -> Vec<Scenario> {
    let (tables, lines): (Vec<&str>, Vec<&str>) =
        block.iter().partition(|line| line.starts_with("for "));
    let mut bindings: Vec<Binding> = vec![Vec::new()];
    for table in tables {
        let (name, values) = table["for ".len()..].split_once(" in ").expect("`for x in ..`");
        let with = |binding: &Binding, value: &str| {
            let mut binding = binding.clone();
            binding.push((name.to_owned(), value.to_owned()));
            binding.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
            binding
        };
        let extend =
            |binding: &Binding| values.split(' ').map(|v| with(binding, v)).collect::<Vec<_>>();
        bindings = bindings.iter().flat_map(extend).collect();
    }
    bindings.iter().map(|binding| one(&lines, binding)).collect()
}

fn one(lines: &[&str], binding: &Binding) -> Scenario {
    let mut scenario = Scenario {
        name: String::new(),
        rules: Vec::new(),
        about: Vec::new(),
        defs: Vec::new(),
        steps: Vec::new(),
        order: Order::All,
        differences: Vec::new(),
    };
    for line in lines.iter().filter_map(|line| guarded(line, binding)) {
        take(&mut scenario, &filled(line, binding));
    }
    scenario
}

/// The line behind `[x=value]`, if that holds.
fn guarded<'a>(line: &'a str, binding: &Binding) -> Option<&'a str> {
    let Some((guard, rest)) = line.strip_prefix('[').and_then(|line| line.split_once("] ")) else {
        return Some(line);
    };
    let value = |name: &str| {
        let bound = binding.iter().find(|(bound, _)| bound == name);
        bound.map(|(_, value)| value.as_str()).expect("a guard names a variable")
    };
    let holds = match guard.split_once("!=") {
        Some((name, not)) => !not.split('|').any(|not| value(name) == not),
        None => {
            let (name, is) = guard.split_once('=').expect("a guard compares");
            is.split('|').any(|is| value(name) == is)
        }
    };
    holds.then(|| guarded(rest, binding)).flatten()
}

/// Longer names first, so that `$a` does not take a part of `$ab`.
fn filled(line: &str, binding: &Binding) -> String {
    let fill =
        |line: String, (name, value): &(String, String)| line.replace(&format!("${name}"), value);
    binding.iter().fold(line.to_owned(), fill)
}

fn take(scenario: &mut Scenario, line: &str) {
    let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
    match first {
        "scenario" => scenario.name = rest.to_owned(),
        "rules" => scenario.rules.extend(rest.split(' ').map(str::to_owned)),
        "about" => scenario.about.push(rest.to_owned()),
        "lanes" => scenario.order = Order::Lanes,
        "proc" | "server" | "sup" | "dyn" => scenario.defs.push(def(first, rest)),
        "differs" => {
            let (lines, why) = because(rest);
            let (otp, cordial) = lines.split_once(" => ").expect("`differs LINE => LINE`");
            differ(scenario, Some(otp), Some(cordial), Release::All, why);
        }
        "only-otp" => {
            let (line, why) = because(rest);
            differ(scenario, Some(line), None, Release::All, why);
        }
        "older-otp" => {
            let (lines, why) = because(rest);
            let (otp, cordial) = match lines.split_once(" => ") {
                Some((otp, cordial)) => (otp, Some(cordial)),
                None => (lines, None),
            };
            differ(scenario, Some(otp), cordial, Release::Before26, why);
        }
        "only-cordial" => {
            let (line, why) = because(rest);
            differ(scenario, None, Some(line), Release::All, why);
        }
        _ if first == "pause" || first.ends_with(':') => scenario.steps.push(line.to_owned()),
        _ => panic!("`{}`: nobody understands `{line}`", scenario.name),
    }
}

fn def(kind: &str, rest: &str) -> Def {
    let mut words = rest.split(' ').map(str::to_owned);
    let name = words.next().expect("a definition has a name");
    Def { kind: kind.to_owned(), name, words: words.collect() }
}

fn because(rest: &str) -> (&str, &str) {
    rest.split_once(" :: ").expect("a difference has its reason behind ` :: `")
}

fn differ(
    scenario: &mut Scenario,
    otp: Option<&str>,
    cordial: Option<&str>,
    release: Release,
    why: &str,
) {
    let (otp, cordial) = (otp.map(str::to_owned), cordial.map(str::to_owned));
    scenario.differences.push(Difference { otp, cordial, release, why: why.to_owned() });
}

/// Within each step, the lines of one process together.
pub(crate) fn lanes(log: &[String]) -> Vec<String> {
    let mut sorted = Vec::new();
    for step in log.split_inclusive(|line| line.starts_with("-- ")) {
        let (end, lines) = match step.split_last() {
            Some((end, lines)) if end.starts_with("-- ") => (Some(end), lines),
            _ => (None, step),
        };
        let mut lines = lines.to_vec();
        lines.sort_by(|one, other| one.split(' ').next().cmp(&other.split(' ').next()));
        sorted.extend(lines);
        sorted.extend(end.cloned());
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::{Release, read};

    #[test]
    fn tables_give_every_combination_and_guards_choose_lines() {
        let text = "scenario x-$a-$ab\nfor a in 1 2\nfor ab in 3 4\nrules GS-1\nproc p\n\
                    [a=1] [ab!=3] p: note:$a$ab\n";
        let scenarios = read(text);
        let names: Vec<&str> = scenarios.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names, ["x-1-3", "x-1-4", "x-2-3", "x-2-4"]);
        let steps: Vec<usize> = scenarios.iter().map(|s| s.steps.len()).collect();
        assert_eq!(steps, [0, 1, 0, 0]);
        assert_eq!(scenarios[1].steps[0], "p: note:14");
    }

    #[test]
    fn a_scenario_covers_each_rule_with_each_case() {
        let text = "scenario x\nrules SUP-1 SUP-2\nabout a b c\nabout d e f\n";
        assert_eq!(read(text)[0].tuples().len(), 4);
        assert_eq!(read("scenario x\nrules SUP-1 SUP-2\n")[0].tuples().len(), 2);
    }

    #[test]
    fn a_difference_says_who_writes_what_and_why() {
        let text = "scenario x\ndiffers a b => c :: d\nolder-otp e :: f\n";
        let found = read(text).remove(0).differences;
        assert_eq!(found[0].otp.as_deref(), Some("a b"));
        assert_eq!(found[0].cordial.as_deref(), Some("c"));
        assert_eq!((found[1].release, found[1].why.as_str()), (Release::Before26, "f"));
    }
}
