//! A second `#[handle_continue]` without an argument.

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
    fn load(&mut self) {
        self.points = 0;
    }

    #[handle_continue]
    fn again(&mut self) {
        self.points = 1;
    }
}

fn main() {}
