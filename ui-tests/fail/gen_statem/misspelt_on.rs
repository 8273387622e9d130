//! Slips of the pen in a word of two letters.

use cordial::prelude::*;

#[gen_statem]
#[derive(Clone)]
struct Door;

#[gen_statem(Locked | Open)]
impl Door {
    #[onn(Locked)]
    #[cast]
    fn push(&mut self) -> to![Open] {
        goto(Open)
    }
    #[On(Open)]
    #[cast]
    fn push(&mut self) -> to![Locked] {
        goto(Locked)
    }
}

async fn visit(door: DoorRef) {
    door.push();
}

fn main() {}
