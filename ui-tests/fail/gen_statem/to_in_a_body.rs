//! The row of the table where the transition belongs.

use cordial::prelude::*;

#[gen_statem]
#[derive(Clone)]
struct Door;

#[gen_statem(Locked | Open)]
impl Door {
    #[on(Locked)]
    #[cast]
    fn push(&mut self) -> to![Open] {
        to![Open]
    }
    #[on(Open)]
    #[ignore]
    fn push();
}

async fn visit(door: DoorRef) {
    door.push();
}

fn main() {}
