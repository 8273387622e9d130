//! An `#[info]` with several messages.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[info]
    fn win(&mut self, points: u32, times: u32) {
        self.points += points * times;
    }
}

fn main() {}
