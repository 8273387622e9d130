//! A task of what is no future.

use cordial::prelude::*;

fn poll(every: std::time::Duration) -> u32 {
    every.as_secs() as u32
}

supervisor! {
    Station(every: std::time::Duration) {
        children: [poller: task(poll(every))],
    }
}

fn main() {}
