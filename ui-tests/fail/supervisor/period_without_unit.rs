//! A period without a unit.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board;

#[gen_server]
impl Board {
    #[call]
    fn score(&self) -> u32 {
        0
    }
}

supervisor! {
    Game {
        max_restarts: 3 in 5,
        children: [board: Board(Board)],
    }
}

fn main() {}
