//! A registry is a type.

use cordial::prelude::*;

#[gen_server(via = "rooms", key = String)]
#[derive(Clone)]
struct Board;

#[gen_server]
impl Board {
    #[call]
    fn score(&self) -> u32 {
        0
    }
}

fn main() {}
