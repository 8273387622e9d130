//! A tick without a period.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[every]
    fn tick(&mut self) {
        self.points += 1;
    }
}

fn main() {}
