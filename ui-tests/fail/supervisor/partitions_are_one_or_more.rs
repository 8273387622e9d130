//! No partitions, and fewer.

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
        children: [none: partition(0) Board(Board), fewer: partition(-1) Board(Board)],
    }
}

fn main() {}
