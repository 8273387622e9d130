//! A tree without a name.

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
    pub struct Game {
        children: [board: Board(Board)],
    }
}

fn main() {}
