//! The word for servers, with the states of a machine.

use cordial::prelude::*;

#[gen_statem]
#[derive(Clone)]
struct Door;

#[gen_server(Locked | Open)]
impl Door {
    #[on(_)]
    #[cast]
    fn push(&mut self) -> to![Open] {
        goto(Open)
    }
}

async fn visit(door: DoorRef) {
    door.push();
}

fn main() {}
