//! `by` is for servers that a registry names.

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
        children: [boards: dynamic Board { by: String }],
    }
}

fn main() {}
