//! Two of a kind for one state.

use cordial::prelude::*;

#[gen_statem]
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
    #[enter(Open)]
    fn light(&mut self) {}
    #[enter(Locked | Open)]
    fn beep(&mut self) {}
}

async fn visit(door: DoorRef) {
    door.push();
}

fn main() {}
