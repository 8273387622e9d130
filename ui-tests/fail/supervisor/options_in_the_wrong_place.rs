//! Options of a server, of a tree and of a child, each where it does not belong.

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
        max_children: 3,
        restart: Transient,
        children: [
            board: Board(Board) { mailbox: 10, strategy: OneForAll },
            boards: dynamic Board { strategy: OneForAll },
            back: supervisor { max_children: 3, name: "back", children: [] },
        ],
    }
}

fn main() {}
