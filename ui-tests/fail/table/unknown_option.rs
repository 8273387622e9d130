//! Words that are nearly right, and a time without a unit.

use cordial::prelude::*;

table! { Positions: u32 => u32, orderd_set, protcted, ttl = 5 }

fn main() {}
