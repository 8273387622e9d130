//! An answer that is taken for the value.

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
        self.points
    }
}

async fn play(board: BoardRef) -> u32 {
    board.score().await
}

fn main() {}
