//! Tests that are short without optimisation, and one after the other.

use std::sync::{Mutex, PoisonError};

use tokio::runtime::Builder;

/// So many in full length, and so many where code is not optimised.
pub(crate) const fn so_many(full: usize, small: usize) -> usize {
    if cfg!(debug_assertions) { small } else { full }
}

/// One test at a time, on so many workers; none is this thread.
pub(crate) fn run(workers: usize, test: impl Future) {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let runtime = match workers {
        0 => Builder::new_current_thread().enable_all().build(),
        _ => Builder::new_multi_thread().worker_threads(workers).enable_all().build(),
    };
    runtime.unwrap().block_on(test);
}
