//! A reply that borrows from the state.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[call]
    fn score(&self) -> &u32 {
        &self.points
    }
}

async fn play(board: BoardRef) {
    let _ = board.score().await;
}

fn main() {}
