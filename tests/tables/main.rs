//! Tables, counters and constants of a node: what ETS, `counters`, `atomics` and `persistent_term`
//! promise.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]

mod ages;
mod by_hand;
mod constants;
mod counting;
mod gates;
mod kinds;
mod model;
mod numbers;
mod owners;
mod parity;
mod races;
mod rows;
mod storm;
mod supervised;
#[allow(dead_code, reason = "the tests of processes ask more of it")]
#[path = "../support/mod.rs"]
mod support;
mod walks;

use cordial::prelude::*;

table! { pub(crate) Nums: u32 => u64, set, public }
table! { pub(crate) Sorted: i64 => i64, ordered_set, public }
table! { pub(crate) Tags: u32 => String, bag, public }
table! { pub(crate) Repeats: u32 => String, duplicate_bag, public }
