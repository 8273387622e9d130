//! An info that the server does not take.

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
}

async fn play(board: BoardRef) {
    cordial::send(&board, "x");
}

fn main() {}
