//! A server marked as a machine.

use cordial::prelude::*;

#[gen_statem]
#[derive(Clone)]
struct Door;

#[gen_statem]
impl Door {
    #[cast]
    fn push(&mut self) {}
    #[call]
    fn pushed(&self) -> usize {
        0
    }
    #[every(5s)]
    fn creak(&mut self) {}
}

async fn visit(door: DoorRef) {
    door.push();
}

fn main() {}
