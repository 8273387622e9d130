//! A local server that is started with its state.

use cordial::prelude::*;

#[gen_server(local)]
struct Board {
    points: std::rc::Rc<u32>,
}

#[gen_server(local)]
impl Board {
    #[call]
    fn score(&self) -> u32 {
        *self.points
    }
}

fn main() {}
