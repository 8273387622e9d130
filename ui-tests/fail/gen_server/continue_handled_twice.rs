//! Two continues for one type.

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

    #[handle_continue]
    fn load(&mut self, from: u32) {
        self.points = from;
    }

    #[handle_continue]
    fn again(&mut self, to: u32) {
        self.points = to;
    }
}

fn main() {}
