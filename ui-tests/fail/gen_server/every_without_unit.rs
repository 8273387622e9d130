//! A tick whose period has no unit.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[every(30)]
    fn tick(&mut self) {
        self.points += 1;
    }
}

fn main() {}
