//! ETS-12: who does not own a private table does not read it.

use cordial::prelude::*;

table! { Positions: u32 => u32, set, private }

fn read(positions: PositionsRef) {
    let _ = positions.info();
    let _ = positions.lookup(&1);
}

fn main() {}
