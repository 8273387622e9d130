//! Restarts of a server with a name: the name has one owner at a time, and after each restart it
//! has one again.
use crate::full_length::so_many;
use crate::{Dice, Marker, over, player, storm};
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::{CallError, Pid, gen_server, supervisor};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use tokio::task::yield_now;

const RESTARTS: u64 = so_many(100_000, 2_000) as u64;
const NAME: &str = "harbour master";

#[derive(Default)]
struct World {
    living: AtomicU64,
    incarnations: AtomicU64,
    over: AtomicBool,
}

/// It has the name as long as this is there, and longer.
struct Owner(Arc<World>);

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.living.fetch_sub(1, SeqCst);
    }
}

#[gen_server(name = "harbour master")]
struct Master {
    _owner: Owner,
    nth: u64,
}

#[gen_server]
impl Master {
    #[init]
    fn init(world: Arc<World>) -> Self {
        assert_eq!(world.living.fetch_add(1, SeqCst), 0, "the name has two owners");
        let nth = world.incarnations.fetch_add(1, SeqCst) + 1;
        Self { _owner: Owner(world), nth }
    }
    #[call]
    fn who(&self, ctx: &mut Ctx<Self>) -> (u64, Pid) {
        (self.nth, ctx.pid())
    }
    #[call(inline = never)]
    fn who_by_itself(&self, ctx: &mut Ctx<Self>) -> (u64, Pid) {
        (self.nth, ctx.pid())
    }
    #[cast]
    fn crash(&self) {
        panic!("storm")
    }
}

/// Kills it again and again, and finds the next one by its name.
async fn killer(master: MasterRef) {
    let (mut dice, mut last) = (Dice::new(7), 0);
    while last <= RESTARTS {
        let (nth, pid) = by_name(&master, last + 1, dice.below(2) == 0).await;
        assert_eq!(process::whereis(NAME), Some(pid), "its name is lost");
        last = nth;
        match dice.below(3) {
            0 => _ = master.crash(),
            1 => process::exit(&pid, ExitReason::Kill),
            _ => process::exit(&pid, ExitReason::shutdown_with("storm")),
        }
    }
}

/// Who has the name, once an incarnation has it that is this one or a later one.
async fn by_name(master: &MasterRef, at_least: u64, inline: bool) -> (u64, Pid) {
    loop {
        let call = if inline { master.who() } else { master.who_by_itself() };
        match call.timeout(mins(10)).await {
            Ok((nth, pid)) if nth >= at_least => return (nth, pid),
            Ok(_) | Err(CallError::NoProc(_) | CallError::Down(..)) => yield_now().await,
            Err(error) => panic!("{error}"),
        }
    }
}

/// Looks who has the name: time goes forward.
async fn observer(world: Arc<World>, master: MasterRef, number: u64) {
    let (mut last, mut pids) = (0, 0);
    let mut before = None;
    while !world.over.load(SeqCst) {
        let found = process::whereis(NAME);
        if found != before {
            (before, pids) = (found, pids + 1);
        }
        if let Ok((nth, _)) = master.who().timeout(mins(10)).await {
            assert!(nth >= last, "observer {number} sees {nth} after {last}");
            last = nth;
        }
        yield_now().await;
    }
    assert!(last > 0 && pids > 0);
}

/// PROC-35, PROC-36: a hundred thousand restarts in full length.
#[test]
fn name_has_one_owner_at_a_time_through_all_restarts() {
    storm(async || {
        let world = Arc::new(World::default());
        let mut tree = Supervisor::builder().max_restarts(u32::MAX, secs(1));
        tree.add(Master::child_spec(world.clone()));
        let root = tree.start().await.unwrap();
        let master = gen_server::named::<Master>(NAME);

        let observers: Vec<_> = (0..2)
            .map(|number| observer(world.clone(), master.clone(), number))
            .map(|run| player(|_: Mailbox<Marker>| run))
            .collect();
        over([player({
            let master = master.clone();
            |_: Mailbox<Marker>| killer(master)
        })])
        .await;
        by_name(&master, RESTARTS + 2, true).await;
        world.over.store(true, SeqCst);
        over(observers).await;
        let lives = world.incarnations.load(SeqCst);
        println!("storm of names: {lives} lives with one name");
        assert_eq!(world.living.load(SeqCst), 1);
        supervisor::stop(&root).await.unwrap();
    });
}
