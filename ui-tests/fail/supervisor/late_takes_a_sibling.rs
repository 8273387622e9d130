//! `late` before what is no sibling that starts later.

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
    Game(points: Late<BoardRef>) {
        children: [
            first: Player(late points),
            second: Player(late nobody),
            third: Player(late board),
            fourth: Player(late fourth),
            edge: supervisor { children: [board: Board(Board)] },
        ],
    }
}

fn main() {}
