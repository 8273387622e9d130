//! A slip that keeps the whole `impl` from being read: its marks are not told of, too.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[cast]
    fn add(&mut self, #[into] points: u32) {
        self.points += points;
    }

    #[call(timeout = 2s)]
    fn score(&self, ..) -> u32 {
        self.points
    }

    #[every(5s)]
    fn tick(&mut self) {}
}

fn main() {}
