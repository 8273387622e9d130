//! ETS-18: what has no order has no first and no next.

use cordial::prelude::*;

table! { Positions: u32 => u32, set, public }

fn walk(positions: PositionsRef) {
    let _ = positions.first();
}

fn main() {}
