//! A call on a late handle, which has the casts only.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board;

#[gen_server]
impl Board {
    #[cast]
    fn add(&self, _points: u32) {}
    #[call]
    fn score(&self) -> u32 {
        0
    }
}

#[gen_server]
struct Player(Late<BoardRef>);

#[gen_server]
impl Player {
    #[init]
    fn init(board: Late<BoardRef>) -> Self {
        Self(board)
    }

    #[call]
    async fn score(&self) -> Option<u32> {
        self.0.score().await.ok()
    }
}

supervisor! {
    Game {
        children: [player: Player(late board), board: Board(Board)],
    }
}

fn main() {}
