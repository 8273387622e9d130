//! `local` on one half of a server: the `impl`.

use cordial::prelude::*;

#[gen_server]
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

fn main() {}
