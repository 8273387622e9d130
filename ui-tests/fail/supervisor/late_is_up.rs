//! `late` before a sibling that starts earlier.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board;

#[gen_server]
impl Board {
    #[cast]
    fn add(&self, _points: u32) {}
    #[call]
    fn score(&self) -> u32 {
        0
    }
}

#[gen_server]
struct Player(Late<BoardRef>);

#[gen_server]
impl Player {
    #[init]
    fn init(board: Late<BoardRef>) -> Self {
        Self(board)
    }

    #[cast]
    fn win(&self) {
        self.0.add(1);
    }
}

supervisor! {
    Game {
        children: [board: Board(Board), player: Player(late board)],
    }
}

fn main() {}
