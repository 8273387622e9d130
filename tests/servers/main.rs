//! What else a server can be: one that reads streams, one of several versions, one that is closed;
//! trees that change, and names of others.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]

mod closed;
mod names;
mod streams;
mod trees;
mod versions;
