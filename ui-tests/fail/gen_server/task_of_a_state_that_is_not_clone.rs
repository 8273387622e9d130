//! `#[call(task)]` of a state that cannot be copied.

use cordial::prelude::*;

#[gen_server]
struct Board {
    points: Vec<u32>,
}

#[gen_server]
impl Board {
    #[init]
    fn init() -> Self {
        Self { points: Vec::new() }
    }

    #[call(task)]
    fn sum(&self) -> u32 {
        self.points.iter().sum()
    }
}

fn main() {}
