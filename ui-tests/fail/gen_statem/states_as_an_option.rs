//! The states as an option with a key.

use cordial::prelude::*;

#[gen_statem]
#[derive(Clone)]
struct Door;

#[gen_statem(initial = Locked, states = [Open, Locked], mailbox = 10)]
impl Door {
    #[on(Locked)]
    #[cast]
    fn push(&mut self) -> to![Open] {
        goto(Open)
    }
    #[on(Open)]
    #[cast]
    fn push(&mut self) -> to![Locked] {
        goto(Locked)
    }
}

async fn visit(door: DoorRef) {
    door.push();
}

fn main() {}
