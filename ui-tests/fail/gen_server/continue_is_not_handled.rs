//! A continue that nobody handles.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[call]
    fn score(&self, ctx: &mut Ctx<Self>) -> u32 {
        ctx.continue_with(3_u32);
        self.points
    }
}

async fn play(board: BoardRef) -> Option<u32> {
    board.score().await.ok()
}

fn main() {}
