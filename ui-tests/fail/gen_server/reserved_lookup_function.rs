//! A handler called like a function that finds the server.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[call]
    fn whereis(&self) -> u32 {
        self.points
    }
}

fn main() {}
