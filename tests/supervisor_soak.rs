//! A million children of one dynamic supervisor start, restart at random and stop, and all of their
//! memory comes back; counted by the allocator, so it has a process of its own. Without
//! optimisation it is fifty thousand.
#![allow(
    unsafe_code,
    clippy::undocumented_unsafe_blocks,
    reason = "an allocator cannot be written without"
)]
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]
#![allow(clippy::print_stdout, reason = "figures are what a soak is for")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicIsize, Ordering};

use cordial::prelude::*;
use cordial::supervisor;
use cordial::{DynamicSpec, Node, process};
use tokio::time::Instant;

/// The system's allocator, which also counts the bytes that are in use.
struct Counting;

static IN_USE: AtomicIsize = AtomicIsize::new(0);

fn count(bytes: usize) -> isize {
    isize::try_from(bytes).expect("no layout is larger than `isize::MAX`")
}

// SAFETY: every call is passed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        IN_USE.fetch_add(count(layout.size()), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(count(layout.size()), Ordering::Relaxed);
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

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
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        cycle(100).await;
        temporary_children_leave_nothing_behind().await;
        let before = IN_USE.load(Ordering::Relaxed);
        for nth in ["first", "second"] {
            let at_most = cycle(CHILDREN).await;
            let after = IN_USE.load(Ordering::Relaxed);
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
        let before = IN_USE.load(Ordering::Relaxed);
        for n in 0..10_000 {
            let spec = Sensor::child_spec(Sensor(n)).temporary();
            crash(&sensors.start_child(spec).await.unwrap()).await;
            let spec = Sensor::child_spec(Sensor(n)).id(format!("{n}")).temporary();
            crash(&supervisor.start_child(spec).await.unwrap()).await;
        }
        let counts =
            [sensors.count_children().await, supervisor::count_children(&supervisor).await];
        assert!(counts.iter().all(|counts| counts.as_ref().unwrap().specs == 0));
        *left = IN_USE.load(Ordering::Relaxed) - before;
    }
    println!("20000 temporary children: {left:?} bytes left");
    assert!(left[1] <= 4_096, "{left:?} bytes are left");
    supervisor::stop(&sensors).await.unwrap();
    supervisor::stop(&supervisor).await.unwrap();
}

/// Starts so many, restarts some of them, stops them all; how many bytes each of them held.
async fn cycle(children: usize) -> isize {
    let before = IN_USE.load(Ordering::Relaxed);
    let began = Instant::now();
    let spec = DynamicSpec::<Sensor>::new().max_restarts(u32::MAX, secs(1));
    let sensors = spec.start().await.unwrap();
    let mut handles = Vec::with_capacity(children);
    for n in 0..children {
        handles.push(sensors.start_child(Sensor(n as u64)).await.unwrap());
    }
    let (started, held) = (began.elapsed(), IN_USE.load(Ordering::Relaxed) - before);

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

async fn crash(sensor: &Ref<Sensor>) {
    let down = process::monitor(sensor);
    process::exit(sensor, ExitReason::Kill);
    assert_eq!(down.await.reason, ExitReason::Killed);
}
