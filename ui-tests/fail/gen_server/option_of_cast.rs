//! An option of `#[cast]` elsewhere.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[call(on_err = log)]
    fn score(&self) -> Result<u32, String> {
        Ok(self.points)
    }
}

async fn play(board: BoardRef) -> Option<u32> {
    board.score().await.ok()
}

fn main() {}
