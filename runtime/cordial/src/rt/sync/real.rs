//! Threads as they are: what every build but that of the models uses.
pub(crate) use std::sync::{Mutex, MutexGuard, atomic};
pub(crate) use std::thread_local;
