//! A second `#[idle]`.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[idle(1s)]
    fn quiet(&mut self) {
        self.points = 0;
    }

    #[idle(2s)]
    fn silent(&mut self) {
        self.points = 1;
    }
}

fn main() {}
