//! An argument that is a pattern.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[cast]
    fn add(&mut self, (points, times): (u32, u32)) {
        self.points += points * times;
    }
}

async fn play(board: BoardRef) {
    board.add((3, 2));
}

fn main() {}
