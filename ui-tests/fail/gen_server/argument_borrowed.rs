//! An argument that is borrowed.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[cast]
    fn add(&mut self, points: &Vec<u32>) {
        self.points += points.iter().sum::<u32>();
    }
}

fn main() {}
