//! FSM-25: An event that a state does not handle.

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
    #[on(Locked)]
    #[cast]
    fn knock(&mut self) {}
}

async fn visit(door: DoorRef) {
    door.push();
}

fn main() {}

// break: FSM-25 macros/src/gen_statem/check.rs
//     `check_handled_everywhere(event, &of, machine, errors);` => `let _ = &of;`
