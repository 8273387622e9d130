//! A reply handle without a type.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[call]
    fn score(&self, from: ReplyTo) {
        let _ = from;
    }
}

fn main() {}
