//! An argument that is changed in place.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[cast]
    fn add(&mut self, points: &mut u32) {
        self.points += *points;
    }
}

fn main() {}
