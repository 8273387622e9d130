//! A late handle where a handle with calls is wanted.

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
struct Player(BoardRef);

#[gen_server]
impl Player {
    #[init]
    fn init(board: BoardRef) -> Self {
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
