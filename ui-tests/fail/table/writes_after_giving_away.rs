//! ETS-15: who gives a table away, or deletes it, has no handle left to write with.

use cordial::ets::{self, Transfer};
use cordial::prelude::*;

table! { Positions: u32 => u32, set, protected }

#[gen_server]
struct Keeper;

#[gen_server]
impl Keeper {
    #[info]
    fn takes(&mut self, _transfer: Transfer<Positions>) {}
}

fn give(positions: Positions, others: Positions, keeper: &KeeperRef) {
    let _ = ets::give_away(positions, keeper, ());
    let _ = positions.insert(1, 1);
    let _ = ets::delete(others);
    let _ = ets::delete(others);
}

fn main() {}
