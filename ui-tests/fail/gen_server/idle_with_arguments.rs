//! Silence with arguments.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[idle(30s)]
    fn quiet(&mut self, points: u32) {
        self.points += points;
    }
}

fn main() {}
