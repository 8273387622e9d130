//! Two clauses for one event in one state.

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
    #[on(Locked | Open)]
    #[cast]
    fn knock(&mut self) {}
    #[on(Open)]
    #[ignore]
    fn knock();
}

async fn visit(door: DoorRef) {
    door.push();
}

fn main() {}
