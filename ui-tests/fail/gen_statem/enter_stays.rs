//! FSM-18: An `#[enter]` that leads elsewhere.

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
    fn entered(&mut self) -> to![Locked] {
        goto(Locked)
    }
}

async fn visit(door: DoorRef) {
    door.push();
}

fn main() {}

// break: FSM-18 macros/src/gen_statem/read.rs `self.errors.at(to, messages::ENTER_STAYS);` =>
//     `let _ = to;`
