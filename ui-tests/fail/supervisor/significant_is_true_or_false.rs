//! A significant child, somehow.

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
    Game {
        auto_shutdown: AllSignificant,
        children: [board: Board(Board) { restart: Transient, significant: yes }],
    }
}

fn main() {}
