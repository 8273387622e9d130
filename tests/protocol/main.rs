//! Conversations: what `protocol!` makes, how they end, and sessions of servers.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]

mod ends;
mod places;
mod sessions;
mod steps;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "what the tests of processes share; not all of it is needed here")]
mod support;

use cordial::prelude::*;

protocol! {
    /// What the tests talk about.
    pub(crate) Checkout: Customer => Till {
        loop Shopping {
            choice Customer {
                /// One more thing.
                Add(title: String, price: u32) => {
                    Till -> Customer: Subtotal(u32);
                    continue Shopping;
                }
                Pay(u32) => choice Till within 30s {
                    Receipt(String) => end,
                    Declined => continue Shopping,
                }
                Leave => end,
            }
        }
    }
}

protocol! {
    /// One asks, the other answers.
    Quiz: Host => Guest {
        Host -> Guest: Question(String);
        Guest -> Host: Answer(String) within 2s;
    }
}

protocol! {
    /// One speaks only.
    Feed: Writer => Reader within infinity {
        loop Writing { Writer -> Reader: Line(u32); }
    }
}
