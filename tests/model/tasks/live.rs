//! The histories of tasks on the runtime.
use super::history::{Ends, How, Late, REST, SLOTS, Step, Work};
use crate::steps::Log;
use cordial::prelude::*;
use cordial::process::{self, Mailbox, Received};
use cordial::task::{self, OnTimeout};
use cordial::{Pid, Task, TaskError, TaskSupervisor, TaskSupervisorRef};
use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use tokio::sync::{mpsc, oneshot};

/// What the owner is to do; it says when it has.
type Order = (Option<Step>, oneshot::Sender<()>);
type Ending = Pin<Box<dyn Future<Output = Down> + Send>>;

/// All tasks that there ever were, by number.
#[derive(Clone, Default)]
struct Tasks(Arc<Mutex<Vec<Pid>>>);

pub(super) async fn run(history: Vec<Step>, log: Log) {
    let tasks = TaskSupervisor::start().await.unwrap();
    let (orders, inbox) = mpsc::unbounded_channel();
    let all = Tasks::default();
    let owner = Owner {
        slots: Default::default(),
        tasks: tasks.clone(),
        all: all.clone(),
        log: log.clone(),
    };
    let (address, down) = process::spawn_monitor(move |mail| owner.serve(mail, inbox));
    let pid = address.pid().unwrap();
    let mut world = World {
        orders,
        owner: Some((pid, Box::pin(down))),
        began: process::now(),
        all,
        watched: Vec::new(),
        last: [None; SLOTS],
        log,
    };
    for step in history {
        world.step(step).await;
    }
    let living = world.watched.iter().filter(|(_, watch)| watch.is_some());
    let living: Vec<usize> = living.map(|(number, _)| *number).collect();
    let supervised = tasks.count_children().await.unwrap().active;
    world.log.line(format!("alive {living:?}, {supervised} of them supervised"));
    world.watched.clear();
    for pid in world.all.0.lock().unwrap().drain(..) {
        process::exit(&pid, ExitReason::Kill);
    }
    supervisor::stop(&tasks).await.unwrap();
}

struct World {
    orders: mpsc::UnboundedSender<Order>,
    /// Until its end was told.
    owner: Option<(Pid, Ending)>,
    began: std::time::Instant,
    all: Tasks,
    /// By number; until their ends were told.
    watched: Vec<(usize, Option<Ending>)>,
    last: [Option<Pid>; SLOTS],
    log: Log,
}

impl World {
    async fn step(&mut self, step: Step) {
        match step {
            Step::Pause(time) => process::sleep(millis(time)).await,
            Step::Exit(slot, why) => {
                if let Some(pid) = self.last[slot] {
                    process::exit(&pid, why.reason());
                }
            }
            Step::ExitOwner(why) => {
                if let Some((pid, _)) = &self.owner {
                    process::exit(pid, why.reason());
                }
            }
            _ => self.order(Some(step)).await,
        }
        self.watch_new(step);
        process::sleep(millis(REST)).await;
        self.order(None).await;
        self.tell_ends().await;
        let now = (process::now() - self.began).as_millis();
        self.log.line(format!("-- {now}: {step:?}"));
    }

    async fn order(&self, step: Option<Step>) {
        let (done, is_done) = oneshot::channel();
        if self.orders.send((step, done)).is_ok() {
            let _ = is_done.await; // It may end meanwhile.
        }
    }

    fn watch_new(&mut self, step: Step) {
        let all = self.all.0.lock().unwrap();
        for number in self.watched.len()..all.len() {
            let watch: Ending = Box::pin(process::monitor(&all[number]));
            self.watched.push((number, Some(watch)));
            if let Step::Start(slot, ..) = step {
                self.last[slot] = Some(all[number]);
            }
        }
    }

    async fn tell_ends(&mut self) {
        for (number, watch) in &mut self.watched {
            let pid = self.all.0.lock().unwrap()[*number];
            if process::info(&pid).is_none()
                && let Some(watch) = watch.take()
            {
                let reason = word(&watch.await.reason);
                self.log.line(format!("ended {number} {reason}"));
            }
        }
        if let Some((_, down)) = self.owner.take_if(|(pid, _)| process::info(pid).is_none()) {
            self.log.line(format!("ended owner {}", word(&down.await.reason)));
        }
    }
}

struct Owner {
    slots: [Option<Task<usize>>; SLOTS],
    tasks: TaskSupervisorRef,
    all: Tasks,
    log: Log,
}

impl Owner {
    async fn serve(mut self, mut mail: Mailbox<()>, mut inbox: mpsc::UnboundedReceiver<Order>) {
        while let Some((step, done)) = inbox.recv().await {
            match step {
                Some(Step::Return) => return,
                Some(step) => self.act(step).await,
                None => self.read(&mut mail).await,
            }
            let _ = done.send(());
        }
    }

    /// What it was told of those who have ended.
    async fn read(&self, mail: &mut Mailbox<()>) {
        let exit = |received: &Received<()>| match received {
            Received::Exit(exit) => Some((exit.from, exit.reason.clone())),
            _ => None,
        };
        while let Some(((from, reason), _)) = mail.receive_by(exit).after(millis(0)).await {
            let number = self.all.0.lock().unwrap().iter().position(|pid| *pid == from);
            let who = number.map_or("somebody".to_owned(), |number| number.to_string());
            self.log.line(format!("exit {who} {}", word(&reason)));
        }
    }

    async fn act(&mut self, step: Step) {
        let said = match step {
            Step::Start(slot, how, work) => return self.start(slot, how, work).await,
            Step::Await(slot, limit) => match self.slots[slot].take() {
                Some(task) => said(&task.timeout(millis(limit)).await),
                None => return,
            },
            Step::Yield(slot, limit) => match &mut self.slots[slot] {
                Some(task) => perhaps(&task.yield_for(millis(limit)).await),
                None => return,
            },
            Step::Shutdown(slot, limit) => match self.slots[slot].take() {
                Some(task) => perhaps(&task.shutdown_within(millis(limit)).await),
                None => return,
            },
            Step::Kill(slot) => match self.slots[slot].take() {
                Some(task) => perhaps(&task.kill().await),
                None => return,
            },
            Step::Ignore(slot) => match self.slots[slot].take() {
                Some(task) => perhaps(&task.ignore().await),
                None => return,
            },
            Step::Drop(slot) => return drop(self.slots[slot].take()),
            Step::AwaitMany(limit) => {
                let tasks = self.slots.iter_mut().filter_map(Option::take);
                match task::await_many(tasks).timeout(millis(limit)).await {
                    Ok(values) => format!("{values:?}"),
                    Err(error) => said(&Err(error)),
                }
            }
            Step::YieldMany(limit, late) => self.yield_many(limit, late).await,
            Step::Trap(traps) => {
                process::trap_exit(traps);
                return;
            }
            Step::Crash => panic!("told to"),
            _ => unreachable!("{step:?} is done by others"),
        };
        self.log.line(said);
    }

    async fn start(&mut self, slot: usize, how: How, work: Work) {
        drop(self.slots[slot].take());
        let number = self.all.0.lock().unwrap().len();
        let job = run_task(number, work);
        let task = match how {
            How::Own => Task::spawn(job),
            How::Linked => self.tasks.spawn(job).await.unwrap(),
            How::Unlinked => self.tasks.async_nolink(job).await.unwrap(),
        };
        self.all.0.lock().unwrap().push(task.pid().unwrap());
        self.slots[slot] = Some(task);
    }

    async fn yield_many(&mut self, limit: u64, late: Late) -> String {
        let places: Vec<usize> = (0..SLOTS).filter(|slot| self.slots[*slot].is_some()).collect();
        let mut tasks: Vec<_> = self.slots.iter_mut().filter_map(Option::take).collect();
        let waits = task::yield_many(&mut tasks).timeout(millis(limit));
        let results = waits.on_timeout(match late {
            Late::Nothing => OnTimeout::Nothing,
            Late::Ignore => OnTimeout::Ignore,
            Late::Kill => OnTimeout::KillTask,
        });
        let results: Vec<String> = results.await.iter().map(perhaps).collect();
        for (slot, task) in places.into_iter().zip(tasks) {
            self.slots[slot] = Some(task);
        }
        results.join(", ")
    }
}

async fn run_task(number: usize, work: Work) -> usize {
    if work.traps {
        process::trap_exit(true);
    }
    process::sleep(millis(work.after)).await;
    match work.ends {
        Ends::Value => return number,
        Ends::Panics => panic!("torn"),
        Ends::Exits(why) => process::exit(&process::self_pid(), why.reason()),
        Ends::Never => {}
    }
    pending().await
}

fn perhaps(result: &Option<Result<usize, TaskError>>) -> String {
    result.as_ref().map_or("nothing".to_owned(), said)
}

pub(super) fn said(result: &Result<usize, TaskError>) -> String {
    match result {
        Ok(value) => format!("value {value}"),
        Err(TaskError::Timeout(..)) => "late".to_owned(),
        Err(TaskError::Exit(reason, _)) => format!("exit {}", word(reason)),
        Err(other) => format!("{other:?}"),
    }
}

/// A reason in the word that the model has for it.
fn word(reason: &ExitReason) -> String {
    match reason {
        ExitReason::Panic(_) => "panic".to_owned(),
        ExitReason::Normal => "normal".to_owned(),
        ExitReason::Shutdown => "shutdown".to_owned(),
        ExitReason::Kill => "kill".to_owned(),
        ExitReason::Killed => "killed".to_owned(),
        ExitReason::NoProc => "noproc".to_owned(),
        ExitReason::Custom(said) => said.to_string(),
        other => format!("{other:?}"),
    }
}
