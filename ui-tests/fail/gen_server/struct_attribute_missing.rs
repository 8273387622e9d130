//! The struct is not marked.

use cordial::prelude::*;

struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[init]
    fn init() -> Init<Self> {
        Init::run(Self { points: 0 })
    }

    #[call]
    fn score(&self) -> u32 {
        self.points
    }

    #[info]
    fn won(&mut self, points: u32) {
        self.points += points;
    }

    #[handle_continue]
    fn go_on(&mut self, points: u32) {
        self.points += points;
    }
}

fn main() {}
