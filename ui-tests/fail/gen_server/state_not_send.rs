//! TYP-14: a state that cannot leave its thread.

use cordial::prelude::*;

#[gen_server]
struct Board {
    points: std::rc::Rc<u32>,
}

#[gen_server]
impl Board {
    #[call]
    fn score(&self) -> u32 {
        *self.points
    }
}

fn main() {}
