//! An argument that borrows for a named lifetime.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[cast]
    fn add<'a>(&mut self, player: &'a str) {
        self.points += player.len() as u32;
    }
}

async fn play(board: BoardRef) {
    board.add("ann");
}

fn main() {}
