//! A dynamic sibling that starts later.

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
        children: [player: Player<DynamicRef<Board>>(boards), boards: dynamic Board],
    }
}

fn main() {}
