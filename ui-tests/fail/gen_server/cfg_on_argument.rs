//! An argument that is there only sometimes.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[cast]
    fn add(&mut self, #[cfg(debug_assertions)] points: u32) {
        self.points += points;
    }
}

fn main() {}
