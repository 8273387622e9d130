//! Registries, tasks, their supervisors, agents and process groups beside Elixir's and OTP's: the
//! same scenarios on both sides, and the answers have to be the same.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]
#![allow(clippy::disallowed_methods, reason = "another program keeps real time")]

mod agents;
mod elixir;
mod groups;
mod owner;
mod people;
mod registries;
mod supervisors;

use crate::agents::Agents;
use crate::elixir::Elixir;
use crate::groups::Groups;
use crate::people::People;
use crate::registries::Registries;
use crate::supervisors::Tasks;

/// Each with how many scenarios it has at least.
const SCENARIOS: [(&str, usize); 5] = [
    (include_str!("scenarios/registry.txt"), 25),
    (include_str!("scenarios/task.txt"), 40),
    (include_str!("scenarios/task_supervisor.txt"), 15),
    (include_str!("scenarios/agent.txt"), 10),
    (include_str!("scenarios/groups.txt"), 10),
];

/// REG-1, TASK-1, AGT-1: and all that the scenarios name.
#[test]
fn services_answer_as_those_of_elixir() {
    let all = SCENARIOS.map(|(text, _)| text).concat();
    let elixir = Elixir::begin(&all);
    let mut ours = Vec::new();
    for (text, least) in SCENARIOS {
        let scenarios: Vec<_> = text.split("== ").skip(1).collect();
        assert!(scenarios.len() >= least, "only {} scenarios", scenarios.len());
        scenarios.into_iter().for_each(|scenario| run(scenario, &mut ours));
    }
    let theirs = elixir.finish();
    let (mut name, mut different) = ("", Vec::new());
    for (our, their) in ours.iter().zip(theirs.lines()) {
        name = our.strip_prefix("== ").unwrap_or(name);
        if our != their {
            different.push(format!("in `{name}`: {our} here, {their} there"));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
    assert_eq!(ours.len(), theirs.lines().count());
}

/// One scenario on a node of its own, with a clock that waits for nobody.
fn run(scenario: &str, answers: &mut Vec<String>) {
    let (name, lines) = scenario.split_once('\n').unwrap();
    answers.push(format!("== {name}"));
    cordial::__private::run_test(None, async {
        let mut world = World::default();
        for line in lines.lines().filter(|line| !line.starts_with("rules")) {
            let words: Vec<&str> = line.split_whitespace().collect();
            if !words.is_empty() {
                answers.extend(world.answer(&words).await);
            }
        }
    });
}

/// What a scenario has begun.
#[derive(Default)]
struct World {
    people: People,
    registries: Option<Registries>,
    tasks: Tasks,
    agents: Agents,
    groups: Option<Groups>,
}

impl World {
    /// `None`: the line asks nothing.
    async fn answer(&mut self, words: &[&str]) -> Option<String> {
        match *words {
            ["registry", keys] => {
                self.registries = Some(Registries::start(keys, false).await);
                None
            }
            ["registry", keys, "spread"] => {
                self.registries = Some(Registries::start(keys, true).await);
                None
            }
            ["groups"] => {
                self.groups = Some(Groups::start().await);
                None
            }
            ["kill", who] => {
                self.people.kill(who).await;
                None
            }
            ["alive", who] => Some(self.people.is_alive(who).to_string()),
            ["dies", "owner"] => Some(self.tasks.owner_ends().await),
            ["dies", who] => {
                cordial::process::monitor(&self.people.pid(who)).await;
                Some("gone".to_owned())
            }
            _ => match (&mut self.registries, &mut self.groups) {
                (Some(registries), _) => registries.answer(words, &mut self.people).await,
                (_, Some(groups)) => Some(groups.answer(words, &mut self.people).await),
                _ => match self.agents.answer(words).await {
                    Some(answer) => Some(answer),
                    None => self.tasks.answer(words, &self.people).await,
                },
            },
        }
    }
}

/// As Elixir's side writes it.
fn list(texts: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", texts.into_iter().collect::<Vec<_>>().join(","))
}

fn sorted(mut texts: Vec<String>) -> String {
    texts.sort();
    list(texts)
}

fn number(text: &str) -> i64 {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is no number"))
}
