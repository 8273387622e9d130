//! A tick with arguments.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[every(30s)]
    fn tick(&mut self, points: u32) {
        self.points += points;
    }
}

fn main() {}
