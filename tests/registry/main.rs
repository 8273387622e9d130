//! Registries: processes by keys.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]

mod entries;
mod groups;
mod locks;
mod model;
mod puppet;
mod races;
mod topics;
mod via;

#[allow(dead_code, reason = "the tests of processes ask more of it")]
#[path = "../support/mod.rs"]
mod support;
