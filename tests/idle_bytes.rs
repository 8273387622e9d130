//! How many bytes an idle process holds, counted by the allocator; `cargo xtask budget` bounds it.
#![allow(
    unsafe_code,
    clippy::undocumented_unsafe_blocks,
    reason = "an allocator cannot be written without"
)]
#![allow(clippy::print_stdout, reason = "the figure is what the budget reads")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicIsize, Ordering};

use cordial::prelude::*;

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
        let before = IN_USE.load(Ordering::Relaxed);
        let sensors = start_sensors(PROCESSES).await;
        // Their addresses are the caller's: what is held for them does not count.
        let addresses = count(sensors.capacity() * size_of::<Ref<Sensor>>());
        (IN_USE.load(Ordering::Relaxed) - before - addresses) / PROCESSES
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
