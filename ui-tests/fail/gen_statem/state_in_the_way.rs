//! A type that is called like a state.

use cordial::prelude::*;

struct Open;

impl Open {
    fn new() -> Self {
        Self
    }
}

#[gen_statem]
#[derive(Clone)]
struct Door;

#[gen_statem(Locked | Open)]
impl Door {
    #[on(Locked)]
    #[cast]
    fn push(&mut self) -> to![Open] {
        let _ = Open::new();
        goto(Open)
    }
    #[on(Open)]
    #[cast]
    fn push(&mut self) -> to![Locked] {
        goto(Locked)
    }
}

async fn visit(door: DoorRef) {
    door.push();
}

fn main() {}
