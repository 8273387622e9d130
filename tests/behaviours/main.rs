//! Behaviours: traits of a crate of their own, the servers that have them, and who has a handle of
//! such a server and knows nothing else of it.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]

mod addresses;
mod by_hand;
mod callbacks;
mod full;
mod machines;
mod probes;
mod servers;
