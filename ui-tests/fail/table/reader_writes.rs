//! ETS-12: who may read a protected table has no methods that write.
//! break: ETS-12 runtime/cordial/src/ets/kind.rs `type Shared<T: Table> = Reading<T>;` =>
//!     `type Shared<T: Table> = Writing<T>;`

use cordial::prelude::*;

table! { Positions: u32 => u32, set, protected }

fn write(positions: PositionsRef) {
    let _ = positions.lookup(&1);
    let _ = positions.insert(1, 1);
}

fn main() {}
