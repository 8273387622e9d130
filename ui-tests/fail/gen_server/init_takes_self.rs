//! An `#[init]` with `self`.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[init]
    fn new(&self) -> Self {
        Self { points: 0 }
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
