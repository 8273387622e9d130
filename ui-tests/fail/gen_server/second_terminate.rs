//! A second `#[terminate]`.

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

    #[terminate]
    fn bye(&mut self) {
        self.points = 0;
    }

    #[terminate]
    fn again(&mut self) {
        self.points = 1;
    }
}

fn main() {}
