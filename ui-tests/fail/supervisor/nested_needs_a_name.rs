//! A tree without a name that is started many times.

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
        children: [
            tables: partition(2) supervisor { children: [board: Board(Board)] },
            rooms: dynamic supervisor { children: [board: Board(Board)] },
        ],
    }
}

fn main() {}
