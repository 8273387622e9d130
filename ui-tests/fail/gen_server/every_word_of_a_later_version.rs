//! Words that a later version brings.

use cordial::prelude::*;

#[gen_server(local)]
struct Board {
    points: u32,
}

#[gen_server(remote)]
impl Board {
    #[call]
    fn score(&self) -> u32 {
        self.points
    }

    #[cast]
    fn add(&mut self, points: u32) {
        self.points += points;
    }
}

async fn play(board: BoardRef) -> Option<u32> {
    board.add(3);
    board.score().await.ok()
}

fn main() {}
