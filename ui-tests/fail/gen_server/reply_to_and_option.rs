//! An option about a value that comes later.

use cordial::prelude::*;

#[gen_server]
#[derive(Clone)]
struct Board {
    points: u32,
}

#[gen_server]
impl Board {
    #[call(or_crash)]
    fn score(&self, from: ReplyTo<Result<u32, String>>) {
        from.reply(Ok(self.points));
    }
}

async fn play(board: BoardRef) -> Option<u32> {
    board.score().await.ok()
}

fn main() {}
