//! States on the struct.

use cordial::prelude::*;

#[gen_statem(Locked | Open)]
#[derive(Clone)]
struct Door;

#[gen_statem(Locked | Open)]
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
