//! Of which registry.

use cordial::prelude::*;

#[gen_server(key = String)]
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
