//! How much memory this OS process has: what the system counts, and what is really in use.
#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(unsafe_code, reason = "an allocator that counts can be written in no other way")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

#[global_allocator]
static COUNTING: Counting = Counting { live: AtomicUsize::new(0) };

/// The system's allocator, and the bytes that it has given and not got back.
struct Counting {
    live: AtomicUsize,
}

// SAFETY: every call is passed on as it is, and the system's allocator keeps the contract.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.live.fetch_add(layout.size(), Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        self.live.fetch_sub(layout.size(), Relaxed);
        // SAFETY: `block` came from `alloc` above, hence from the system's allocator.
        unsafe { System.dealloc(block, layout) }
    }
}

/// Bytes in use. Other than those that are resident they do not depend on how the allocator keeps
/// what was given back.
pub fn live() -> usize {
    COUNTING.live.load(Relaxed)
}

/// Bytes that are resident, as the system counts them.
pub fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|rest| rest.trim().strip_suffix(" kB"));
    1024 * kib.and_then(|number| number.parse::<usize>().ok()).expect("a number of KiB")
}
