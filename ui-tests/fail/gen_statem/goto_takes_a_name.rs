//! A variant where a state belongs.

use cordial::prelude::*;

#[gen_statem]
#[derive(Clone)]
struct Door;

#[gen_statem(Locked | Open)]
impl Door {
    #[on(Locked)]
    #[cast]
    fn push(&mut self) -> to![Open] {
        goto(DoorState::Open)
    }
    #[on(Open)]
    #[ignore]
    fn push();
    #[enter(Open)]
    fn opened(&mut self, _old: DoorState) {}
}

async fn visit(door: DoorRef) {
    door.push();
}

fn main() {}
