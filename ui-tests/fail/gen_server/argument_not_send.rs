//! An argument that cannot leave its thread.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[cast]
    fn add(&mut self, points: std::rc::Rc<u32>) {
        self.points += *points;
    }
}

fn main() {}
