//! A type that holds a handle and says that it does not.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[cast]
    fn add(&mut self, points: u32) {
        self.points += points;
    }
}

#[derive(cordial::NotAHandle)]
struct Guest<T> {
    name: T,
    board: BoardRef,
}

fn main() {}
