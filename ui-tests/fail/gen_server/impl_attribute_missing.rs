//! The `impl` is not marked.

use cordial::prelude::*;

#[gen_server]
struct Board {
    points: u32,
}

impl Board {
    fn score(&self) -> u32 {
        self.points
    }
}

fn main() {}
