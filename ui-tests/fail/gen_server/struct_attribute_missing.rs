//! The struct is not marked.

use cordial::prelude::*;

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

fn main() {}
