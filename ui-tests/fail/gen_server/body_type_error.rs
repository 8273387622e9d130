//! A wrong type inside of a handler.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[call]
    fn score(&self) -> u32 {
        let _ = self.points;
        "x"
    }
}

async fn play(board: BoardRef) -> Option<u32> {
    board.score().await.ok()
}

fn main() {}
