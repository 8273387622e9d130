//! `#[into]` for a borrowed argument.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[cast]
    fn rename(&mut self, #[into] name: &str) {
        self.points = name.len() as u32;
    }
}

async fn play(board: BoardRef) {
    board.rename("ann");
}

fn main() {}
