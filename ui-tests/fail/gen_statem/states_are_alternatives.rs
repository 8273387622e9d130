//! A list of states that is none.

use cordial::prelude::*;

#[gen_statem]
#[derive(Clone)]
struct Door;

#[gen_statem(Locked, Open)]
impl Door {
    #[on(Locked)]
    #[cast]
    fn push(&mut self) -> to![Open] {
        goto(Open)
    }
    #[on(Open)]
    #[ignore]
    fn push();
}

async fn visit(door: DoorRef) {
    door.push();
}

fn main() {}
