//! Tasks: how they end, who learns of it and who goes with whom; and streams of them.
mod history;
mod live;
mod model;
mod stream;

use crate::steps::agree;
use history::Tasks;
use stream::Streams;

/// How many histories run on the runtime.
const LIVE: u64 = 700;

/// TASK-4, TASK-5, TASK-15: however tasks and their owner end, and whatever the owner waits for.
#[test]
fn tasks_end_as_their_model_does() {
    agree::<Tasks>(LIVE);
}

/// TASK-23, TASK-25, TASK-27: the order of results, how many run at once, and who is late.
#[test]
fn streams_yield_as_their_model_does() {
    agree::<Streams>(LIVE);
}
