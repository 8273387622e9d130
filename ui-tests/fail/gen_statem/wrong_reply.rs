//! Clauses that reply different types.

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
    #[call]
    fn age(&self) -> u32 {
        1
    }
    #[on(Open)]
    #[call]
    fn age(&self) -> String {
        String::new()
    }
}

async fn visit(door: DoorRef) {
    door.push();
}

fn main() {}
