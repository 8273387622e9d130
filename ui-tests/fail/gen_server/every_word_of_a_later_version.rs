//! Words that a later version brings.

use cordial::prelude::*;

#[gen_server(version = 2, local)]
struct Board {
    points: u32,
}

#[gen_server(behaviours(Store), remote, closed)]
impl Board {
    #[call]
    fn score(&self) -> u32 {
        self.points
    }

    #[cast]
    fn add(&mut self, points: u32) {
        self.points += points;
    }

    #[info(stream = self.points)]
    fn win(&mut self, points: u32) {
        self.points += points;
    }

    #[code_change(from = 1)]
    fn upgrade(old: u32) -> Self {
        Self { points: old }
    }
}

async fn play(board: BoardRef) -> Option<u32> {
    board.add(3);
    board.score().await.ok()
}

fn main() {}
