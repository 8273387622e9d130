//! The process that starts tasks and waits for them, as the scenarios tell it.
use crate::agents::word;
use crate::people::People;
use crate::supervisors::{Gates, Runs};
use crate::{list, number};
use cordial::prelude::*;
use cordial::process::{self, Mailbox, Received};
use cordial::supervisor::StartChildError;
use cordial::task::{self, OnLate, TaskStream};
use cordial::{Message, Task, TaskError, TaskSpec, TaskSupervisorRef};
use std::collections::HashMap;
use std::future::{Future, pending};

/// A line for the owner.
pub(crate) struct Line {
    pub(crate) words: Vec<String>,
    pub(crate) from: ReplyTo<Option<String>>,
}

impl Message for Line {
    fn kind(&self) -> &'static str {
        "line"
    }
}

/// What the owner knows.
pub(crate) struct Owner {
    pub(crate) people: People,
    pub(crate) gates: Gates,
    pub(crate) runs: Runs,
    pub(crate) supervisor: Option<TaskSupervisorRef>,
}

type Tasks = HashMap<String, Task<i64>>;
type Stream<'a> = TaskStream<'a, String, i64>;

/// It obeys until it is told to leave; why is how it ends.
pub(crate) async fn obey(owner: Owner, mut mail: Mailbox<Line>) -> ExitReason {
    let mut tasks = Tasks::new();
    loop {
        let line =
            mail.receive_by(|received| matches!(received, Received::Message(_)).then_some(()));
        let ((), Received::Message(Line { words, from })) = line.await else {
            unreachable!("nothing else was asked for")
        };
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let answer = match words[..] {
            ["leave", why] => return reason(why),
            ["mail"] => {
                Some(process::info(&process::self_pid()).unwrap().message_queue_len.to_string())
            }
            ["exits"] => Some(exits(&mut mail).await),
            _ => owner.answer(&words, &mut tasks).await,
        };
        from.reply(answer);
    }
}

async fn exits(mail: &mut Mailbox<Line>) -> String {
    let mut reasons = Vec::new();
    let exit = |received: &Received<Line>| match received {
        Received::Exit(exit) => Some(word(&exit.reason)),
        _ => None,
    };
    while let Some((reason, _)) = mail.receive_by(exit).after(millis(0)).await {
        reasons.push(reason);
    }
    list(reasons)
}

fn reason(why: &str) -> ExitReason {
    match why {
        "normal" => ExitReason::Normal,
        "shutdown" => ExitReason::Shutdown,
        other => ExitReason::custom(other.to_owned()),
    }
}

/// Ends the process that calls, as Elixir's `exit`.
async fn leave<T>(why: &str) -> T {
    process::exit(&process::self_pid(), reason(why));
    pending().await
}

/// As the scenarios write what came of a task.
fn ended(result: Option<Result<i64, TaskError>>) -> String {
    result.map_or("none".to_owned(), told)
}

fn told<T: ToString>(result: Result<T, TaskError>) -> String {
    match result {
        Ok(value) => value.to_string(),
        Err(TaskError::Exit(reason, _)) => format!("exit {}", word(&reason)),
        Err(TaskError::Timeout(..)) => "timeout".to_owned(),
        Err(TaskError::NotStarted(_)) => "too many".to_owned(),
        Err(error) => error.to_string(),
    }
}

impl Owner {
    /// `None`: the line asks nothing.
    async fn answer(&self, words: &[&str], tasks: &mut Tasks) -> Option<String> {
        match *words {
            ["trap"] => {
                process::trap_exit(true);
                None
            }
            ["links"] => Some(process::info(&process::self_pid()).unwrap().links.len().to_string()),
            ["runs", expected] => {
                process::sleep(millis(20)).await;
                Some(self.runs.reached(u32::try_from(number(expected)).unwrap()).await.to_string())
            }
            [
                how @ ("spawn" | "spawn_under" | "spawn_nolink" | "completed"),
                name,
                ref body @ ..,
            ] => self.begin(how, name, body, tasks).await,
            ["start", name, ref body @ ..] => {
                self.people.add(name, Task::start(self.work(name, body)).unwrap());
                None
            }
            ["start_link", name, ref body @ ..] => {
                self.people.add(name, Task::start_link(self.work(name, body)).unwrap());
                None
            }
            ["child", name, restart, ref body @ ..] => self.child(name, restart, body).await,
            ["stream" | "stream_under" | "stream_nolink" | "take" | "zip", ..] => {
                Some(self.stream(words).await)
            }
            _ => Some(wait(words, tasks).await),
        }
    }

    async fn begin(
        &self,
        how: &str,
        name: &str,
        body: &[&str],
        tasks: &mut Tasks,
    ) -> Option<String> {
        let (ready, is_ready) = ReplyTo::pair();
        let job = self.job(name, body, ready);
        let supervisor = self.supervisor.as_ref();
        let begun = match how {
            "spawn" => Ok(Task::spawn(job)),
            "completed" => Ok(Task::completed(number(body[0]))),
            "spawn_under" => supervisor.unwrap().spawn(job).await,
            _ => supervisor.unwrap().async_nolink(job).await,
        };
        let task = match begun {
            Ok(task) => task,
            Err(StartChildError::MaxChildren(_)) => return Some("too many".to_owned()),
            Err(error) => return Some(error.to_string()),
        };
        if let Some(pid) = task.pid() {
            self.people.add(name, pid);
        }
        if body == ["stubborn"] {
            is_ready.await.unwrap();
        }
        tasks.insert(name.to_owned(), task);
        None
    }

    async fn child(&self, name: &str, restart: &str, body: &[&str]) -> Option<String> {
        let restart = match restart {
            "transient" => Restart::Transient,
            "temporary" => Restart::Temporary,
            other => panic!("no restart `{other}`"),
        };
        let (gates, runs) = (self.gates.clone(), self.runs.clone());
        let body: Vec<String> = body.iter().map(|word| (*word).to_owned()).collect();
        let called = name.to_owned();
        let spec = TaskSpec::new(move || {
            let (ready, _) = ReplyTo::pair();
            let job = job(&called, &body, &gates, &runs, ready);
            async {
                job.await;
            }
        });
        match self.supervisor.as_ref().unwrap().start_spec(spec.restart(restart)).await {
            Ok(pid) => {
                self.people.add(name, pid);
                None
            }
            Err(StartChildError::MaxChildren(_)) => Some("too many".to_owned()),
            Err(error) => Some(error.to_string()),
        }
    }

    fn job(
        &self,
        name: &str,
        body: &[&str],
        ready: ReplyTo<()>,
    ) -> impl Future<Output = i64> + Send + use<> {
        let body: Vec<String> = body.iter().map(|word| (*word).to_owned()).collect();
        job(name, &body, &self.gates, &self.runs, ready)
    }

    fn work(&self, name: &str, body: &[&str]) -> impl Future<Output = ()> + Send + use<> {
        let job = self.job(name, body, ReplyTo::pair().0);
        async {
            job.await;
        }
    }

    async fn stream(&self, words: &[&str]) -> String {
        let items =
            |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>();
        let most = |max: &str| usize::try_from(number(max)).unwrap();
        match *words {
            ["take", count, max, ref all @ ..] => {
                let stream: Stream<'_> = Task::stream(items(all), most(max), item);
                list(stream.take(most(count)).await.into_iter().map(told))
            }
            ["zip", max, ref all @ ..] => {
                let stream: Stream<'_> = Task::stream(items(all), most(max), item);
                let stream = stream.on_timeout(OnLate::KillTask).timeout(millis(100));
                let results = stream.zip_input_on_exit().collect().await;
                list(results.into_iter().map(|result| match result {
                    Ok(value) => value.to_string(),
                    Err((input, error)) => format!("{input}: {}", late(Err(error))),
                }))
            }
            [how, max, order, on_late, ms, ref all @ ..] => {
                let (all, max) = (items(all), most(max));
                let supervisor = self.supervisor.as_ref();
                let stream: Stream<'_> = match how {
                    "stream" => Task::stream(all, max, item),
                    "stream_under" => supervisor.unwrap().stream(all, max, item),
                    _ => supervisor.unwrap().stream_nolink(all, max, item),
                };
                let limit = millis(u64::try_from(number(ms)).unwrap());
                let stream = stream.ordered(order == "ordered").timeout(limit);
                streamed(stream, on_late == "kill").await
            }
            _ => panic!("no stream {words:?}"),
        }
    }
}

async fn streamed(stream: Stream<'_>, kills: bool) -> String {
    if kills {
        let results = stream.on_timeout(OnLate::KillTask).collect().await;
        return list(results.into_iter().map(late));
    }
    let results: Vec<String> = stream.collect().await.into_iter().map(told).collect();
    // Elixir's consumer ends there; here the last result says so.
    match results.last().map(String::as_str) {
        Some(over @ ("timeout" | "too many")) => over.to_owned(),
        _ => list(results),
    }
}

/// In the place of a task that was killed for being late.
fn late(result: Result<i64, TaskError>) -> String {
    match told(result).as_str() {
        "timeout" => "exit timeout".to_owned(),
        other => other.to_owned(),
    }
}

async fn wait(words: &[&str], tasks: &mut Tasks) -> String {
    let limit = |ms: &str| millis(u64::try_from(number(ms)).unwrap());
    let of = |tasks: &mut Tasks, name: &str| -> Task<i64> {
        tasks.remove(name).unwrap_or_else(|| panic!("no task `{name}`"))
    };
    match *words {
        ["await", name] => told(of(tasks, name).await),
        ["await", name, ms] => told(of(tasks, name).timeout(limit(ms)).await),
        ["await_many", ms, ref names @ ..] => {
            let many: Vec<_> = names.iter().map(|name| of(tasks, name)).collect();
            let values = task::await_many(many).timeout(limit(ms)).await;
            told(values.map(|values| list(values.iter().map(i64::to_string))))
        }
        ["yield", name, ms] => ended(tasks.get_mut(name).unwrap().yield_for(limit(ms)).await),
        ["yield_many", ms, ref names @ ..] => {
            let mut many: Vec<_> = names.iter().map(|name| of(tasks, name)).collect();
            let ends = task::yield_many(&mut many).timeout(limit(ms)).await;
            tasks.extend(names.iter().map(|name| (*name).to_owned()).zip(many));
            list(ends.into_iter().map(ended))
        }
        ["shutdown", name] => ended(of(tasks, name).shutdown().await),
        ["shutdown", name, "kill"] => ended(of(tasks, name).kill().await),
        ["shutdown", name, ms] => ended(of(tasks, name).shutdown_within(limit(ms)).await),
        ["ignore", name] => ended(of(tasks, name).ignore().await),
        _ => panic!("no question {words:?}"),
    }
}

/// What a task does.
fn job(
    name: &str,
    body: &[String],
    gates: &Gates,
    runs: &Runs,
    ready: ReplyTo<()>,
) -> impl Future<Output = i64> + Send + use<> {
    let (body, runs) = (body.to_vec(), runs.clone());
    let is_gated = body[0].starts_with("gate");
    let gate = is_gated.then(|| gates.make(name));
    async move {
        let body: Vec<&str> = body.iter().map(String::as_str).collect();
        if let Some(gate) = gate {
            gate.await;
        }
        match body[..] {
            ["value" | "gate", value] => number(value),
            ["exit", why] => leave(why).await,
            ["crash" | "gate_crash"] => panic!("told to"),
            ["nap", ms, value] => {
                process::sleep(millis(u64::try_from(number(ms)).unwrap())).await;
                number(value)
            }
            ["count", why] if runs.count() < 3 => leave(why).await,
            ["count", _] => 0,
            ["stubborn"] => {
                process::trap_exit(true);
                ready.reply(());
                pending().await
            }
            ["hang"] => pending().await,
            _ => panic!("no work {body:?}"),
        }
    }
}

/// What a task of a stream does.
async fn item(item: String) -> i64 {
    if item == "crash" {
        panic!("told to");
    }
    if let Some((ms, value)) = item.split_once(':') {
        process::sleep(millis(u64::try_from(number(ms)).unwrap())).await;
        return number(value);
    }
    match item.parse() {
        Ok(value) => value,
        Err(_) => leave(&item).await,
    }
}
