//! GS-27: an address takes the messages of its server and no others.

use cordial::prelude::*;
use cordial::{Client, RawRef};

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

struct Reset;

fn reset(board: &BoardRef) {
    let address: &RawRef<BoardMsg> = board.raw();
    address.send(Reset);
}

fn main() {}
