//! A handler with type parameters.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[cast]
    fn add<N: Into<u32>>(&mut self, points: N) {
        self.points += points.into();
    }
}

async fn play(board: BoardRef) {
    board.add(3_u8);
}

fn main() {}
