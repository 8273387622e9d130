//! What is shown of the states of processes, and what never is.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]

mod fields;
mod json;
mod ladder;
