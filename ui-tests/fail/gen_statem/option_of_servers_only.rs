//! An option that only calls of servers have.

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
    #[on(_)]
    #[call(task)]
    fn age(&self) -> u32 {
        1
    }
}

async fn visit(door: DoorRef) {
    let _ = door.age().await;
}

fn main() {}
