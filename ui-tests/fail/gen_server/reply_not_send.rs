//! A reply that cannot leave its thread.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[call]
    fn score(&self) -> std::rc::Rc<u32> {
        std::rc::Rc::new(self.points)
    }
}

fn main() {}
