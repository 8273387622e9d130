//! A local server is the state, and `Local` of it the process that a handle reaches.

use cordial::prelude::*;

#[gen_server(local)]
struct Board {
    points: u32,
}

#[gen_server(local)]
impl Board {
    #[init]
    fn init() -> Self {
        Self { points: 3 }
    }

    #[call]
    fn score(&self) -> u32 {
        self.points
    }
}

struct Match {
    board: cordial::Ref<Board>,
}

fn main() {}
