//! FSM-25: A transition that is not in the row of its clause.

use cordial::prelude::*;

#[gen_statem]
#[derive(Clone)]
struct Door;

#[gen_statem(Locked | Open | Broken)]
impl Door {
    #[on(Locked)]
    #[cast]
    fn push(&mut self) -> to![Open] {
        goto(Open)
    }
    #[on(Open)]
    #[cast]
    fn push(&mut self) -> to![Locked] {
        if true {
            return goto(Broken);
        }
        goto(Locked)
    }
    #[on(Broken)]
    #[ignore]
    fn push();
    #[on(Locked)]
    #[after(5s)]
    fn breaks(&mut self) -> to![Broken] {
        goto(Broken)
    }
}

async fn visit(door: DoorRef) {
    door.push();
}

fn main() {}
