//! Two handlers for one type.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[info]
    fn win(&mut self, points: u32) {
        self.points += points;
    }

    #[info]
    fn lose(&mut self, points: u32) {
        self.points -= points;
    }
}

async fn play(board: BoardRef) {
    cordial::send(&board, 3_u32);
}

fn main() {}
