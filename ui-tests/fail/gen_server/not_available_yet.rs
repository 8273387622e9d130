//! A word of a later version.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server(remote)]
impl Board {
    #[call]
    fn score(&self) -> u32 {
        self.points
    }
}

async fn play(board: BoardRef) -> Option<u32> {
    board.score().await.ok()
}

fn main() {}
