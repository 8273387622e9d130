//! A callback that is not of one state.

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
    #[on(Open)]
    #[terminate]
    fn bye(&mut self) {}
}

async fn visit(door: DoorRef) {
    door.push();
}

fn main() {}
