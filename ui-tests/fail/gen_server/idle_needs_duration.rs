//! Silence without a length.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[idle]
    fn quiet(&mut self) {
        self.points = 0;
    }
}

fn main() {}
