//! How many bytes an idle process holds, counted by the allocator; `cargo xtask budget` bounds it.
#![allow(
    unsafe_code,
    clippy::undocumented_unsafe_blocks,
    reason = "an allocator cannot be written without"
)]
#![allow(clippy::print_stdout, reason = "the figure is what the budget reads")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use cordial::prelude::*;

/// The system's allocator, which also counts the bytes that are in use.
struct Counting;

thread_local! {
    /// Of this thread, on which a test's whole runtime runs: what others do beside it is not
    /// counted.
    static IN_USE: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: usize) -> isize {
    isize::try_from(bytes).expect("no layout is larger than `isize::MAX`")
}

// SAFETY: every call is passed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        IN_USE.set(IN_USE.get() + count(layout.size()));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        IN_USE.set(IN_USE.get() - count(layout.size()));
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// 24 bytes of state.
#[gen_server]
struct Sensor([u64; 3]);

#[gen_server]
impl Sensor {
    #[call]
    fn sum(&self) -> u64 {
        self.0.iter().sum()
    }
}

const PROCESSES: isize = 10_000;

/// An idle server with 24 bytes of state, its mailbox used once, holds at most 512 bytes.
#[test]
fn idle_process_holds_at_most_512_bytes() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let bytes = runtime.expect("a runtime starts").block_on(async {
        start_sensors(100).await.into_iter().for_each(drop);
        let before = IN_USE.get();
        let sensors = start_sensors(PROCESSES).await;
        // Their addresses are the caller's: what is held for them does not count.
        let addresses = count(sensors.capacity() * size_of::<Ref<Sensor>>());
        (IN_USE.get() - before - addresses) / PROCESSES
    });
    println!("bytes per idle process: {bytes}");
    assert!(bytes <= 512, "an idle process holds {bytes} bytes");
}

/// Each has answered once, so that the lazily made parts of a mailbox are there.
async fn start_sensors(number: isize) -> Vec<Ref<Sensor>> {
    let mut sensors = Vec::new();
    for at in 0..number {
        let sensor = Sensor::start(Sensor([at.unsigned_abs() as u64; 3])).await;
        sensors.push(sensor.expect("a sensor starts"));
    }
    for sensor in &sensors {
        sensor.sum().await.expect("a sensor answers");
    }
    sensors
}

/// A message that finds the mailbox empty needs no buffer. Where several met, a buffer for few of
/// them stays, and no more.
#[test]
fn process_that_has_been_used_holds_what_a_fresh_one_does() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime starts").block_on(async {
        start_tallies(100).await.into_iter().for_each(drop);
        let before = IN_USE.get();
        let tallies = start_tallies(PROCESSES).await;
        let fresh = IN_USE.get() - before;
        let each = |bytes: isize| bytes / PROCESSES;
        for tally in &tallies {
            assert_eq!(tally.sum().await, Ok(0));
        }
        let used = IN_USE.get() - before;
        // The node's run queues have grown, too; no allocation of a process is this small.
        assert!((used - fresh).abs() < 16 * PROCESSES, "fresh {fresh} bytes, used {used}");
        for tally in &tallies {
            (1..100).for_each(|points| _ = tally.add(points));
            assert_eq!(tally.sum().await, Ok(4950));
        }
        let flooded = IN_USE.get() - before;
        println!("bytes: fresh {}, used {}, flooded {}", each(fresh), each(used), each(flooded));
        assert!(flooded - used <= 8 * 24 * PROCESSES, "used {used} bytes, flooded {flooded}");
    });
}

/// They have received nothing.
async fn start_tallies(number: isize) -> Vec<Ref<Tally>> {
    let mut tallies = Vec::new();
    for _ in 0..number {
        tallies.push(Tally::start(Tally::default()).await.expect("a server starts"));
    }
    tallies
}

#[gen_server]
#[derive(Default)]
struct Tally(u64);

#[gen_server]
impl Tally {
    #[cast]
    fn add(&mut self, points: u64) {
        self.0 += points;
    }
    #[call]
    fn sum(&self) -> u64 {
        self.0
    }
}

/// GS-43: there is no call to hibernate, because being idle is all that it could bring: the state
/// is kept, and the buffers of a burst are given back without being asked.
// break: GS-43 runtime/cordial/src/mailbox/queue.rs `spare > 0 && spare <= KEEP` => `spare > 0`
#[test]
fn idle_server_keeps_its_state_and_costs_what_a_fresh_one_does() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime starts").block_on(async {
        let tally = Tally::start(Tally::default()).await.expect("a server starts");
        tally.add(0);
        tally.add(0);
        cordial::test::sync(&tally).await;
        let fresh = IN_USE.get();
        for n in 1..=10_000 {
            tally.add(n);
        }
        let full = IN_USE.get();
        assert!(full - fresh > 10_000 * 8, "the burst waits in a buffer");
        cordial::test::sync(&tally).await;
        let idle = IN_USE.get();
        assert!(idle - fresh < 512, "{} bytes are left of the burst", idle - fresh);
        assert_eq!(tally.sum().await, Ok(50_005_000));
    });
}
