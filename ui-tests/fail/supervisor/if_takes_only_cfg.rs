//! An attribute on an `if`.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board;

#[gen_server]
impl Board {
    #[call]
    fn score(&self) -> u32 {
        0
    }
}

supervisor! {
    Game(solo: bool) {
        children: [
            /// Only in a solo game.
            if solo { board: Board(Board) },
        ],
    }
}

fn main() {}
