//! A limit below zero.

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
        max_restarts: -1 in 5s,
        children: [board: Board(Board)],
    }
}

fn main() {}
