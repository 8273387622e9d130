//! A million children of one dynamic supervisor start, restart at random and stop, and all of their
//! memory comes back; counted by the allocator, so it has a process of its own. Without
//! optimisation it is fifty thousand.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]
#![allow(clippy::print_stdout, reason = "figures are what a soak is for")]

mod counting;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cordial::prelude::*;
use cordial::supervisor;
use cordial::{DynamicSpec, Node, process};
use counting::{count, in_use};
use tokio::time::Instant;

/// One test at a time: what is counted is everybody's.
static TURN: Mutex<()> = Mutex::new(());

const CHILDREN: usize = if cfg!(debug_assertions) { 50_000 } else { 1_000_000 };
const RESTARTS: usize = if cfg!(debug_assertions) { 1_000 } else { 10_000 };
const MIB: isize = 1024 * 1024;

#[gen_server]
#[derive(Clone)]
struct Sensor(u64);

#[gen_server]
impl Sensor {
    #[call]
    fn reading(&self) -> u64 {
        self.0
    }
}

/// SUP-54, DYN-18
// break: SUP-54 runtime/cordial/src/supervisor/server.rs `remove(&mut self.pids, &pid);` => ``
#[test]
fn memory_of_children_comes_back() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        cycle(100).await;
        temporary_children_leave_nothing_behind().await;
        let before = in_use();
        for nth in ["first", "second"] {
            let at_most = cycle(CHILDREN).await;
            let after = in_use();
            println!("{nth} cycle: {at_most} bytes a child, {} bytes left", after - before);
            let bound = (2 * MIB).max(before / 50);
            assert!(after - before <= bound, "{nth} cycle: {} bytes are left", after - before);
        }
    });
}

/// Those of a static supervisor and of a dynamic one that live on: start arguments, specs, ids.
async fn temporary_children_leave_nothing_behind() {
    let (supervisor, sensors) = (Supervisor::builder().start(), DynamicSpec::<Sensor>::new());
    let (supervisor, sensors) = (supervisor.await.unwrap(), sensors.start().await.unwrap());
    let mut left = [0; 2];
    for left in &mut left {
        let before = in_use();
        for n in 0..10_000 {
            let spec = Sensor::child_spec(Sensor(n)).temporary();
            crash(&sensors.start_child(spec).await.unwrap()).await;
            let spec = Sensor::child_spec(Sensor(n)).id(format!("{n}")).temporary();
            crash(&supervisor.start_child(spec).await.unwrap()).await;
        }
        let counts =
            [sensors.count_children().await, supervisor::count_children(&supervisor).await];
        assert!(counts.iter().all(|counts| counts.as_ref().unwrap().specs == 0));
        *left = in_use() - before;
    }
    println!("20000 temporary children: {left:?} bytes left");
    assert!(left[1] <= 4_096, "{left:?} bytes are left");
    supervisor::stop(&sensors).await.unwrap();
    supervisor::stop(&supervisor).await.unwrap();
}

/// Starts so many, restarts some of them, stops them all; how many bytes each of them held.
async fn cycle(children: usize) -> isize {
    let before = in_use();
    let began = Instant::now();
    let spec = DynamicSpec::<Sensor>::new().max_restarts(u32::MAX, secs(1));
    let sensors = spec.start().await.unwrap();
    let mut handles = Vec::with_capacity(children);
    for n in 0..children {
        handles.push(sensors.start_child(Sensor(n as u64)).await.unwrap());
    }
    let (started, held) = (began.elapsed(), in_use() - before);

    let began = Instant::now();
    let mut dice = 1_u64;
    for _ in 0..RESTARTS.min(children) {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let n = usize::try_from(dice >> 33).unwrap() % children;
        crash(&handles[n]).await;
        while sensors.count_children().await.unwrap().active < children {}
        assert_eq!(handles[n].reading().await, Ok(n as u64));
    }
    let restarted = began.elapsed();

    let began = Instant::now();
    supervisor::stop(&sensors).await.unwrap();
    drop((handles, sensors));
    assert_eq!(Node::current().unwrap().processes(), 0);
    println!("{children}: start {started:?}, restarts {restarted:?}, stop {:?}", began.elapsed());
    held / count(children)
}

/// Operations that are timed together; of some such batches the shortest counts.
const BATCH: usize = 50;
const BATCHES: usize = 8;

/// The least that one of them takes.
async fn cost(mut operation: impl AsyncFnMut(usize)) -> Duration {
    let mut least = Duration::MAX;
    for batch in 0..BATCHES {
        let began = Instant::now();
        for n in 0..BATCH {
            operation(batch * BATCH + n).await;
        }
        least = least.min(began.elapsed());
    }
    least / u32::try_from(BATCH).unwrap()
}

/// What a restart, a count and a termination with a new start cost among so many dynamic children.
async fn costs_among_dynamic(children: usize) -> [Duration; 3] {
    let spec = DynamicSpec::<Sensor>::new().max_restarts(u32::MAX, secs(1));
    let sensors = spec.start().await.unwrap();
    let mut handles = Vec::with_capacity(children);
    for n in 0..children {
        handles.push(sensors.start_child(Sensor(n as u64)).await.unwrap());
    }
    let restart = cost(async |n| {
        let child = &handles[n * 7919 % children];
        crash(child).await;
        while child.reading().await.is_err() {}
    });
    let restart = restart.await;
    let count = cost(async |_| _ = sensors.count_children().await.unwrap()).await;
    let renewed = cost(async |n| {
        let child = sensors.start_child(Sensor(n as u64)).await.unwrap();
        sensors.terminate_child(&child).await.unwrap();
    });
    let renewed = renewed.await;
    supervisor::stop(&sensors).await.unwrap();
    [restart, count, renewed]
}

/// The same among static children; one that was terminated is started again.
async fn costs_among_static(children: usize) -> [Duration; 3] {
    let mut tree = Supervisor::builder().max_restarts(u32::MAX, secs(1));
    let handles: Vec<_> = (0..children)
        .map(|n| tree.add(Sensor::child_spec(Sensor(n as u64)).id(n.to_string())))
        .collect();
    let tree = tree.start().await.unwrap();
    let restart = cost(async |n| {
        let child = &handles[n * 7919 % children];
        crash(child).await;
        while child.reading().await.is_err() {}
    });
    let restart = restart.await;
    let count = cost(async |_| _ = supervisor::count_children(&tree).await.unwrap()).await;
    let renewed = cost(async |n| {
        let id = (n * 7919 % children).to_string();
        supervisor::terminate_child(&tree, id.clone()).await.unwrap();
        supervisor::restart_child(&tree, id).await.unwrap();
    });
    let renewed = renewed.await;
    supervisor::stop(&tree).await.unwrap();
    [restart, count, renewed]
}

/// SUP-55: nothing that concerns one child looks at the others.
#[test]
fn costs_do_not_grow_with_the_children() {
    const MANY: usize = if cfg!(debug_assertions) { 5_000 } else { 100_000 };
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let dynamic = (costs_among_dynamic(10).await, costs_among_dynamic(MANY).await);
        let fixed = (costs_among_static(10).await, costs_among_static(MANY).await);
        for (kind, (few, many)) in [("dynamic", dynamic), ("static", fixed)] {
            println!("{kind}: restart, count, renewal among 10 {few:?}, among {MANY} {many:?}");
            for (few, many) in few.into_iter().zip(many) {
                // Memory that is not in the cache is slower, and the machine may be busy.
                assert!(many < 8 * few + Duration::from_micros(100), "{kind}: {few:?}, {many:?}");
            }
        }
    });
}

async fn crash(sensor: &Ref<Sensor>) {
    let down = process::monitor(sensor);
    process::exit(sensor, ExitReason::Kill);
    assert_eq!(down.await.reason, ExitReason::Killed);
}
