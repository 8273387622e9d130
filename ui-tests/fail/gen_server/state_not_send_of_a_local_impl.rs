//! A state that never leaves its thread, of a server whose `impl` says so: what is missing on the
//! struct is told at the field, once.

use cordial::prelude::*;

#[gen_server]
struct Board {
    points: std::rc::Rc<u32>,
}

#[gen_server(local)]
impl Board {
    #[init]
    fn init() -> Self {
        Self { points: std::rc::Rc::new(3) }
    }

    #[call]
    fn score(&self) -> u32 {
        *self.points
    }
}

fn main() {}
