//! Tasks that end in every way, while their owners wait for them, stop them, let them go or die.
use crate::full_length::so_many;
use crate::{Dice, Marker, a_while, over, player, storm};
use cordial::prelude::*;
use cordial::process::{self, Mailbox, Received};
use cordial::{Task, TaskError, TaskSupervisor};
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use tokio::task::yield_now;

const ROUNDS: u64 = so_many(100_000, 1_500) as u64;
const OWNERS: u64 = 4;

/// How a task ends by itself.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Ends {
    AtOnce,
    Soon,
    Panics,
    Never,
}

impl Ends {
    fn any(dice: &mut Dice) -> Self {
        *dice.pick(&[Self::AtOnce, Self::Soon, Self::Panics, Self::Never])
    }
}

/// Counted from the start of its task until nothing of that is left.
struct Counted(Arc<AtomicU64>);

impl Counted {
    fn new(living: &Arc<AtomicU64>) -> Self {
        living.fetch_add(1, SeqCst);
        Self(living.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

async fn work(ends: Ends, number: u64, _counted: Counted) -> u64 {
    match ends {
        Ends::AtOnce => {}
        Ends::Soon => a_while(number % 5).await,
        Ends::Panics => panic!("storm"),
        Ends::Never => pending().await,
    }
    number
}

/// It had its value, or crashed, as it should.
fn check(result: Result<u64, TaskError>, ends: Ends, number: u64) {
    match (result, ends) {
        (Ok(value), Ends::AtOnce | Ends::Soon) => assert_eq!(value, number),
        (Err(TaskError::Exit(ExitReason::Panic(_), _)), Ends::Panics) => {}
        (Err(TaskError::Exit(ExitReason::Killed, _)), Ends::Never) => {}
        (result, ends) => panic!("{result:?} of task {number}, which ends {ends:?}"),
    }
}

/// Does one of the things that can be done with a task.
async fn deal_with(mut task: Task<u64>, ends: Ends, number: u64, dice: &mut Dice) {
    let check_some = |result: Option<_>| result.into_iter().for_each(|it| check(it, ends, number));
    match dice.below(5) {
        0 => check_some(task.kill().await),
        1 => check_some(task.shutdown().await),
        2 => {
            let early = task.yield_for(millis(0)).await;
            let is_early = early.is_some();
            check_some(early);
            if !is_early {
                check_some(task.kill().await);
            }
        }
        3 if ends != Ends::Never => drop(task),
        _ => {
            if ends == Ends::Never {
                process::exit(&task, ExitReason::Kill);
            }
            check(task.no_timeout().await, ends, number);
        }
    }
}

/// Traps exits, so that no task takes it; each exit comes once.
async fn owner(mut mail: Mailbox<Marker>, living: Arc<AtomicU64>, seed: u64) {
    process::trap_exit(true);
    let mut dice = Dice::new(seed);
    let tasks = TaskSupervisor::start_link().await.unwrap();
    for number in 0..ROUNDS {
        let ends = Ends::any(&mut dice);
        let job = work(ends, number, Counted::new(&living));
        let task = match dice.below(3) {
            0 => Task::spawn(job),
            1 => tasks.spawn(job).await.unwrap(),
            _ => tasks.async_nolink(job).await.unwrap(),
        };
        deal_with(task, ends, number, &mut dice).await;
        if number % 64 == 0 {
            forget_exits(&mut mail).await;
        }
    }
    while tasks.count_children().await.unwrap().active > 0 {
        yield_now().await;
    }
    supervisor::stop(&tasks).await.unwrap();
}

async fn forget_exits(mail: &mut Mailbox<Marker>) {
    let is_exit = |received: &Received<Marker>| matches!(received, Received::Exit(_)).then_some(());
    while mail.receive_by(is_exit).after(millis(0)).await.is_some() {}
}

/// Ends uncleanly with tasks that never would; they go with it.
async fn doomed(living: Arc<AtomicU64>) {
    for number in 0..ROUNDS / 10 {
        let own = living.clone();
        let run = async move |_: Mailbox<()>| {
            let start = |n| Task::spawn(work(Ends::Never, n, Counted::new(&own)));
            let tasks: Vec<_> = (0..3).map(start).collect();
            a_while(number % 3).await;
            drop(tasks);
            ExitReason::custom("storm")
        };
        let down = process::spawn_monitor(run).1.await;
        assert_eq!(down.reason, ExitReason::custom("storm"));
    }
}

/// TASK-3, TASK-5, TASK-15: whoever waits learns how it ended, and nothing is left of anybody.
#[test]
fn tasks_end_in_every_way_and_leave_nothing() {
    storm(async || {
        let living = Arc::new(AtomicU64::new(0));
        let owners = (0..OWNERS).map(|seed| {
            let living = living.clone();
            player(move |mail| owner(mail, living, seed + 1))
        });
        let others = {
            let living = living.clone();
            player(move |_: Mailbox<Marker>| doomed(living))
        };
        over(owners.collect::<Vec<_>>().into_iter().chain([others])).await;
        while living.load(SeqCst) > 0 {
            yield_now().await;
        }
        println!("storm of tasks: {} tasks ended", OWNERS * ROUNDS + 3 * (ROUNDS / 10));
    });
}
