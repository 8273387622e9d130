//! GS-27: what OTP ends the server for, a message that it does not declare, cannot be written.

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
    fn lose(&mut self, _: ()) {
        self.points = 0;
    }
}

struct Reset;

fn reset(board: &BoardRef) {
    cordial::send(board, Reset);
}

fn main() {}

// break: GS-27 runtime/cordial/src/gen_server/mod.rs `does not understand `{T}`` =>
//     `does not understand it`
