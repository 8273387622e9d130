//! State machines: their rules, what their clauses can do, the model of their queue, and the same
//! scenarios on Erlang/OTP.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]

mod clauses;
mod ending;
mod enter;
mod erlang;
mod live;
mod model;
mod order;
mod puppet;
mod pure;
mod script;
mod time;
