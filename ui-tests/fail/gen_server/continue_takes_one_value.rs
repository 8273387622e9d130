//! A `#[handle_continue]` with several arguments.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[handle_continue]
    fn load(&mut self, from: u32, to: u32) {
        self.points = to - from;
    }

    #[call]
    fn score(&self) -> u32 {
        self.points
    }
}

async fn play(board: BoardRef) -> Option<u32> {
    board.score().await.ok()
}

fn main() {}
