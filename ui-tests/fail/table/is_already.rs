//! Two kinds, and two protections.

use cordial::prelude::*;

table! { Positions: u32 => u32, set, bag, public, private }

fn main() {}
