//! k03: found by a name or by a key.

use cordial::prelude::*;

#[gen_server(name = "board", via = Rooms, key = String)]
#[derive(Clone)]
struct Board;

#[gen_server]
impl Board {
    #[call]
    fn score(&self) -> u32 {
        0
    }
}

fn main() {}
