//! An unknown `on_err`.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[cast(on_err = ignore)]
    fn add(&mut self, points: u32) -> Result<(), String> {
        self.points += points;
        Ok(())
    }
}

async fn play(board: BoardRef) {
    board.add(3);
}

fn main() {}
