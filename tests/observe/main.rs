//! What is told of a running node, how it is looked into, and how it keeps up with its load.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]

mod counts;
mod fused;
mod limits;
mod listed;
mod mailboxes;
mod meter;
mod names;
mod regulation;
mod support;
mod suspend;
mod sys;
mod telemetry;
mod traces;
