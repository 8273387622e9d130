//! A version that nothing leads to.

use cordial::prelude::*;

struct BoardV1(u32);
struct BoardV2(u32);
struct BoardV3(u32);

#[gen_server(version = 4)]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[code_change(from = 1)]
    fn first(old: BoardV1) -> BoardV2 {
        BoardV2(old.0)
    }

    #[code_change(from = 3)]
    fn third(old: BoardV3) -> Self {
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
