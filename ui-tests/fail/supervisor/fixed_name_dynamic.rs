//! A fixed name under `dynamic`.

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
        children: [boards: dynamic Board],
    }
}

fn main() {}
