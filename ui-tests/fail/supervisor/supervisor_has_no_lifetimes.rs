//! A tree that borrows.

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
    Game<'a> {
        children: [board: Board(Board)],
    }
}

fn main() {}
