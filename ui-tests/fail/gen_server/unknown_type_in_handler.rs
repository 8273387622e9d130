//! A type that does not exist.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[cast]
    fn add(&mut self, points: Missing) {
        drop(points);
        self.points += 1;
    }
}

fn main() {}
