//! A condition that is no `bool`.

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
    Game(boards: u32) {
        children: [if boards { board: Board(Board) }],
    }
}

fn main() {}
