//! `late` before a tree, which has no casts.

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
    Edge {
        children: [board: Board(Board)],
    }
}

supervisor! {
    Game {
        children: [player: Player<u8>(late edge), edge: Edge],
    }
}

fn main() {}
