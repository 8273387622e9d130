//! The word for servers on the clauses of a machine.

use cordial::prelude::*;

#[gen_statem]
#[derive(Clone)]
struct Door;

#[gen_server]
impl Door {
    #[on(Locked)]
    #[cast]
    fn push(&mut self, ctx: &mut Ctx<Self>) -> to![Open] {
        let _ = ctx.state();
        goto(Open)
    }
    #[on(Open)]
    #[postpone]
    fn push();
    #[on(Open)]
    #[after(5s)]
    fn relock(&mut self) -> to![Locked] {
        goto(Locked)
    }
    #[enter(Open)]
    fn opened(&mut self) {}
}

async fn visit(door: DoorRef) {
    door.push();
}

fn main() {}
