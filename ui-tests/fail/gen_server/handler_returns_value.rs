//! A handler that returns something to nobody.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[every(30s)]
    fn tick(&mut self) -> u32 {
        self.points += 1;
        self.points
    }
}

fn main() {}
