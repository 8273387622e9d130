//! An `#[enter]` with other arguments.

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
    #[enter(_)]
    fn entered(&mut self, ctx: &mut Ctx<Self>) {
        ctx.next_event(DoorMsg::Push {});
    }
}

async fn visit(door: DoorRef) {
    door.push();
}

fn main() {}
