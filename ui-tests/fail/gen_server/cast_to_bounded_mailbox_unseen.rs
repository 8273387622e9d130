//! A cast that a full mailbox may refuse.

#![deny(unused_must_use)]
#![allow(dead_code)]

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server(mailbox = 100)]
impl Board {
    #[cast]
    fn add(&mut self, points: u32) {
        self.points += points;
    }
}

async fn play(board: BoardRef) {
    board.add(3);
}

fn main() {}
