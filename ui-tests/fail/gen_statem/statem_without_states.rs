//! A state machine without states.

use cordial::prelude::*;

#[gen_statem]
#[derive(Clone)]
struct Door;

#[gen_statem]
impl Door {
    #[on(_)]
    #[cast]
    fn push(&mut self) {}
}

async fn visit(door: DoorRef) {
    door.push();
}

fn main() {}
