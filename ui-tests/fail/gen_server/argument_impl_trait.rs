//! An argument of no single type.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[cast]
    fn rename(&mut self, name: impl Into<String>) {
        self.points = name.into().len() as u32;
    }
}

async fn play(board: BoardRef) {
    board.rename("ann");
}

fn main() {}
