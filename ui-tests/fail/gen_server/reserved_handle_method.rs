//! A handler that every handle has already.

use cordial::prelude::*;

#[gen_server]

struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[call]
    fn clone(&self) -> u32 {
        self.points
    }
}

fn main() {}
