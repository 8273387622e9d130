//! The test kit: what it does, and what it says when a test fails.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]

mod detached;
mod expect;
mod log;
mod node;
mod seed;
mod supervised;
mod support;
mod sys;
mod waits;
