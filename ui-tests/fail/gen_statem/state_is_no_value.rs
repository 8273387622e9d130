//! A state, which is a type, compared with what `ctx.state()` gives.

use cordial::prelude::*;

#[gen_statem]
#[derive(Clone)]
struct Door;

#[gen_statem(Locked | Open)]
impl Door {
    #[on(_)]
    #[cast]
    fn push(&mut self, ctx: &mut Ctx<Self>) -> to![Locked | Open] {
        if ctx.state() == Open { goto(Locked) } else { goto(Open) }
    }
    #[on(_)]
    #[call]
    fn is_open(&self, ctx: &mut Ctx<Self>) -> bool {
        match ctx.state() {
            Locked => false,
            Open => true,
        }
    }
    #[enter(_)]
    fn entered(&mut self, old: DoorState) {
        assert!(!matches!(old, Locked | Open));
    }
}

async fn visit(door: DoorRef) {
    door.push();
}

fn main() {}
