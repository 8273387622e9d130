//! A call whose answer nobody waits for.

#![deny(unused_must_use)]
#![allow(dead_code)]

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[call]
    fn score(&self) -> u32 {
        self.points
    }
}

async fn play(board: BoardRef) {
    board.score();
}

fn main() {}
