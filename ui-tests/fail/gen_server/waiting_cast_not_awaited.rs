//! A cast that waits for room, and nobody waits.

#![deny(unused_must_use)]
use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server(mailbox = 8, on_full = wait)]
impl Board {
    #[cast]
    fn add(&mut self, points: u32) {
        self.points += points;
    }
}

fn play(board: BoardRef) {
    board.add(1);
}

fn main() {}
