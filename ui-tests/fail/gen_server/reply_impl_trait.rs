//! A reply of no single type.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[call]
    fn score(&self) -> impl Iterator<Item = u32> {
        0..self.points
    }
}

async fn play(board: BoardRef) {
    let _ = board.score().await;
}

fn main() {}
