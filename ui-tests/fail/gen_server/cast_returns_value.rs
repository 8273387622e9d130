//! A cast that returns something.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[cast]
    fn add(&mut self, points: u32) -> u32 {
        self.points += points;
        self.points
    }
}

async fn play(board: BoardRef) {
    board.add(3);
}

fn main() {}
