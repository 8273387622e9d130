//! A clause without a state.

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
    #[call]
    fn age(&self) -> u32 {
        1
    }
}

async fn visit(door: DoorRef) {
    let _ = door.age().await;
}

fn main() {}
