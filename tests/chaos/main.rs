//! The simulation: that it can be repeated, what it finds and keeps, and what stands it.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]

mod app;
mod crowd;
mod found;
mod partitions;
mod repeated;
mod shared;
mod soak;
mod told;
