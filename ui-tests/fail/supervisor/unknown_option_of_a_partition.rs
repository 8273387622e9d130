//! What a supervisor of partitions cannot be told.

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
        children: [boards: partition(2) Board(Board) { auto_shutdown: AnySignificant }],
    }
}

fn main() {}
