//! TYP-14: a state that cannot leave its thread, which only the compiler sees.

use cordial::prelude::*;

type Shared = std::rc::Rc<u32>;

#[gen_server]
struct Board {
    points: Shared,
}

#[gen_server]
impl Board {
    #[init]
    fn init() -> Self {
        Self { points: Shared::new(3) }
    }

    #[call]
    fn score(&self) -> u32 {
        *self.points
    }
}

fn main() {}
