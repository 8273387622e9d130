//! A start argument that cannot leave its thread.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[init]
    fn new(points: std::rc::Rc<u32>) -> Self {
        Self { points: *points }
    }

    #[call]
    fn score(&self) -> u32 {
        self.points
    }
}

fn main() {}
