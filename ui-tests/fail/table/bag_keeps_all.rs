//! Ages in a bag.

use cordial::prelude::*;

table! { Tags: u32 => u32, bag, ttl = 5s, max = 100 }

fn main() {}
