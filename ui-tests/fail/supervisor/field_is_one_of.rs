//! A value that is no word.

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
        strategy: "one_for_one",
        children: [board: Board(Board)],
    }
}

fn main() {}
