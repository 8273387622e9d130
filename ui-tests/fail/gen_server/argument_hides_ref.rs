//! An argument with a reference inside.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[cast]
    fn add(&mut self, player: Option<&str>) {
        self.points += player.map_or(0, str::len) as u32;
    }
}

async fn play(board: BoardRef) {
    board.add(None);
}

fn main() {}
