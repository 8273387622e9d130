//! A `Result` of the user's own.

use cordial::prelude::*;

enum Result {
    Points(u32),
}

#[gen_server]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[call]
    fn score(&self) -> Result {
        Result::Points(self.points)
    }
}

fn main() {}
