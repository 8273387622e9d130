//! A value for an option that has none.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[call(or_crash = true)]
    fn score(&self) -> Result<u32, String> {
        Ok(self.points)
    }
}

async fn play(board: BoardRef) -> Option<u32> {
    board.score().await.ok()
}

fn main() {}
