//! A monitor whose end nobody hears.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[call]
    fn watch(&self, other: Pid, ctx: &mut Ctx<Self>) -> u32 {
        ctx.monitor(&other);
        self.points
    }
}

fn main() {}
