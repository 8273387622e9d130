//! Two children with one fixed name.

use cordial::prelude::*;

#[gen_server(name = "board")]
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
        children: [
            board: Board(Board),
            back: supervisor { children: [spare: Board(Board)] },
        ],
    }
}

fn main() {}
