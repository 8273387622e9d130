//! A server that understands nothing.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    fn score(&self) -> u32 {
        self.points
    }
}

fn main() {}
