//! Two handlers with one variant.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[call]
    fn top2(&self) -> u32 {
        self.points
    }

    #[call]
    fn top_2(&self) -> u32 {
        self.points
    }
}

fn main() {}
