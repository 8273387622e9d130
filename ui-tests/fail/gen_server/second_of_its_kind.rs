//! A second handler of a kind that stands once.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[init]
    fn new() -> Self {
        Self { points: 0 }
    }

    #[init]
    fn again() -> Self {
        Self { points: 1 }
    }

    #[call]
    fn score(&self) -> u32 {
        self.points
    }
}

async fn play() {
    let _ = Board::start().await;
}

fn main() {}
