//! An option of `#[call]` elsewhere.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[cast(or_crash)]
    fn add(&mut self, points: u32) {
        self.points += points;
    }
}

async fn play(board: BoardRef) {
    board.add(3);
}

fn main() {}
