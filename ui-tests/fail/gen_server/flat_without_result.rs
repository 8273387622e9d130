//! Nothing to flatten.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[call(flat)]
    fn reset(&mut self) {
        self.points = 0;
    }
}

async fn play(board: BoardRef) {
    let _ = board.reset().await;
}

fn main() {}
