//! A `#[code_change]` that does not say from which version.

use cordial::prelude::*;

struct BoardV1(u32);

#[gen_server(version = 2)]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[code_change]
    fn upgrade(old: BoardV1) -> Self {
        Self { points: old.0 }
    }

    #[cast]
    fn add(&mut self, points: u32) {
        self.points += points;
    }
}

async fn play(board: BoardRef) {
    board.add(3);
}

fn main() {}
