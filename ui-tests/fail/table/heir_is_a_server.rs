//! An heir that is no type.

use cordial::prelude::*;

table! { Positions: u32 => u32, set, heir = "keeper" }

fn main() {}
