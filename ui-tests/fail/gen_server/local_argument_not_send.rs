//! TYP-14: what is sent to a local server travels all the same.

use cordial::prelude::*;

type Shared = std::rc::Rc<u32>;

#[gen_server(local)]
struct Board {
    points: Shared,
}

#[gen_server(local)]
impl Board {
    #[init]
    fn init() -> Self {
        Self { points: Shared::new(3) }
    }

    #[cast]
    fn share(&mut self, points: std::rc::Rc<u32>) {
        self.points = points;
    }
}

fn main() {}
