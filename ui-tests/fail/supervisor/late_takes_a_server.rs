//! `late` before a sibling that has no casts.

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

#[gen_server]
struct Player<T>(T);

#[gen_server]
impl<T> Player<T> {
    #[init]
    fn init(board: T) -> Self {
        Self(board)
    }

    #[call]
    fn size(&self) -> usize {
        size_of_val(&self.0)
    }
}

supervisor! {
    Game {
        children: [
            first: Player<u8>(late boards),
            second: Player<u8>(late shards),
            third: Player<u8>(late edge),
            boards: dynamic Board,
            shards: partition(2) Board(Board),
            edge: supervisor { children: [board: Board(Board)] },
        ],
    }
}

fn main() {}
