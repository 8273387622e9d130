//! How cordial behaves, one module per area of OTP, in one binary.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]

mod dynamic_supervisor;
mod links;
mod monitors;
mod names;
mod processes;
mod runtimes;
mod scheduling;
mod supervisor_address;
mod supervisor_limits;
mod supervisor_restart;
mod supervisor_shutdown;
mod supervisor_start;
mod supervisor_storm;
mod supervisor_support;
mod support;
mod timers;
mod typed;
