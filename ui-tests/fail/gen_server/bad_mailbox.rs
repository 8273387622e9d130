//! A mailbox without room.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server(mailbox = 0)]
impl Board {
    #[call]
    fn score(&self) -> u32 {
        self.points
    }
}

async fn play(board: BoardRef) -> Option<u32> {
    board.score().await.ok()
}

fn main() {}
