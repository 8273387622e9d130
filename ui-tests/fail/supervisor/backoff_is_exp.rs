//! A backoff that is one time.

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
        children: [board: Board(Board) { backoff: 100ms }],
    }
}

fn main() {}
