//! A handler called like a function that starts the server.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[cast]
    fn start(&mut self) {
        self.points = 0;
    }
}

fn main() {}
