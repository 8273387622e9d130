//! A tick whose period is no duration.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[every(self.points)]
    fn tick(&mut self) {
        self.points += 1;
    }
}

fn main() {}
