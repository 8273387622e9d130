//! Arguments and handlers may be called as the generated code's own names, or as keywords.

use cordial::prelude::*;

#[gen_server]
#[derive(Default, Clone)]
struct Names {
    total: u32,
}

#[gen_server]
impl Names {
    #[call]
    fn transfer(&mut self, from: u32, to: u32, msg: u32, ctx: u32, reply: u32, state: u32) -> u32 {
        self.total += from + to + msg + ctx + reply + state;
        self.total
    }

    #[call]
    async fn twice(&mut self, from: u32, reply_to: u32, args: u32) -> u32 {
        self.total += from + reply_to + args;
        self.total
    }

    #[call]
    fn r#type(&self, r#match: u32, context: &mut Ctx<Self>) -> u32 {
        let _ = context.pid();
        self.total + r#match
    }

    #[cast]
    fn self_(&mut self, _unused: u32) {
        self.total = 0;
    }

    #[cast]
    fn handle(&mut self, raw: u32) {
        self.total = raw;
    }

    #[cast]
    fn kind(&mut self) {}

    #[call]
    fn raw(&self, asked: ReplyTo<u32>, from: u32) {
        asked.reply(from);
    }

    #[info]
    fn accept(&mut self, (a, b): (u32, u32)) {
        self.total = a + b;
    }

    #[every(1h)]
    fn every(&mut self, _: &mut Ctx<Self>) {}

    #[terminate]
    fn terminate(&mut self, why: &ExitReason) {
        let _ = why;
    }
}

async fn play(names: NamesRef) -> Result<u32, CallError> {
    names.handle(3);
    names.self_(1);
    names.kind();
    let _ = names.raw(4).await?;
    let _ = names.twice(1, 2, 3).await?;
    let _ = names.r#type(1).await?;
    names.transfer(1, 2, 3, 4, 5, 6).await
}

fn main() {
    let _ = play;
}
