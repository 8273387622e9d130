//! A partition that is significant.

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
        auto_shutdown: AnySignificant,
        children: [boards: partition(2) Board(Board) { restart: Transient, significant: true }],
    }
}

fn main() {}
