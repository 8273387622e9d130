//! Tasks and their supervisor, as the scenarios ask for them.
use crate::agents::word;
use crate::number;
use crate::owner::{Line, Owner, obey};
use crate::people::People;
use cordial::prelude::*;
use cordial::process::{self, Spawned};
use cordial::supervisor::{self, NotFound};
use cordial::{Answer, RawRef, TaskSupervisor, TaskSupervisorRef, TaskSupervisorSpec};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

/// How often whoever waits for something looks.
const LOOKS: usize = 200;

/// What tasks wait for, by their names.
#[derive(Clone, Default)]
pub(crate) struct Gates(Arc<Mutex<HashMap<String, ReplyTo<()>>>>);

impl Gates {
    pub(crate) fn make(&self, name: &str) -> Answer<()> {
        let (open, is_open) = ReplyTo::pair();
        self.0.lock().unwrap().insert(name.to_owned(), open);
        is_open
    }

    fn open(&self, name: &str) {
        self.0.lock().unwrap().remove(name).expect("it has a gate").reply(());
    }
}

/// How often a task ran.
#[derive(Clone, Default)]
pub(crate) struct Runs(Arc<AtomicU32>);

impl Runs {
    pub(crate) fn count(&self) -> u32 {
        self.0.fetch_add(1, SeqCst) + 1
    }

    /// So often, or as often as it is in the end.
    pub(crate) async fn reached(&self, expected: u32) -> u32 {
        for _ in 0..LOOKS {
            if self.0.load(SeqCst) >= expected {
                break;
            }
            process::sleep(millis(10)).await;
        }
        self.0.load(SeqCst)
    }
}

/// The owner of a scenario, and the supervisor.
#[derive(Default)]
pub(crate) struct Tasks {
    owner: Option<(RawRef<Line>, Spawned<Line>)>,
    ended: Option<ExitReason>,
    gates: Gates,
    runs: Runs,
    supervisor: Option<TaskSupervisorRef>,
}

impl Tasks {
    /// `None`: the line asks nothing.
    pub(crate) async fn answer(&mut self, words: &[&str], people: &People) -> Option<String> {
        match *words {
            ["owner"] => self.begin(people),
            ["owner", "traps"] => {
                self.begin(people);
                self.tell(&["trap"]).await
            }
            ["open", task] => {
                self.gates.open(task);
                None
            }
            ["settle", who] => {
                process::monitor(&people.pid(who)).await;
                process::sleep(millis(20)).await;
                None
            }
            ["supervisor", ref max @ ..] => {
                self.supervisor = Some(supervise(TaskSupervisor::spec(), max).await);
                None
            }
            ["children", expected] => Some(self.children(expected).await),
            ["terminate", task] => {
                let terminated = self.supervisor().terminate_child(people.pid(task)).await;
                Some(match terminated {
                    Ok(()) => "ok".to_owned(),
                    Err(TryCallError::Handler(NotFound { .. })) => "not_found".to_owned(),
                    Err(error) => error.to_string(),
                })
            }
            ["end_supervisor"] => {
                supervisor::stop(self.supervisor()).await.unwrap();
                None
            }
            _ => self.tell(words).await,
        }
    }

    fn supervisor(&self) -> &TaskSupervisorRef {
        self.supervisor.as_ref().expect("the scenario has a supervisor")
    }

    fn begin(&mut self, people: &People) -> Option<String> {
        let owner = Owner {
            people: people.clone(),
            gates: self.gates.clone(),
            runs: self.runs.clone(),
            supervisor: self.supervisor.clone(),
        };
        let (address, down) = process::spawn_monitor(move |mail| obey(owner, mail));
        people.add("owner", down.pid());
        self.owner = Some((address, down));
        None
    }

    /// The owner's answer, or how it ended.
    async fn tell(&mut self, words: &[&str]) -> Option<String> {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        let (from, answer) = ReplyTo::pair();
        let (address, _) = self.owner.as_ref().expect("the scenario has an owner");
        address.send(Line { words, from });
        match answer.await {
            Some(answer) => answer,
            None => Some(self.owner_ends().await),
        }
    }

    pub(crate) async fn owner_ends(&mut self) -> String {
        if self.ended.is_none() {
            let (_, down) = self.owner.as_mut().expect("the scenario has an owner");
            self.ended = Some(down.await.reason);
        }
        format!("gone {}", word(self.ended.as_ref().unwrap()))
    }

    async fn children(&self, expected: &str) -> String {
        let count = async || self.supervisor().children().await.unwrap().len();
        for _ in 0..LOOKS {
            if count().await == usize::try_from(number(expected)).unwrap() {
                break;
            }
            process::sleep(millis(10)).await;
        }
        count().await.to_string()
    }
}

async fn supervise(spec: TaskSupervisorSpec, max: &[&str]) -> TaskSupervisorRef {
    let spec = match max {
        [max] => spec.max_children(usize::try_from(number(max)).unwrap()),
        _ => spec,
    };
    spec.start().await.unwrap()
}
