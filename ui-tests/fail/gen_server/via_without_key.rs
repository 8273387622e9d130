//! k01: what a key is.

use cordial::prelude::*;

#[gen_server(via = Rooms)]
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
