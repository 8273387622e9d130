//! A server that is its own start argument and not `Clone`.

use cordial::prelude::*;

#[gen_server]
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
        children: [board: Board(Board)],
    }
}

fn main() {}
