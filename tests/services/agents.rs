//! Agents, as the scenarios ask them.
use crate::number;
use cordial::prelude::*;
use cordial::{Agent, process};

/// The agent of a scenario.
#[derive(Default)]
pub(crate) struct Agents(Option<Agent<i64>>);

impl Agents {
    /// `None`: that is nothing for an agent.
    pub(crate) async fn answer(&mut self, words: &[&str]) -> Option<String> {
        let started = match *words {
            ["agent", "crash"] => Agent::start(|| panic!("empty")).await,
            ["agent", value] => {
                let value = number(value);
                Agent::start(move || value).await
            }
            ["named_agent", value] => {
                let value = number(value);
                Agent::start(move || value).name("keeper").await
            }
            _ => return Some(asked(self.0.as_ref()?, words).await),
        };
        Some(match started {
            Ok(agent) => {
                self.0 = Some(agent);
                "ok".to_owned()
            }
            Err(StartError::AlreadyStarted(_)) => "taken".to_owned(),
            Err(StartError::Init(reason)) => format!("failed {}", word(&reason)),
            Err(error) => error.to_string(),
        })
    }
}

/// A reason as the scenarios write it.
pub(crate) fn word(reason: &ExitReason) -> String {
    match reason {
        ExitReason::Normal => "normal".to_owned(),
        ExitReason::Shutdown => "shutdown".to_owned(),
        ExitReason::Killed => "killed".to_owned(),
        ExitReason::NoProc => "noproc".to_owned(),
        ExitReason::Panic(_) => "crash".to_owned(),
        other => other.downcast_ref::<String>().cloned().unwrap_or_else(|| other.to_string()),
    }
}

async fn asked(agent: &Agent<i64>, words: &[&str]) -> String {
    let by = words.get(1).map_or(0, |word| number(word));
    let ok = |()| "ok".to_owned();
    let answer = match words[0] {
        "get" => agent.get(|value| value.to_string()).await,
        "get_named" => Agent::<i64>::named("keeper").get(|value| value.to_string()).await,
        "add" => agent.update(move |value| *value += by).await.map(ok),
        "get_add" => {
            let old = agent.get_and_update(move |value| std::mem::replace(value, *value + by));
            old.await.map(|old| old.to_string())
        }
        "cast_add" => {
            agent.cast(move |value| *value += by);
            Ok("ok".to_owned())
        }
        "cast_times" => {
            agent.cast(move |value| *value *= by);
            Ok("ok".to_owned())
        }
        "crash_get" => agent.get(|_| -> String { panic!("worn out") }).await,
        "crash_update" => agent.update(|_| panic!("worn out")).await.map(ok),
        "crash_cast" => {
            let down = process::monitor(agent);
            agent.cast(|_| panic!("worn out"));
            Ok(format!("gone {}", word(&down.await.reason)))
        }
        "late_add" => agent.update(move |value| *value += by).timeout(millis(0)).await.map(ok),
        "stop_agent" => match agent.stop().await {
            Ok(()) => Ok("ok".to_owned()),
            Err(cordial::StopError::NoProc) => Ok("exit noproc".to_owned()),
            Err(error) => Ok(error.to_string()),
        },
        _ => panic!("no question {words:?}"),
    };
    answer.unwrap_or_else(|error| match error {
        CallError::Timeout(..) => "timeout".to_owned(),
        CallError::NoProc(_) => "exit noproc".to_owned(),
        CallError::Down(reason, _) => format!("exit {}", word(&reason)),
        error => error.to_string(),
    })
}
