//! A cast says what a full mailbox does that has no bound.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[cast(on_full = drop_oldest)]
    fn add(&mut self, points: u32) {
        self.points += points;
    }
}

fn play(board: BoardRef) {
    board.add(1);
}

fn main() {}
