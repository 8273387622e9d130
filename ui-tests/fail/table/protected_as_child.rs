//! A table that nobody but the supervisor could write to.

use cordial::prelude::*;

table! { Positions: u32 => u32, set, protected }

supervisor! {
    Harbor {
        children: [positions: Positions],
    }
}

fn main() {}
