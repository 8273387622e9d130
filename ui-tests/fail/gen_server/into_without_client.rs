//! `#[into]` where nobody passes arguments.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[info]
    fn rename(&mut self, #[into] name: String) {
        self.points = name.len() as u32;
    }
}

fn main() {}
