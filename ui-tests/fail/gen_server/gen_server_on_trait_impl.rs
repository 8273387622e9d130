//! `#[gen_server]` on a trait's `impl`.

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

trait Reset {
    fn reset(&mut self);
}

#[gen_server]
impl Reset for Board {
    fn reset(&mut self) {
        self.points = 0;
    }
}

fn main() {}
