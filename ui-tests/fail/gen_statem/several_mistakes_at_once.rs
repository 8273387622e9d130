//! Several mistakes, one error each; the client is there all the same.

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
    #[on(Opne)]
    #[cast]
    fn knock(&mut self) {}
    #[on(_)]
    fn ring(&mut self) {}
    #[on(_)]
    #[call]
    fn age(x: u32) -> u32 {
        x
    }
}

async fn visit(door: DoorRef) {
    door.push();
    door.knock();
    let _ = door.age(1).await;
}

fn main() {}
