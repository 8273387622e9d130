//! A body that is not yet finished, beside a client that is used.

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
        self.points.
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
