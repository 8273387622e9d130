//! A value where a state belongs: which one it is, only the program knows.

use cordial::prelude::*;

#[gen_statem]
#[derive(Clone)]
struct Door;

#[gen_statem(Locked | Open)]
impl Door {
    #[on(Locked)]
    #[cast]
    fn push(&mut self) -> to![Open] {
        let next = DoorState::Open;
        goto(next)
    }
    #[on(Open)]
    #[ignore]
    fn push();
}

async fn visit(door: DoorRef) {
    door.push();
}

fn main() {}
