//! A fixed name under `partition`.

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
        children: [boards: partition(2) Board(Board)],
    }
}

fn main() {}
