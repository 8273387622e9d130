//! Both `#[idle]` and an info for `Timeout`.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[idle(1s)]
    fn quiet(&mut self) {
        self.points = 0;
    }

    #[info]
    fn timeout(&mut self, _: Timeout) {
        self.points = 1;
    }
}

fn main() {}
