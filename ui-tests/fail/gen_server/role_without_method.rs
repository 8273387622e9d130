//! A mark on something that is no method.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[call]
    const LIMIT: u32 = 3;

    #[call]
    fn score(&self) -> u32 {
        self.points
    }
}

async fn play(board: BoardRef) -> Option<u32> {
    board.score().await.ok()
}

fn main() {}
