//! A parameter that is a pattern.

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
    Game((rounds, players): (u32, u32)) {
        children: [board: Board(Board)],
    }
}

fn main() {}
