//! A key that many may have names nobody; and the key is that of the registry.

use cordial::prelude::*;

registry! {
    Many: String => Board, duplicate
}

registry! {
    Only: u32 => Desk, unique
}

#[gen_server(via = Many, key = String)]
#[derive(Clone)]
struct Board;

#[gen_server]
impl Board {
    #[call]
    fn score(&self) -> u32 {
        0
    }
}

#[gen_server(via = Only, key = String)]
#[derive(Clone)]
struct Desk;

#[gen_server]
impl Desk {
    #[call]
    fn score(&self) -> u32 {
        0
    }
}

fn main() {}
