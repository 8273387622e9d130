//! A step from a version that is not older.

use cordial::prelude::*;

struct BoardV1(u32);
struct BoardV2(u32);
struct BoardV3(u32);

#[gen_server(version = 2)]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[code_change(from = 1)]
    fn upgrade(old: BoardV1) -> BoardV2 {
        BoardV2(old.0)
    }

    #[code_change(from = 2)]
    fn second(old: BoardV2) -> Self {
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
