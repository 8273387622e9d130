//! A field and the list of children, given twice.

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
        strategy: OneForOne,
        strategy: OneForAll,
        children: [board: Board(Board)],
        children: [],
    }
}

fn main() {}
