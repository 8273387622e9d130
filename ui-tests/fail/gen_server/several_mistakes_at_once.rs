//! Three mistakes in one server, whose client is used.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[cast]
    fn add(&mut self, points: u32) -> bool {
        self.points += points;
        true
    }

    #[cal]
    fn score(&self) -> u32 {
        self.points
    }

    #[call(timout = 2s)]
    fn rename(&mut self, name: &str) {
        self.points = name.len() as u32;
    }
}

async fn play(board: BoardRef) -> Option<u32> {
    board.add(3);
    board.rename("ann").await.ok()?;
    board.score().await.ok()
}

fn main() {}
