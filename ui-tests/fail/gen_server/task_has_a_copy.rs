//! `#[call(task)]` that changes the state, asks for the server's own, or answers later.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: Vec<u32>,
}

#[gen_server]
impl Board {
    #[call(task)]
    fn sum(&mut self) -> u32 {
        self.points.iter().sum()
    }

    #[call(task)]
    fn first(&self, ctx: &mut Ctx<Self>) -> u32 {
        let _ = ctx.pid();
        self.points[0]
    }

    #[call(task)]
    fn last(&self, from: ReplyTo<u32>) {
        from.reply(self.points[1]);
    }
}

fn main() {}
