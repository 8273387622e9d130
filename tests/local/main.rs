//! `#[gen_server(local)]`: servers whose state never leaves its thread.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]

mod ends;
mod host;
mod lives;
mod many;
mod shown;
mod simulated;
mod support;
